"""Which NPI, taxonomy and legacy number a payer wants to see, by role, place and date of service (BC-12)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from billing_rules.days import within
from billing_rules.therapy.identifiers import npi_is_valid
from domain.practices.models import Identifier, Location, Payer, PracticeProfile, Provider
from domain.views import require_reference
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id

IdentifierRole = Literal["rendering", "billing", "supervising", "facility"]


class NoIdentifier(Conflict):
    """Neither a row nor the provider, place or practice itself has an NPI for the role on the date."""

    code = "no_identifier"


class NewIdentifier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one payer, place or clinician wants; whatever is left out means any. Dates are inclusive."""

    role: IdentifierRole
    provider_id: UUID | None = None
    location_id: UUID | None = None
    payer_id: UUID | None = None
    npi: str
    taxonomy: str | None = None
    legacy_id: str | None = None
    starts_on: date
    ends_on: date | None = None


class ResolvedIdentifier(Struct, frozen=True, kw_only=True):
    """The numbers that go on the claim; `identifier_id` is the winning row, None for the owner's own."""

    role: IdentifierRole
    npi: str
    taxonomy: str | None
    legacy_id: str | None
    identifier_id: UUID | None


async def add_identifier(session: AsyncSession, practice_id: UUID, given: NewIdentifier) -> UUID:
    """Add a row; raises Invalid for a false NPI, reversed dates, unknown owners, or days already taken."""
    if not npi_is_valid(given.npi):
        raise Invalid("the NPI fails its check digit", pointer="/npi")
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    for model, name in ((Provider, "provider_id"), (Location, "location_id"), (Payer, "payer_id")):
        await require_reference(session, model, practice_id, getattr(given, name), f"/{name}")
    if (await session.execute(_taken(practice_id, given))).first() is not None:
        raise Invalid("another row answers for the same owner on these days", pointer="/starts_on")
    row = Identifier(practice_id=practice_id, id=new_id(), **asdict(given))
    session.add(row)
    await session.flush()
    return row.id


def _taken(practice_id: UUID, given: NewIdentifier) -> Select[UUID]:
    same = [
        getattr(Identifier, name).is_not_distinct_from(getattr(given, name))
        for name in ("role", "provider_id", "location_id", "payer_id")
    ]
    overlap = or_(Identifier.ends_on.is_(None), Identifier.ends_on >= given.starts_on)
    until = () if given.ends_on is None else (Identifier.starts_on <= given.ends_on,)
    return select(Identifier.id).where(Identifier.practice_id == practice_id, *same, overlap, *until)


async def resolve_identifier(
    session: AsyncSession,
    practice_id: UUID,
    role: IdentifierRole,
    *,
    provider_id: UUID | None,
    location_id: UUID | None,
    payer_id: UUID | None,
    on: date,
) -> ResolvedIdentifier:
    """The numbers for a role on a date of service; the most specific row wins: payer, provider, then place.

    Without a row the owner's own stand: the clinician's, the place's, the practice's. Raises NoIdentifier.
    """
    owners = (
        _any_or(Identifier.provider_id, provider_id),
        _any_or(Identifier.location_id, location_id),
        _any_or(Identifier.payer_id, payer_id),
    )
    rows = await _rows(session, practice_id, role, on, owners)
    if not rows:
        return await _own(session, practice_id, role, provider_id, location_id)
    return _resolved(role, max(rows, key=_specificity))


class IdentifierBook(Struct, frozen=True, kw_only=True):
    """The rows that may speak for one payer, and the owners whose own numbers stand where none does."""

    rows: tuple[Identifier, ...]
    profile: PracticeProfile
    providers: Mapping[UUID, Provider]
    locations: Mapping[UUID, Location]

    def resolve(
        self, role: IdentifierRole, *, provider_id: UUID, location_id: UUID, payer_id: UUID, on: date
    ) -> ResolvedIdentifier:
        """As `resolve_identifier`, without asking again; raises NoIdentifier."""
        given = {"provider_id": provider_id, "location_id": location_id, "payer_id": payer_id}
        rows = [
            row
            for row in self.rows
            if row.role == role
            and row.starts_on <= on
            and (row.ends_on is None or row.ends_on >= on)
            and all(getattr(row, name) in (None, value) for name, value in given.items())
        ]
        if rows:
            return _resolved(role, max(rows, key=_specificity))
        return own_numbers(role, self.providers.get(provider_id), self.locations[location_id], self.profile)

    def is_enrolled(self, provider_id: UUID, payer_id: UUID, on: date) -> bool | None:
        """Whether a clinician's own rows for the payer cover the date; None where none is recorded."""
        mine = [
            row
            for row in self.rows
            if (row.role, row.provider_id, row.payer_id) == ("rendering", provider_id, payer_id)
        ]
        if not mine:
            return None
        return any(within(on, row.starts_on, row.ends_on) for row in mine)


async def identifier_rows(
    session: AsyncSession, practice_id: UUID, provider_ids: Collection[UUID], payer_id: UUID
) -> tuple[Identifier, ...]:
    """The rows of any date that may answer for these clinicians and this payer."""
    wanted = select(Identifier).where(
        Identifier.practice_id == practice_id,
        or_(Identifier.provider_id.is_(None), Identifier.provider_id.in_(provider_ids)),
        _any_or(Identifier.payer_id, payer_id),
    )
    return tuple((await session.execute(wanted)).scalars())


async def _rows(
    session: AsyncSession,
    practice_id: UUID,
    role: IdentifierRole,
    on: date,
    owners: tuple[ColumnElement[bool], ...],
) -> list[Identifier]:
    in_force = (Identifier.starts_on <= on, or_(Identifier.ends_on.is_(None), Identifier.ends_on >= on))
    mine = (Identifier.practice_id == practice_id, Identifier.role == role)
    return list((await session.execute(select(Identifier).where(*mine, *in_force, *owners))).scalars())


def _resolved(role: IdentifierRole, row: Identifier) -> ResolvedIdentifier:
    return ResolvedIdentifier(
        role=role, npi=row.npi, taxonomy=row.taxonomy, legacy_id=row.legacy_id, identifier_id=row.id
    )


def _any_or(column: InstrumentedAttribute[UUID | None], value: UUID | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else or_(column.is_(None), column == value)


def _specificity(row: Identifier) -> tuple[bool, bool, bool]:
    return (row.payer_id is not None, row.provider_id is not None, row.location_id is not None)


async def _own(
    session: AsyncSession,
    practice_id: UUID,
    role: IdentifierRole,
    provider_id: UUID | None,
    location_id: UUID | None,
) -> ResolvedIdentifier:
    provider = await session.get(Provider, (practice_id, provider_id)) if provider_id else None
    location = await session.get(Location, (practice_id, location_id)) if location_id else None
    profile = await session.get(PracticeProfile, (practice_id, practice_id))
    return own_numbers(role, provider, location, profile)


def own_numbers(
    role: IdentifierRole,
    provider: Provider | None,
    location: Location | None,
    profile: PracticeProfile | None,
) -> ResolvedIdentifier:
    """The owner's own numbers: the clinician's, the place's or the practice's; raises NoIdentifier."""
    npi, taxonomy = None, None
    if role in ("rendering", "supervising") and provider is not None:
        npi, taxonomy = provider.npi, provider.taxonomy
    if role == "facility" and location is not None:
        npi = location.npi
    if role in ("billing", "facility") and npi is None and profile is not None:
        npi, taxonomy = profile.npi, profile.taxonomy
    if npi is None:
        raise NoIdentifier(f"no {role} NPI is known", pointer="/npi")
    return ResolvedIdentifier(role=role, npi=npi, taxonomy=taxonomy, legacy_id=None, identifier_id=None)
