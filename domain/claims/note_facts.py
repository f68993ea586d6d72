"""How settled the notes behind each claim line are, and what a claim's checks ask clinicians."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.check_catalogue import check_entry
from billing_rules.findings import Finding
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.documentation import NoteStanding
from domain.claims.basis import ClaimBasis
from domain.visits.models import Visit
from domain.visits.questions import Question, keep_in_step

LEAST_FIRST = ("proposed", "accepted", "reviewed")
NEAR_COPY = "documentation.near_copy"
OWN = frozenset({"documentation.query_open", NEAR_COPY})
"""What sessions ask themselves: a claim does not ask it again."""


def with_notes(basis: ClaimBasis, facts: ClaimFacts) -> ClaimFacts:
    """The facts with how settled the notes behind their lines are."""
    open_ones = _open_queries(basis)
    lines = []
    for number, line in enumerate(facts.lines, 1):
        visits = basis.visits.get(number)
        standing = _standing(visits, open_ones) if visits else None
        lines.append(msgspec.structs.replace(line, note=standing))
    return msgspec.structs.replace(facts, lines=tuple(lines))


async def ask_clinicians(
    session: AsyncSession, basis: ClaimBasis, findings: Iterable[Finding], now: datetime
) -> None:
    """Put what a check cannot read from the record to the clinician of the line's session (CD-10).

    A question of an earlier check that this one no longer raises is settled.
    """
    asking = [f for f in findings if f.severity == "blocks" and _asks(f)]
    asked: dict[UUID, list[Question]] = {visit.id: [] for visit in basis.sessions}
    for found in asking:
        for visit in _visits_of(found, basis):
            asked[visit.id].append(Question(rule=found.rule, words=found.message))
    for visit in basis.sessions:
        await keep_in_step(
            session,
            visit,
            asked[visit.id],
            time_zone=basis.profile.time_zone,
            now=now,
            claim_id=basis.claim.id,
            told=[query for query in basis.queries if query.visit_id == visit.id],
        )


def _asks(found: Finding) -> bool:
    return found.rule not in OWN and check_entry(found.rule).asks_clinician


def _visits_of(found: Finding, basis: ClaimBasis) -> list[Visit]:
    """The sessions of the line that a finding is about, or the claim's first session when about no line."""
    steps = found.subject.strip("/").split("/")
    if len(steps) > 1 and steps[0] == "lines" and steps[1].isdigit():
        return basis.visits.get(int(steps[1]) + 1, [])
    return basis.sessions[:1]


def _open_queries(basis: ClaimBasis) -> dict[UUID, int]:
    """Open questions by session; those of the claim's own checks are found by these checks anyway."""
    waiting = [q for q in basis.queries if q.status == "open" and q.claim_id is None]
    return Counter(query.visit_id for query in waiting)


def _standing(visits: Sequence[Visit], open_ones: dict[UUID, int]) -> NoteStanding:
    states = [visit.coding["state"] for visit in visits if "state" in visit.coding]
    copied = [percent for visit in visits for percent in _likeness(visit.findings)]
    told = {
        "open_queries": sum(open_ones.get(visit.id, 0) for visit in visits),
        "coding": min(states, key=LEAST_FIRST.index) if states else None,
        "near_copy_percent": max(copied, default=None),
    }
    return msgspec.convert(told, NoteStanding)


def _likeness(findings: Iterable[Any]) -> list[int]:
    return [int(f["evidence"]["similarity_percent"]) for f in findings if f["rule"] == NEAR_COPY]
