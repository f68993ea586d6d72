"""In which order a payer reads modifiers: those that change payment first, four at most."""

from collections.abc import Iterable

from msgspec import Struct

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.shapes import MODIFIER_ORDER, ModifierOrder
from billing_rules.therapy.payer_rules import Asked, ask

MOST = 4


class Ordered(Struct, frozen=True, kw_only=True):
    """What stands on the line, in order, and what found no room there."""

    kept: tuple[str, ...]
    left_off: tuple[str, ...]


def in_order(modifiers: Iterable[str], order: ModifierOrder) -> Ordered:
    """Each modifier once, in the payer's order, at most four."""
    once = list(dict.fromkeys(modifiers))
    if len(once) < 2:
        return Ordered(kept=tuple(once), left_off=())
    place = {modifier: at for at, modifier in enumerate(order.first)}
    ranked = sorted(once, key=lambda modifier: place.get(modifier, len(place)))
    return Ordered(kept=tuple(ranked[:MOST]), left_off=tuple(ranked[MOST:]))


def modifier_order(book: RuleBook, asked: Asked) -> ModifierOrder:
    """The payer's order on a date of service; raises NoRuleInForce."""
    return ask(book, MODIFIER_ORDER, asked).read(ModifierOrder)
