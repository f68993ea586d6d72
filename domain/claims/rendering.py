"""Under whose name a session is billed to its payer, and with which modifiers, on its date (BC-18)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import SUPERVISED_BILLING, SupervisedBilling
from domain.claims.grouping import Chargeable
from domain.claims.models import Claim, ClaimLine, ClaimLineSource
from domain.patients.coverages import CoverageView, coverage_by_id
from domain.practices.models import PracticeProfile
from domain.practices.staff_book import StaffBook, staff_book
from domain.visits.models import ChargeLine, Visit


class Rendered(NamedTuple):
    """Who renders a session for the payer; modifiers that its row wants, and those that other rows want.

    `sends_supervisor_id` is the supervisor whom the row wants named on the claim, if there was one.
    """

    provider_id: UUID
    modifiers: tuple[str, ...]
    others: frozenset[str]
    sends_supervisor_id: UUID | None


async def with_rendering(
    session: AsyncSession,
    practice_id: UUID,
    book: RuleBook,
    coverage: CoverageView,
    state: str,
    charges: Sequence[Chargeable],
) -> list[Chargeable]:
    """The charges with the rendering provider and the modifiers that the payer's row for each wants."""
    visits = await _visits(session, practice_id, {c.visit_id for c in charges})
    staff = await staff_of(session, practice_id, visits.values())
    decided = {v.id: rendered(staff, v, book, coverage, state) for v in visits.values()}
    return [
        msgspec.structs.replace(
            charge,
            rendering_provider_id=decided[charge.visit_id].provider_id,
            modifiers=_with(charge.modifiers, decided[charge.visit_id].modifiers),
        )
        for charge in charges
    ]


async def refresh_rendering(session: AsyncSession, claim: Claim, book: RuleBook) -> None:
    """Decide again for a claim that stands, as for a licence recorded late.

    Lines that would now go out under different names stay on the claim as it is: the checks say so.
    """
    coverage = await coverage_by_id(session, claim.practice_id, claim.coverage_id)
    state = select(PracticeProfile.state).where(PracticeProfile.practice_id == claim.practice_id)
    rows = await lines_behind(session, claim)
    visits = {visit.id: visit for _, _, visit in rows}
    staff = await staff_of(session, claim.practice_id, visits.values())
    assert coverage is not None, "a claim has one"
    in_state = (await session.execute(state)).scalar_one()
    decided = {v.id: rendered(staff, v, book, coverage, in_state) for v in visits.values()}
    names = {one.provider_id for one in decided.values()}
    if len(names) == 1:
        [claim.rendering_provider_id] = names
    for line, charge, visit in rows:
        mine = decided[visit.id]
        kept = [m for m in line.modifiers if m not in mine.others or m in charge.modifiers]
        line.modifiers = list(_with(kept, mine.modifiers))
    await session.flush()


async def staff_of(session: AsyncSession, practice_id: UUID, visits: Iterable[Visit]) -> StaffBook:
    """The staff behind visits, with whoever supervises them."""
    behind = list(visits)
    named = {visit.supervisor_id for visit in behind if visit.supervisor_id}
    return await staff_book(session, practice_id, {visit.provider_id for visit in behind}, named)


def rendered(staff: StaffBook, visit: Visit, book: RuleBook, coverage: CoverageView, state: str) -> Rendered:
    """By the payer's row for the credential held on the date; one without an NPI has no name to give."""
    on = visit.date_of_service
    asked = Asked(payer=coverage.rule_key, plan=coverage.plan, state=state, on=on)
    rule = ask(book, SUPERVISED_BILLING, asked).read(SupervisedBilling)
    held = staff.entitled(visit.provider_id, on, state)
    wanted = rule.answer(held.credential, held.standing)
    supervisor_id = staff.supervisor(visit.provider_id, on, visit.supervisor_id)
    nameless = staff.providers[visit.provider_id].npi is None
    by_supervisor = wanted.bill_as == "supervisor" if wanted else nameless
    mine = wanted.modifiers if wanted else ()
    return Rendered(
        provider_id=supervisor_id if by_supervisor and supervisor_id else visit.provider_id,
        modifiers=mine,
        others=frozenset(m for row in rule.credentials for m in row.modifiers) - set(mine),
        sends_supervisor_id=supervisor_id if wanted and wanted.sends_supervisor else None,
    )


def _with(modifiers: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    said = tuple(modifiers)
    return (*said, *(modifier for modifier in dict.fromkeys(wanted) if modifier not in said))


async def _visits(session: AsyncSession, practice_id: UUID, ids: set[UUID]) -> dict[UUID, Visit]:
    mine = select(Visit).where(Visit.practice_id == practice_id, Visit.id.in_(ids))
    return {visit.id: visit for visit in (await session.execute(mine)).scalars()}


async def lines_behind(session: AsyncSession, claim: Claim) -> list[tuple[ClaimLine, ChargeLine, Visit]]:
    """Every charge behind a claim with its line and its visit, in the order of the lines."""
    source, line, charge = ClaimLineSource, ClaimLine, ChargeLine
    wanted = (
        select(line, charge, Visit)
        .join(source, (source.practice_id == line.practice_id) & (source.claim_line_id == line.id))
        .join(charge, (charge.practice_id == source.practice_id) & (charge.id == source.charge_line_id))
        .join(Visit, (Visit.practice_id == source.practice_id) & (Visit.id == source.visit_id))
        .where(line.practice_id == claim.practice_id, line.claim_id == claim.id)
        .order_by(line.number, source.id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(wanted)]
