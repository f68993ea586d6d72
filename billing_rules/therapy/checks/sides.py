"""Do modifiers, diagnoses and the note name the same side of the body, where one must be named?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.modifiers.shapes import SIDES_OF_CODES, SidesOfCodes
from billing_rules.therapy.rulings import ruled_lines
from billing_rules.therapy.sides import Side, agree, side_in_words, side_of_diagnosis, side_of_modifiers


def check_sides(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A line whose diagnoses are all of one side is not of the other; a code that must name its side does."""
    for lines, by in ruled_lines(facts, book, SIDES_OF_CODES):
        rule = by.read(SidesOfCodes)
        for at, line in lines:
            named = side_of_modifiers(line.modifiers)
            if line.code in rule.codes and named is None:
                yield _missing(at, line, rule, by)
            noted = side_in_words(line.evidence.body_site) if line.evidence else None
            said = named or noted
            if not agree(named, noted):
                yield _differs(at, "modifiers", "the modifier", named, "the note", noted)
            elif said is not None and not agree(said, pointed := _pointed(facts, book, line)):
                what = "the modifier" if named else "the note"
                yield _differs(at, "pointers", what, said, "its diagnoses", pointed)


def _pointed(facts: ClaimFacts, book: RuleBook, line: LineFacts) -> Side | None:
    """The one side of all diagnoses that the line points to; none where one of them names none."""
    if line.served_on is None:
        return None
    pointed = [facts.diagnoses[p - 1] for p in line.pointers if 1 <= p <= len(facts.diagnoses)]
    sides = {side_of_diagnosis(book.shelf, code, line.served_on) for code in pointed}
    return next(iter(sides)) if len(sides) == 1 else None


def _missing(at: int, line: LineFacts, rule: SidesOfCodes, by: Resolved) -> Finding:
    both = "50" if rule.both_sides == "50" else "RT and LT on two lines"
    return finding(
        "laterality.missing",
        "blocks",
        f"/lines/{at}/modifiers",
        f"{line.code} is of one side, and the line does not say which.",
        fix=f"RT or LT as the note says, {both} for both sides.",
        source=by.row.source,
        by=by,
        code=line.code,
    )


def _differs(at: int, field: str, one: str, first: Side | None, other: str, second: Side | None) -> Finding:
    return finding(
        "laterality.diagnosis",
        "blocks",
        f"/lines/{at}/{field}",
        f"The line is of the {first} by {one} and of the {second} by {other}.",
        fix="Ask the clinician which side was treated.",
        source="ICD-10-CM guidelines I.B.13: laterality",
        first=first,
        second=second,
    )
