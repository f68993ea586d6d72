"""This looks wrong: what a payer says against a statement becomes work for a person, once."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.patient_billing.models import PaymentLink, Statement
from domain.work.items import open_item
from domain.work.queries import open_items_of
from tenants.access import PatientActor

Complaint = Literal["paid_already", "plan_should_pay", "not_my_visit", "something_else"]
KIND = "statement_disputed"
DAYS_TO_ANSWER = 3
REASONS: dict[Complaint, str] = {
    "paid_already": "The payer says that this was paid already",
    "plan_should_pay": "The payer says that the plan should pay more",
    "not_my_visit": "The payer says that a visit did not take place as stated",
    "something_else": "The payer says that the statement looks wrong",
}


async def dispute_statement(
    session: AsyncSession, patient: PatientActor, complaint: Complaint, now: datetime
) -> UUID:
    """Open the work item of the link's statement, or note the new reason on the open one."""
    statement = await _statement(session, patient)
    return await open_item(
        session,
        patient.practice_id,
        kind=KIND,
        subject_kind="statement",
        subject_id=statement.id,
        reason=REASONS[complaint],
        next_action="Look at the statement's lines and answer the payer; ask for no money on them until then",
        due_on=(now + timedelta(days=DAYS_TO_ANSWER)).date(),
        value_cents=statement.total_cents,
        now=now,
    )


async def is_disputed(session: AsyncSession, patient: PatientActor, now: datetime) -> bool:
    """Whether somebody still has to answer the payer."""
    statement = await _statement(session, patient)
    open_items = await open_items_of(
        session,
        patient.practice_id,
        subject_kind="statement",
        subject_id=statement.id,
        today=now.date(),
    )
    return any(item.kind == KIND for item in open_items)


async def _statement(session: AsyncSession, patient: PatientActor) -> Statement:
    link = await session.get_one(PaymentLink, (patient.practice_id, patient.link_id))
    return await session.get_one(Statement, (patient.practice_id, link.statement_id))
