"""Authorizations, benefit limits and choices as screens read them, and the entries behind every number."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.models import Authorization, AuthorizationBlock, BenefitLimit, LimitChoice
from domain.ledger.balances import EntryBehind, Standing, entries_behind, standings
from domain.ledger.chart import STAGES
from domain.ledger.limits import LimitRef
from domain.views import read_view, read_views
from tenants.errors import Invalid, NotFound

ACCOUNTS = ("granted", "overridden", "available", *STAGES, "expired", "over_limit")


class BlockView(Struct, frozen=True, kw_only=True):
    """A block of an authorization; `quantity` and caps are in `ledger_unit`, people count in `kind`."""

    id: UUID
    authorization_id: UUID
    kind: str
    ledger_unit: str
    quantity: int
    codes: list[str] | None
    discipline: str | None
    provider_id: UUID | None
    location_id: UUID | None
    starts_on: date
    ends_on: date
    per_day: int | None
    per_week: int | None
    per_month: int | None
    week_starts_on: int


class AuthorizationRow(Struct, frozen=True, kw_only=True):
    """An authorization without its blocks."""

    id: UUID
    case_id: UUID
    patient_id: UUID
    coverage_id: UUID
    number: str
    status: str
    starts_on: date
    ends_on: date
    recorded_at: datetime


class AuthorizationView(AuthorizationRow, frozen=True, kw_only=True):
    """An authorization with its blocks."""

    blocks: list[BlockView]


class ChoiceView(Struct, frozen=True, kw_only=True):
    """Where one line of an appointment or visit draws under a coverage, or why nowhere."""

    subject_kind: str
    subject_id: UUID
    code: str
    coverage_id: UUID
    limit_kind: str
    limit_id: UUID | None
    amount: int
    reason: str
    stage: str
    chosen_at: datetime


class BlockBalance(Struct, frozen=True, kw_only=True):
    """A block's stages on the ledger, now or as of an instant, and the ids of the entries behind each."""

    limit_id: UUID
    unit: str
    kind: str
    standing: Standing
    entry_ids: dict[str, list[UUID]]


async def authorization(
    session: AsyncSession, practice_id: UUID, authorization_id: UUID
) -> AuthorizationView:
    """One authorization with its blocks; raises NotFound."""
    found = await read_view(session, AuthorizationRow, Authorization, practice_id, authorization_id)
    return (await _with_blocks(session, practice_id, [found]))[0]


async def authorizations_of(
    session: AsyncSession, practice_id: UUID, case_id: UUID
) -> list[AuthorizationView]:
    """The authorizations of a case, by date."""
    mine = (Authorization.practice_id == practice_id, Authorization.case_id == case_id)
    order = [Authorization.starts_on, Authorization.id]
    found = await read_views(session, AuthorizationRow, Authorization, *mine, order=order)
    return await _with_blocks(session, practice_id, found)


async def choices_of(session: AsyncSession, practice_id: UUID, subject_id: UUID) -> list[ChoiceView]:
    """Every choice of an appointment or visit, by line, payer and kind of limit."""
    mine = (LimitChoice.practice_id == practice_id, LimitChoice.subject_id == subject_id)
    order = [LimitChoice.code, LimitChoice.coverage_id, LimitChoice.limit_kind]
    return await read_views(session, ChoiceView, LimitChoice, *mine, order=order)


async def authorization_balances(
    session: AsyncSession, practice_id: UUID, authorization_id: UUID, *, as_of: datetime | None = None
) -> list[BlockBalance]:
    """The stages of each block, as recorded up to an instant, with the entries behind them (API-15)."""
    blocks = (await authorization(session, practice_id, authorization_id)).blocks
    refs = {block.id: LimitRef("authorization_block", block.id, block.ledger_unit) for block in blocks}
    standing = await standings(session, practice_id, refs.values(), as_of=as_of)
    return [
        BlockBalance(
            limit_id=block.id,
            unit=block.ledger_unit,
            kind=block.kind,
            standing=standing[refs[block.id]],
            entry_ids=await _entry_ids(session, practice_id, refs[block.id], as_of),
        )
        for block in blocks
    ]


async def limit_entries(
    session: AsyncSession,
    practice_id: UUID,
    limit_kind: str,
    limit_id: UUID,
    account: str,
    *,
    as_of: datetime | None = None,
) -> list[EntryBehind]:
    """The transfers that add up to one number of a limit; raises NotFound, Invalid for an unknown account."""
    if account not in ACCOUNTS:
        raise Invalid("a limit has no such account", pointer="/account")
    ref = await limit_ref(session, practice_id, limit_kind, limit_id)
    return await entries_behind(session, practice_id, ref.account(account), as_of=as_of)


async def limit_ref(session: AsyncSession, practice_id: UUID, limit_kind: str, limit_id: UUID) -> LimitRef:
    """The limit on the ledger; raises NotFound."""
    models: dict[str, type[AuthorizationBlock] | type[BenefitLimit]] = {
        "authorization_block": AuthorizationBlock,
        "benefit_limit": BenefitLimit,
    }
    model = models.get(limit_kind)
    if model is None:
        raise NotFound(f"no limit {limit_id}")
    unit = select(model.ledger_unit).where(model.practice_id == practice_id, model.id == limit_id)
    found = (await session.execute(unit)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"no limit {limit_id}")
    return LimitRef(limit_kind, limit_id, found)


async def _with_blocks(
    session: AsyncSession, practice_id: UUID, found: Sequence[AuthorizationRow]
) -> list[AuthorizationView]:
    mine = AuthorizationBlock.practice_id == practice_id
    of_these = AuthorizationBlock.authorization_id.in_([row.id for row in found])
    order = [AuthorizationBlock.starts_on, AuthorizationBlock.id]
    blocks = await read_views(session, BlockView, AuthorizationBlock, mine, of_these, order=order)
    return [
        AuthorizationView(**asdict(row), blocks=[b for b in blocks if b.authorization_id == row.id])
        for row in found
    ]


async def _entry_ids(
    session: AsyncSession, practice_id: UUID, ref: LimitRef, as_of: datetime | None
) -> dict[str, list[UUID]]:
    behind = {
        name: await entries_behind(session, practice_id, ref.account(name), as_of=as_of) for name in ACCOUNTS
    }
    return {name: [entry.transfer_id for entry in entries] for name, entries in behind.items() if entries}


async def require_block(
    session: AsyncSession, practice_id: UUID, authorization_id: UUID, block_id: UUID
) -> None:
    """Raise NotFound unless the block is one of the authorization."""
    mine = (AuthorizationBlock.practice_id == practice_id, AuthorizationBlock.id == block_id)
    known = select(AuthorizationBlock.id).where(
        *mine, AuthorizationBlock.authorization_id == authorization_id
    )
    if (await session.execute(known)).scalar_one_or_none() is None:
        raise NotFound(f"no block {block_id}")
