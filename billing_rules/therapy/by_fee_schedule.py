"""Lines paid by Medicare's fee: each unit's fee, what the day's other units cut of it, the payer's share."""

from collections.abc import Sequence
from datetime import date

from billing_rules.money import BASIS_POINTS, Cents, percent
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.fee_schedules import PAID, Fee, fee_of
from billing_rules.therapy.multiple_procedure import ReducedUnits, reduce_day
from billing_rules.therapy.payment_rules import CREDENTIAL_PAYMENT, MULTIPLE_PROCEDURE
from billing_rules.therapy.payment_trace import AmountUnknown, share, shown
from billing_rules.therapy.pricing_drafts import Draft

MULTIPLE_SOURCE = "42 CFR 414.65(f); CMS Pub 100-04 ch. 5 §10.7"


def price_by_fee(drafts: Sequence[Draft], book: RuleBook) -> None:
    """Price the lines of each day together; a line whose fee cannot be told stays unknown with its reason."""
    days: dict[date, list[tuple[Draft, Fee]]] = {}
    for draft in drafts:
        try:
            days.setdefault(draft.line.served_on, []).append((draft, _fee(draft, book)))
        except AmountUnknown as unknown:
            draft.fail(unknown)
    for day in days.values():
        kept = min((d.basis.reduced_basis_points for d, _ in day if d.basis), default=BASIS_POINTS)
        reduced = reduce_day([(fee, draft.units) for draft, fee in day], kept)
        for (draft, fee), units in zip(day, reduced, strict=True):
            _price(draft, fee, units, kept)


def _fee(draft: Draft, book: RuleBook) -> Fee:
    basis, line = draft.basis, draft.line
    assert basis is not None
    fee = fee_of(
        book.shelf,
        line.code,
        line.modifiers,
        on=basis.fee_on,
        place=line.place_of_service,
        locality=basis.locality,
    )
    if fee.status not in PAID and basis.contract is not None:
        raise AmountUnknown(f"Medicare has no fee for {line.code} (status {fee.status}) that could be shared")
    return fee


def _price(draft: Draft, fee: Fee, units: ReducedUnits, kept: int) -> None:
    basis, trail = draft.basis, draft.trail
    assert basis is not None
    full = fee.full_cents * draft.units
    told = f"{draft.units} × {shown(fee.full_cents)} = {draft.units} × {fee.formula}"
    trail.to(full, "fee schedule", basis.name, fee.source, told)
    if units.unit_cents is None:
        draft.reasons.append(units.reason or "the reduction cannot be computed")
        draft.at_least_cents = _payable(draft, units.at_least_cents or ())
        draft.at_most_cents = _payable(draft, units.at_most_cents)
        trail.to(None, "multiple procedure", MULTIPLE_PROCEDURE, MULTIPLE_SOURCE, draft.reasons[-1])
        return
    if sum(units.unit_cents) != full:
        trail.to(
            sum(units.unit_cents),
            "multiple procedure",
            MULTIPLE_PROCEDURE,
            MULTIPLE_SOURCE,
            _reduction(units, kept),
        )
    _take_share(draft, units.unit_cents)


def _reduction(units: ReducedUnits, kept: int) -> str:
    assert units.unit_cents is not None
    cut = units.unit_cents[1:] if units.keeps_full else units.unit_cents
    whole = f"1 × {shown(units.unit_cents[0])} in full, " if units.keeps_full else ""
    return f"{whole}{len(cut)} × {shown(cut[0])} with {share(kept)} of the practice expense"


def _take_share(draft: Draft, unit_cents: Sequence[Cents]) -> None:
    """The payer's share of Medicare's fee, then the share of the clinician's credential, unit by unit."""
    basis, trail = draft.basis, draft.trail
    assert basis is not None
    for rate, name, rule in (
        (basis.basis_points, "share of Medicare", basis.name),
        (basis.credential_basis_points, "credential", CREDENTIAL_PAYMENT),
    ):
        if rate != BASIS_POINTS:
            told = f"{share(rate)} of {' + '.join(shown(cents) for cents in unit_cents)}"
            unit_cents = [percent(cents, rate) for cents in unit_cents]
            trail.to(sum(unit_cents), name, rule, basis.source, told)


def _payable(draft: Draft, unit_cents: Sequence[Cents]) -> Cents:
    basis = draft.basis
    assert basis is not None
    shared = [percent(cents, basis.basis_points) for cents in unit_cents]
    return sum(percent(cents, basis.credential_basis_points) for cents in shared)
