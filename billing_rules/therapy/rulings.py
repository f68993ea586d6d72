"""What the book says of a claim's lines, asked once for neighbours on whose days no row changes."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from billing_rules.rule_book import Answers, Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.payer_rules import Asked, answers_to, ask

Placed: TypeAlias = Sequence[tuple[int, LineFacts]]
"""Lines with their places on the claim, counted from 0."""


class _Run(NamedTuple):
    """Lines that stand together and get the same answers, and how the first of them asks."""

    asked: Asked
    answers: Answers
    lines: list[tuple[int, LineFacts]]


def ruled_lines(facts: ClaimFacts, book: RuleBook, rule: str) -> Iterator[tuple[Placed, Resolved]]:
    """The lines in their order, in runs of one answer; raises NoRuleInForce at the first without any."""
    for run in _runs(facts, book):
        yield run.lines, run.answers.get(rule) or ask(book, rule, run.asked)


def ruled_staffed_lines(facts: ClaimFacts, book: RuleBook, rule: str) -> Iterator[tuple[Placed, Resolved]]:
    """As `ruled_lines`, of the lines whose staffing is known: for others nothing is asked."""
    for run in _runs(facts, book):
        staffed = [placed for placed in run.lines if placed[1].staffing]
        if staffed:
            yield staffed, run.answers.get(rule) or ask(book, rule, facts.asked(staffed[0][1].served_on))


def _runs(facts: ClaimFacts, book: RuleBook) -> list[_Run]:
    known: dict[Any, Any] = facts.__dict__
    kept: tuple[RuleBook, list[_Run]] | None = known.get("runs")
    if kept is None or kept[0] is not book:
        kept = known["runs"] = (book, _part(facts, book))
    return kept[1]


def _part(facts: ClaimFacts, book: RuleBook) -> list[_Run]:
    runs: list[_Run] = []
    for placed in enumerate(facts.lines):
        asked = facts.asked(placed[1].served_on)
        answers = answers_to(book, asked)
        if not runs or runs[-1].answers is not answers:
            runs.append(_Run(asked, answers, []))
        runs[-1].lines.append(placed)
    return runs
