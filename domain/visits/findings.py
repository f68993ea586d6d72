"""Everything found about a session before its charges: kept on it, and put to the clinician where it asks."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.check_catalogue import check_entry
from billing_rules.findings import Finding, finding
from domain.allowances.payers import PayersOn
from domain.visits.coding_review import judge_coding
from domain.visits.documentation import judge
from domain.visits.models import Visit, VisitService
from domain.visits.questions import Answers, Question
from domain.visits.units import UNITS_IN_NOTE, rule_of_query


async def found_about(
    session: AsyncSession,
    visit: Visit,
    services: Sequence[VisitService],
    payers: PayersOn | None,
    answers: Answers,
) -> list[Finding]:
    """What the note lacks and what waits for somebody; what a clinician has answered only informs."""
    found = await judge(session, visit, services, payers, answers)
    found += judge_coding(visit, services, payers)
    settled = [_settled(each) if _key(each) in answers.answered else each for each in found]
    return [*settled, *_open_questions(answers)]


def agreed_units(answers: Answers) -> frozenset[str]:
    """The differences between a note's units and its minutes that the clinician has answered."""
    return frozenset(words for rule, words in answers.answered if rule == UNITS_IN_NOTE)


def questions_of(visit: Visit, found: Iterable[Finding], queries: Iterable[str]) -> list[Question]:
    """What the clinician is asked: of a signed note whatever holds it and a clinician can answer."""
    if visit.signed_at is None:
        return []
    asking = [f for f in found if f.severity == "blocks" and check_entry(f.rule).asks_clinician]
    units = [Question(rule=rule_of_query(query), words=query) for query in queries]
    return [*(Question(rule=f.rule, words=_words(f)) for f in asking), *units]


def _open_questions(answers: Answers) -> list[Finding]:
    if not answers.open_by_coder:
        return []
    return [
        finding(
            "documentation.query_open",
            "blocks",
            "/queries",
            f"questions to the clinician: {answers.open_by_coder} open",
            fix="Wait for the clinician's answer, or withdraw the question.",
            source="The coder's own question",
        )
    ]


def _settled(found: Finding) -> Finding:
    evidence = {**found.evidence, "settled": "by the clinician's answer"}
    return replace(found, severity="informs", evidence=evidence)


def _key(found: Finding) -> tuple[str, str]:
    return found.rule, _words(found)


def _words(found: Finding) -> str:
    return found.evidence.get("question") or found.message
