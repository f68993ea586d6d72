"""A practice's discipline packs: the shipped ones as its own rules change them."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import NoRuleInForce
from billing_rules.therapy.discipline_packs import (
    DisciplineRules,
    DisciplineUnknown,
    discipline_packs,
    discipline_rules,
)
from billing_rules.therapy.payer_rules import Asked
from domain.practices.models import Payer, PracticeProfile
from domain.practices.rules import rule_book_for
from tenants.errors import NotFound


class DisciplineRow(Struct, frozen=True, kw_only=True):
    """A discipline that has a pack, and which disciplines of the code table it covers."""

    discipline: str
    label: str
    covers: tuple[str, ...]
    vectors: int


def discipline_list() -> list[DisciplineRow]:
    """Every discipline that has a pack."""
    return [
        DisciplineRow(
            discipline=pack.discipline, label=pack.label, covers=pack.covers, vectors=len(pack.vectors)
        )
        for pack in discipline_packs()
    ]


async def rules_of_discipline(
    session: AsyncSession, practice_id: UUID, discipline: str, *, on: date, payer_id: UUID | None = None
) -> DisciplineRules:
    """The pack on a date for a payer of the practice; raises NotFound for an unknown one of either."""
    payer = await session.get(Payer, (practice_id, payer_id)) if payer_id else None
    if payer_id is not None and payer is None:
        raise NotFound(f"no payer {payer_id}")
    state = select(PracticeProfile.state).where(PracticeProfile.practice_id == practice_id)
    in_state = (await session.execute(state)).scalar_one_or_none()
    asked = Asked(payer=payer.rule_key if payer else None, state=in_state, on=on)
    try:
        return discipline_rules(await rule_book_for(session, practice_id), discipline, asked)
    except (DisciplineUnknown, NoRuleInForce) as unknown:
        raise NotFound(str(unknown)) from unknown
