"""Whom a claim's lines name as ordering, where the payer wants that besides the referral (2420E; BC-22)."""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.days import within
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import ORDERING_PROVIDER, OrderingProvider
from domain.claims.basis import ClaimBasis
from domain.claims.content import ClaimContent, LineContent, OrderingContent
from domain.claims.models import Claim
from domain.patients.medicaid import OrderView, orders
from domain.practices.credential_models import OrderingEnrolment


async def with_orderers(session: AsyncSession, basis: ClaimBasis, content: ClaimContent) -> ClaimContent:
    """The content with who ordered each line that is to name it; a line without an order names nobody."""
    claim = basis.claim
    wanting = {line.number for line in content.lines if _sends(basis.book, basis.asked, line)}
    if not wanting:
        return content
    known = await orders(session, claim.practice_id, claim.case_id)
    disciplines = {line.number: visit.discipline for line, _, visit in basis.behind}
    named: dict[int, OrderingContent | None] = {}
    for line in content.lines:
        if line.number in wanting:
            mine = [one for one in known if _covers(one, line.served_on, disciplines.get(line.number))]
            named[line.number] = _best(mine, await _enrolled(session, claim, mine, line.served_on))
    lines = (replace(line, ordering=named.get(line.number)) for line in content.lines)
    return replace(content, lines=tuple(lines))


def _sends(book: RuleBook, asked: Asked, line: LineContent) -> bool:
    by = ask(book, ORDERING_PROVIDER, replace(asked, on=line.served_on))
    return by.read(OrderingProvider).sends(line.code)


def _covers(order: OrderView, on: date, discipline: str | None) -> bool:
    in_dates = within(on, order.starts_on, order.ends_on)
    return in_dates and order.discipline in (None, discipline)


async def _enrolled(session: AsyncSession, claim: Claim, known: Sequence[OrderView], on: date) -> set[str]:
    """The NPIs of those whom the payer had enrolled on the date."""
    row = OrderingEnrolment
    wanted = select(row.npi).where(
        row.practice_id == claim.practice_id,
        row.payer_id == claim.payer_id,
        row.npi.in_({order.npi for order in known}),
        row.starts_on <= on,
        or_(row.ends_on.is_(None), row.ends_on >= on),
    )
    return set((await session.execute(wanted)).scalars())


def _best(known: Sequence[OrderView], enrolled: set[str]) -> OrderingContent | None:
    """Somebody enrolled before others, an order of the discipline before one for any, then the latest."""
    if not known:
        return None
    best = max(known, key=lambda o: (o.npi in enrolled, o.discipline is not None, o.starts_on, o.id))
    return OrderingContent(name=best.name, npi=best.npi)
