"""Modifiers of remote sessions: 95, 93, FQ, GT or none, by payer and date."""

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.shapes import TELEHEALTH_MODIFIERS, TelehealthModifiers
from billing_rules.therapy.payer_rules import Asked, ask

IN_PERSON = "none"
AUDIO_ONLY = "audio_only"


def telehealth_advice(book: RuleBook, asked: Asked, how: str) -> list[ModifierAdvice]:
    """The modifier of a remote session where the payer wants one; raises NoRuleInForce."""
    if how == IN_PERSON:
        return []
    by = ask(book, TELEHEALTH_MODIFIERS, asked)
    wanted = by.read(TelehealthModifiers).wanted(how)
    if wanted is None:
        return []
    met = "by telephone only" if how == AUDIO_ONLY else "by video"
    return [advise(wanted, f"Patient and clinician met {met}.", by, telehealth=how)]
