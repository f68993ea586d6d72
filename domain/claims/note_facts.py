"""How settled the notes behind each claim line are, and what a claim's checks ask clinicians."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.check_catalogue import check_entry
from billing_rules.findings import Finding
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.documentation import NoteStanding
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.practices.settings import practice_profile
from domain.visits.models import Visit
from domain.visits.query_models import ClinicianQuery
from domain.visits.questions import Question, keep_in_step

LEAST_FIRST = ("proposed", "accepted", "reviewed")
NEAR_COPY = "documentation.near_copy"
OWN = frozenset({"documentation.query_open", NEAR_COPY})
"""What sessions ask themselves: a claim does not ask it again."""


async def with_notes(session: AsyncSession, claim: Claim, facts: ClaimFacts) -> ClaimFacts:
    """The facts with how settled the notes behind their lines are."""
    behind = await _behind(session, claim)
    open_ones = await _open_queries(session, claim, {visit.id for _, visit in behind})
    lines = []
    for number, line in enumerate(facts.lines, 1):
        visits = [visit for at, visit in behind if at == number]
        standing = _standing(visits, open_ones) if visits else None
        lines.append(msgspec.structs.replace(line, note=standing))
    return msgspec.structs.replace(facts, lines=tuple(lines))


async def ask_clinicians(
    session: AsyncSession, claim: Claim, findings: Iterable[Finding], now: datetime
) -> None:
    """Put what a check cannot read from the record to the clinician of the line's session (CD-10).

    A question of an earlier check that this one no longer raises is settled.
    """
    behind = await _behind(session, claim)
    asking = [f for f in findings if f.severity == "blocks" and _asks(f)]
    asked: dict[UUID, list[Question]] = {visit.id: [] for _, visit in behind}
    for found in asking:
        for visit in _visits_of(found, behind):
            asked[visit.id].append(Question(rule=found.rule, words=found.message))
    zone = (await practice_profile(session, claim.practice_id)).time_zone
    for visit in {visit.id: visit for _, visit in behind}.values():
        questions = asked[visit.id]
        await keep_in_step(session, visit, questions, time_zone=zone, now=now, claim_id=claim.id)


def _asks(found: Finding) -> bool:
    return found.rule not in OWN and check_entry(found.rule).asks_clinician


def _visits_of(found: Finding, behind: Sequence[tuple[int, Visit]]) -> list[Visit]:
    """The sessions of the line that a finding is about, or the claim's first session when about no line."""
    steps = found.subject.strip("/").split("/")
    if len(steps) > 1 and steps[0] == "lines" and steps[1].isdigit():
        return [visit for number, visit in behind if number == int(steps[1]) + 1]
    return [visit for _, visit in behind[:1]]


async def _behind(session: AsyncSession, claim: Claim) -> list[tuple[int, Visit]]:
    source, line = ClaimLineSource, ClaimLine
    wanted = (
        select(line.number, Visit)
        .join(source, (source.practice_id == line.practice_id) & (source.claim_line_id == line.id))
        .join(Visit, (Visit.practice_id == source.practice_id) & (Visit.id == source.visit_id))
        .where(line.practice_id == claim.practice_id, line.claim_id == claim.id)
        .order_by(line.number, Visit.starts_at, Visit.id)
    )
    return [(number, visit) for number, visit in await session.execute(wanted)]


async def _open_queries(session: AsyncSession, claim: Claim, visit_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Open questions by session; those of the claim's own checks are found by these checks anyway."""
    counted = (
        select(ClinicianQuery.visit_id, func.count())
        .where(
            ClinicianQuery.practice_id == claim.practice_id,
            ClinicianQuery.visit_id.in_(list(visit_ids)),
            ClinicianQuery.status == "open",
            ClinicianQuery.claim_id.is_(None),
        )
        .group_by(ClinicianQuery.visit_id)
    )
    return {row[0]: row[1] for row in await session.execute(counted)}


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
