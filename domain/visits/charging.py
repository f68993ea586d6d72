"""From a signed session to its charges, or to the reason for which it is held (PM-03)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import Resolved
from billing_rules.therapy.code_table import procedure_code
from billing_rules.therapy.payer_rules import UNIT_METHOD, ask, discipline_modifiers
from billing_rules.therapy.session_units import EarnedUnits, counting
from domain.allowances.payers import PayersOn
from domain.practices.charges import NoChargeRate, charges_for
from domain.visits.models import ChargeLine, Visit, VisitService
from domain.visits.units import Counted, count_units
from domain.work.items import close_item, open_item
from tenants.clock import local_date
from tenants.ids import new_id

HELD = "visit_held"
NO_CASE = "the visit has no case"
UNSIGNED = "the note is not signed"
NO_COVERAGE = "no coverage of the case is known"
NOTHING_EARNED = "the minutes earn no unit"
DAYS_TO_ACT = 2


class Charged(Struct, frozen=True, kw_only=True):
    """What a visit earned, and why it is held if it is."""

    counted: Counted
    reasons: tuple[str, ...]


async def charge(
    session: AsyncSession,
    visit: Visit,
    payers: PayersOn | None,
    *,
    is_self_pay: bool,
    asked: Sequence[str] = (),
) -> Charged:
    """Write the visit's charge lines over its open ones, and its status; returns what it earned.

    `asked` are what the documentation lacks: each of them holds the visit.
    Raises Invalid for a unit choice that settles no tie.
    """
    services = await services_of(session, visit)
    counted = _count(services, visit, payers)
    reasons = [*_missing(visit, payers, is_self_pay=is_self_pay), *counted.queries, *asked]
    chargeable = [unit for unit in counted.earned if unit.units]
    if payers is not None and not chargeable:
        reasons.append(NOTHING_EARNED)
    await drop_lines(session, visit)
    if payers is not None and not reasons:
        try:
            await _write_lines(session, visit, payers, chargeable)
        except NoChargeRate as unpriced:
            reasons.append(unpriced.detail)
    visit.status = "held" if reasons else "charged"
    visit.held_reason = "; ".join(reasons) or None
    await session.flush()
    return Charged(counted=counted, reasons=tuple(reasons))


async def services_of(session: AsyncSession, visit: Visit) -> Sequence[VisitService]:
    """The procedures of a visit in the order of its note."""
    mine = (VisitService.practice_id == visit.practice_id, VisitService.visit_id == visit.id)
    listed = select(VisitService).where(*mine).order_by(VisitService.ordinal)
    return (await session.execute(listed)).scalars().all()


async def drop_lines(session: AsyncSession, visit: Visit) -> None:
    """Remove the charge lines of a visit that stand on no claim."""
    mine = (ChargeLine.practice_id == visit.practice_id, ChargeLine.visit_id == visit.id)
    await session.execute(delete(ChargeLine).where(*mine, ChargeLine.status == "open"))


async def tell_held(session: AsyncSession, visit: Visit, time_zone: str, now: datetime) -> None:
    """Keep the work about a held visit open, and close it for any other."""
    subject: dict[str, Any] = {"kind": HELD, "subject_kind": "visit", "subject_id": visit.id, "now": now}
    if visit.status != "held":
        outcome = "the visit is void" if visit.status == "void" else "the visit was charged"
        await close_item(session, visit.practice_id, outcome=outcome, **subject)
        return
    await open_item(
        session,
        visit.practice_id,
        reason=visit.held_reason or "held",
        next_action=_next_action(visit),
        due_on=local_date(now, time_zone) + timedelta(days=DAYS_TO_ACT),
        **subject,
    )


def _next_action(visit: Visit) -> str:
    if visit.case_id is None:
        return "Assign the visit to a case"
    if visit.signed_at is None:
        return "Ask the clinician to sign the note"
    return "Ask the clinician what is right, then send the note again or decide here"


def _count(services: Sequence[VisitService], visit: Visit, payers: PayersOn | None) -> Counted:
    if payers is None:
        return Counted(earned=(), queries=())
    how = counting(payers.book, payers.asked)
    return count_units(services, visit.discipline, how, visit.unit_choices)


def _missing(visit: Visit, payers: PayersOn | None, *, is_self_pay: bool) -> list[str]:
    if payers is None:
        return [NO_CASE]
    reasons = [] if payers.coverages or is_self_pay else [NO_COVERAGE]
    return reasons if visit.signed_at is not None else [*reasons, UNSIGNED]


async def _write_lines(
    session: AsyncSession, visit: Visit, payers: PayersOn, chargeable: Sequence[EarnedUnits]
) -> None:
    codes = [unit.code for unit in chargeable]
    rates = await charges_for(session, visit.practice_id, codes, visit.date_of_service)
    rule = ask(payers.book, UNIT_METHOD, payers.asked)
    modifiers = discipline_modifiers(payers.book, payers.asked)
    mine = [modifiers[visit.discipline]] if visit.discipline in modifiers else []
    for ordinal, unit in enumerate(chargeable, 1):
        line = _line(visit, unit, rule, mine)
        line.ordinal, line.charge_cents = ordinal, rates[unit.code] * unit.units
        session.add(line)
    await session.flush()


def _line(visit: Visit, unit: EarnedUnits, rule: Resolved, modifiers: list[str]) -> ChargeLine:
    return ChargeLine(
        practice_id=visit.practice_id,
        id=new_id(),
        visit_id=visit.id,
        code=unit.code,
        modifiers=modifiers,
        units=unit.units,
        minutes=unit.minutes if procedure_code(unit.code).is_timed else None,
        method=str(rule.value),
        explanation=_explanation(unit, rule),
        status="open",
    )


def _explanation(unit: EarnedUnits, rule: Resolved) -> dict[str, Any]:
    return {
        "why": unit.explanation,
        "rule": rule.row.rule,
        "row": str(rule.row),
        "source": rule.row.source,
        "in_force_since": rule.row.starts_on.isoformat(),
        "is_assumption": rule.is_assumption,
    }
