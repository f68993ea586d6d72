"""Telehealth: which place of service it is billed with, and who may give it on a date of service."""

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import (
    DISTANT_SITE_DISCIPLINES,
    TELEHEALTH_PLACES,
    Asked,
    DistantSite,
    TelehealthPlaces,
    ask,
)

HOMES = frozenset({"home", "private residence", "temporary lodging"})


def telehealth_place(book: RuleBook, asked: Asked, patient_location: str) -> str:
    """The place of service of a telehealth visit by where the patient was; raises NoRuleInForce.

    A private place that is no facility counts as the patient's home.
    """
    places = ask(book, TELEHEALTH_PLACES, asked).read(TelehealthPlaces)
    return places.home if patient_location.strip().lower() in HOMES else places.elsewhere


def may_give_telehealth(book: RuleBook, asked: Asked, discipline: str) -> bool:
    """Whether the payer takes a discipline's telehealth on the date of service; raises NoRuleInForce."""
    return discipline in ask(book, DISTANT_SITE_DISCIPLINES, asked).read(DistantSite).disciplines
