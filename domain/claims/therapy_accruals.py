"""Allowed amounts as payers state them, kept by line and day of processing for the therapy threshold."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from domain.claims.models import Claim, ClaimLine
from domain.claims.threshold_models import TherapyAccrual
from domain.claims.thresholds import bucket_of_line, counts
from tenants.audit import note_change
from tenants.ids import new_id


class AllowedByPayer(Struct, frozen=True, kw_only=True):
    """What a payer allowed on a line of ours; `source` names its own line, a reversal is negative."""

    claim: Claim
    line: ClaimLine
    allowed_cents: int
    processed_on: date
    source: str


async def accrue(
    session: AsyncSession, practice_id: UUID, book: RuleBook, allowed: AllowedByPayer, now: datetime
) -> None:
    """Count an answer once, where the payer counts at all and the line says under which discipline."""
    bucket = bucket_of_line(allowed.line.modifiers)
    on = allowed.line.date_of_service
    if bucket is None or not await counts(session, practice_id, book, allowed.claim, on):
        return
    made = (
        insert(TherapyAccrual)
        .values(
            practice_id=practice_id,
            id=new_id(),
            patient_id=allowed.claim.patient_id,
            claim_line_id=allowed.line.id,
            year=on.year,
            bucket=bucket,
            amount_cents=allowed.allowed_cents,
            processed_on=allowed.processed_on,
            source=allowed.source,
            recorded_at=now,
        )
        .on_conflict_do_nothing()
        .returning(TherapyAccrual.id)
    )
    new = (await session.execute(made)).scalar_one_or_none()
    if new is not None:
        note_change(session, "insert", "therapy_accruals", new)


async def withdraw(session: AsyncSession, practice_id: UUID, sources: list[str]) -> None:
    """Take answers away again, because their remittance was un-posted."""
    mine = (TherapyAccrual.practice_id == practice_id, TherapyAccrual.source.in_(sources))
    gone = await session.execute(delete(TherapyAccrual).where(*mine).returning(TherapyAccrual.id))
    for row_id in gone.scalars():
        note_change(session, "delete", "therapy_accruals", row_id)
