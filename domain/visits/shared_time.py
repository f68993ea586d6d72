"""Sessions that share minutes with one another, as the record has them, and what that means."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding, Severity, finding
from billing_rules.therapy.concurrency import ConcurrentSessions
from billing_rules.therapy.overlaps import Overlap, SessionFacts, overlaps
from billing_rules.therapy.payer_rules import (
    CONCURRENT_SESSIONS,
    COTREATMENT_TIME,
    CotreatmentTime,
    ask,
)
from domain.allowances.payers import PayersOn, payers_on
from domain.visits.evidence import timed_minutes
from domain.visits.models import Visit, VisitService
from tenants.audit import note_patients

MOST_SESSIONS = 5_000


class OverlapView(Struct, frozen=True, kw_only=True):
    """Two sessions that share minutes of a patient or a clinician; the codes are those that decided."""

    shared: str
    first_visit_id: UUID
    second_visit_id: UUID
    patient_ids: list[UUID]
    starts_at: datetime
    ends_at: datetime
    minutes: int
    verdict: str
    codes: list[str]
    subtract_from: str | None
    condition: str
    rule: str
    source: str


async def overlaps_of(
    session: AsyncSession, visit: Visit, services: Sequence[VisitService], payers: PayersOn
) -> list[Overlap]:
    """The overlaps of one visit with any other, by its own payer's rules."""
    sessions = await sessions_beside(session, visit, services)
    mine = str(visit.id)
    return [found for found in judged(sessions, payers) if mine in (found.first.visit, found.second.visit)]


def judged(sessions: Sequence[SessionFacts], payers: PayersOn) -> list[Overlap]:
    """Overlaps by a payer's matrix and its rule of shared time; raises NoRuleInForce."""
    allowed = ask(payers.book, CONCURRENT_SESSIONS, payers.asked).read(ConcurrentSessions)
    resolved = ask(payers.book, COTREATMENT_TIME, payers.asked)
    time: CotreatmentTime = resolved.read(CotreatmentTime)  # type: ignore[arg-type]
    return overlaps(sessions, allowed, shared_time_once=time == "once")


def overlap_findings(found: Sequence[Overlap], visit: Visit, payers: PayersOn | None) -> list[Finding]:
    """What must not stand as it is; by a rule assumed for everybody it only warns."""
    told: list[Finding] = []
    if payers is None:
        return told
    for overlap in found:
        if overlap.verdict in ("barred", "billed_twice"):
            rule = COTREATMENT_TIME if overlap.verdict == "billed_twice" else CONCURRENT_SESSIONS
            resolved = ask(payers.book, rule, payers.asked)
            severity: Severity = "warns" if resolved.is_assumption else "blocks"
            other = overlap.second if overlap.first.visit == str(visit.id) else overlap.first
            told.append(
                finding(
                    f"overlap.{overlap.shared}" if overlap.verdict == "barred" else "overlap.cotreatment",
                    severity,
                    "/starts_at",
                    _words(overlap),
                    fix="Correct the times, or bill the shared minutes in one of the sessions only.",
                    source=resolved.row.source,
                    by=resolved,
                    minutes=overlap.minutes,
                    other_visit=other.visit,
                    codes=" and ".join(overlap.codes),
                )
            )
    return told


async def sessions_beside(
    session: AsyncSession, visit: Visit, services: Sequence[VisitService]
) -> list[SessionFacts]:
    """The visit and every other that shares minutes with it and its patient or one of its clinicians."""
    here = (Visit.practice_id == visit.practice_id, Visit.status != "void")
    within = (Visit.starts_at < visit.ends_at, Visit.ends_at > visit.starts_at)
    busy = {visit.provider_id, *(one.assistant_id for one in services if one.assistant_id)}
    assisted = select(VisitService.visit_id).where(
        VisitService.practice_id == visit.practice_id, VisitService.assistant_id.in_(busy)
    )
    same = or_(Visit.patient_id == visit.patient_id, Visit.provider_id.in_(busy), Visit.id.in_(assisted))
    return await _sessions(session, [*here, *within, same])


async def overlaps_between(
    session: AsyncSession, practice_id: UUID, first: date, last: date
) -> list[OverlapView]:
    """Every two sessions of the dates that share minutes, each pair by the later session's payer."""
    within = (Visit.date_of_service.between(first, last), Visit.status != "void")
    sessions = await _sessions(session, [Visit.practice_id == practice_id, *within])
    nearby: dict[str, list[SessionFacts]] = {}
    for found in overlaps(sessions, ConcurrentSessions(group_codes=(), pairs=())):
        for one in (found.first, found.second):
            nearby.setdefault(found.second.visit, [])
            if one not in nearby[found.second.visit]:
                nearby[found.second.visit].append(one)
    told = []
    for visit_id, beside in nearby.items():
        visit = await session.get(Visit, (practice_id, UUID(visit_id)))
        assert visit is not None
        payers = await payers_of(session, visit)
        told += [overlap_view(one, payers) for one in judged(beside, payers) if one.second.visit == visit_id]
    note_patients(session, *(patient for view in told for patient in view.patient_ids))
    return told


async def payers_of(session: AsyncSession, visit: Visit) -> PayersOn:
    """Who pays for a visit; for one without a case nobody is known, and the rules for everybody answer."""
    case_id = visit.case_id or UUID(int=0)
    return await payers_on(session, visit.practice_id, case_id, visit.discipline, visit.date_of_service)


async def _sessions(session: AsyncSession, where: Sequence[ColumnElement[bool]]) -> list[SessionFacts]:
    services = (VisitService.practice_id == Visit.practice_id) & (VisitService.visit_id == Visit.id)
    wanted = select(Visit, VisitService).join(VisitService, services).where(*where)
    grouped: dict[UUID, tuple[Visit, list[VisitService]]] = {}
    ordered = wanted.order_by(Visit.starts_at, Visit.id, VisitService.ordinal).limit(MOST_SESSIONS)
    for visit, service in await session.execute(ordered):
        grouped.setdefault(visit.id, (visit, []))[1].append(service)
    return [facts for visit, listed in grouped.values() for facts in session_facts(visit, listed)]


def session_facts(visit: Visit, services: Sequence[VisitService]) -> list[SessionFacts]:
    """A session as stretches of work: each service with its own times, and the rest over the whole of it."""
    timed = [s for s in services if s.starts_at is not None and s.ends_at is not None]
    rest = [s for s in services if s not in timed]
    told = [_stretch(visit, [s], s.starts_at or visit.starts_at, s.ends_at or visit.ends_at) for s in timed]
    return [*told, *([_stretch(visit, rest, visit.starts_at, visit.ends_at)] if rest else [])]


def _stretch(
    visit: Visit, services: Sequence[VisitService], starts_at: datetime, ends_at: datetime
) -> SessionFacts:
    assistants = {str(s.assistant_id) for s in services if s.assistant_id is not None}
    return SessionFacts(
        visit=str(visit.id),
        patient=str(visit.patient_id),
        clinicians=tuple(sorted({str(visit.provider_id), *assistants})),
        discipline=visit.discipline,
        codes=tuple(dict.fromkeys(s.code for s in services)),
        starts_at=starts_at,
        ends_at=ends_at,
        timed_minutes=timed_minutes(services),
    )


def _words(overlap: Overlap) -> str:
    codes = " and ".join(overlap.codes)
    if overlap.verdict == "billed_twice":
        return f"{overlap.minutes} shared minutes of co-treatment are billed by both disciplines ({codes})"
    return f"{overlap.minutes} minutes are in another session of the {overlap.shared} too ({codes})"


def overlap_view(overlap: Overlap, payers: PayersOn) -> OverlapView:
    """An overlap with the rule row that judged it."""
    cotreated = overlap.verdict in ("split", "billed_twice")
    resolved = ask(payers.book, COTREATMENT_TIME if cotreated else CONCURRENT_SESSIONS, payers.asked)
    return OverlapView(
        shared=overlap.shared,
        first_visit_id=UUID(overlap.first.visit),
        second_visit_id=UUID(overlap.second.visit),
        patient_ids=sorted({UUID(overlap.first.patient), UUID(overlap.second.patient)}),
        starts_at=max(overlap.first.starts_at, overlap.second.starts_at),
        ends_at=min(overlap.first.ends_at, overlap.second.ends_at),
        minutes=overlap.minutes,
        verdict=overlap.verdict,
        codes=list(overlap.codes),
        subtract_from=overlap.subtract_from,
        condition=overlap.condition,
        rule=str(resolved.row),
        source=resolved.row.source,
    )
