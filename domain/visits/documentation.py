"""Is the note enough to bill: its checklist, its totals, its codes on the day, and whether it was copied.

What happened is recorded whatever the note lacks; what it lacks holds the charges and asks the clinician.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved
from billing_rules.therapy.documentation.checklists import (
    Checklist,
    ChecklistItem,
    Checklists,
    NoteFacts,
    lay_over,
)
from billing_rules.therapy.documentation.near_copy import similarity_percent, sketch_of, words_in
from billing_rules.therapy.documentation.policies import (
    DOCUMENTATION_CHECKLIST,
    DOCUMENTATION_POLICY,
    Consequence,
    DocumentationPolicy,
)
from billing_rules.therapy.payer_rules import ask
from domain.allowances.payers import PayersOn
from domain.visits.codes_on_day import stale_codes
from domain.visits.evidence import total_queries
from domain.visits.models import Visit, VisitService
from domain.visits.notes import NewDocumentation
from domain.visits.questions import Answers

SEVERITY: dict[str, Any] = {"holds": "blocks", "warns": "warns"}
ASK_FOR_ADDENDUM = "Ask the clinician for an addendum or an answer; the note itself is not changed here."


class Previous(Struct, frozen=True, kw_only=True):
    """The note before this one, of the same patient and discipline."""

    visit_id: UUID
    sketch: bytes


def attested(given: NewDocumentation | None, practice_id: UUID) -> dict[str, Any]:
    """What is kept of an arriving attestation, by column; of the note's text only hashes."""
    if given is None:
        return {"documentation": None, "note_sketch": None}
    told = msgspec.to_builtins(given)
    text = told.pop("note_text")
    return {"documentation": told, "note_sketch": sketch_of(text, practice_id.bytes) if text else None}


async def judge(
    session: AsyncSession,
    visit: Visit,
    services: Sequence[VisitService],
    payers: PayersOn | None,
    answers: Answers,
) -> list[Finding]:
    """What there is to say about a signed note; nothing is said of one that is still being written."""
    if payers is None:
        return []
    found = list(await stale_codes(session, visit, services, payers))
    found += _totals(visit, services)
    if visit.signed_at is not None:
        found += _by_checklist(visit, services, payers, answers)
        found += await _copied(session, visit, payers)
    return found


def note_facts(visit: Visit, services: Sequence[VisitService], answers: Answers) -> NoteFacts:
    """The note as the checklists see it; what clinicians supplied in answers counts as attested."""
    told = visit.documentation or {}
    return NoteFacts(
        discipline=visit.discipline,
        codes=tuple(service.code for service in services),
        items={**told.get("items", {}), **answers.items},
        session_type=told.get("session_type"),
        purpose=told.get("purpose"),
        minutes=all(service.minutes is not None for service in services),
        times=all(service.starts_at is not None for service in services),
        diagnosis=bool(told.get("diagnoses")),
        plan_of_care=visit.plan_of_care_id is not None,
        signature=visit.signed_at is not None,
    )


def _by_checklist(
    visit: Visit, services: Sequence[VisitService], payers: PayersOn, answers: Answers
) -> Iterator[Finding]:
    resolved = ask(payers.book, DOCUMENTATION_CHECKLIST, payers.asked)
    rows = [msgspec.convert(row.value, Checklists) for row in resolved.considered]
    note = note_facts(visit, services, answers)
    asked = [checklist for checklist in lay_over(rows, visit.date_of_service) if checklist.applies(note)]
    if visit.documentation is None and not note.items:
        yield from _not_received(payers, asked)
        return
    for checklist in asked:
        lacking = list(checklist.lacking(note))
        for severity in ("holds", "warns"):
            items = [item for item in lacking if item.severity == severity]
            if items:
                yield _lacks(checklist, items, severity, resolved)


def _lacks(checklist: Checklist, items: Sequence[ChecklistItem], severity: str, by: Resolved) -> Finding:
    named = ", ".join(item.id for item in items)
    return finding(
        "documentation.missing",
        SEVERITY[severity],
        "/documentation",
        f"documentation: {named}",
        fix=ASK_FOR_ADDENDUM,
        source="; ".join(sorted({item.source for item in items})),
        by=by,
        checklist=checklist.name,
        missing=named,
        question=" ".join(item.question for item in items),
    )


def _not_received(payers: PayersOn, asked: Sequence[Checklist]) -> Iterator[Finding]:
    resolved = ask(payers.book, DOCUMENTATION_POLICY, payers.asked)
    policy = resolved.read(DocumentationPolicy)
    if not asked or policy.not_received == "ignored":
        return
    yield finding(
        "documentation.not_received",
        SEVERITY[policy.not_received],
        "/documentation",
        "documentation: no attestation came with the note",
        fix="Let the source send what the signer attests, or ask the clinician.",
        source=resolved.row.source,
        by=resolved,
        checklist=", ".join(checklist.name for checklist in asked),
    )


def _totals(visit: Visit, services: Sequence[VisitService]) -> Iterator[Finding]:
    for sentence in total_queries(visit, services):
        yield finding(
            "documentation.totals",
            "blocks",
            "/total_minutes",
            sentence,
            fix="Ask the clinician which is right; neither is changed here.",
            source="CMS Pub 100-02 ch. 15 §220.3.E",
        )


async def _copied(session: AsyncSession, visit: Visit, payers: PayersOn) -> list[Finding]:
    resolved = ask(payers.book, DOCUMENTATION_POLICY, payers.asked)
    policy = resolved.read(DocumentationPolicy)
    consequence: Consequence = policy.near_copy
    if visit.note_sketch is None or consequence == "ignored":
        return []
    before = await _previous(session, visit)
    if before is None:
        return []
    shorter = min(words_in(visit.note_sketch), words_in(before.sketch))
    if shorter < policy.near_copy_least_words:
        return []
    percent = similarity_percent(visit.note_sketch, before.sketch)
    if percent < policy.near_copy_percent:
        return []
    return [_copy_finding(percent, before, policy, resolved)]


def _copy_finding(percent: int, before: Previous, policy: DocumentationPolicy, by: Resolved) -> Finding:
    return finding(
        "documentation.near_copy",
        SEVERITY[policy.near_copy],
        "/documentation/note_text",
        f"documentation: {percent} % of the note stands in the one before",
        fix="Ask the clinician what was different in this session.",
        source=by.row.source,
        by=by,
        similarity_percent=percent,
        threshold_percent=policy.near_copy_percent,
        previous_visit=before.visit_id,
    )


async def _previous(session: AsyncSession, visit: Visit) -> Previous | None:
    wanted = (
        select(Visit.id, Visit.note_sketch)
        .where(
            Visit.practice_id == visit.practice_id,
            Visit.patient_id == visit.patient_id,
            Visit.discipline == visit.discipline,
            Visit.starts_at < visit.starts_at,
            Visit.status != "void",
            Visit.note_sketch.is_not(None),
        )
        .order_by(Visit.starts_at.desc(), Visit.id.desc())
        .limit(1)
    )
    row = (await session.execute(wanted)).one_or_none()
    return Previous(visit_id=row.id, sketch=row.note_sketch) if row and row.note_sketch else None
