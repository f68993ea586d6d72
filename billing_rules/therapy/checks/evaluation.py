"""Does the record support the level of an office visit?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.evaluation_levels import EvaluationLevel, level_of, levels_source, supported_level

WITH_PSYCHOTHERAPY = ("90833", "90836", "90838")
ASK_THE_CLINICIAN = "Ask the clinician which level the note supports; never change it silently."


def check_evaluation_level(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """The level against the recorded total time or decision making; without either it is not checkable.

    Beside a psychotherapy add-on only decision making counts: the minutes belong to the psychotherapy.
    """
    for at, line in enumerate(facts.lines):
        billed = level_of(line.code, line.served_on) if line.served_on else None
        if billed is None:
            continue
        noted = line.minutes if line.noted_minutes is None else line.noted_minutes
        minutes = None if _with_psychotherapy(facts, line) else noted
        if minutes is None and line.decision_making is None:
            yield _not_checkable(at, line)
        elif not billed.is_supported_by(minutes, line.decision_making):
            assert line.served_on is not None
            reached = supported_level(billed.family, line.served_on, minutes, line.decision_making)
            yield _unsupported(at, line, billed, reached, minutes)


def _with_psychotherapy(facts: ClaimFacts, line: LineFacts) -> bool:
    return any(
        other.code in WITH_PSYCHOTHERAPY and other.served_on == line.served_on for other in facts.lines
    )


def _not_checkable(at: int, line: LineFacts) -> Finding:
    return finding(
        "evaluation.not_checkable",
        "informs",
        f"/lines/{at}/code",
        f"The level of {line.code} is not checkable: neither time nor decision making is recorded.",
        fix="Record the total time of the day or the decision making with the note.",
        source=levels_source(),
        code=line.code,
    )


def _unsupported(
    at: int, line: LineFacts, billed: EvaluationLevel, reached: EvaluationLevel | None, minutes: int | None
) -> Finding:
    return finding(
        "evaluation.level",
        "blocks",
        f"/lines/{at}/code",
        f"The record supports {reached.code if reached else 'no level'}, not {line.code}.",
        fix=ASK_THE_CLINICIAN,
        source=levels_source(),
        code=line.code,
        supported=reached.code if reached else "none",
        minutes="not recorded" if minutes is None else minutes,
        decision_making=line.decision_making or "not recorded",
        least_minutes=billed.least_minutes,
    )
