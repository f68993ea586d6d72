"""What a clinician was entitled to on a date: credentials, licences, compact privileges, certifications."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import asdict
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.staffing import LicenceKind, Standing
from billing_rules.therapy.staffing_rules import Compact
from domain.practices.credential_models import ProviderCredential, ProviderLicence
from domain.practices.models import Provider
from domain.practices.settings import Named, StateCode
from domain.views import lock_row, read_views
from tenants.errors import Invalid
from tenants.ids import new_id


class NewCredential(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A credential from one date of service on; an earlier open one of the same state ends the day before."""

    credential: Named
    standing: Standing
    state: StateCode
    starts_on: date
    ends_on: date | None = None
    source: Named


class NewLicence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A licence of a state, a privilege of a compact (no state: in every member), or a certification."""

    kind: LicenceKind
    title: Named
    compact: Compact | None = None
    state: StateCode | None = None
    number: Annotated[str, Meta(min_length=1, max_length=60)]
    starts_on: date
    ends_on: date | None = None


class LicenceEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last day on which it was valid: expired, surrendered or revoked; null opens it again."""

    ends_on: date | None


class CredentialView(Struct, frozen=True, kw_only=True):
    """A credential with its dates."""

    id: UUID
    provider_id: UUID
    credential: str
    standing: str
    state: str
    starts_on: date
    ends_on: date | None
    source: str


class LicenceView(Struct, frozen=True, kw_only=True):
    """A licence, privilege or certification with its dates."""

    id: UUID
    provider_id: UUID
    kind: Literal["licence", "compact_privilege", "certification"]
    title: str
    compact: str | None
    state: str | None
    number: str
    starts_on: date
    ends_on: date | None


async def add_credential(
    session: AsyncSession, practice_id: UUID, provider_id: UUID, given: NewCredential, *, now: datetime
) -> UUID:
    """Record a credential; raises NotFound for the provider, Invalid for dates that another one has."""
    await lock_row(session, Provider, practice_id, provider_id)
    refuse_reversed(given.starts_on, given.ends_on)
    await _make_room(session, practice_id, provider_id, given)
    row = ProviderCredential(
        practice_id=practice_id, id=new_id(), provider_id=provider_id, recorded_at=now, **asdict(given)
    )
    session.add(row)
    await session.flush()
    return row.id


async def add_licence(
    session: AsyncSession, practice_id: UUID, provider_id: UUID, given: NewLicence, *, now: datetime
) -> UUID:
    """Record a licence, privilege or certification; raises NotFound for the provider, Invalid."""
    await lock_row(session, Provider, practice_id, provider_id)
    refuse_reversed(given.starts_on, given.ends_on)
    if (given.kind == "compact_privilege") != (given.compact is not None):
        raise Invalid("a compact privilege names its compact, and nothing else does", pointer="/compact")
    if given.kind == "licence" and given.state is None:
        raise Invalid("a licence is a state's", pointer="/state")
    row = ProviderLicence(
        practice_id=practice_id, id=new_id(), provider_id=provider_id, recorded_at=now, **asdict(given)
    )
    session.add(row)
    await session.flush()
    return row.id


async def end_licence(session: AsyncSession, practice_id: UUID, licence_id: UUID, given: LicenceEnd) -> None:
    """Set the last day of a licence, privilege or certification; raises NotFound, Invalid."""
    row = await lock_row(session, ProviderLicence, practice_id, licence_id)
    refuse_reversed(row.starts_on, given.ends_on)
    row.ends_on = given.ends_on
    await session.flush()


async def credentials_of(session: AsyncSession, practice_id: UUID, provider_id: UUID) -> list[CredentialView]:
    """A clinician's credentials by date."""
    mine = (ProviderCredential.practice_id == practice_id, ProviderCredential.provider_id == provider_id)
    order = [ProviderCredential.starts_on, ProviderCredential.id]
    return await read_views(session, CredentialView, ProviderCredential, *mine, order=order)


async def licences_of(session: AsyncSession, practice_id: UUID, provider_id: UUID) -> list[LicenceView]:
    """A clinician's licences, privileges and certifications by kind and date."""
    mine = (ProviderLicence.practice_id == practice_id, ProviderLicence.provider_id == provider_id)
    order = [ProviderLicence.kind, ProviderLicence.starts_on, ProviderLicence.id]
    return await read_views(session, LicenceView, ProviderLicence, *mine, order=order)


def refuse_reversed(starts_on: date, ends_on: date | None) -> None:
    """Raise Invalid for dates in the wrong order."""
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")


async def _make_room(
    session: AsyncSession, practice_id: UUID, provider_id: UUID, given: NewCredential
) -> None:
    row = ProviderCredential
    later = or_(row.ends_on.is_(None), row.ends_on >= given.starts_on)
    until = () if given.ends_on is None else (row.starts_on <= given.ends_on,)
    mine = (row.practice_id == practice_id, row.provider_id == provider_id, row.state == given.state)
    for standing in (await session.execute(select(row).where(*mine, later, *until))).scalars():
        if standing.ends_on is not None or standing.starts_on >= given.starts_on:
            raise Invalid("another credential stands on these days", pointer="/starts_on")
        standing.ends_on = given.starts_on - timedelta(days=1)
    await session.flush()
