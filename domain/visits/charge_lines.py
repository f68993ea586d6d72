"""The charge lines of a session: units with their modifiers, priced, each with why."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import Resolved
from billing_rules.therapy.code_table import addon_of, find_code, procedure_code
from billing_rules.therapy.modifiers.charge_lines import LineToCharge, ServiceRecord, lines_to_charge
from billing_rules.therapy.payer_rules import UNIT_METHOD, ask
from billing_rules.therapy.session_units import EarnedUnits
from domain.allowances.payers import PayersOn
from domain.practices.charges import Priced, prices_for
from domain.practices.models import Provider
from domain.visits.models import ChargeLine, Visit, VisitService
from tenants.ids import new_id


async def write_lines(
    session: AsyncSession,
    visit: Visit,
    payers: PayersOn,
    services: Sequence[VisitService],
    chargeable: Sequence[EarnedUnits],
) -> None:
    """Write one line a code, or two where an assistant furnished some of its units.

    Raises NoChargeRate, and UnitsTooFew where units do not fit the minutes.
    """
    provider = await session.get_one(Provider, (visit.practice_id, visit.provider_id))
    lines = [
        (unit, line)
        for unit in chargeable
        for line in lines_to_charge(
            _record(visit, services, unit, provider.credential), payers.book, payers.asked
        )
    ]
    wanted = [Priced(code=line.code, modifiers=line.modifiers) for _, line in lines]
    on, place = visit.date_of_service, visit.location_id
    prices = await prices_for(session, visit.practice_id, wanted, on, location_id=place)
    rule = ask(payers.book, UNIT_METHOD, payers.asked)
    for ordinal, ((unit, line), priced) in enumerate(zip(lines, wanted, strict=True), 1):
        session.add(_charge(visit, unit, line, rule, ordinal, prices[priced] * line.units))
    await session.flush()


def notices_differ(services: Sequence[VisitService]) -> list[str]:
    """Codes that the note names twice under different notices: which one holds is the clinician's to say."""
    codes = dict.fromkeys(service.code for service in services)
    return [
        f"{code} stands in the note under different notices"
        for code in codes
        if len({service.notice for service in services if service.code == code}) > 1
    ]


def _record(
    visit: Visit, services: Sequence[VisitService], unit: EarnedUnits, credential: str
) -> ServiceRecord:
    own = [service for service in services if service.code == unit.code]
    timed = [service for service in services if service.code in _one_stretch(unit.code)]
    return ServiceRecord(
        code=unit.code,
        discipline=visit.discipline,
        units=unit.units,
        minutes=unit.minutes,
        assistant_minutes=sum(service.assistant_minutes for service in timed),
        credential=credential,
        telehealth=visit.telehealth,
        notice=next((service.notice for service in own or timed), "none"),
        benefit=visit.benefit,
        in_note=tuple(modifier for service in own for modifier in service.modifiers_in_note),
    )


def _one_stretch(code: str) -> set[str]:
    """The code with its base and its add-on, whose minutes are one stretch of time."""
    row, addon = find_code(code), addon_of(code)
    bases = row.primary if row is not None and row.basis in ("addon", "crisis") else ()
    return {code, *bases, *((addon.code,) if addon is not None else ())}


def _charge(
    visit: Visit, unit: EarnedUnits, line: LineToCharge, rule: Resolved, ordinal: int, cents: int
) -> ChargeLine:
    return ChargeLine(
        practice_id=visit.practice_id,
        id=new_id(),
        visit_id=visit.id,
        ordinal=ordinal,
        code=line.code,
        modifiers=list(line.modifiers),
        units=line.units,
        minutes=line.minutes if procedure_code(line.code).is_timed else None,
        charge_cents=cents,
        method=str(rule.value),
        explanation=_explanation(unit, line, rule),
        status="open",
    )


def _explanation(unit: EarnedUnits, line: LineToCharge, rule: Resolved) -> dict[str, Any]:
    """How minutes became units and why each modifier stands; `assistants` is how the units were split."""
    return {
        "why": unit.explanation,
        "rule": rule.row.rule,
        "row": str(rule.row),
        "source": rule.row.source,
        "in_force_since": rule.row.starts_on.isoformat(),
        "is_assumption": rule.is_assumption,
        "modifiers": [_shown(msgspec.to_builtins(advice)) for advice in line.why],
        "modifiers_left_off": list(line.left_off),
        "assistants": line.split,
    }


def _shown(advice: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in advice.items() if name != "line"}
