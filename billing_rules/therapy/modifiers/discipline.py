"""GP, GO and GN: the modifier follows the plan of care, whatever the code."""

from billing_rules.packs import Shelf
from billing_rules.packs.pack import Pack
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
    pack = shelf.pack("always_therapy", on=asked.on)
    return pack is not None and any(row.always for row in _rows(pack, code))


def only_modifier(shelf: Shelf, code: str, asked: Asked) -> str | None:
    """The one discipline's modifier that a code may carry, such as GP for a physical therapy evaluation."""
    pack = shelf.pack("always_therapy", on=asked.on)
    rows = _rows(pack, code) if pack else ()
    return next((row.modifier for row in rows if row.modifier), None) if rows else None


def _rows(pack: Pack, code: str) -> tuple[AlwaysTherapy, ...]:
    """All rows of a code: they have no days of their own."""
    return pack.history(code)
