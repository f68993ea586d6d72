"""The ledger entries behind one number of a claim: their sum is the number."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.claims.models import Claim, ClaimLine
from domain.reporting.line_money import PART_NAMES, Movement, movements
from domain.reporting.money_moments import party_names
from tenants.audit import note_patients
from tenants.errors import NotFound

Part = Literal[
    "billed",
    "insurance_paid",
    "adjusted",
    "written_off",
    "patient_paid",
    "insurer_open",
    "patient_not_due",
    "patient_due",
]


class EntryLine(Struct, frozen=True, kw_only=True):
    """A line as the entries name it."""

    id: UUID
    number: int
    code: str
    date_of_service: date


class PartEntries(Struct, frozen=True, kw_only=True):
    """The transfers of one part, with the lines they are about; `names` are parties who acted."""

    claim_id: UUID
    control_number: str
    part: str
    name: str
    line: EntryLine | None
    lines: dict[UUID, EntryLine]
    entries: list[Movement]
    total_cents: Cents
    names: dict[UUID, str]


async def part_entries(
    session: AsyncSession, practice_id: UUID, claim_id: UUID, part: Part, line_id: UUID | None
) -> PartEntries:
    """What adds up to one part of a claim, or of one line of it; raises NotFound."""
    claim = await session.get(Claim, (practice_id, claim_id))
    if claim is None:
        raise NotFound(f"no claim {claim_id}")
    note_patients(session, claim.patient_id)
    lines = await _lines(session, practice_id, claim_id)
    if line_id is not None and line_id not in lines:
        raise NotFound(f"claim {claim_id} has no line {line_id}")
    moves = await movements(session, practice_id, list(lines) if line_id is None else [line_id])
    entries = [move for move in moves if move.part == part]
    return PartEntries(
        claim_id=claim_id,
        control_number=claim.control_number,
        part=part,
        name=PART_NAMES[part],
        line=lines[line_id] if line_id else None,
        lines=lines,
        entries=entries,
        total_cents=sum(entry.cents for entry in entries),
        names=await party_names(session, practice_id, {entry.actor_id for entry in entries}),
    )


async def _lines(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> dict[UUID, EntryLine]:
    wanted = (
        select(ClaimLine.id, ClaimLine.number, ClaimLine.code, ClaimLine.date_of_service)
        .where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id == claim_id)
        .order_by(ClaimLine.number)
    )
    return {row.id: EntryLine(**row._mapping) for row in await session.execute(wanted)}
