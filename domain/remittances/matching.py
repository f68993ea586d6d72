"""Finding our claim and line behind what a payer answers: by our own control numbers first."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.events import UNSENT
from domain.claims.models import Claim, ClaimLine
from domain.remittances.ports import RemittedClaim, RemittedLine


class ClaimMatch(Struct, frozen=True):
    """A claim of ours, and by what it was found."""

    claim_id: UUID
    matched_by: str


class Ours(Struct, frozen=True):
    """Our claims and lines that a remittance can mean, loaded in two statements."""

    by_control: dict[str, UUID]
    by_payer_control: dict[tuple[str, int], UUID]
    lines: dict[UUID, list[ClaimLine]]

    def claim(self, remitted: RemittedClaim) -> ClaimMatch | None:
        """Match by CLP01, else by CLP07 with the charge; nothing else is sure enough to post by."""
        if remitted.claim_control_number in self.by_control:
            return ClaimMatch(self.by_control[remitted.claim_control_number], "claim control number")
        told = (remitted.payer_control_number or "", abs(remitted.charge_cents))
        if told in self.by_payer_control:
            return ClaimMatch(self.by_payer_control[told], "payer control number")
        return None

    def line(self, claim_id: UUID, remitted: RemittedLine, taken: set[UUID]) -> ClaimLine | None:
        """Match by line control number, else by code, modifiers, date and charge among lines not taken."""
        lines = self.lines.get(claim_id, [])
        for line in lines:
            if remitted.line_control and line.line_control == remitted.line_control:
                return line
        if remitted.line_control:
            return None
        same = [line for line in lines if line.id not in taken and _says_the_same(line, remitted)]
        return same[0] if len(same) == 1 else None


def _says_the_same(line: ClaimLine, remitted: RemittedLine) -> bool:
    return (
        line.code == remitted.code
        and line.charge_cents == abs(remitted.charge_cents)
        and (remitted.served_on is None or line.date_of_service == remitted.served_on)
        and (not remitted.modifiers or tuple(line.modifiers) == remitted.modifiers)
    )


async def load_ours(session: AsyncSession, practice_id: UUID, remitted: Sequence[RemittedClaim]) -> Ours:
    """Load what the control numbers of a remittance point at, among the claims that went out."""
    columns = (Claim.id, Claim.control_number, Claim.payer_control_number, Claim.billed_cents)
    went_out = or_(Claim.sent_at.is_not(None), Claim.status.not_in(UNSENT))
    mine = select(*columns).where(Claim.practice_id == practice_id, went_out)
    controls = [r.claim_control_number for r in remitted]
    by_control = {
        r.control_number: r.id for r in await session.execute(mine.where(Claim.control_number.in_(controls)))
    }
    strange = [r.payer_control_number for r in remitted if r.claim_control_number not in by_control]
    named = mine.where(Claim.payer_control_number.in_([number for number in strange if number]))
    same: dict[tuple[str, int], list[UUID]] = {}
    for row in await session.execute(named):
        same.setdefault((row.payer_control_number, row.billed_cents), []).append(row.id)
    by_payer_control = {told: ids[0] for told, ids in same.items() if len(ids) == 1}
    lines = await _lines(session, practice_id, {*by_control.values(), *by_payer_control.values()})
    return Ours(by_control, by_payer_control, lines)


async def _lines(
    session: AsyncSession, practice_id: UUID, claim_ids: set[UUID]
) -> dict[UUID, list[ClaimLine]]:
    lines: dict[UUID, list[ClaimLine]] = {}
    wanted = select(ClaimLine).where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id.in_(claim_ids))
    for line in (await session.execute(wanted.order_by(ClaimLine.number))).scalars():
        lines.setdefault(line.claim_id, []).append(line)
    return lines
