"""Who pays after whom: the coverages of cases in payer order, with the days on which each is in force."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim
from domain.patients.models import Coverage, CoveragePeriod


class OrderedCoverage(Struct, frozen=True, kw_only=True):
    """A coverage's place among those of its case, as we know it now; dates are inclusive."""

    id: UUID
    case_id: UUID
    ordinal: int
    benefit_class: str
    starts_on: date
    ends_on: date | None

    def in_force(self, on: date) -> bool:
        """Whether it covers a date of service."""
        return self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)


class PayerOrder:
    """Answers for claims which payer theirs is, and whether another one comes after it."""

    def __init__(self, coverages: Iterable[OrderedCoverage]) -> None:
        self._by_id = {coverage.id: coverage for coverage in coverages}
        self._by_case: dict[UUID, list[OrderedCoverage]] = defaultdict(list)
        for coverage in self._by_id.values():
            self._by_case[coverage.case_id].append(coverage)

    def ordinal(self, claim: Claim) -> int:
        """The place of the claim's payer among those of the case."""
        return self._by_id[claim.coverage_id].ordinal

    def is_last(self, claim: Claim, on: date) -> bool:
        """Whether no later payer of the same benefits covers the date of service."""
        own = self._by_id[claim.coverage_id]
        return not any(
            other.ordinal > own.ordinal and other.benefit_class == own.benefit_class and other.in_force(on)
            for other in self._by_case[claim.case_id]
        )


async def payer_order(session: AsyncSession, practice_id: UUID, case_ids: Iterable[UUID]) -> PayerOrder:
    """Load the coverages of the cases with the periods that we believe now."""
    own = (Coverage.id, Coverage.case_id, Coverage.ordinal, Coverage.benefit_class)
    wanted = (
        select(*own, CoveragePeriod.starts_on, CoveragePeriod.ends_on)
        .join(
            CoveragePeriod,
            (CoveragePeriod.practice_id == Coverage.practice_id)
            & (CoveragePeriod.coverage_id == Coverage.id),
        )
        .where(
            Coverage.practice_id == practice_id,
            Coverage.case_id.in_(list(case_ids)),
            CoveragePeriod.superseded_at.is_(None),
        )
    )
    return PayerOrder(OrderedCoverage(**row._mapping) for row in await session.execute(wanted))
