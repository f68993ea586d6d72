"""The place of service of a session on a claim: its location's, or the payer's own for a remote one."""

from collections.abc import Sequence

import msgspec

from billing_rules.rule_book import NoRuleInForce, RuleBook
from billing_rules.therapy.payer_rules import Asked
from billing_rules.therapy.telehealth import telehealth_place
from domain.claims.grouping import Chargeable
from domain.patients.coverages import CoverageView

IN_PERSON = "none"


def with_places(
    book: RuleBook, coverage: CoverageView, state: str, charges: Sequence[Chargeable]
) -> list[Chargeable]:
    """The charges with the place that the payer wants for how patient and clinician met.

    Where no row says how a remote session is placed, the location's own place stands, and the checks ask.
    """
    return [_placed(book, coverage, state, charge) for charge in charges]


def _placed(book: RuleBook, coverage: CoverageView, state: str, charge: Chargeable) -> Chargeable:
    if charge.telehealth == IN_PERSON:
        return charge
    asked = Asked(payer=coverage.rule_key, plan=coverage.plan, state=state, on=charge.served_on)
    met = "home" if charge.patient_at_home else "elsewhere"
    try:
        place = telehealth_place(book, asked, met)
    except NoRuleInForce:
        return charge
    return msgspec.structs.replace(charge, place_of_service=place)
