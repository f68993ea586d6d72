"""Payment links: a secret in an address that opens one party's account, and only with a second factor.

Used, expired, locked, revoked and unknown links answer alike: LinkDead.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.patient_billing.application import lock_party
from domain.patient_billing.models import PaymentLink, Statement
from domain.practices.models import PracticeProfile
from domain.views import lock_row, read_view, read_views
from tenants.access import Actor, system_actor
from tenants.audit import note_change
from tenants.database import Database, Found
from tenants.errors import Invalid, NotFound
from tenants.identity import Request
from tenants.ids import new_id, new_token
from tenants.models import DirectoryEntry

KIND = "payment_link"
LONGEST_DAYS = 30


class LinkDead(NotFound):
    """No link, or one that is paid, replaced, revoked, locked or expired: nobody can tell which."""

    code = "link_dead"


class NewLink(Struct, frozen=True, kw_only=True):
    """A fresh link; `token` is shown this once."""

    id: UUID
    party_id: UUID
    statement_id: UUID
    token: str
    expires_at: datetime


class LinkView(Struct, frozen=True, kw_only=True):
    """A link as staff see it; the token is nowhere."""

    id: UUID
    party_id: UUID
    statement_id: UUID
    created_at: datetime
    expires_at: datetime
    tries: int
    closed_at: datetime | None
    closed_because: str | None


class Front(Struct, frozen=True, kw_only=True):
    """All that a link may show before the second factor (SEC-04)."""

    billing_name: str


class _Stated(Struct, frozen=True, kw_only=True):
    party_id: UUID


async def create_link(
    session: AsyncSession,
    database: Database,
    actor: Actor,
    practice_id: UUID,
    statement_id: UUID,
    *,
    now: datetime,
    days: int = LONGEST_DAYS,
) -> NewLink:
    """Make a link to a statement; the party's earlier links die. Raises NotFound or Invalid."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"a link lives 1 to {LONGEST_DAYS} days", pointer="/days")
    statement = await read_view(session, _Stated, Statement, practice_id, statement_id)
    await lock_party(session, practice_id, statement.party_id)
    await close_links(session, practice_id, statement.party_id, "replaced", now)
    made = _new(statement.party_id, statement_id, now + timedelta(days=days))
    session.add_all([_row(practice_id, made, now), _entry(database, actor, practice_id, made)])
    await session.flush()
    return made


def _new(party_id: UUID, statement_id: UUID, expires_at: datetime) -> NewLink:
    return NewLink(
        id=new_id(),
        party_id=party_id,
        statement_id=statement_id,
        token=new_token("pay"),
        expires_at=expires_at,
    )


def _entry(database: Database, actor: Actor, practice_id: UUID, made: NewLink) -> DirectoryEntry:
    return DirectoryEntry(
        kind=KIND,
        key_sha256=database.key(KIND, made.token),
        organization_id=actor.organization_id,
        practice_id=practice_id,
        subject_id=made.id,
    )


def _row(practice_id: UUID, made: NewLink, now: datetime) -> PaymentLink:
    values = {name: value for name, value in msgspec.structs.asdict(made).items() if name != "token"}
    return PaymentLink(practice_id=practice_id, created_at=now, tries=0, **values)


async def revoke_link(session: AsyncSession, practice_id: UUID, link_id: UUID, now: datetime) -> LinkView:
    """Close a link for good; one that is closed stays as it is. Raises NotFound."""
    link = await lock_row(session, PaymentLink, practice_id, link_id)
    if link.closed_at is None:
        link.closed_at, link.closed_because = now, "revoked"
        await session.flush()
    return await read_view(session, LinkView, PaymentLink, practice_id, link_id)


async def close_links(
    session: AsyncSession, practice_id: UUID, party_id: UUID, because: str, now: datetime
) -> None:
    """Close the party's open links; needs the party's lock."""
    closing = (
        update(PaymentLink)
        .where(PaymentLink.practice_id == practice_id, PaymentLink.party_id == party_id)
        .where(PaymentLink.closed_at.is_(None))
        .values(closed_at=now, closed_because=because)
        .returning(PaymentLink.id)
    )
    for link_id in (await session.execute(closing)).scalars():
        note_change(session, "update", "payment_links", link_id)


async def links_of(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[LinkView]:
    """A party's links, the latest first."""
    mine = (PaymentLink.practice_id == practice_id, PaymentLink.party_id == party_id)
    return await read_views(session, LinkView, PaymentLink, *mine, order=[PaymentLink.id.desc()])


async def open_link(database: Database, token: str, request: Request) -> Front:
    """What may be shown to whoever holds the address; changes nothing. Raises LinkDead."""
    found = await find_link(database, token)
    async with database.practice_transaction(visitor(found, request), scope_of(found)) as session:
        await live_link(session, found, database.clock.now())
        name = select(PracticeProfile.billing_name).where(PracticeProfile.practice_id == found.practice_id)
        return Front(billing_name=(await session.execute(name)).scalar_one_or_none() or "")


async def find_link(database: Database, token: str) -> Found:
    """The scope behind a link's token; raises LinkDead for a token that nobody made."""
    found = await database.directory_lookup(KIND, token)
    if found is None or found.practice_id is None:
        raise LinkDead("this link does not open anything")
    return found


async def live_link(session: AsyncSession, found: Found, now: datetime, *, lock: bool = False) -> PaymentLink:
    """The link while it is open; raises LinkDead."""
    mine = select(PaymentLink).where(
        PaymentLink.practice_id == found.practice_id, PaymentLink.id == found.subject_id
    )
    link = (await session.execute(mine.with_for_update() if lock else mine)).scalar_one_or_none()
    if link is None or link.closed_at is not None or link.expires_at <= now:
        raise LinkDead("this link does not open anything")
    return link


def scope_of(found: Found) -> UUID:
    """The practice of a link."""
    assert found.practice_id is not None
    return found.practice_id


def visitor(found: Found, request: Request) -> Actor:
    """Whoever opened an address, before the second factor: the product itself acts, without a grant."""
    actor = system_actor(found.organization_id, request.action, practice_ids=frozenset({scope_of(found)}))
    return msgspec.structs.replace(actor, request_id=request.request_id, address=request.address)
