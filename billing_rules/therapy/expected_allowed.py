"""What a payer should allow for the lines of one patient: contract row, fee schedule or nothing known.

Lines of other claims of the same patient, payer and day are given too, marked `is_elsewhere`: they take part
in what is counted by day or visit and are not answered.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from billing_rules.money import Cents, percent
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.by_fee_schedule import price_by_fee
from billing_rules.therapy.contracts import Contract, escalated, years_passed
from billing_rules.therapy.fee_schedules import Locality
from billing_rules.therapy.payer_rules import Asked
from billing_rules.therapy.payment_trace import AmountUnknown, Step, share, shown
from billing_rules.therapy.pricing_drafts import Draft, ServiceLine, basis_of, group_of, share_of_group

__all__ = ["AllowedLine", "Pricing", "ServiceLine", "expected_allowed"]


class Pricing(Struct, frozen=True, kw_only=True):
    """What prices the lines: the payer's key in the rule book, its contract's versions, the locality.

    Without a version in force on the date of service the payer's row of rule fee_schedule_payment answers.
    """

    payer: str | None
    plan: str | None = None
    state: str | None = None
    book: RuleBook
    contracts: tuple[Contract, ...] = ()
    locality: Locality | None = None

    def asked(self, on: date) -> Asked:
        """Whom to ask the rule book for, on a date of service."""
        return Asked(payer=self.payer, plan=self.plan, state=self.state, on=on)


class AllowedLine(Struct, frozen=True, kw_only=True):
    """What a line should be allowed; null with reasons where it cannot be told, bounded where it can.

    `rate_cents` is what the payer's rate alone comes to, before the charge limits it.
    """

    key: str
    allowed_cents: Cents | None
    rate_cents: Cents | None
    at_least_cents: Cents | None
    at_most_cents: Cents | None
    row: str
    reasons: tuple[str, ...]
    steps: tuple[Step, ...]


def expected_allowed(lines: Sequence[ServiceLine], pricing: Pricing) -> tuple[AllowedLine, ...]:
    """What each line should be allowed, in the order given; lines elsewhere count and are not answered."""
    drafts = [_draft(line, pricing) for line in lines]
    _count_units(drafts)
    price_by_fee([d for d in drafts if d.basis and d.basis.method == "percent_of_medicare"], pricing.book)
    for draft in drafts:
        _price_alone(draft)
    _price_together(drafts)
    for draft in drafts:
        _limit_by_charge(draft)
    return tuple(_told(draft) for draft in drafts if not draft.line.is_elsewhere)


def _draft(line: ServiceLine, pricing: Pricing) -> Draft:
    draft = Draft(line)
    try:
        draft.basis = basis_of(
            line, pricing.contracts, pricing.book, pricing.asked(line.served_on), pricing.locality
        )
    except AmountUnknown as unknown:
        draft.fail(unknown)
    return draft


def _count_units(drafts: Sequence[Draft]) -> None:
    """How many units of a row the day has paid before each line, and how many of the line it still pays."""
    used: dict[tuple[str, ...], int] = {}
    for draft in drafts:
        if draft.basis is None:
            continue
        key = (*draft.basis.key, draft.line.served_on.isoformat())
        draft.units_before = used.get(key, 0)
        most = draft.basis.units_per_day
        left = draft.line.units if most is None else max(0, most - draft.units_before)
        draft.units = min(draft.line.units, left)
        used[key] = draft.units_before + draft.units


def _price_alone(draft: Draft) -> None:
    """What is paid by amounts per unit or by the charge, without looking at other lines."""
    basis, line = draft.basis, draft.line
    if basis is None:
        return
    if basis.method == "percent_of_charge":
        rate = percent(line.charge_cents, basis.basis_points)
        told = f"{share(basis.basis_points)} of the charge {shown(line.charge_cents)}"
        draft.trail.to(rate, "rate", basis.name, basis.source, told)
    elif basis.method == "flat":
        rate = _raised(draft, basis.rate_cents)
        told = f"{draft.units} × {shown(rate)}{_capped(draft)}"
        draft.trail.to(rate * draft.units, "rate", basis.name, basis.source, told)
    elif basis.method == "steps":
        first, further = _raised(draft, basis.rate_cents), _raised(draft, basis.further_cents)
        firsts = 1 if draft.units and not draft.units_before else 0
        told = f"{firsts} × {shown(first)} + {draft.units - firsts} × {shown(further)}{_capped(draft)}"
        cents = firsts * first + (draft.units - firsts) * further
        draft.trail.to(cents, "rate", basis.name, basis.source, told)


def _raised(draft: Draft, cents: Cents) -> Cents:
    """The agreed amount with its anniversaries; the step shows one amount of the row."""
    basis = draft.basis
    if basis is None or basis.contract is None or not basis.contract.terms.escalator_basis_points:
        return cents
    on, contract = draft.line.served_on, basis.contract
    after = escalated(cents, contract, on)
    told = (
        f"{shown(cents)} + {share(contract.terms.escalator_basis_points)}, {years_passed(contract, on)} times"
    )
    draft.trail.cents = cents
    draft.trail.to(after, "escalator", basis.name, basis.source, told)
    return after


def _capped(draft: Draft) -> str:
    cut = draft.line.units - draft.units
    return f"; {cut} more than the day's units" if cut else ""


def _price_together(drafts: Sequence[Draft]) -> None:
    """One amount for a visit or a day, shared out over its lines by their charges."""
    groups: dict[tuple[str, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.basis is not None and draft.basis.method in ("case_rate", "per_diem"):
            groups.setdefault(group_of(draft), []).append(draft)
    for group in groups.values():
        share_of_group(group, _raised(group[0], group[0].amount))


def _limit_by_charge(draft: Draft) -> None:
    """The lesser of charge and rate, where the contract or the payer says so; bounds are limited alike."""
    charge, basis = draft.line.charge_cents, draft.basis
    draft.rate_cents = draft.trail.cents if not draft.reasons else None
    if basis is None or not basis.lesser_of or draft.is_shared:
        return
    if draft.at_most_cents is not None:
        draft.at_most_cents = min(charge, draft.at_most_cents)
    if draft.at_least_cents is not None and draft.at_least_cents >= charge:
        draft.settle(charge)
    elif draft.at_least_cents is None and draft.trail.cents is not None and draft.trail.cents > charge:
        told = f"the lesser of the charge {shown(charge)} and {shown(draft.trail.cents)}"
        draft.trail.to(charge, "lesser of", basis.name, basis.source, told)


def _told(draft: Draft) -> AllowedLine:
    known = None if draft.reasons else draft.trail.cents
    return AllowedLine(
        key=draft.line.key,
        allowed_cents=known,
        rate_cents=draft.rate_cents,
        at_least_cents=known if known is not None else draft.at_least_cents,
        at_most_cents=known if known is not None else draft.at_most_cents,
        row=draft.basis.name if draft.basis else "",
        reasons=tuple(draft.reasons),
        steps=tuple(draft.trail.steps),
    )
