"""A payer's contract as it is known: which versions price its claims, and what they need beside them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.contracts import Contract, RateRow, Terms
from billing_rules.therapy.expected_allowed import Pricing
from billing_rules.therapy.fee_schedules import Locality
from domain.practices.contract_models import ContractRate, ContractVersion
from domain.practices.localities import locality_on
from domain.practices.models import Payer, PracticeProfile
from domain.practices.rules import rule_book_for
from tenants.errors import NotFound


async def pricing_for(
    session: AsyncSession,
    practice_id: UUID,
    payer_id: UUID,
    *,
    on: date,
    plan: str | None = None,
    book: RuleBook | None = None,
    known_at: datetime | None = None,
) -> Pricing:
    """Everything that prices a payer's lines from a date of service on, now or as known at an instant.

    Give it to `expected_allowed` or `expected_payment` of the rules; raises NotFound for an unknown payer.
    """
    payer = await session.get(Payer, (practice_id, payer_id))
    if payer is None:
        raise NotFound(f"no payer {payer_id}")
    profile = await session.get(PracticeProfile, (practice_id, practice_id))
    book = book or await rule_book_for(session, practice_id, known_at=known_at)
    state = profile.state if profile else None
    return Pricing(
        payer=payer.rule_key,
        plan=plan,
        state=state,
        book=book,
        contracts=tuple(await contracts_of(session, practice_id, payer_id, known_at=known_at)),
        locality=await locality_on(session, practice_id, on, book.shelf, state, known_at=known_at),
    )


async def contracts_of(
    session: AsyncSession, practice_id: UUID, payer_id: UUID, *, known_at: datetime | None = None
) -> list[Contract]:
    """The payer's versions with their rates that are active, or were at an instant, by first day."""
    mine = (ContractVersion.practice_id == practice_id, ContractVersion.payer_id == payer_id)
    wanted = select(ContractVersion).where(*mine, *_active(known_at)).order_by(ContractVersion.starts_on)
    versions = list((await session.execute(wanted)).scalars())
    rows = await rates_of(session, practice_id, [version.id for version in versions]) if versions else {}
    return [contract_of(version, rows.get(version.id, ())) for version in versions]


def _active(known_at: datetime | None) -> tuple[ColumnElement[bool], ...]:
    if known_at is None:
        return (ContractVersion.status == "active",)
    withdrawn = ContractVersion.withdrawn_at
    return (ContractVersion.activated_at <= known_at, or_(withdrawn.is_(None), withdrawn > known_at))


def contract_of(version: ContractVersion, rows: Sequence[RateRow]) -> Contract:
    """A stored version as the rules read it."""
    return Contract(
        id=str(version.id),
        name=version.name,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        terms=msgspec.convert(version.terms, Terms),
        rows=tuple(rows),
    )


async def rates_of(
    session: AsyncSession, practice_id: UUID, version_ids: Sequence[UUID]
) -> dict[UUID, list[RateRow]]:
    """The rate rows of versions, in the order of their sheets."""
    mine = (ContractRate.practice_id == practice_id, ContractRate.contract_version_id.in_(version_ids))
    wanted = select(ContractRate).where(*mine).order_by(ContractRate.row_number)
    found: dict[UUID, list[RateRow]] = {}
    for rate in (await session.execute(wanted)).scalars():
        found.setdefault(rate.contract_version_id, []).append(_row(rate))
    return found


def _row(rate: ContractRate) -> RateRow:
    place = None
    if rate.carrier is not None and rate.locality is not None:
        place = Locality(carrier=rate.carrier, locality=rate.locality)
    own = {name: getattr(rate, name) for name in RateRow.__struct_fields__ if hasattr(rate, name)}
    own |= {"number": rate.row_number, "modifiers": tuple(rate.modifiers), "locality": place}
    return msgspec.convert(own, RateRow)
