"""Finding our claim and line behind what a payer answers: by our own control numbers first."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimLine
from domain.remittances.ports import RemittedClaim, RemittedLine


class ClaimMatch(Struct, frozen=True):
    """A claim of ours, and by what it was found."""

    claim_id: UUID
    matched_by: str


class Ours(Struct, frozen=True):
    """Our claims and lines that a remittance can mean, loaded in two statements."""

    by_control: dict[str, UUID]
    by_payer_control: dict[str, UUID]
    lines: dict[UUID, list[ClaimLine]]

    def claim(self, remitted: RemittedClaim) -> ClaimMatch | None:
        """Match by CLP01, then by CLP07; nothing else is sure enough to post by."""
        if remitted.claim_control_number in self.by_control:
            return ClaimMatch(self.by_control[remitted.claim_control_number], "claim control number")
        if remitted.payer_control_number in self.by_payer_control:
            return ClaimMatch(self.by_payer_control[remitted.payer_control_number], "payer control number")
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
    """Load what the control numbers of a remittance point at."""
    controls = [r.claim_control_number for r in remitted]
    payer_controls = [r.payer_control_number for r in remitted if r.payer_control_number]
    columns = (Claim.id, Claim.control_number, Claim.payer_control_number)
    mine = select(*columns).where(Claim.practice_id == practice_id)
    by_control = {
        r.control_number: r.id for r in await session.execute(mine.where(Claim.control_number.in_(controls)))
    }
    found = await session.execute(mine.where(Claim.payer_control_number.in_(payer_controls)))
    by_payer_control = {r.payer_control_number: r.id for r in found}
    claim_ids = {*by_control.values(), *by_payer_control.values()}
    lines: dict[UUID, list[ClaimLine]] = {}
    wanted = select(ClaimLine).where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id.in_(claim_ids))
    for line in (await session.execute(wanted.order_by(ClaimLine.number))).scalars():
        lines.setdefault(line.claim_id, []).append(line)
    return Ours(by_control, by_payer_control, lines)
