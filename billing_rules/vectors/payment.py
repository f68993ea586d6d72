"""Vectors of expected payment: fees with the multiple procedure reduction, and who pays what of them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec.structs import replace

from billing_rules.money import BASIS_POINTS, Cents, cents_from_decimal
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.cost_sharing import CostSharing, Reduction, Shared, share_out
from billing_rules.therapy.fee_schedules import Fee, Indices, Parts, is_reducible, unit_cents
from billing_rules.therapy.multiple_procedure import reduce_day
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.payment_rules import (
    ASSISTANT_PAYMENT,
    COINSURANCE,
    MULTIPLE_PROCEDURE,
    SEQUESTRATION,
    MultipleProcedure,
)
from billing_rules.vectors.reading import a_date, a_text
from billing_rules.vectors.runners import Answer, Runners, asked_book

PUBLISHED_ON = date(2024, 7, 1)
MOST = Decimal(10_000_000)


def _mppr_allowed(given: Mapping[str, Any]) -> Answer:
    """The units of the day by practice expense, the one that keeps all of it first."""
    on = _day(given, "as_of")
    factor, indices = _number(given["cf"], "cf"), _indices(given["gpci"])
    entries = [
        (_fee(entry["code"], given["rvus"], indices, factor, on), _count(entry["units"]))
        for entry in given["units"]
    ]
    rule = ask(asked_book(), MULTIPLE_PROCEDURE, Asked(payer="medicare", on=on)).read(MultipleProcedure)
    reduced = reduce_day(entries, rule.practice_expense_basis_points)
    told = [
        (fee, cents)
        for (fee, _), units in zip(entries, reduced, strict=True)
        for cents in units.unit_cents or ()
    ]
    told.sort(key=lambda unit: (-_expense(unit[0]), -unit[0].full_cents))
    return {
        "per_unit_allowed": [{"code": fee.code, "allowed": _dollars(cents)} for fee, cents in told],
        "total_allowed": _dollars(sum(cents for _, cents in told)),
    }


def _expense(fee: Fee) -> Decimal:
    return fee.parts.pe if fee.parts else Decimal(0)


def _fee(code: str, values: Mapping[str, Any], indices: Indices, factor: Decimal, on: date) -> Fee:
    if code not in values:
        raise ValueError(f"/rvus: no relative values are given for {code}.")
    parts = Parts(**{name: _number(values[code][name], name) for name in ("work", "pe", "mp")})
    listed = is_reducible(asked_book().shelf, code, on)
    return Fee(
        code=code,
        full_cents=unit_cents(parts, indices, factor),
        parts=parts,
        indices=indices,
        conversion_factor=factor,
        work=parts.work,
        reducible=listed is not False,
        status="A",
        formula="",
        source="the vector",
    )


def _indices(given: Any) -> Indices:
    """One number for all three indices, or one for each."""
    if isinstance(given, Mapping):
        return Indices(**{name: _number(given[name], "gpci") for name in ("work", "pe", "mp")})
    return Indices(**dict.fromkeys(("work", "pe", "mp"), _number(given, "gpci")))


def _mppr_applies(given: Mapping[str, Any]) -> Answer:
    code, on = a_text(given, "code"), a_date(given, "as_of" if "as_of" in given else "dos")
    answer = is_reducible(asked_book().shelf, code, on)
    if answer is None:
        raise ValueError(f"No fee schedule is loaded for {on}, so whether {code} is reduced cannot be told.")
    return {"mppr": answer}


def _waterfall(given: Mapping[str, Any]) -> Answer:
    """Without a date the rules are those that the vectors were published under."""
    book, asked = asked_book(), Asked(payer="medicare", on=_day(given, "dos"))
    allowed = _cents(given["allowed"], "allowed")
    sharing = CostSharing(
        deductible_remaining_cents=_deductible(given),
        coinsurance_basis_points=ask(book, COINSURANCE, asked).read(int),
        copay_cents=0,
    )
    withheld = _reduction(book, SEQUESTRATION, asked)
    if given.get("sequestration") in (False, 0):
        withheld = replace(withheld, basis_points=0)
    helped = _flag(given, "assistant_modifier")
    assistant = _reduction(book, ASSISTANT_PAYMENT, asked)
    if not helped:
        assistant = replace(assistant, basis_points=BASIS_POINTS)
    shared = share_out(allowed, sharing, assistant=assistant, sequestration=withheld)
    return _parts_of(shared)


def _parts_of(shared: Shared) -> Answer:
    """In dollars; a deductible is told where one is taken."""
    told = {
        "coinsurance": shared.coinsurance_cents,
        "medicare_before_reductions": shared.payer_before_cents,
        "assistant_reduction": shared.assistant_cents,
        "sequestration": shared.sequestration_cents,
        "paid": shared.payer_cents,
    }
    if shared.deductible_cents:
        told = {"deductible": shared.deductible_cents, **told}
    return {name: _dollars(cents) for name, cents in told.items()}


def _reduction(book: RuleBook, rule: str, asked: Asked) -> Reduction:
    resolved = ask(book, rule, asked)
    return Reduction(basis_points=resolved.read(int), rule=rule, source=str(resolved.row))


def _deductible(given: Mapping[str, Any]) -> Cents:
    """What remains of it: nothing once it is met; otherwise the vector must say how much."""
    if given.get("deductible_remaining") is not None:
        return _cents(given["deductible_remaining"], "deductible_remaining")
    if _flag(given, "deductible_met"):
        return 0
    raise ValueError("/deductible_remaining: the deductible is not met, and what remains is not given.")


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"/{name}: neither true nor false.")
    return value


def _day(given: Mapping[str, Any], name: str) -> date:
    return date.fromisoformat(given[name]) if given.get(name) else PUBLISHED_ON


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000:
        raise ValueError("/units: a whole number of units is wanted.")
    return value


def _number(value: Any, name: str) -> Decimal:
    """A decimal number as text or whole number: never a binary fraction, never negative."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"/{name}: a decimal number as text is wanted.")
    try:
        number = Decimal(value)
    except InvalidOperation as wrong:
        raise ValueError(f"/{name}: {value!r} is no number.") from wrong
    if not number.is_finite() or not 0 <= number <= MOST:
        raise ValueError(f"/{name}: {value!r} is out of range.")
    return number


def _cents(value: Any, name: str) -> Cents:
    return cents_from_decimal(_number(value, name))


def _dollars(cents: Cents) -> str:
    return f"{Decimal(cents).scaleb(-2):.2f}"


RUNNERS: Runners = {
    "mppr_allowed": _mppr_allowed,
    "mppr_applies": _mppr_applies,
    "medicare_payment_waterfall": _waterfall,
}
