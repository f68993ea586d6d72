"""The second factor of a payment link: a birth date and a ZIP code, few tries, then a short session."""

import hmac
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patient_billing.links import LinkDead, find_link, live_link, scope_of, visitor
from domain.patient_billing.models import LinkSession, PaymentLink, StatementLine
from domain.patients.models import Party, Patient
from tenants.access import PatientActor
from tenants.database import Database, Found
from tenants.errors import Throttled, Unauthenticated
from tenants.identity import Request
from tenants.ids import new_id, new_token
from tenants.models import DirectoryEntry

KIND = "link_session"
SESSION_LIFE = timedelta(minutes=30)
MOST_TRIES = 5
WINDOW = timedelta(minutes=15)
TRIES_PER_ADDRESS = 20
TRIES_PER_PRACTICE = 150
TRIES_EVERYWHERE = 1_500


class AnswerWrong(Unauthenticated):
    """The birth date and the ZIP code do not both match; which of them is not said."""

    code = "answer_wrong"


class Answer(Struct, frozen=True, kw_only=True):
    """What the visitor typed."""

    birth_on: date
    zip_code: str


class Passed(Struct, frozen=True, kw_only=True):
    """A fresh session; `token` is for the cookie and kept nowhere else."""

    token: str
    expires_at: datetime


class Visit(Struct, frozen=True, kw_only=True):
    """A visitor who passed: the party as an actor, the token of its forms, and whether the link is open."""

    patient: PatientActor
    csrf_token: str
    link_is_open: bool


async def pass_second_factor(database: Database, token: str, answer: Answer, request: Request) -> Passed:
    """Check the answer and open a session of 30 minutes.

    Raises Throttled, LinkDead (also for the right answer on a link that five wrong ones locked) and
    AnswerWrong. A wrong answer is counted and committed before it is refused.
    """
    await _count(database, "pay_address", request.address, TRIES_PER_ADDRESS)
    found = await find_link(database, token)
    await _count_reach(database, found)
    async with database.practice_transaction(visitor(found, request), scope_of(found)) as session:
        now = database.clock.now()
        link = await live_link(session, found, now, lock=True)
        right = await _matches(session, link, answer)
        passed = _open(session, database, found, now) if right else None
        if passed is None:
            _note_wrong(link, now)
        locked = link.closed_at is not None
    if locked:
        raise LinkDead("this link does not open anything")
    if passed is None:
        raise AnswerWrong("the answer does not match")
    return passed


async def _count_reach(database: Database, found: Found) -> None:
    """The practice's cap, then everybody's: a spray over one practice must not close the others."""
    await _count(database, "pay_practice", str(found.practice_id), TRIES_PER_PRACTICE)
    await _count(database, "pay_everywhere", "all", TRIES_EVERYWHERE)


async def _count(database: Database, kind: str, key: str, most: int) -> None:
    """Count before the answer is judged, so that parallel guesses cannot slip past (SEC-06)."""
    if await database.count_try(kind, key, window=WINDOW) > most:
        seconds = int(WINDOW.total_seconds())
        raise Throttled("too many tries; wait a while", retry_after_seconds=seconds)


async def _matches(session: AsyncSession, link: PaymentLink, answer: Answer) -> bool:
    """Both must match: a birth date alone is no key. An organization answers with a patient's birth date."""
    party = await session.get_one(Party, (link.practice_id, link.party_id))
    births = [party.birth_on] if party.birth_on else await _patients_births(session, link)
    right_birth = any(_same(born.isoformat(), answer.birth_on.isoformat()) for born in births)
    right_zip = _same(party.zip_code[:5], answer.zip_code[:5])
    return right_birth and right_zip


async def _patients_births(session: AsyncSession, link: PaymentLink) -> list[date]:
    named = (
        select(Patient.birth_on)
        .join(
            StatementLine,
            (StatementLine.practice_id == Patient.practice_id) & (StatementLine.patient_id == Patient.id),
        )
        .where(Patient.practice_id == link.practice_id, StatementLine.statement_id == link.statement_id)
    )
    return list((await session.execute(named.distinct())).scalars())


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


def _note_wrong(link: PaymentLink, now: datetime) -> None:
    link.tries += 1
    if link.tries >= MOST_TRIES:
        link.closed_at, link.closed_because = now, "locked"


def _open(session: AsyncSession, database: Database, found: Found, now: datetime) -> Passed:
    passed = Passed(token=new_token("vp"), expires_at=now + SESSION_LIFE)
    opened = LinkSession(
        practice_id=scope_of(found),
        id=new_id(),
        link_id=found.subject_id,
        created_at=now,
        expires_at=passed.expires_at,
        csrf_token=secrets.token_urlsafe(32),
    )
    session.add(opened)
    session.add(
        DirectoryEntry(
            kind=KIND,
            key_sha256=database.key(KIND, passed.token),
            organization_id=found.organization_id,
            practice_id=opened.practice_id,
            subject_id=opened.id,
        )
    )
    return passed


async def recognise_visitor(
    database: Database, link_token: str, session_token: str, request: Request
) -> Visit:
    """The party behind a link's address and this browser's session.

    Raises LinkDead for a link that is over and Unauthenticated for an open one without a session. A link that
    was paid still shows its receipt to a session of its own; every other end ends the session too.
    """
    found = await find_link(database, link_token)
    opened = await database.directory_lookup(KIND, session_token) if session_token else None
    async with database.practice_transaction(visitor(found, request), scope_of(found)) as session:
        now = database.clock.now()
        link = await session.get_one(PaymentLink, (found.practice_id, found.subject_id))
        row = await _session_of(session, link, opened, now)
    link_is_open = link.closed_at is None and link.expires_at > now
    if not link_is_open and (row is None or link.closed_because != "paid"):
        raise LinkDead("this link does not open anything")
    if row is None:
        raise Unauthenticated("the second factor comes first")
    patient = _patient(found, link.party_id, request)
    return Visit(patient=patient, csrf_token=row.csrf_token, link_is_open=link_is_open)


async def _session_of(
    session: AsyncSession, link: PaymentLink, opened: Found | None, now: datetime
) -> LinkSession | None:
    """The session of this link that the browser's token stands for, while it lasts."""
    if opened is None or opened.practice_id != link.practice_id:
        return None
    row = await session.get(LinkSession, (link.practice_id, opened.subject_id))
    return row if row is not None and row.link_id == link.id and row.expires_at > now else None


def _patient(found: Found, party_id: UUID, request: Request) -> PatientActor:
    return PatientActor(
        organization_id=found.organization_id,
        practice_id=scope_of(found),
        party_id=party_id,
        link_id=found.subject_id,
        request_id=request.request_id,
        address=request.address,
    )
