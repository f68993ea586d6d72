"""Who pays for a session of a case, in order, and by which rules: what choosing and counting start from."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, authorization_required
from domain.patients.coverages import CoverageView, coverages_in_force
from domain.practices.models import PracticeProfile
from domain.practices.rules import rule_book_for

BEHAVIORAL = frozenset({"BH", "ABA"})


class PayersOn(Struct, frozen=True, kw_only=True):
    """The coverages of a case that answer for a discipline on a date, in payer order, with the rule book."""

    on: date
    state: str | None
    coverages: tuple[CoverageView, ...]
    book: RuleBook

    @property
    def primary(self) -> CoverageView | None:
        """Who pays first; none for a case without a coverage in force."""
        return self.coverages[0] if self.coverages else None

    @property
    def asked(self) -> Asked:
        """Whom to ask the rule book for: the first payer, on the date of service."""
        first = self.primary
        if first is None:
            return Asked(payer=None, state=self.state, on=self.on)
        return Asked(payer=first.rule_key, plan=first.plan, state=self.state, on=self.on)

    @property
    def order(self) -> list[tuple[UUID, int]]:
        """The coverages' ids with their order."""
        return [(coverage.id, coverage.ordinal) for coverage in self.coverages]

    def needs_authorization(self, code: str) -> bool:
        """Whether the first payer is known to want an authorization for the code."""
        rule = authorization_required(self.book, self.asked)
        return self.primary is not None and rule.answer == "required" and code not in rule.exempt_codes


async def coverages_for(
    session: AsyncSession, practice_id: UUID, case_id: UUID, discipline: str, on: date
) -> list[CoverageView]:
    """The coverages that answer for the discipline: a behavioural carve-out before the plan."""
    return answering(await coverages_in_force(session, practice_id, case_id, on=on), discipline)


def answering(found: Sequence[CoverageView], discipline: str) -> list[CoverageView]:
    """Those of some coverages in force that answer for the discipline."""
    carved_out = [c for c in found if c.benefit_class == "behavioral"]
    medical = [c for c in found if c.benefit_class != "behavioral"]
    return (carved_out or medical) if discipline in BEHAVIORAL else medical


async def payers_on(
    session: AsyncSession, practice_id: UUID, case_id: UUID, discipline: str, on: date
) -> PayersOn:
    """The coverages in force for the discipline with the practice's rule book."""
    mine = await coverages_for(session, practice_id, case_id, discipline, on)
    state = select(PracticeProfile.state).where(PracticeProfile.practice_id == practice_id)
    return PayersOn(
        on=on,
        state=(await session.execute(state)).scalar_one_or_none(),
        coverages=tuple(mine),
        book=await rule_book_for(session, practice_id),
    )
