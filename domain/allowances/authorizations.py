"""Recording what a payer permits: an authorization with its blocks, and what changes them later."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.allowances.models import Authorization, AuthorizationBlock
from domain.allowances.quantities import LEDGER_UNIT, Kind, to_ledger
from domain.ledger.draws import use_limits
from domain.ledger.entries import Stamp
from domain.ledger.limits import Grant, LimitRef, Override, Shrink, Used
from domain.patients.models import Coverage
from domain.practices.models import Location, Provider
from domain.views import lock_row, require_reference
from tenants.errors import Conflict, Invalid
from tenants.ids import new_id


class AuthorizationNumberKnown(Conflict):
    """The coverage has an authorization of this number."""

    code = "authorization_number_known"


class NewBlock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A quantity with its scope; what is left out means any. Caps are in the block's own kind."""

    kind: Kind
    quantity: Decimal
    codes: Annotated[list[str], Meta(min_length=1)] | None = None
    discipline: str | None = None
    provider_id: UUID | None = None
    location_id: UUID | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    per_day: Decimal | None = None
    per_week: Decimal | None = None
    per_month: Decimal | None = None
    week_starts_on: Annotated[int, Meta(ge=0, le=6)] = 0


class NewAuthorization(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer's approval under one coverage; blocks take its dates unless they have their own, inclusive."""

    coverage_id: UUID
    number: Annotated[str, Meta(min_length=1, max_length=50)]
    starts_on: date
    ends_on: date
    blocks: Annotated[list[NewBlock], Meta(min_length=1)]


class BlockChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """More room than the payer gave (override), or less (cut); `source` makes it happen once."""

    kind: Literal["override", "cut"]
    quantity: Decimal
    reason: Annotated[str, Meta(min_length=1)]
    source: Annotated[str, Meta(min_length=1, max_length=100)]


class Recorded(Struct, frozen=True, kw_only=True):
    """A new authorization or benefit limit, and the grants that it needs on the ledger."""

    id: UUID
    coverage_id: UUID
    grants: tuple[Grant, ...]


async def record_authorization(
    session: AsyncSession, practice_id: UUID, given: NewAuthorization, *, now: datetime
) -> Recorded:
    """Write an approved authorization and its blocks; the caller posts the grants.

    Raises AuthorizationNumberKnown, and Invalid naming the field of a wrong date, quantity or scope.
    """
    await require_reference(session, Coverage, practice_id, given.coverage_id, "/coverage_id")
    coverage = await lock_row(session, Coverage, practice_id, given.coverage_id)
    await _refuse(session, practice_id, given)
    authorization = _authorization(practice_id, coverage, given, now)
    session.add(authorization)
    await session.flush()
    blocks = [
        _block(practice_id, authorization, block, f"/blocks/{at}") for at, block in enumerate(given.blocks)
    ]
    session.add_all(blocks)
    await session.flush()
    grants = tuple(_grant(block, given.number) for block in blocks)
    return Recorded(id=authorization.id, coverage_id=coverage.id, grants=grants)


async def change_block(
    session: AsyncSession, practice_id: UUID, block_id: UUID, given: BlockChange, *, by: UUID, now: datetime
) -> Used:
    """Override a block or cut it, once per source; what a cut takes from bookings goes over the limit.

    `affected` of the answer are the draws whose excess changed: bookings to tell about. Raises NotFound.
    """
    block = await lock_row(session, AuthorizationBlock, practice_id, block_id)
    step = {
        "limit": LimitRef("authorization_block", block.id, block.ledger_unit),
        "amount": to_ledger(given.quantity, block.kind, "/quantity"),  # type: ignore[arg-type]
        "on": block.starts_on,
        "source": given.source,
        "reason": given.reason,
    }
    change = Override(**step) if given.kind == "override" else Shrink(**step)  # type: ignore[arg-type]
    return await use_limits(session, Stamp(practice_id, by, now), [change])


async def _refuse(session: AsyncSession, practice_id: UUID, given: NewAuthorization) -> None:
    if given.ends_on < given.starts_on:
        raise Invalid("it ends before it starts", pointer="/ends_on")
    same = (Authorization.practice_id == practice_id, Authorization.coverage_id == given.coverage_id)
    known = select(Authorization.id).where(*same, Authorization.number == given.number)
    if (await session.execute(known)).scalar_one_or_none():
        raise AuthorizationNumberKnown("the coverage has this authorization number", pointer="/number")
    for at, block in enumerate(given.blocks):
        starts_on, ends_on = block.starts_on or given.starts_on, block.ends_on or given.ends_on
        if not given.starts_on <= starts_on <= ends_on <= given.ends_on:
            raise Invalid("a block lies within its authorization", pointer=f"/blocks/{at}/starts_on")
        pointer = f"/blocks/{at}/provider_id"
        await require_reference(session, Provider, practice_id, block.provider_id, pointer)
        pointer = f"/blocks/{at}/location_id"
        await require_reference(session, Location, practice_id, block.location_id, pointer)


def _authorization(
    practice_id: UUID, coverage: Coverage, given: NewAuthorization, now: datetime
) -> Authorization:
    return Authorization(
        practice_id=practice_id,
        id=new_id(),
        case_id=coverage.case_id,
        patient_id=coverage.patient_id,
        coverage_id=coverage.id,
        number=given.number,
        status="approved",
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        recorded_at=now,
    )


def _block(
    practice_id: UUID, authorization: Authorization, given: NewBlock, pointer: str
) -> AuthorizationBlock:
    caps = {
        name: None if cap is None else to_ledger(cap, given.kind, f"{pointer}/{name}")
        for name in ("per_day", "per_week", "per_month")
        for cap in (getattr(given, name),)
    }
    return AuthorizationBlock(
        practice_id=practice_id,
        id=new_id(),
        authorization_id=authorization.id,
        kind=given.kind,
        ledger_unit=LEDGER_UNIT[given.kind],
        quantity=to_ledger(given.quantity, given.kind, f"{pointer}/quantity"),
        codes=given.codes,
        discipline=given.discipline,
        provider_id=given.provider_id,
        location_id=given.location_id,
        starts_on=given.starts_on or authorization.starts_on,
        ends_on=given.ends_on or authorization.ends_on,
        week_starts_on=given.week_starts_on,
        **caps,
    )


def _grant(block: AuthorizationBlock, number: str) -> Grant:
    return Grant(
        limit=LimitRef("authorization_block", block.id, block.ledger_unit),
        amount=block.quantity,
        on=block.starts_on,
        source="approved",
        reason=f"authorization {number}",
    )
