"""A party's account, explained: one sentence per line that is due, and why other lines are not due yet."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.ledger.models import Account
from domain.patient_billing.line_reading import (
    INSURERS,
    Move,
    OpenLine,
    OwnPart,
    answered_lines,
    due_kind,
    moves_of,
    open_lines,
    own_parts,
    part_on,
    plan_names,
)
from domain.patient_billing.models import Payment
from domain.patient_billing.plain_names import plain_name
from domain.patient_billing.sentences import (
    BUCKETS,
    Bucket,
    Figure,
    LineStory,
    PlanPart,
    Waiting,
    credit_sentence,
    figures,
    headline,
    meanings,
    sentence,
    waiting_sentence,
)
from tenants.audit import note_patients

PlanNames = dict[tuple[UUID, str], str]
UNSENT = frozenset({"held", "ready", "queued", "written"})
NO_PART = OwnPart(date.min, None, False, True)


class DueLine(Struct, frozen=True, kw_only=True):
    """One line that is due, in one sentence, with the amounts behind it."""

    claim_line_id: UUID
    patient_id: UUID
    served_on: date
    sentence: str
    figures: tuple[Figure, ...]
    amount_cents: Cents


class WaitingLine(Struct, frozen=True, kw_only=True):
    """One line that is not due yet, and why; it is no part of any total."""

    claim_line_id: UUID
    patient_id: UUID
    served_on: date
    sentence: str


class PartyAccount(Struct, frozen=True, kw_only=True):
    """What a party owes now: `total_cents` is the sum of the lines' amounts less `credit_cents`.

    `credit_cents` was paid and is not set against a line yet; `credit` is its sentence, or empty.
    """

    party_id: UUID
    headline: str
    total_cents: Cents
    credit_cents: Cents
    credit: str
    lines: tuple[DueLine, ...]
    not_due_yet: tuple[WaitingLine, ...]
    meanings: tuple[str, ...]


async def explain(session: AsyncSession, practice_id: UUID, party_id: UUID) -> PartyAccount:
    """The party's account as it stands now; the patients in it are noted for the audit."""
    lines = await open_lines(session, practice_id, party_id)
    parts = await own_parts(session, practice_id, party_id)
    due = [line for line in lines if due_kind(party_id) in line.open_cents]
    waiting = [line for line in lines if line not in due and part_on(parts[line.patient_id], line.served_on)]
    named = len({line.patient_id for line in (*due, *waiting)}) > 1
    names = await plan_names(session, practice_id, {line.case_id for line in lines})
    moves = await moves_of(session, practice_id, party_id, [line.claim_line_id for line in due])
    stories = [_story(line, parts, moves[line.claim_line_id], names, named=named) for line in due]
    answered = await answered_lines(session, practice_id, [line.claim_line_id for line in waiting])
    credit = await unapplied_cents(session, practice_id, party_id)
    note_patients(session, *(line.patient_id for line in (*due, *waiting)))
    total = sum(story.balance_cents for story in stories) - credit
    return PartyAccount(
        party_id=party_id,
        headline=_headline(total, stories),
        total_cents=total,
        credit_cents=credit,
        credit=credit_sentence(credit) if credit else "",
        lines=tuple(_due_line(line, story) for line, story in zip(due, stories, strict=True)),
        not_due_yet=_waiting_lines(waiting, answered, names, named=named),
        meanings=meanings(stories),
    )


async def unapplied_cents(session: AsyncSession, practice_id: UUID, party_id: UUID) -> Cents:
    """What the party paid that is set against no line."""
    held = (
        select(func.coalesce(func.sum(Account.credits - Account.debits), 0))
        .join(Payment, (Payment.practice_id == practice_id) & (Payment.id == Account.owner_id))
        .where(Account.practice_id == practice_id, Account.owner_kind == "payment")
        .where(Account.kind == "unapplied", Payment.party_id == party_id)
    )
    return int((await session.execute(held)).scalar_one())


def _headline(total: Cents, stories: Sequence[LineStory]) -> str:
    days = [story.served_on for story in stories]
    return headline(total, days, plan_involved=any(story.plans for story in stories))


def _story(
    line: OpenLine,
    parts: dict[UUID, list[OwnPart]],
    moves: Sequence[Move],
    names: PlanNames,
    *,
    named: bool,
) -> LineStory:
    part = part_on(parts[line.patient_id], line.served_on) or NO_PART
    own = [m for m in moves if m.account.startswith("patient_due:")]
    insurer = [m for m in moves if m.account in INSURERS and m.other_owner == "practice"]
    return LineStory(
        service=plain_name(line.code, line.discipline),
        served_on=line.served_on,
        whose=line.given_name if named else "",
        charge_cents=line.charge_cents,
        plans=_plan_parts(line.case_id, insurer, names),
        discount_cents=sum(-m.cents for m in insurer if m.other == "contractual"),
        waived_cents=sum(-m.cents for m in insurer if m.other.startswith("write_off:")),
        left_cents=_left(moves),
        share_cents=sum(m.cents for m in own if not _is_money(m)),
        paid_cents=sum(-m.cents for m in own if _is_money(m)),
        whole=part.whole,
        apart=part.apart,
    )


def _left(moves: Sequence[Move]) -> dict[Bucket, Cents]:
    """What the plans left to all who pay, by kind."""
    left = [m for m in moves if m.account == "patient_not_due" and m.other in INSURERS]
    return {bucket: sum(m.cents for m in left if m.kind == bucket) for bucket in BUCKETS}


def _is_money(move: Move) -> bool:
    return move.other_owner == "payment" or move.other == "cash"


def _plan_parts(case_id: UUID, insurer: Sequence[Move], names: PlanNames) -> tuple[PlanPart, ...]:
    """What each plan paid; a plan that was billed and paid nothing stands with zero."""
    billed = sorted({m.account for m in insurer})
    return tuple(
        PlanPart(
            names.get((case_id, kind), "Your plan"),
            sum(-m.cents for m in insurer if m.account == kind and m.other in ("cash", "take_backs")),
        )
        for kind in billed
    )


def _due_line(line: OpenLine, story: LineStory) -> DueLine:
    return DueLine(
        claim_line_id=line.claim_line_id,
        patient_id=line.patient_id,
        served_on=line.served_on,
        sentence=sentence(story),
        figures=figures(story),
        amount_cents=story.balance_cents,
    )


def _waiting_lines(
    lines: Sequence[OpenLine], answered: set[UUID], names: PlanNames, *, named: bool
) -> tuple[WaitingLine, ...]:
    """One entry per visit and reason: lines of one day that wait for the same are told once."""
    told: dict[str, WaitingLine] = {}
    for line in lines:
        why = _why(line, answered, has_next_plan=(line.case_id, "insurer_2") in names)
        whose = line.given_name if named else ""
        said = waiting_sentence("Visit", whose, line.served_on, why)
        told.setdefault(
            f"{line.patient_id} {said}",
            WaitingLine(
                claim_line_id=line.claim_line_id,
                patient_id=line.patient_id,
                served_on=line.served_on,
                sentence=said,
            ),
        )
    return tuple(told.values())


def _why(line: OpenLine, answered: set[UUID], *, has_next_plan: bool) -> Waiting:
    if line.open_cents.get("insurer_2") or line.open_cents.get("insurer_3"):
        return "next_plan"
    if not line.open_cents.get("insurer_1"):
        return "next_plan" if has_next_plan else "review"
    if line.claim_line_id in answered:
        return "refused"
    return "not_sent" if line.claim_status in UNSENT else "plan"
