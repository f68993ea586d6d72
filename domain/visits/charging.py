"""From a signed session to its charges, or to the reason for which it is held (PM-03)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.modifiers.assistants import UnitsTooFew
from billing_rules.therapy.session_units import counting
from domain.allowances.payers import PayersOn
from domain.practices.charges import NoChargeRate, charges_for
from domain.visits.charge_lines import notices_differ, write_lines
from domain.visits.counting import SessionCount
from domain.visits.intake import Paid
from domain.visits.models import ChargeLine, Visit, VisitService
from domain.visits.units import Counted, count_units
from domain.work.items import close_item, open_item
from tenants.clock import local_date

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
    paid: Paid | None,
    services: Sequence[VisitService],
    count: SessionCount,
    *,
    asked: Sequence[str] = (),
    agreed: Collection[str] = (),
) -> Charged:
    """Write the visit's charge lines over its open ones, and its status; returns what it earned.

    `asked` is what the documentation lacks, each of which holds the visit; `agreed` are differences of units
    on which the clinician agreed with the minutes.
    Raises Invalid for a unit choice that settles no tie.
    """
    payers = paid.payers if paid else None
    counted = _count(count, visit, payers, agreed)
    reasons = [*_missing(visit, paid), *counted.queries, *count.waits, *asked]
    reasons += notices_differ(services)
    chargeable = [unit for unit in counted.earned if unit.units]
    if payers is not None and not chargeable and not count.is_of_month:
        reasons.append(NOTHING_EARNED)
    await drop_lines(session, visit)
    if payers is not None and not reasons:
        try:
            await write_lines(session, visit, payers, services, chargeable)
        except NoChargeRate as unpriced:
            reasons.append(unpriced.detail)
        except UnitsTooFew as unfit:
            reasons.append(str(unfit))
    visit.status = "held" if reasons else "charged"
    visit.held_reason = "; ".join(reasons) or None
    return Charged(counted=counted, reasons=tuple(reasons))


async def services_of(session: AsyncSession, visit: Visit) -> Sequence[VisitService]:
    """The procedures of a visit in the order of its note."""
    mine = (VisitService.practice_id == visit.practice_id, VisitService.visit_id == visit.id)
    listed = select(VisitService).where(*mine).order_by(VisitService.ordinal)
    return (await session.execute(listed)).scalars().all()


async def stands_on_claim(session: AsyncSession, visit: Visit) -> bool:
    """Whether a charge of the visit is on a claim."""
    mine = (ChargeLine.practice_id == visit.practice_id, ChargeLine.visit_id == visit.id)
    claimed = select(exists().where(*mine, ChargeLine.status == "claimed"))
    return bool((await session.execute(claimed)).scalar_one())


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
        value_cents=visit.waiting_cents or 0,
        due_on=local_date(now, time_zone) + timedelta(days=DAYS_TO_ACT),
        **subject,
    )


def _next_action(visit: Visit) -> str:
    if visit.case_id is None:
        return "Assign the visit to a case"
    if visit.signed_at is None:
        return "Ask the clinician to sign the note"
    if any(found["rule"] == "coding.not_reviewed" for found in visit.findings):
        return "Review the proposed codes"
    return "Ask the clinician what is right, then send the note again or decide here"


async def waiting_cents(session: AsyncSession, visit: Visit, charged: Charged) -> int | None:
    """What a held visit would charge, at the prices there are; None when it is not known."""
    units = [unit for unit in charged.counted.earned if unit.units]
    if visit.status != "held":
        return 0
    try:
        rates = await charges_for(
            session, visit.practice_id, [unit.code for unit in units], visit.date_of_service
        )
    except NoChargeRate:
        return None
    return sum(rates[unit.code] * unit.units for unit in units) if units else None


def _count(count: SessionCount, visit: Visit, payers: PayersOn | None, agreed: Collection[str]) -> Counted:
    if payers is None:
        return Counted(earned=(), queries=(), pools={})
    how = counting(payers.book, payers.asked)
    counted = count_units(count.services, visit.discipline, how, visit.unit_choices)
    queries = tuple(query for query in counted.queries if query not in agreed)
    return replace(counted, earned=(*counted.earned, *count.month), queries=queries)


def _missing(visit: Visit, paid: Paid | None) -> list[str]:
    if paid is None:
        return [NO_CASE]
    reasons = [] if paid.payers.coverages or paid.is_self_pay else [NO_COVERAGE]
    return reasons if visit.signed_at is not None else [*reasons, UNSIGNED]
