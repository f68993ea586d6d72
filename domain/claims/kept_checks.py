"""Every check of a claim as it was: the facts, the findings byte for byte, and the book it went by."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from billing_rules.rule_book import RuleBook, RuleRow
from billing_rules.therapy.claim_checks import check_names, findings_json
from billing_rules.therapy.claim_facts import ClaimFacts
from domain.claims.check_models import ClaimCheck, RuleBookCopy
from domain.claims.models import Claim
from domain.practices.shelf import shipped_rules
from tenants.audit import note_change
from tenants.errors import Conflict, NotFound
from tenants.ids import new_id


class PackNoLongerHeld(Conflict):
    """A table that a past check went by is not on the shelf any more."""

    code = "pack_no_longer_held"


class KeptCheckView(Struct, frozen=True, kw_only=True):
    """One check of the past; `packs` are the checksums of the tables it went by."""

    id: UUID
    version: int
    checked_at: datetime
    findings_sha256: str
    book_version: str
    packs: list[str]
    rules: list[str]


async def keep_check(
    session: AsyncSession,
    claim: Claim,
    facts: ClaimFacts,
    findings: Sequence[Finding],
    book: RuleBook,
    now: datetime,
) -> None:
    """Write a check down so that it can be judged again; the book's rows are copied once a version."""
    said = findings_json(findings)
    await _keep_book(session, claim.practice_id, book, now)
    row = ClaimCheck(
        practice_id=claim.practice_id,
        id=new_id(),
        claim_id=claim.id,
        version=claim.version,
        checked_at=now,
        facts=msgspec.to_builtins(facts),
        findings=said,
        findings_sha256=hashlib.sha256(said).hexdigest(),
        book_version=book.version,
        packs=sorted(manifest.sha256 for manifest in book.shelf.manifests),
        checks=list(check_names()),
    )
    session.add(row)
    await session.flush()
    note_change(session, "insert", "claim_checks", row.id)


async def kept_checks(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[KeptCheckView]:
    """The checks of a claim, the latest first; raises NotFound for an unknown claim."""
    mine = select(Claim.id).where(Claim.practice_id == practice_id, Claim.id == claim_id)
    if (await session.execute(mine)).scalar_one_or_none() is None:
        raise NotFound(f"no claim {claim_id}")
    wanted = select(ClaimCheck).where(ClaimCheck.practice_id == practice_id, ClaimCheck.claim_id == claim_id)
    ordered = wanted.order_by(ClaimCheck.checked_at.desc(), ClaimCheck.id.desc())
    return [_view(check) for check in (await session.execute(ordered)).scalars()]


async def one_check(
    session: AsyncSession, practice_id: UUID, claim_id: UUID, check_id: UUID | None
) -> ClaimCheck:
    """A check by its id, or the claim's latest; raises NotFound."""
    wanted = select(ClaimCheck).where(ClaimCheck.practice_id == practice_id, ClaimCheck.claim_id == claim_id)
    if check_id is not None:
        wanted = wanted.where(ClaimCheck.id == check_id)
    latest = wanted.order_by(ClaimCheck.checked_at.desc(), ClaimCheck.id.desc()).limit(1)
    found = (await session.execute(latest)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"no check of claim {claim_id}")
    return found


async def book_of(session: AsyncSession, check: ClaimCheck) -> RuleBook:
    """The book that a check went by: its rows as they were copied, its packs; raises PackNoLongerHeld."""
    wanted = select(RuleBookCopy.rows).where(
        RuleBookCopy.practice_id == check.practice_id, RuleBookCopy.version == check.book_version
    )
    rows = msgspec.convert((await session.execute(wanted)).scalar_one(), list[RuleRow])
    try:
        return RuleBook(rows, shelf=shipped_rules().shelf.only(check.packs))
    except LookupError as gone:
        raise PackNoLongerHeld(str(gone)) from gone


async def _keep_book(session: AsyncSession, practice_id: UUID, book: RuleBook, now: datetime) -> None:
    kept: set[str] = session.info.setdefault("books kept", set())
    if book.version in kept:
        return
    kept.add(book.version)
    known = select(RuleBookCopy.id).where(
        RuleBookCopy.practice_id == practice_id, RuleBookCopy.version == book.version
    )
    if (await session.execute(known)).scalar_one_or_none() is not None:
        return
    values: dict[str, Any] = {
        "practice_id": practice_id,
        "id": new_id(),
        "version": book.version,
        "rows": msgspec.to_builtins(book.rows),
        "kept_at": now,
    }
    copied = insert(RuleBookCopy).values(values).on_conflict_do_nothing()
    await session.execute(copied)


def _view(check: ClaimCheck) -> KeptCheckView:
    findings = msgspec.json.decode(check.findings, type=list[Finding])
    return KeptCheckView(
        id=check.id,
        version=check.version,
        checked_at=check.checked_at,
        findings_sha256=check.findings_sha256,
        book_version=check.book_version,
        packs=check.packs,
        rules=[what.rule for what in findings],
    )
