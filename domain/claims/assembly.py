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
from domain.allowances.payers import answering
from domain.claims.basis import Known
from domain.claims.chargeables import open_charges
from domain.claims.checking import check_claim
from domain.claims.drafting import insert_claim
from domain.claims.facts import facts_of
from domain.claims.grouping import Chargeable, Draft, drafts
from domain.claims.models import ClaimLine, ClaimLineSource
from domain.claims.places import with_places
from domain.claims.rendering import with_rendering
from domain.claims.use import due_on
from domain.patients.coverages import CoverageView, coverages_of_case, in_force_on
from domain.practices.models import PracticeProfile
from domain.practices.rules import rule_book_for
from domain.practices.staff_book import StaffBook, staff_book
from domain.visits.models import ChargeLine, Visit
from domain.work.items import open_item
from tenants.access import Actor
from tenants.audit import note_change


class _Party(msgspec.Struct, frozen=True):
    """The primary coverage that a group of charges goes to, and how its payer wants claims."""

    coverage: CoverageView
    policy: ClaimAssembly


class _Practice(msgspec.Struct, frozen=True, kw_only=True):
    """What is read once for all claims of a call."""

    book: RuleBook
    profile: PracticeProfile
    staff: StaffBook
    visits: dict[UUID, Visit]
    coverages: dict[UUID, list[CoverageView]]

    def known(self, case_id: UUID) -> Known:
        """As the claims of a case take it over."""
        return Known(profile=self.profile, coverages=tuple(self.coverages[case_id]), staff=self.staff)


async def assemble_claims(
    session: AsyncSession, actor: Actor, practice_id: UUID, visit_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Make and check the claims of these visits; returns the ids of all claims that carry their charges.

    Repeating the call gives the same claims. Charges without a coverage in force stay open, as work.
    """
    charges, visits = await open_charges(session, practice_id, visit_ids)
    if charges:
        here = await _practice(session, practice_id, visits)
        state = here.profile.state
        for party, found in await _by_coverage(session, practice_id, here, charges, now):
            placed = with_places(here.book, party.coverage, state, found)
            mine = with_rendering(here.staff, visits, here.book, party.coverage, state, placed)
            for draft in drafts(await _with_authorizations(session, practice_id, party, mine), party.policy):
                await _make(session, actor, here, party.coverage, draft, now)
    return await claims_of_visits(session, practice_id, visit_ids)


async def _practice(session: AsyncSession, practice_id: UUID, visits: dict[UUID, Visit]) -> _Practice:
    cases = {visit.case_id for visit in visits.values() if visit.case_id is not None}
    given = {visit.provider_id for visit in visits.values()}
    named = {visit.supervisor_id for visit in visits.values() if visit.supervisor_id}
    return _Practice(
        book=await rule_book_for(session, practice_id),
        profile=await session.get_one(PracticeProfile, (practice_id, practice_id)),
        staff=await staff_book(session, practice_id, given, named),
        visits=visits,
        coverages={case_id: await coverages_of_case(session, practice_id, case_id) for case_id in cases},
    )


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
    session: AsyncSession, practice_id: UUID, here: _Practice, charges: Sequence[Chargeable], now: datetime
) -> list[tuple[_Party, list[Chargeable]]]:
    """Each charge goes to the first payer of its own case on its own date: two cases, two primaries."""
    groups: dict[tuple[UUID, ClaimAssembly], list[Chargeable]] = defaultdict(list)
    coverages: dict[UUID, CoverageView] = {}
    for charge in charges:
        in_force = in_force_on(here.coverages[charge.case_id], charge.served_on)
        coverage = next(iter(answering(in_force, charge.discipline)), None)
        if coverage is None:
            await _no_coverage(session, practice_id, charge, now)
            continue
        state, on = here.profile.state, charge.served_on
        asked = Asked(payer=coverage.rule_key, plan=coverage.plan, state=state, on=on)
        coverages[coverage.id] = coverage
        groups[coverage.id, claim_assembly(here.book, asked)].append(charge)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], group[1][0].served_on))
    return [(_Party(coverages[coverage_id], policy), mine) for (coverage_id, policy), mine in ordered]


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
    here: _Practice,
    coverage: CoverageView,
    draft: Draft,
    now: datetime,
) -> None:
    known = here.known(draft.first.case_id)
    made = await insert_claim(session, actor, here.book, coverage, known, draft, now)
    if made is None:
        return
    ids = [c.charge_line_id for line in draft.lines for c in line.charges]
    mine = (ChargeLine.practice_id == here.profile.practice_id, ChargeLine.id.in_(ids))
    await session.execute(update(ChargeLine).where(*mine).values(status="claimed"))
    for charge_line_id in ids:
        note_change(session, "update", "charge_lines", charge_line_id)
    facts = await facts_of(session, made.basis, made.content, now, accruals=made.accruals)
    await check_claim(session, actor, made.basis, facts, now)
