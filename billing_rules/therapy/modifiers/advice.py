"""What a modifier rule says: the modifier, why, by which row, on what evidence, and whether it is certain."""

from msgspec import Struct

from billing_rules.rule_book import Resolved


class ModifierAdvice(Struct, frozen=True, kw_only=True):
    """One modifier for one line, counted from 0.

    What is certain follows from the record alone and may be applied. What is not needs a person who looks at
    the evidence: it is a suggestion and stays one until somebody accepts it.
    """

    line: int
    modifier: str
    why: str
    rule: str
    row: str
    source: str
    evidence: dict[str, str]
    certain: bool


def advise(
    modifier: str, why: str, by: Resolved, *, line: int = 0, certain: bool = True, **evidence: object
) -> ModifierAdvice:
    """The advice of a payer's row; evidence is shown as text and names no patient."""
    return ModifierAdvice(
        line=line,
        modifier=modifier,
        why=why,
        rule=by.row.rule,
        row=str(by.row),
        source=by.row.source,
        evidence={name: str(value) for name, value in evidence.items()},
        certain=certain,
    )
