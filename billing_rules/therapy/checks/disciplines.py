"""Is each code one that the discipline of its plan may bill to this payer?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.bundling.disciplines import may_bill
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.modifiers.shapes import DISCIPLINE_CODES, DisciplineCodes
from billing_rules.therapy.rulings import ruled_lines


def check_disciplines(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The code table's disciplines, as the payer widens or narrows them."""
    for lines, by in ruled_lines(facts, book, DISCIPLINE_CODES):
        rule = by.read(DisciplineCodes)
        for at, line in lines:
            if line.discipline and line.code and not may_bill(line.discipline, line.code, rule):
                refused = line.code in rule.never.get(line.discipline, ())
                yield finding(
                    "procedure.discipline",
                    "blocks" if refused else "warns",
                    f"/lines/{at}/code",
                    f"{line.code} is not a code of {line.discipline}.",
                    fix="Bill the discipline's own code, or record that this payer takes it.",
                    source=by.row.source,
                    by=by,
                    code=line.code,
                    discipline=line.discipline,
                )
