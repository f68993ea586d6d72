"""What the ledger and the remittances say of a party's open lines; no other party's account is ever read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimLine
from domain.ledger.entries import AccountRef
from domain.ledger.models import Account
from domain.ledger.statements import driver_of
from domain.patients.models import Coverage, Guarantee, Patient
from domain.practices.models import Payer
from domain.remittances.models import RemittanceClaim, RemittanceLine

INSURERS = ("insurer_1", "insurer_2", "insurer_3")
WHOLE = 10_000

MOVES = """
select a.owner_id as line_id, a.kind as account, o.owner_kind as other_owner, o.kind as other, m.kind,
    sum(m.cents)::bigint as cents
from (
    select debit_account as id, credit_account as other_id, kind, amount as cents from transfers
    where practice_id = $1 and debit_account = any($2::uuid[])
    union all
    select credit_account, debit_account, kind, -amount from transfers
    where practice_id = $1 and credit_account = any($2::uuid[])) m
join accounts a on a.practice_id = $1 and a.id = m.id
join accounts o on o.practice_id = $1 and o.id = m.other_id
group by 1, 2, 3, 4, 5
having sum(m.cents) <> 0
"""


class OpenLine(Struct, frozen=True, kw_only=True):
    """A claim line with something open that concerns the party, and its balances by account kind."""

    claim_line_id: UUID
    case_id: UUID
    patient_id: UUID
    given_name: str
    code: str
    discipline: str
    claim_status: str
    served_on: date
    charge_cents: int
    open_cents: dict[str, int]


class Move(Struct, frozen=True, kw_only=True):
    """What moved into (positive) or out of one account of a line, netted by counterpart and kind."""

    account: str
    other_owner: str
    other: str
    kind: str
    cents: int


class OwnPart(Struct, frozen=True):
    """The party's own standing towards one patient: does it answer alone, and must it be kept apart."""

    starts_on: date
    ends_on: date | None
    whole: bool
    apart: bool


async def open_lines(session: AsyncSession, practice_id: UUID, party_id: UUID) -> list[OpenLine]:
    """Lines of the party's patients where this party or an insurer still owes, the oldest first."""
    kinds = (*INSURERS, "patient_not_due", due_kind(party_id))
    theirs = exists().where(
        Guarantee.practice_id == practice_id,
        Guarantee.party_id == party_id,
        Guarantee.patient_id == Claim.patient_id,
    )
    wanted = (
        select(ClaimLine, Claim, Patient.given_name, Account.kind, Account.debits - Account.credits)
        .join(Claim, (Claim.practice_id == practice_id) & (Claim.id == ClaimLine.claim_id))
        .join(Patient, (Patient.practice_id == practice_id) & (Patient.id == Claim.patient_id))
        .join(Account, (Account.practice_id == practice_id) & (Account.owner_id == ClaimLine.id))
        .where(ClaimLine.practice_id == practice_id, theirs, Account.owner_kind == "claim_line")
        .where(Account.kind.in_(kinds), Account.debits != Account.credits)
        .order_by(ClaimLine.date_of_service, ClaimLine.id)
    )
    found: dict[UUID, OpenLine] = {}
    for line, claim, given_name, kind, cents in await session.execute(wanted):
        if line.id not in found:
            found[line.id] = _open_line(line, claim, given_name)
        found[line.id].open_cents[kind] = cents
    return list(found.values())


def _open_line(line: ClaimLine, claim: Claim, given_name: str) -> OpenLine:
    return OpenLine(
        claim_line_id=line.id,
        case_id=claim.case_id,
        patient_id=claim.patient_id,
        given_name=given_name,
        code=line.code,
        discipline=claim.discipline,
        claim_status=claim.status,
        served_on=line.date_of_service,
        charge_cents=line.charge_cents,
        open_cents={},
    )


def due_kind(party_id: UUID) -> str:
    """The account kind of what this party owes for a claim line."""
    return f"patient_due:{party_id}"


async def moves_of(
    session: AsyncSession, practice_id: UUID, party_id: UUID, line_ids: Sequence[UUID]
) -> dict[UUID, list[Move]]:
    """What moved on the insurers', the waiting and this party's own accounts of each line."""
    kinds = (*INSURERS, "patient_not_due", due_kind(party_id))
    accounts = [AccountRef("claim_line", line_id, kind).id for line_id in line_ids for kind in kinds]
    driver = await driver_of(session)
    moved: dict[UUID, list[Move]] = defaultdict(list)
    for row in await driver.fetch(MOVES, practice_id, accounts):
        values = {name: row[name] for name in Move.__struct_fields__}
        moved[row["line_id"]].append(Move(**values))
    return moved


async def answered_lines(session: AsyncSession, practice_id: UUID, line_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the lines that a posted remittance has answered."""
    posted = (
        select(RemittanceLine.claim_line_id)
        .join(
            RemittanceClaim,
            (RemittanceClaim.practice_id == practice_id)
            & (RemittanceClaim.id == RemittanceLine.remittance_claim_id),
        )
        .where(
            RemittanceLine.practice_id == practice_id,
            RemittanceLine.claim_line_id.in_(list(line_ids)),
            RemittanceClaim.outcome == "posted",
        )
    )
    return {line_id for line_id in (await session.execute(posted)).scalars() if line_id}


async def plan_names(
    session: AsyncSession, practice_id: UUID, case_ids: Iterable[UUID]
) -> dict[tuple[UUID, str], str]:
    """The payer's name by case and insurer account; a place that two payers share has none."""
    wanted = (
        select(Coverage.case_id, Coverage.ordinal, Payer.name)
        .join(Payer, (Payer.practice_id == practice_id) & (Payer.id == Coverage.payer_id))
        .where(Coverage.practice_id == practice_id, Coverage.case_id.in_(set(case_ids)))
    )
    names: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    for case_id, ordinal, name in await session.execute(wanted):
        names[case_id, f"insurer_{ordinal}"].add(name)
    return {place: named.pop() for place, named in names.items() if len(named) == 1}


async def own_parts(session: AsyncSession, practice_id: UUID, party_id: UUID) -> dict[UUID, list[OwnPart]]:
    """For which patients the party answers, and when; the other guarantors are not read."""
    mine = select(Guarantee).where(Guarantee.practice_id == practice_id, Guarantee.party_id == party_id)
    parts: dict[UUID, list[OwnPart]] = defaultdict(list)
    for row in (await session.execute(mine)).scalars():
        whole = row.share_basis_points == WHOLE
        parts[row.patient_id].append(OwnPart(row.starts_on, row.ends_on, whole, row.apart))
    return parts


def part_on(parts: Sequence[OwnPart], day: date) -> OwnPart | None:
    """The party's standing on a date of service; None when it does not answer for that day."""
    return next((p for p in parts if p.starts_on <= day and (p.ends_on is None or p.ends_on >= day)), None)
