"""Writing a draft down as a claim with its lines, its number and its first version."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.facts.thresholds import TherapyAccrual
from billing_rules.therapy.payer_rules import Asked
from billing_rules.therapy.session_units import Documented, counting, session_units
from domain.claims.basis import ClaimBasis, Known, claim_basis
from domain.claims.content import ClaimContent
from domain.claims.events import append
from domain.claims.grouping import Chargeable, Draft, DraftLine
from domain.claims.models import Claim, ClaimLine, ClaimLineSource, ClaimNumber
from domain.claims.threshold_facts import mark_thresholds
from domain.claims.versions import add_version
from domain.patients.coverages import CoverageView
from domain.practices.charges import charges_for
from tenants.access import Actor
from tenants.audit import note_change, note_patients
from tenants.ids import new_id


class Made(NamedTuple):
    """A claim with its first version, ready to be checked."""

    basis: ClaimBasis
    content: ClaimContent
    accruals: tuple[TherapyAccrual, ...]


async def insert_claim(
    session: AsyncSession,
    actor: Actor,
    book: RuleBook,
    coverage: CoverageView,
    known: Known,
    draft: Draft,
    now: datetime,
) -> Made | None:
    """Insert the claim of a draft with its lines and version 1; None when its charges have one already."""
    practice_id = known.profile.practice_id
    priced = await _priced(session, practice_id, book, coverage, known.profile.state, draft)
    values = await _values(session, practice_id, coverage, draft, [p[1] for p in priced], now)
    inserted = insert(Claim).values(values).on_conflict_do_nothing().returning(Claim)
    claim = (await session.execute(inserted)).scalar_one_or_none()
    if claim is None:
        return None
    note_change(session, "insert", "claims", claim.id)
    note_patients(session, coverage.patient_id)
    await _insert_lines(session, claim, draft, priced)
    basis = await claim_basis(session, claim, book=book, known=known)
    accruals = await mark_thresholds(session, basis, now)
    content = await add_version(session, basis, now)
    await append(session, claim, actor, kind="assembled", source=draft.assembly_key, at=now)
    return Made(basis, content, accruals)


async def _priced(
    session: AsyncSession,
    practice_id: UUID,
    book: RuleBook,
    coverage: CoverageView,
    state: str,
    draft: Draft,
) -> list[tuple[int, int]]:
    """Units and cents of each line: as charged, unless the minutes of a day together earn other units.

    A code on several lines of a day, as where an assistant furnished some of it, stays as charged: its
    minutes are divided by whose they were, and the checks count them together.
    """
    priced = []
    stands = Counter((line.first.served_on, line.first.code) for line in draft.lines)
    for line in draft.lines:
        charged = sum(c.units for c in line.charges)
        alone = stands[line.first.served_on, line.first.code] == 1
        joined = len(line.charges) > 1 and alone
        units = _together(book, coverage, state, line) if joined else charged
        cents = sum(c.charge_cents for c in line.charges)
        if units != charged:
            cents = units * await _charge(session, practice_id, line.first)
        priced.append((units, cents))
    return priced


async def _charge(session: AsyncSession, practice_id: UUID, one: Chargeable) -> int:
    """The price of one more unit of the same."""
    rates = await charges_for(
        session,
        practice_id,
        [one.code],
        one.served_on,
        modifiers=one.modifiers,
        location_id=one.location_id,
    )
    return rates[one.code]


def _together(book: RuleBook, coverage: CoverageView, state: str, line: DraftLine) -> int:
    first = line.first
    asked = Asked(payer=coverage.rule_key, plan=coverage.plan, state=state, on=first.served_on)
    documented = [Documented(code=c.code, discipline=c.discipline, minutes=c.minutes) for c in line.charges]
    earned = session_units(documented, counting(book, asked))
    units = sum(u.units for u in earned.units if u.code == first.code)
    return units or sum(c.units for c in line.charges)


async def _values(
    session: AsyncSession,
    practice_id: UUID,
    coverage: CoverageView,
    draft: Draft,
    charges: Sequence[int],
    now: datetime,
) -> dict[str, Any]:
    served = [line.first.served_on for line in draft.lines]
    return {
        "practice_id": practice_id,
        "id": new_id(),
        "case_id": draft.first.case_id,
        "patient_id": coverage.patient_id,
        "coverage_id": coverage.id,
        "payer_id": coverage.payer_id,
        "rendering_provider_id": draft.first.rendering_provider_id,
        "location_id": draft.first.location_id,
        "assembly_key": draft.assembly_key,
        "control_number": await _next_number(session, practice_id),
        "frequency": "1",
        "status": "held",
        "discipline": draft.first.discipline,
        "first_on": min(served),
        "last_on": max(served),
        "billed_cents": sum(charges),
        "version": 1,
        "created_at": now,
    }


async def _next_number(session: AsyncSession, practice_id: UUID) -> str:
    """The next claim number (CLM01, at most 20 characters): unique here, and with its prefix at a payer.

    Practices share submitters and payers. The prefix is the random end of the practice's id, forty bits.
    """
    fresh = insert(ClaimNumber).values(practice_id=practice_id, id=practice_id, last=1)
    counted = fresh.on_conflict_do_update(
        index_elements=["practice_id"], set_={"last": ClaimNumber.last + 1}
    ).returning(ClaimNumber.last)
    number = (await session.execute(counted)).scalar_one()
    return f"{practice_id.hex[-10:].upper()}{number:08d}"


async def _insert_lines(
    session: AsyncSession, claim: Claim, draft: Draft, priced: Sequence[tuple[int, int]]
) -> None:
    lines = [
        _line(claim, number, line, units, cents)
        for number, (line, (units, cents)) in enumerate(zip(draft.lines, priced, strict=True), 1)
    ]
    sources = [
        _source(claim, row["id"], charge)
        for row, line in zip(lines, draft.lines, strict=True)
        for charge in line.charges
    ]
    for table, rows in ((ClaimLine, lines), (ClaimLineSource, sources)):
        await session.execute(plain_insert(table), rows)
        for row in rows:
            note_change(session, "insert", table.__tablename__, row["id"])


def _line(claim: Claim, number: int, line: DraftLine, units: int, charge_cents: int) -> dict[str, Any]:
    return {
        "practice_id": claim.practice_id,
        "id": new_id(),
        "claim_id": claim.id,
        "number": number,
        "line_control": f"{claim.control_number}L{number:02d}",
        "code": line.first.code,
        "modifiers": list(line.first.modifiers),
        "units": units,
        "charge_cents": charge_cents,
        "date_of_service": line.first.served_on,
        "place_of_service": line.first.place_of_service,
        "authorization_id": line.first.authorization_id,
    }


def _source(claim: Claim, claim_line_id: UUID, charge: Chargeable) -> dict[str, Any]:
    return {
        "practice_id": claim.practice_id,
        "id": new_id(),
        "claim_line_id": claim_line_id,
        "charge_line_id": charge.charge_line_id,
        "visit_id": charge.visit_id,
    }
