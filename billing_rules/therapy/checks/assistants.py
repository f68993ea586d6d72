"""CQ and CO: units that an assistant furnished in whole or part say so, where the payer asks for it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts, ServiceEvidence
from billing_rules.therapy.modifiers.assistants import UnitsTooFew, split_units
from billing_rules.therapy.modifiers.shapes import ASSISTANT_MODIFIERS, AssistantRule
from billing_rules.therapy.payer_rules import ask


def check_assistants(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The units of each code and day with and without the modifier, from the assistant's own minutes."""
    for (on, code, discipline), places in _together(facts).items():
        by = ask(book, ASSISTANT_MODIFIERS, facts.asked(on))
        rule = by.read(AssistantRule)
        modifier = rule.modifiers.get(discipline)
        if modifier is not None:
            yield from _of_code(facts, code, places, rule, modifier, by)


def _together(facts: ClaimFacts) -> dict[tuple[date, str, str], list[int]]:
    """Lines of one code, day and discipline whose evidence is known, by their places."""
    same: dict[tuple[date, str, str], list[int]] = defaultdict(list)
    for at, line in enumerate(facts.lines):
        if line.served_on and line.code and line.discipline and line.evidence:
            same[line.served_on, line.code, line.discipline].append(at)
    return same


def _of_code(
    facts: ClaimFacts, code: str, places: Sequence[int], rule: AssistantRule, modifier: str, by: Resolved
) -> Iterator[Finding]:
    lines = [facts.lines[at] for at in places]
    marked = sum(line.units for line in lines if modifier in line.modifiers)
    helped = _helped(lines)
    total = _minutes(lines, helped)
    if total is None or (helped == 0 and marked == 0):
        return
    try:
        right = split_units(code, total - helped, helped, sum(line.units for line in lines), rule)
    except UnitsTooFew:
        return  # the check of units says what is wrong with them
    if right.assisted != marked:
        at = next((at for at in places if modifier in facts.lines[at].modifiers), places[0])
        yield finding(
            "modifier.assistant",
            "blocks",
            f"/lines/{at}/modifiers",
            f"{code} has {marked} units with {modifier}; the minutes make {right.assisted}.",
            fix=f"Bill {right.plain} units without and {right.assisted} with {modifier}, on two lines.",
            source=by.row.source,
            by=by,
            code=code,
            modifier=modifier,
            explanation=right.explanation,
        )


def _helped(lines: Sequence[LineFacts]) -> int:
    """Minutes the assistant worked alone; lines split from one service share its evidence and count once."""
    shown: list[ServiceEvidence] = []
    for line in lines:
        if line.evidence is not None and line.evidence not in shown:
            shown.append(line.evidence)
    return sum(one.assistant_minutes for one in shown)


def _minutes(lines: Sequence[LineFacts], helped: int) -> int | None:
    """All minutes of the code; an untimed line without minutes is the assistant's own or not judged."""
    known = [line.minutes for line in lines if line.minutes is not None]
    if not known:
        return None
    return max(sum(known), helped)
