"""Under whose name a session is billed to its payer, and with which modifiers, on its date (BC-18)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import SUPERVISED_BILLING, SupervisedBilling
from domain.claims.basis import ClaimBasis
from domain.claims.grouping import Chargeable
from domain.patients.coverages import CoverageView
from domain.practices.staff_book import StaffBook
from domain.visits.models import Visit


class Rendered(NamedTuple):
    """Who renders a session for the payer; modifiers that its row wants, and those that other rows want.

    `sends_supervisor_id` is the supervisor whom the row wants named on the claim, if there was one.
    """

    provider_id: UUID
    modifiers: tuple[str, ...]
    others: frozenset[str]
    sends_supervisor_id: UUID | None


def with_rendering(
    staff: StaffBook,
    visits: Mapping[UUID, Visit],
    book: RuleBook,
    coverage: CoverageView,
    state: str,
    charges: Sequence[Chargeable],
) -> list[Chargeable]:
    """The charges with the rendering provider and the modifiers that the payer's row for each wants."""
    decided = {
        visit_id: rendered(staff, visits[visit_id], book, coverage, state)
        for visit_id in {charge.visit_id for charge in charges}
    }
    return [
        msgspec.structs.replace(
            charge,
            rendering_provider_id=decided[charge.visit_id].provider_id,
            modifiers=_with(charge.modifiers, decided[charge.visit_id].modifiers),
        )
        for charge in charges
    ]


async def refresh_rendering(session: AsyncSession, basis: ClaimBasis) -> None:
    """Decide again for a claim that stands, as for a licence recorded late.

    Lines that would now go out under different names stay on the claim as it is: the checks say so.
    """
    claim, coverage, state = basis.claim, basis.coverage, basis.profile.state
    decided = {v.id: rendered(basis.staff, v, basis.book, coverage, state) for v in basis.sessions}
    names = {one.provider_id for one in decided.values()}
    if len(names) == 1:
        [claim.rendering_provider_id] = names
    for line, charge, visit in basis.behind:
        mine = decided[visit.id]
        kept = [m for m in line.modifiers if m not in mine.others or m in charge.modifiers]
        line.modifiers = list(_with(kept, mine.modifiers))
    await session.flush()


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
