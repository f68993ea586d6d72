"""A visit under the method of every payer it has, and what their difference is worth, kept on the visit."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from billing_rules.rule_book import Resolved
from billing_rules.therapy.expected_allowed import ServiceLine, expected_allowed
from billing_rules.therapy.method_conflict import Counted, MethodConflict, method_conflict
from billing_rules.therapy.payer_rules import UNIT_METHOD, Asked, ask
from billing_rules.therapy.session_units import EarnedUnits, counting
from billing_rules.therapy.timed_units import UnitAnswer, UnitMethod
from domain.allowances.payers import PayersOn
from domain.patients.coverages import CoverageView
from domain.practices.charges import NoChargeRate, charges_for
from domain.practices.contracts import pricing_for
from domain.visits.counting import SessionCount
from domain.visits.models import Visit
from domain.visits.units import count_units


class PayerCount(Struct, frozen=True, kw_only=True):
    """What one payer makes of a visit; without a coverage it is whoever pays alone."""

    coverage: CoverageView | None
    asked: Asked
    method: UnitMethod
    rule: Resolved
    earned: tuple[EarnedUnits, ...]
    pools: dict[str, UnitAnswer]

    @property
    def units(self) -> dict[str, int]:
        """Units by code, zeros included."""
        units: dict[str, int] = {}
        for earned in self.earned:
            units[earned.code] = units.get(earned.code, 0) + earned.units
        return units


def counted_by_payer(visit: Visit, count: SessionCount, payers: PayersOn) -> list[PayerCount]:
    """The visit counted by each payer's own rule row, in payer order; raises NoRuleInForce.

    The clinician's choice settles a tie of the first payer, for which it was made.
    """
    coverages: Sequence[CoverageView | None] = payers.coverages or (None,)
    return [_count(visit, count, payers, coverage, at) for at, coverage in enumerate(coverages)]


async def conflicts_of(
    session: AsyncSession, visit: Visit, counted: Sequence[PayerCount], payers: PayersOn
) -> list[MethodConflict]:
    """Each later payer that counts by another method beside the first, with the money between them."""
    others = [one for one in counted[1:] if one.method != counted[0].method]
    if not others:
        return []
    rates = await _rates(session, visit, counted)
    first = await _valued(session, visit, counted[0], rates, payers)
    return [method_conflict(first, await _valued(session, visit, one, rates, payers)) for one in others]


async def keep_conflict(
    session: AsyncSession, visit: Visit, count: SessionCount, payers: PayersOn | None
) -> None:
    """Keep on the visit what the first two payers' methods make of it, if they count otherwise."""
    conflicts: list[MethodConflict] = []
    if payers is not None and len(payers.coverages) > 1:
        conflicts = await conflicts_of(session, visit, counted_by_payer(visit, count, payers), payers)
    visit.method_conflict = msgspec.to_builtins(conflicts[0]) if conflicts else None


def _count(
    visit: Visit, count: SessionCount, payers: PayersOn, coverage: CoverageView | None, at: int
) -> PayerCount:
    asked = payers.asked
    if coverage is not None:
        asked = Asked(payer=coverage.rule_key, plan=coverage.plan, state=payers.state, on=payers.on)
    how = counting(payers.book, asked)
    counted = count_units(count.services, visit.discipline, how, visit.unit_choices if at == 0 else {})
    return PayerCount(
        coverage=coverage,
        asked=asked,
        method=how.method,
        rule=ask(payers.book, UNIT_METHOD, asked),
        earned=(*counted.earned, *count.month),
        pools=counted.pools,
    )


async def _rates(session: AsyncSession, visit: Visit, counted: Sequence[PayerCount]) -> dict[str, Cents]:
    """The chargemaster's prices of all codes, as far as it has them."""
    rates: dict[str, Cents] = {}
    for code in sorted({code for one in counted for code in one.units}):
        try:
            rates |= await charges_for(
                session, visit.practice_id, [code], visit.date_of_service, location_id=visit.location_id
            )
        except NoChargeRate:
            continue
    return rates


async def _valued(
    session: AsyncSession,
    visit: Visit,
    counted: PayerCount,
    rates: Mapping[str, Cents],
    payers: PayersOn,
) -> Counted:
    charges = {code: rates[code] * units if code in rates else None for code, units in counted.units.items()}
    return Counted(
        method=counted.method,
        units=counted.units,
        charges=charges,
        expected=await _expected(session, visit, counted, charges, payers),
    )


async def _expected(
    session: AsyncSession,
    visit: Visit,
    counted: PayerCount,
    charges: Mapping[str, Cents | None],
    payers: PayersOn,
) -> dict[str, Cents | None]:
    """What the payer should allow for its own units, by contract or fee schedule; null where nobody knows."""
    nothing: dict[str, Cents | None] = dict.fromkeys(counted.units)
    if counted.coverage is None:
        return nothing
    payer_id, plan, on = counted.coverage.payer_id, counted.coverage.plan, visit.date_of_service
    pricing = await pricing_for(session, visit.practice_id, payer_id, on=on, plan=plan, book=payers.book)
    lines = [
        ServiceLine(key=code, served_on=on, code=code, modifiers=(), units=units, charge_cents=cents)
        for code, units in counted.units.items()
        if units and (cents := charges[code]) is not None
    ]
    return nothing | {line.key: line.allowed_cents for line in expected_allowed(lines, pricing)}
