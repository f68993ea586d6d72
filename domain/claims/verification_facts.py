"""Which verified visit stands behind each session of a claim: the one that agrees with it most (BC-21)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.evv import SessionVerification, VerifiedVisit
from domain.claims.basis import ClaimBasis
from domain.claims.models import Claim
from domain.patients.coverages import CoverageView
from domain.visits.models import Visit
from domain.visits.verification_models import VisitVerification

LEAST_ALIKE = 4  # of six elements: fewer is somebody else's visit, unless the record names ours


class _Session(NamedTuple):
    number: int
    code: str
    visit: Visit
    starts_at: datetime
    ends_at: datetime


async def verifications_of(
    session: AsyncSession,
    basis: ClaimBasis,
    codes: Mapping[int, str],
    states: Mapping[UUID, str | None],
) -> dict[int, tuple[SessionVerification, ...]]:
    """Each line's sessions with the records found for them; every record stands behind one session."""
    records = await _records(session, basis.claim, basis.coverage, basis.sessions)
    sessions = _sessions(basis, codes)
    chosen = _choose(sessions, records, basis.coverage)
    told: dict[int, list[SessionVerification]] = {}
    for at, one in enumerate(sessions):
        told.setdefault(one.number, []).append(_told(one, chosen.get(at), states[one.visit.id]))
    return {number: tuple(some) for number, some in told.items()}


def _choose(
    sessions: Sequence[_Session], records: Sequence[VisitVerification], coverage: CoverageView
) -> dict[int, VisitVerification]:
    """Of each session (counted from 0) its record: those that agree most choose first."""
    pairs = [(_alike(one, r, coverage), at, r) for at, one in enumerate(sessions) for r in records]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2].id))
    chosen: dict[int, VisitVerification] = {}
    taken: set[UUID] = set()
    for alike, at, record in pairs:
        if alike >= LEAST_ALIKE and at not in chosen and record.id not in taken:
            chosen[at] = record
            taken.add(record.id)
    return chosen


async def _records(
    session: AsyncSession, claim: Claim, coverage: CoverageView, visits: Iterable[Visit]
) -> Sequence[VisitVerification]:
    """The records of the claim's days and the days beside them that concern these people or visits."""
    row, some = VisitVerification, list(visits)
    day = timedelta(days=1)
    near = (
        row.member_number == coverage.member_number,
        row.provider_id.in_({visit.provider_id for visit in some}),
        row.visit_source_id.in_({visit.source_id for visit in some}),
    )
    mine = (row.practice_id == claim.practice_id, row.superseded_at.is_(None))
    wanted = select(row).where(*mine, row.served_on.between(claim.first_on - day, claim.last_on + day))
    found = (await session.execute(wanted.where(or_(*near)).order_by(row.id))).scalars()
    ours = {visit.source_id for visit in some}
    return [record for record in found if record.visit_source_id is None or record.visit_source_id in ours]


def _sessions(basis: ClaimBasis, codes: Mapping[int, str]) -> list[_Session]:
    timed = [s for s in basis.services if s.starts_at is not None]
    times = {(s.visit_id, s.code): (s.starts_at, s.ends_at) for s in timed}
    found = []
    for number, some in sorted(basis.visits.items()):
        for visit in some:
            starts_at, ends_at = times.get((visit.id, codes[number]), (None, None))
            first, last = starts_at or visit.starts_at, ends_at or visit.ends_at
            found.append(_Session(number, codes[number], visit, first, last))
    return found


def _alike(one: _Session, record: VisitVerification, coverage: CoverageView) -> int:
    """How many of the elements agree; a record that names the visit and the code is its record anyway."""
    if record.visit_source_id == one.visit.source_id and record.code == one.code:
        return 7
    named = 4 if record.visit_source_id == one.visit.source_id else 0
    near = abs(record.starts_at - one.starts_at) <= timedelta(hours=1)
    agree = (
        record.code == one.code,
        record.member_number == coverage.member_number,
        record.provider_id == one.visit.provider_id,
        record.served_on == one.visit.date_of_service,
        near,
        abs(record.ends_at - one.ends_at) <= timedelta(hours=1),
    )
    return max(named, sum(agree))


def _told(one: _Session, record: VisitVerification | None, state: str | None) -> SessionVerification:
    return SessionVerification(
        clinician=str(one.visit.provider_id),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        state=state,
        record=VerifiedVisit(
            code=record.code,
            member_number=record.member_number,
            clinician=str(record.provider_id),
            served_on=record.served_on,
            place_of_service=record.place_of_service,
            state=record.state,
            starts_at=record.starts_at,
            ends_at=record.ends_at,
        )
        if record
        else None,
    )
