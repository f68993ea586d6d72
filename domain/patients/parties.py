"""Who owes a patient's balance beside insurers: parties, their shares by date, and what keeps them apart."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Guarantee, Party, Patient
from domain.patients.registration import WHOLE, Named
from domain.views import lock_row, read_views, require_reference
from tenants.errors import Invalid
from tenants.ids import new_id


class SharesDoNotAddUp(Invalid):
    """The shares of one patient on one date are not the whole, 10,000 basis points."""

    code = "shares_do_not_add_up"


class NewParty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person, employer or agency that can owe; a person's birth date is the second factor of links."""

    kind: Literal["person", "employer", "agency"]
    name: Named
    birth_on: date | None = None
    street: Named
    city: Named
    state: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    zip_code: Annotated[str, Meta(pattern="^[0-9]{5}([0-9]{4})?$")]
    email: str | None = None
    phone: str | None = None


class Share(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One guarantor's part in basis points; `apart` hides this guarantor and the others from each other."""

    party_id: UUID
    share_basis_points: Annotated[int, Meta(gt=0, le=10_000)]
    apart: bool = False


class NewShares(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who owes a patient's balance from a date on; the parts sum to 10,000."""

    starts_on: date
    shares: list[Share]


class ShareView(Struct, frozen=True, kw_only=True):
    """A guarantor's part of a patient's balance on a date."""

    patient_id: UUID
    party_id: UUID
    share_basis_points: int
    apart: bool
    starts_on: date
    ends_on: date | None


async def add_party(session: AsyncSession, practice_id: UUID, given: NewParty) -> UUID:
    """Add somebody who can owe."""
    party = Party(practice_id=practice_id, id=new_id(), **asdict(given))
    session.add(party)
    await session.flush()
    return party.id


async def set_shares(session: AsyncSession, practice_id: UUID, patient_id: UUID, given: NewShares) -> None:
    """Replace who owes from a date on; raises SharesDoNotAddUp, NotFound, Invalid for an unknown party."""
    await lock_row(session, Patient, practice_id, patient_id)
    await _refuse_shares(session, practice_id, given)
    standing = await _from_then_on(session, practice_id, patient_id, given.starts_on)
    for guarantee in standing:
        guarantee.ends_on = given.starts_on - timedelta(days=1)
    same_day = {g.party_id: g for g in standing if g.starts_on == given.starts_on}
    for share in given.shares:
        kept = same_day.get(share.party_id)
        if kept is None:
            kept = Guarantee(
                practice_id=practice_id,
                id=new_id(),
                patient_id=patient_id,
                party_id=share.party_id,
                starts_on=given.starts_on,
            )
            session.add(kept)
        kept.share_basis_points, kept.apart, kept.ends_on = share.share_basis_points, share.apart, None
    await session.flush()


async def _refuse_shares(session: AsyncSession, practice_id: UUID, given: NewShares) -> None:
    parties = [share.party_id for share in given.shares]
    if len(set(parties)) != len(parties):
        raise Invalid("a party stands twice", pointer="/shares")
    if sum(share.share_basis_points for share in given.shares) != WHOLE:
        raise SharesDoNotAddUp("the shares do not sum to 10000 basis points", pointer="/shares")
    for at, party_id in enumerate(parties):
        await require_reference(session, Party, practice_id, party_id, f"/shares/{at}/party_id")


async def _from_then_on(
    session: AsyncSession, practice_id: UUID, patient_id: UUID, starts_on: date
) -> Sequence[Guarantee]:
    mine = (Guarantee.practice_id == practice_id, Guarantee.patient_id == patient_id)
    later = or_(Guarantee.ends_on.is_(None), Guarantee.ends_on >= starts_on, Guarantee.starts_on == starts_on)
    return (await session.execute(select(Guarantee).where(*mine, later))).scalars().all()


async def shares_on(session: AsyncSession, practice_id: UUID, patient_id: UUID, on: date) -> list[ShareView]:
    """Who owes the patient's balance on a date; the parts sum to 10,000. For staff, never for a party."""
    return await _shares(session, practice_id, on, Guarantee.patient_id == patient_id)


async def shares_of_party(
    session: AsyncSession, practice_id: UUID, party_id: UUID, on: date
) -> list[ShareView]:
    """What one party answers for on a date: its own parts only, so that nobody learns of the others."""
    return await _shares(session, practice_id, on, Guarantee.party_id == party_id)


async def _shares(
    session: AsyncSession, practice_id: UUID, on: date, whose: ColumnElement[bool]
) -> list[ShareView]:
    in_force = (Guarantee.starts_on <= on, or_(Guarantee.ends_on.is_(None), Guarantee.ends_on >= on))
    return await read_views(
        session,
        ShareView,
        Guarantee,
        Guarantee.practice_id == practice_id,
        whose,
        *in_force,
        order=[Guarantee.patient_id, Guarantee.party_id],
    )
