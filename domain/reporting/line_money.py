"""Where the money of a claim's lines stands: parts that sum to the charge, and the transfers behind them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.ledger.statements import driver_of

MOVES = """
with own as (
    select a.id, a.owner_id, a.kind from accounts a
    where a.practice_id = $1 and a.owner_kind = 'claim_line' and a.owner_id = any($2::uuid[])),
moved as (
    select own.owner_id as line_id, own.kind as own_kind, t.debit_account = own.id as debited, t.id, t.amount,
        case when t.debit_account = own.id then t.credit_account else t.debit_account end as other
    from own join transfers t on t.practice_id = $1 and t.debit_account = own.id
    union
    select own.owner_id, own.kind, false, t.id, t.amount, t.debit_account
    from own join transfers t on t.practice_id = $1 and t.credit_account = own.id)
select m.line_id, m.own_kind, m.debited, t.id as transfer_id, t.kind, t.amount, t.effective_on, t.recorded_at,
    t.actor_id, t.reverses, j.id as journal_id, j.kind as journal_kind, j.source, j.reason,
    o.owner_kind as other_owner, o.owner_id as other_id,
    o.kind as other_kind
from moved m
join transfers t on t.practice_id = $1 and t.id = m.id
join journals j on j.practice_id = $1 and j.id = t.journal_id
join accounts o on o.practice_id = $1 and o.id = m.other
order by t.recorded_at, t.id, m.own_kind
"""

OPEN_PARTS = {"insurer": "insurer_open", "patient_not_due": "patient_not_due", "patient_due": "patient_due"}
PART_NAMES = {
    "billed": "Billed",
    "insurance_paid": "Insurance paid",
    "adjusted": "Adjusted",
    "written_off": "Written off",
    "patient_paid": "Patient paid",
    "insurer_open": "Insurer still owes",
    "patient_not_due": "Patient, not due yet",
    "patient_due": "Patient owes now",
}


class Movement(Struct, frozen=True, kw_only=True):
    """One transfer as one part of a line sees it; `cents` bears that part's sign."""

    line_id: UUID
    part: str
    cents: Cents
    transfer_id: UUID
    journal_id: UUID
    journal_kind: str
    source: str
    reason: str | None
    kind: str
    own: str
    other: str
    other_id: UUID
    effective_on: date
    recorded_at: datetime
    actor_id: UUID
    is_reversal: bool


class Split(Struct, frozen=True, kw_only=True):
    """The parts of what was billed; they sum to `billed_cents`, and `billed_cents` is zero before sending."""

    billed_cents: Cents
    insurance_paid_cents: Cents
    adjusted_cents: Cents
    written_off_cents: Cents
    patient_paid_cents: Cents
    insurer_open_cents: Cents
    patient_not_due_cents: Cents
    patient_due_cents: Cents

    @property
    def parts(self) -> tuple[tuple[str, str, Cents], ...]:
        """Each part but the whole: key, name and amount."""
        named = [(key, name) for key, name in PART_NAMES.items() if key != "billed"]
        return tuple((key, name, getattr(self, f"{key}_cents")) for key, name in named)


async def movements(session: AsyncSession, practice_id: UUID, line_ids: Sequence[UUID]) -> list[Movement]:
    """The transfers on the lines, in the order of recording; one between two parts stands twice."""
    driver = await driver_of(session)
    rows = await driver.fetch(MOVES, practice_id, list(line_ids))
    return [movement for row in rows for movement in _movements(row)]


def split_of(moves: Iterable[Movement]) -> Split:
    """The sums of the parts."""
    sums = dict.fromkeys(PART_NAMES, 0)
    for move in moves:
        sums[move.part] += move.cents
    return Split(**{f"{part}_cents": cents for part, cents in sums.items()})


def _movements(row: Any) -> list[Movement]:
    """The own account's part, and the part of a party outside of the line."""
    own = OPEN_PARTS[
        "insurer" if row["own_kind"].startswith("insurer") else row["own_kind"].partition(":")[0]
    ]
    cents = row["amount"] if row["debited"] else -row["amount"]
    found = [_movement(row, own, cents)]
    outside = _outside(row)
    if outside == "billed":
        found.append(_movement(row, outside, cents))
    elif outside is not None:
        found.append(_movement(row, outside, -cents))
    return found


def _outside(row: Any) -> str | None:
    """The part that the other account stands for; None for another account of a line."""
    owner, kind = row["other_owner"], row["other_kind"].partition(":")[0]
    if owner == "payment":
        return "patient_paid"
    if owner != "practice":
        return None
    by_insurer = row["own_kind"].startswith("insurer")
    return {
        "revenue": "billed",
        "contractual": "adjusted",
        "write_off": "written_off",
        "cash": "insurance_paid" if by_insurer else "patient_paid",
        "take_backs": "insurance_paid" if by_insurer else "patient_paid",
        "refunds": "patient_paid",
    }.get(kind, "written_off")


def _movement(row: Any, part: str, cents: Cents) -> Movement:
    as_read = ("line_id", "transfer_id", "journal_id", "journal_kind", "source", "reason", "kind")
    told = ("effective_on", "recorded_at", "actor_id")
    return Movement(
        **{name: row[name] for name in (*as_read, *told)},
        part=part,
        cents=cents,
        own=row["own_kind"],
        other=row["other_kind"],
        other_id=row["other_id"],
        is_reversal=row["reverses"] is not None,
    )
