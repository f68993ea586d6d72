"""Signing in and out: a new random token each time, throttled, with one answer for every wrong guess."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants import audit
from tenants.access import Actor, system_actor
from tenants.database import Database
from tenants.errors import Throttled, Unauthenticated
from tenants.identity import SIGN_IN, Request
from tenants.ids import new_id, new_token
from tenants.models import DirectoryEntry, Member, SignIn
from tenants.passwords import Passwords

LONGEST = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
TRIES_PER_MEMBER = 10
TRIES_PER_ADDRESS = 100


class WrongCredentials(Unauthenticated):
    """The one answer to an unknown company, an unknown address and a wrong password alike."""

    code = "wrong_credentials"


class SignedIn(Struct, frozen=True, kw_only=True):
    """A fresh sign-in; `token` is for the cookie and is not kept anywhere else."""

    token: str
    csrf_token: str
    expires_at: datetime
    organization_id: UUID
    member_id: UUID
    name: str


class _Candidate(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    password_hash: str | None


async def sign_in(
    database: Database, passwords: Passwords, *, slug: str, email: str, password: str, request: Request
) -> SignedIn:
    """Check the password and open a sign-in of at most 12 hours; raises WrongCredentials or Throttled.

    The password is checked outside of every transaction, so that a slow hash holds no connection.
    """
    email = email.strip().lower()
    await _count(database, slug, email, request.address)
    company = await database.directory_lookup("slug", slug)
    member = await _candidate(database, company.organization_id, email, request) if company else None
    right = await passwords.matches(member.password_hash if member else None, password)
    if company is None or member is None or not right:
        raise WrongCredentials("the address or the password is wrong")
    renewed = await _renewed(passwords, member, password)
    actor = _signing_in(company.organization_id, request)
    async with database.organization_transaction(actor) as session:
        if renewed is not None:
            await _renew(session, company.organization_id, member.id, renewed)
        return _open(session, database, company.organization_id, member, request.address)


async def sign_out(session: AsyncSession, organization_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    """Revoke one sign-in; every process refuses its token from the next request on."""
    mine = (SignIn.organization_id == organization_id, SignIn.id == sign_in_id)
    await session.execute(update(SignIn).where(*mine).values(revoked_at=now))
    audit.note_change(session, "update", "sign_ins", sign_in_id)


async def revoke_member(session: AsyncSession, organization_id: UUID, member_id: UUID, now: datetime) -> None:
    """End every open sign-in of a member, at once."""
    open_ones = (
        SignIn.organization_id == organization_id,
        SignIn.member_id == member_id,
        SignIn.revoked_at.is_(None),
    )
    ended = await session.execute(
        update(SignIn).where(*open_ones).values(revoked_at=now).returning(SignIn.id)
    )
    for sign_in_id in ended.scalars():
        audit.note_change(session, "update", "sign_ins", sign_in_id)


async def _count(database: Database, slug: str, email: str, address: str) -> None:
    """Count before the verifier is asked, so that parallel guesses cannot slip past."""
    for kind, key, most in (
        ("sign_in_address", address, TRIES_PER_ADDRESS),
        ("sign_in_member", f"{slug}\n{email}", TRIES_PER_MEMBER),
    ):
        if await database.count_try(kind, key, window=WINDOW) > most:
            seconds = int(WINDOW.total_seconds())
            raise Throttled("too many tries; wait a while", retry_after_seconds=seconds)


async def _candidate(
    database: Database, organization_id: UUID, email: str, request: Request
) -> _Candidate | None:
    wanted = select(Member.id, Member.name, Member.password_hash).where(
        Member.organization_id == organization_id, Member.email == email, Member.status == "active"
    )
    async with database.organization_transaction(_signing_in(organization_id, request)) as session:
        row = (await session.execute(wanted)).one_or_none()
    return _Candidate(id=row[0], name=row[1], password_hash=row[2]) if row else None


async def _renewed(passwords: Passwords, member: _Candidate, password: str) -> str | None:
    if member.password_hash and passwords.is_outdated(member.password_hash):
        return await passwords.hash(password)
    return None


async def _renew(session: AsyncSession, organization_id: UUID, member_id: UUID, password_hash: str) -> None:
    mine = (Member.organization_id == organization_id, Member.id == member_id)
    await session.execute(update(Member).where(*mine).values(password_hash=password_hash))
    audit.note_change(session, "update", "members", member_id)


def _open(
    session: AsyncSession, database: Database, organization_id: UUID, member: _Candidate, address: str
) -> SignedIn:
    now, token, csrf_token = database.clock.now(), new_token("vs"), secrets.token_urlsafe(32)
    opened = SignIn(
        organization_id=organization_id,
        id=new_id(),
        member_id=member.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + LONGEST,
        address=address,
        csrf_token=csrf_token,
    )
    session.add(opened)
    session.add(
        DirectoryEntry(
            kind=SIGN_IN,
            key_sha256=database.key(SIGN_IN, token),
            organization_id=organization_id,
            subject_id=opened.id,
        )
    )
    return SignedIn(
        token=token,
        csrf_token=csrf_token,
        expires_at=opened.expires_at,
        organization_id=organization_id,
        member_id=member.id,
        name=member.name,
    )


def _signing_in(organization_id: UUID, request: Request) -> Actor:
    return msgspec.structs.replace(
        system_actor(organization_id, request.action), request_id=request.request_id, address=request.address
    )
