"""96 and 97: habilitative or rehabilitative, where a plan keeps two benefits apart."""

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.shapes import BENEFIT_MODIFIERS, ModifierBy
from billing_rules.therapy.payer_rules import Asked, ask


def benefit_advice(book: RuleBook, asked: Asked, benefit: str | None) -> list[ModifierAdvice]:
    """The modifier of the benefit that the plan of treatment draws on; raises NoRuleInForce."""
    by = ask(book, BENEFIT_MODIFIERS, asked)
    wanted = by.read(ModifierBy).get(benefit or "")
    if wanted is None:
        return []
    return [advise(wanted, f"The service draws on the {benefit} benefit.", by, benefit=benefit)]
