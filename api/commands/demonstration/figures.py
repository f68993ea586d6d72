"""What came of it, practice by practice: each figure is read from the rows that the play has left."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import astuple, fields
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.demonstration.company_plan import practice_plan
from api.commands.demonstration.sizes import DAYS_A_WEEK
from api.commands.demonstration.stage import PracticeIds, Stage
from billing_rules.money import dollars
from domain.claims.models import Claim, ClaimEvent
from domain.ledger.invariants import Broken, verify
from domain.ledger.models import Account
from domain.patient_billing.models import Payment
from domain.remittances.models import Remittance
from domain.visits.models import Visit

MINUTES_A_UNIT = 15
REJECTED = ("999_rejected", "277ca_rejected")


class Figures(Struct, frozen=True, kw_only=True):
    """A practice in numbers; money in cents, `units_left` in units of 15 minutes."""

    sessions: int
    claims: int
    accepted: int
    rejected: int
    paid: int
    denied: int
    posted_cents: int
    patients_paid_cents: int
    patients_due_cents: int
    visits_left: int
    units_left: int


async def figures(session: AsyncSession, ids: PracticeIds) -> Figures:
    """Count the practice; accepted and rejected are claims that ever were, paid and denied stand so now."""

    async def count(statement: Select[Any]) -> int:
        return int((await session.execute(statement)).scalar_one() or 0)

    return Figures(
        sessions=await count(_of(Visit, ids, func.count()).where(Visit.status != "void")),
        claims=await count(_of(Claim, ids, func.count())),
        accepted=await count(_told(ids, ("277ca_accepted",))),
        rejected=await count(_told(ids, REJECTED)),
        paid=await count(_of(Claim, ids, func.count()).where(Claim.status == "paid")),
        denied=await count(_of(Claim, ids, func.count()).where(Claim.status == "denied")),
        posted_cents=await count(
            _of(Remittance, ids, func.sum(Remittance.payment_cents)).where(Remittance.status == "posted")
        ),
        patients_paid_cents=await count(
            _of(Payment, ids, func.sum(Payment.amount_cents)).where(Payment.status == "paid")
        ),
        patients_due_cents=await count(_patients_due(ids)),
        visits_left=await count(_left(ids, "visit")),
        units_left=await count(_left(ids, "minute")) // MINUTES_A_UNIT,
    )


def _of(model: Any, ids: PracticeIds, what: Any) -> Select[Any]:
    return select(what).select_from(model).where(model.practice_id == ids.id)


def _told(ids: PracticeIds, kinds: Sequence[str]) -> Select[Any]:
    claims = func.count(ClaimEvent.claim_id.distinct())
    return _of(ClaimEvent, ids, claims).where(ClaimEvent.kind.in_(kinds))


def _patients_due(ids: PracticeIds) -> Select[Any]:
    owed = _of(Account, ids, func.sum(Account.debits - Account.credits))
    return owed.where(Account.owner_kind == "claim_line", Account.kind.startswith("patient_due:"))


def _left(ids: PracticeIds, unit: str) -> Select[Any]:
    left = _of(Account, ids, func.sum(Account.credits - Account.debits))
    of_blocks = (Account.owner_kind == "authorization_block", Account.kind == "available")
    return left.where(*of_blocks, Account.unit == unit)


async def look_at_all(stage: Stage) -> tuple[dict[str, Figures], list[Broken]]:
    """The figures of every practice by its name, and whatever its ledger has broken."""
    found: dict[str, Figures] = {}
    broken: list[Broken] = []
    for key, ids in stage.practices.items():
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            found[practice_plan(key).name] = await figures(session, ids)
            broken += await verify(session, ids.id)
    return found, broken


def table(found: dict[str, Figures]) -> str:
    """The figures as a table of text, one practice a line, with a line of sums."""
    sums = Figures(**{f.name: sum(getattr(one, f.name) for one in found.values()) for f in fields(Figures)})
    names = [f.name.removesuffix("_cents").partition("_") for f in fields(Figures)]
    heads = [["", *(first for first, _, _ in names)], ["", *(second for _, _, second in names)]]
    rows = [*heads, *(_row(name, one) for name, one in found.items()), _row("All practices", sums)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([*lines[:2], rule, *lines[2:-1], rule, lines[-1]])


def _row(name: str, one: Figures) -> list[str]:
    cells = zip(fields(Figures), astuple(one), strict=True)
    return [name, *(dollars(value) if f.name.endswith("_cents") else f"{value:,}" for f, value in cells)]


async def say_week(stage: Stage, day: int) -> None:
    """One line a week, so that somebody who waits sees it go; `day` counts from the first."""
    if day % DAYS_A_WEEK != DAYS_A_WEEK - 1:
        return
    week, on = day // DAYS_A_WEEK + 1, stage.play.starts_on + timedelta(days=day)
    all_of_them = []
    for ids in stage.practices.values():
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            all_of_them.append(await figures(session, ids))
    told = (
        f"{sum(getattr(one, name) for one in all_of_them):>4} {name}"
        for name in ("sessions", "claims", "paid", "denied")
    )
    click.echo(f"  week {week:>2}, to {on}: {', '.join(told)}")
