"""From charges to claims, by the payer's policy; the same charges always give the same claims."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ClaimAssembly, claim_assembly
from domain.allowances.drawing import authorizations_of_lines
from domain.allowances.payers import coverages_for
from domain.claims.chargeables import open_charges
from domain.claims.checking import check_claim
from domain.claims.drafting import insert_claim
from domain.claims.grouping import Chargeable, Draft, drafts
from domain.claims.models import ClaimLine, ClaimLineSource
from domain.claims.places import with_places
from domain.claims.rendering import with_rendering
from domain.claims.use import due_on
from domain.patients.coverages import CoverageView
from domain.practices.models import PracticeProfile
from domain.practices.rules import rule_book_for
from domain.visits.models import ChargeLine
from domain.work.items import open_item
from tenants.access import Actor
from tenants.audit import note_change


class _Party(msgspec.Struct, frozen=True):
    """The primary coverage that a group of charges goes to, and how its payer wants claims."""

    coverage: CoverageView
    policy: ClaimAssembly


async def assemble_claims(
    session: AsyncSession, actor: Actor, practice_id: UUID, visit_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Make and check the claims of these visits; returns the ids of all claims that carry their charges.

    Repeating the call gives the same claims. Charges without a coverage in force stay open, as work.
    """
    charges = await open_charges(session, practice_id, visit_ids)
    if charges:
        book = await rule_book_for(session, practice_id)
        state = await _state(session, practice_id)
        for party, found in await _by_coverage(session, practice_id, book, state, charges, now):
            placed = with_places(book, party.coverage, state, found)
            mine = await with_rendering(session, practice_id, book, party.coverage, state, placed)
            for draft in drafts(await _with_authorizations(session, practice_id, party, mine), party.policy):
                await _make(session, actor, practice_id, book, party.coverage, state, draft, now)
    return await claims_of_visits(session, practice_id, visit_ids)


async def claims_of_visits(session: AsyncSession, practice_id: UUID, visit_ids: Sequence[UUID]) -> list[UUID]:
    """The claims that carry charges of these visits, in order of their making."""
    wanted = (
        select(ClaimLine.claim_id)
        .join(
            ClaimLineSource,
            (ClaimLineSource.practice_id == ClaimLine.practice_id)
            & (ClaimLineSource.claim_line_id == ClaimLine.id),
        )
        .where(ClaimLine.practice_id == practice_id, ClaimLineSource.visit_id.in_(visit_ids))
        .distinct()
        .order_by(ClaimLine.claim_id)
    )
    return list((await session.execute(wanted)).scalars())


async def _by_coverage(
    session: AsyncSession,
    practice_id: UUID,
    book: RuleBook,
    state: str,
    charges: Sequence[Chargeable],
    now: datetime,
) -> list[tuple[_Party, list[Chargeable]]]:
    """Each charge goes to the first payer of its own case on its own date: two cases, two primaries."""
    found: dict[tuple[UUID, str, str], CoverageView | None] = {}
    groups: dict[tuple[UUID, ClaimAssembly], list[Chargeable]] = defaultdict(list)
    coverages: dict[UUID, CoverageView] = {}
    for charge in charges:
        key = (charge.case_id, charge.discipline, charge.served_on.isoformat())
        if key not in found:
            day = (charge.case_id, charge.discipline, charge.served_on)
            in_force = await coverages_for(session, practice_id, *day)
            found[key] = in_force[0] if in_force else None
        coverage = found[key]
        if coverage is None:
            await _no_coverage(session, practice_id, charge, now)
            continue
        asked = Asked(payer=coverage.rule_key, plan=coverage.plan, state=state, on=charge.served_on)
        coverages[coverage.id] = coverage
        groups[coverage.id, claim_assembly(book, asked)].append(charge)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], group[1][0].served_on))
    return [(_Party(coverages[coverage_id], policy), mine) for (coverage_id, policy), mine in ordered]


async def _state(session: AsyncSession, practice_id: UUID) -> str:
    wanted = select(PracticeProfile.state).where(PracticeProfile.practice_id == practice_id)
    return (await session.execute(wanted)).scalar_one()


async def _no_coverage(session: AsyncSession, practice_id: UUID, charge: Chargeable, now: datetime) -> None:
    await open_item(
        session,
        practice_id,
        kind="coverage_missing",
        subject_kind="visit",
        subject_id=charge.visit_id,
        reason="No coverage of the case is in force on the date of service",
        next_action="Verify eligibility, then assemble the claim again",
        due_on=due_on(now, 1),
        value_cents=charge.charge_cents,
        now=now,
    )


async def _with_authorizations(
    session: AsyncSession, practice_id: UUID, party: _Party, charges: Sequence[Chargeable]
) -> list[Chargeable]:
    visits = sorted({c.visit_id for c in charges})
    chosen = await authorizations_of_lines(session, practice_id, visits, [party.coverage.id])
    found = [chosen.get((c.visit_id, c.code, party.coverage.id)) for c in charges]
    return [
        msgspec.structs.replace(charge, authorization_id=authorization[0] if authorization else None)
        for charge, authorization in zip(charges, found, strict=True)
    ]


async def _make(
    session: AsyncSession,
    actor: Actor,
    practice_id: UUID,
    book: RuleBook,
    coverage: CoverageView,
    state: str,
    draft: Draft,
    now: datetime,
) -> None:
    claim = await insert_claim(session, actor, practice_id, book, coverage, state, draft, now)
    if claim is None:
        return
    ids = [c.charge_line_id for line in draft.lines for c in line.charges]
    mine = (ChargeLine.practice_id == practice_id, ChargeLine.id.in_(ids))
    await session.execute(update(ChargeLine).where(*mine).values(status="claimed"))
    for charge_line_id in ids:
        note_change(session, "update", "charge_lines", charge_line_id)
    await check_claim(session, actor, claim, book, now)
