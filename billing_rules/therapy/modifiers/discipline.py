"""GP, GO and GN: the modifier follows the plan of care, whatever the code."""

from billing_rules.packs import Shelf
from billing_rules.packs.rows import AlwaysTherapy
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.shapes import ModifierBy
from billing_rules.therapy.payer_rules import DISCIPLINE_MODIFIERS, Asked, ask


def discipline_advice(book: RuleBook, asked: Asked, discipline: str) -> list[ModifierAdvice]:
    """The modifier of the plan's discipline where the payer wants one; raises NoRuleInForce."""
    by, wanted_by = wanted_modifiers(book, asked)
    wanted = wanted_by.get(discipline)
    if wanted is None:
        return []
    return [advise(wanted, f"Furnished under a {discipline} plan of care.", by, discipline=discipline)]


def wanted_modifiers(book: RuleBook, asked: Asked) -> tuple[Resolved, dict[str, str]]:
    """The payer's row and its modifiers by discipline; raises NoRuleInForce."""
    by = ask(book, DISCIPLINE_MODIFIERS, asked)
    return by, by.read(ModifierBy)


def is_always_therapy(shelf: Shelf, code: str, asked: Asked) -> bool:
    """Whether Medicare counts the code as therapy whoever furnishes it, with a plan or without."""
    rows: tuple[AlwaysTherapy, ...] = shelf.find("always_therapy", code, on=asked.on)
    return any(row.always for row in rows)


def only_modifier(shelf: Shelf, code: str, asked: Asked) -> str | None:
    """The one discipline's modifier that a code may carry, such as GP for a physical therapy evaluation."""
    rows: tuple[AlwaysTherapy, ...] = shelf.find("always_therapy", code, on=asked.on)
    return next((row.modifier for row in rows if row.modifier), None)
