"""Questions to clinicians as people read them: about whom, to whom, what was replied, and what came of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patients.models import Patient
from domain.practices.models import Provider
from domain.reporting.coding_panel import AskedOfNote, asked_of_note
from domain.visits.models import Visit
from domain.visits.queries import ChargeView, charges_of
from domain.visits.query_views import QueryView, queries_of
from tenants.errors import NotFound

# Rules whose answer may attest items of the checklist; every other question is answered in words alone.
ATTESTING = frozenset({"documentation.missing", "documentation.not_received"})


class EarlierReply(Struct, frozen=True, kw_only=True):
    """What stood before a question was asked again, and who asked again for which reason."""

    status: str
    answered_at: datetime | None
    answered_by: UUID | None
    answer: str | None
    addendum: str | None
    items: dict[str, Any]
    elapsed_days: int | None
    reopened_at: datetime
    reopened_by: UUID
    reopened_for: str


class QuestionRow(Struct, frozen=True, kw_only=True):
    """A question with the names behind its ids, and its earlier replies in their order."""

    query: QueryView
    patient_name: str
    provider_name: str
    earlier: list[EarlierReply]


class QuestionStory(Struct, frozen=True, kw_only=True):
    """One question, the items that its answer may attest, and where its session stands now."""

    row: QuestionRow
    lacking: list[AskedOfNote]
    visit_status: str
    held_reason: str | None
    charges: list[ChargeView]


async def questions(
    session: AsyncSession,
    practice_id: UUID,
    *,
    now: datetime,
    providers: Collection[UUID] | None = None,
    visit_id: UUID | None = None,
    status: str | None = None,
    query_id: UUID | None = None,
) -> list[QuestionRow]:
    """The questions of a practice, oldest first, narrowed like `queries_of`; names cost two statements."""
    found = await queries_of(
        session,
        practice_id,
        now=now,
        providers=providers,
        visit_id=visit_id,
        status=status,
        query_id=query_id,
    )
    patients = await _names(session, Patient, practice_id, {query.patient_id for query in found})
    clinicians = await _names(session, Provider, practice_id, {query.provider_id for query in found})
    return [
        QuestionRow(
            query=query,
            patient_name=patients[query.patient_id],
            provider_name=clinicians[query.provider_id],
            earlier=msgspec.convert(query.earlier, list[EarlierReply]),
        )
        for query in found
    ]


async def question_story(
    session: AsyncSession, practice_id: UUID, query_id: UUID, now: datetime
) -> QuestionStory:
    """One question with what came of it; raises NotFound."""
    found = await questions(session, practice_id, now=now, query_id=query_id)
    if not found:
        raise NotFound(f"no query {query_id}")
    visit = await session.get_one(Visit, (practice_id, found[0].query.visit_id))
    return QuestionStory(
        row=found[0],
        lacking=await _lacking(session, visit, found[0].query),
        visit_status=visit.status,
        held_reason=visit.held_reason,
        charges=await charges_of(session, practice_id, [visit.id]),
    )


async def _lacking(session: AsyncSession, visit: Visit, query: QueryView) -> list[AskedOfNote]:
    """What the note lacks of its checklists, as far as this question asks for it."""
    if query.status != "open" or query.rule not in ATTESTING:
        return []
    lacking = [item for item in await asked_of_note(session, visit) if not item.answered]
    named = [item for item in lacking if item.question in query.question]
    return named if query.rule == "documentation.missing" else lacking


async def _names(
    session: AsyncSession, model: type[Patient] | type[Provider], practice_id: UUID, ids: Collection[UUID]
) -> dict[UUID, str]:
    wanted = select(model.id, model.given_name, model.family_name)
    rows = await session.execute(wanted.where(model.practice_id == practice_id, model.id.in_(list(ids))))
    return {row.id: f"{row.given_name} {row.family_name}" for row in rows}
