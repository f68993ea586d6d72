"""59 and X{EPSU}: only on column 2 of an active pair, only where the record shows that it was distinct."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec import Struct

from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.bundling.day import Placed, days
from billing_rules.therapy.bundling.distinct import Distinctness, distinctness
from billing_rules.therapy.bundling.pairs import DISTINCT, PairAnswer, pair_between
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.shapes import (
    DISTINCT_SERVICE_MODIFIERS,
    NCCI_EDIT_SET,
    DistinctModifiers,
    EditSet,
)
from billing_rules.therapy.payer_rules import ask

NO_EDITS = "none"


class PairOfDay(Struct, frozen=True, kw_only=True):
    """An active pair on a day: its two services by column, the edit, and what the record shows of them."""

    on: date
    column1: Placed
    column2: Placed
    edit: PairAnswer
    shown: Distinctness
    by: Resolved

    @property
    def marked(self) -> str | None:
        """The modifier on either service that says distinct, column 2 first."""
        return next((m for m in (*self.column2.modifiers, *self.column1.modifiers) if m in DISTINCT), None)


def edit_set(facts: ClaimFacts, book: RuleBook, on: date) -> tuple[Resolved, EditSet]:
    """Whose edits the payer follows on a date of service; raises NoRuleInForce."""
    by = ask(book, NCCI_EDIT_SET, facts.asked(on))
    followed: EditSet = by.read(EditSet)  # type: ignore[arg-type]
    return by, followed


def active_pairs(facts: ClaimFacts, book: RuleBook) -> tuple[PairOfDay, ...]:
    """Every active pair among the claim's services and the patient's others of the day, found once."""
    known: dict[Any, Any] = facts.__dict__
    kept: tuple[RuleBook, tuple[PairOfDay, ...]] | None = known.get("pairs")
    if kept is None or kept[0] is not book:
        kept = known["pairs"] = (book, tuple(_active_pairs(facts, book)))
    return kept[1]


def _active_pairs(facts: ClaimFacts, book: RuleBook) -> Iterator[PairOfDay]:
    for day in days(facts):
        by, followed = edit_set(facts, book, day.on)
        for first, second in day.pairs if followed != NO_EDITS else ():
            edit = pair_between(book.shelf, followed, first.code, second.code, day.on)
            if edit.standing == "active":
                one, two = (first, second) if first.code == edit.column1 else (second, first)
                shown = distinctness(one, two)
                yield PairOfDay(on=day.on, column1=one, column2=two, edit=edit, shown=shown, by=by)


def distinct_service_advice(facts: ClaimFacts, book: RuleBook) -> list[ModifierAdvice]:
    """Suggestions for pairs that nothing marks yet: never certain, a person looks at the evidence first."""
    found: dict[int, ModifierAdvice] = {}
    for pair in active_pairs(facts, book):
        at = pair.column2.at
        if pair.edit.indicator == "1" and at is not None and not pair.marked and pair.shown.kind:
            found.setdefault(at, _advice(facts, book, pair, at))
    return [found[at] for at in sorted(found)]


def preferred(facts: ClaimFacts, book: RuleBook, pair: PairOfDay) -> str:
    """59, or the X that the record shows, as the payer prefers; raises NoRuleInForce."""
    rule = ask(book, DISTINCT_SERVICE_MODIFIERS, facts.asked(pair.on)).read(DistinctModifiers)
    return pair.shown.kind if rule.prefers == "X" and pair.shown.kind else "59"


def _advice(facts: ClaimFacts, book: RuleBook, pair: PairOfDay, at: int) -> ModifierAdvice:
    by = ask(book, DISTINCT_SERVICE_MODIFIERS, facts.asked(pair.on))
    return advise(
        preferred(facts, book, pair),
        f"{pair.column2.code} is paid beside {pair.column1.code} only when distinct, as the record shows.",
        by,
        line=at,
        certain=False,
        column1=pair.column1.code,
        column2=pair.column2.code,
        kind=pair.shown.kind,
        edits=pair.edit.pack,
        **pair.shown.evidence,
    )
