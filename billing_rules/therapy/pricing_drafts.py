"""A line while it is priced: by what, how many units count, the steps so far, and why it may stay unknown."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from billing_rules.money import BASIS_POINTS, Cents, split
from billing_rules.rule_book import NoRuleInForce, RuleBook
from billing_rules.therapy.contracts import Contract, Method, RateRow, contract_on, rate_row
from billing_rules.therapy.fee_schedules import Locality
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.payment_rules import (
    CREDENTIAL_PAYMENT,
    FEE_SCHEDULE_PAYMENT,
    MULTIPLE_PROCEDURE,
    FeeSchedulePayment,
    MultipleProcedure,
)
from billing_rules.therapy.payment_trace import AmountUnknown, Trail, share, shown

MEDICARE = "medicare"


class ServiceLine(Struct, frozen=True, kw_only=True):
    """One line to be priced; `key` is the caller's name for it, an empty `visit` is the only one of its day.

    `credential` is that of who rendered the service; a line elsewhere stands on another claim of the day.
    """

    key: str
    served_on: date
    code: str
    modifiers: tuple[str, ...]
    units: int
    charge_cents: Cents
    place_of_service: str = "11"
    credential: str | None = None
    visit: str = ""
    is_elsewhere: bool = False


class Basis(Struct, frozen=True, kw_only=True):
    """By what a line is priced; `name` is the row of contract or rule book, for people.

    `reduced_basis_points` is the part of the practice expense that further units keep, all of it when none
    is taken.
    """

    method: Method
    name: str
    source: str
    key: tuple[str, ...]
    contract: Contract | None
    rate_cents: Cents
    further_cents: Cents
    basis_points: int
    fee_on: date
    locality: Locality | None
    units_per_day: int | None
    lesser_of: bool
    reduced_basis_points: int
    credential_basis_points: int


class Draft:
    """A line on its way to an amount; bounds and reasons stand where the amount cannot be told."""

    def __init__(self, line: ServiceLine) -> None:
        """Begin with the line alone."""
        self.line = line
        self.basis: Basis | None = None
        self.trail = Trail()
        self.units = line.units
        self.units_before = 0
        self.rate_cents: Cents | None = None
        self.at_least_cents: Cents | None = None
        self.at_most_cents: Cents | None = None
        self.reasons: list[str] = []
        self.is_shared = False

    @property
    def amount(self) -> Cents:
        """The agreed amount of its row."""
        return self.basis.rate_cents if self.basis else 0

    def fail(self, unknown: AmountUnknown) -> None:
        """Note why the amount cannot be told."""
        self.reasons.append(unknown.reason)

    def settle(self, cents: Cents) -> None:
        """The charge alone decides, whatever lies between the bounds."""
        assert self.basis is not None
        self.reasons.clear()
        told = f"the charge {shown(cents)} is less than the least that the rate can come to"
        self.trail.to(cents, "lesser of", self.basis.name, self.basis.source, told)


def basis_of(
    line: ServiceLine,
    contracts: Sequence[Contract],
    book: RuleBook,
    asked: Asked,
    locality: Locality | None,
) -> Basis:
    """By what a line is priced; raises AmountUnknown where neither contract nor rule says."""
    contract = contract_on(contracts, line.served_on)
    if contract is None:
        return _by_rule(line, book, asked, locality)
    row = rate_row(contract.rows, line.code, line.modifiers, line.credential, line.served_on)
    if row is not None:
        return _by_row(line, contract, row, book, locality)
    return _by_fallback(line, contract, book, locality)


def _by_rule(line: ServiceLine, book: RuleBook, asked: Asked, locality: Locality | None) -> Basis:
    try:
        resolved = ask(book, FEE_SCHEDULE_PAYMENT, asked)
    except NoRuleInForce as missing:
        raise AmountUnknown(
            f"no contract of this payer is in force on {line.served_on}, and no fee schedule is known to pay"
        ) from missing
    paid = resolved.read(FeeSchedulePayment)
    return Basis(
        method="percent_of_medicare",
        name=str(resolved.row),
        source=resolved.row.source,
        key=(FEE_SCHEDULE_PAYMENT,),
        contract=None,
        rate_cents=0,
        further_cents=0,
        basis_points=paid.basis_points,
        fee_on=line.served_on,
        locality=locality,
        units_per_day=None,
        lesser_of=paid.lesser_of_charge,
        reduced_basis_points=_reduced(book, asked),
        credential_basis_points=_by_credential(book, asked, line.credential),
    )


def _by_row(
    line: ServiceLine, contract: Contract, row: RateRow, book: RuleBook, locality: Locality | None
) -> Basis:
    return Basis(
        method=row.method,
        name=f"{row} ({contract})",
        source=str(contract),
        key=(contract.id, str(row.number)),
        contract=contract,
        rate_cents=row.rate_cents or 0,
        further_cents=row.further_cents or 0,
        basis_points=BASIS_POINTS if row.basis_points is None else row.basis_points,
        fee_on=row.medicare_on or line.served_on,
        locality=row.locality or locality,
        units_per_day=row.units_per_day,
        lesser_of=contract.terms.lesser_of_charge,
        reduced_basis_points=_as_medicare(contract, book, line.served_on),
        credential_basis_points=BASIS_POINTS,
    )


def _by_fallback(line: ServiceLine, contract: Contract, book: RuleBook, locality: Locality | None) -> Basis:
    fallback = contract.terms.fallback
    if fallback is None:
        raise AmountUnknown(f"{contract} has no row for {line.code} and names nothing for codes without one")
    told = "of Medicare" if fallback.of == "medicare" else "of the charge"
    return Basis(
        method="percent_of_medicare" if fallback.of == "medicare" else "percent_of_charge",
        name=f"fallback: {share(fallback.basis_points)} {told} ({contract})",
        source=str(contract),
        key=(contract.id, "fallback"),
        contract=contract,
        rate_cents=0,
        further_cents=0,
        basis_points=fallback.basis_points,
        fee_on=fallback.medicare_on or line.served_on,
        locality=fallback.locality or locality,
        units_per_day=None,
        lesser_of=contract.terms.lesser_of_charge,
        reduced_basis_points=_as_medicare(contract, book, line.served_on),
        credential_basis_points=BASIS_POINTS,
    )


def _as_medicare(contract: Contract, book: RuleBook, on: date) -> int:
    """The part of the practice expense that stays, when the contract follows Medicare in this."""
    if not contract.terms.follows_medicare_reductions:
        return BASIS_POINTS
    return _reduced(book, Asked(payer=MEDICARE, on=on))


def _reduced(book: RuleBook, asked: Asked) -> int:
    try:
        rule = ask(book, MULTIPLE_PROCEDURE, asked).read(MultipleProcedure)
    except NoRuleInForce:
        return BASIS_POINTS
    return rule.practice_expense_basis_points


def _by_credential(book: RuleBook, asked: Asked, credential: str | None) -> int:
    try:
        parts = ask(book, CREDENTIAL_PAYMENT, asked).read(dict[str, int])
    except NoRuleInForce:
        return BASIS_POINTS
    return parts.get(credential or "", BASIS_POINTS)


def group_of(draft: Draft) -> tuple[str, ...]:
    """Which lines share one amount: those of a row on a day, and of one visit where it is paid per visit."""
    assert draft.basis is not None
    day = draft.line.served_on.isoformat()
    visit = draft.line.visit if draft.basis.method == "case_rate" else ""
    return (*draft.basis.key, day, visit)


def share_of_group(group: Sequence[Draft], amount_cents: Cents) -> None:
    """Share one amount out over lines by their charges, after the lesser of it and all their charges."""
    charges = [draft.line.charge_cents for draft in group]
    weights = charges if sum(charges) else [1] * len(group)
    rates = split(amount_cents, weights)
    basis = group[0].basis
    assert basis is not None
    paid = min(amount_cents, sum(charges)) if basis.lesser_of else amount_cents
    for draft, rate, cents in zip(group, rates, split(paid, weights), strict=True):
        draft.is_shared = True
        told = f"{shown(amount_cents)} shared by charge over {len(group)} lines"
        draft.trail.to(rate, "rate", basis.name, basis.source, told)
        if paid != amount_cents:
            told = f"all charges {shown(paid)} are less than {shown(amount_cents)}, shared alike"
            draft.trail.to(cents, "lesser of", basis.name, basis.source, told)
