"""Opening, assigning and closing work items: one per subject and kind, whoever reports it again."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import Cents
from domain.work.models import WorkItem
from tenants.audit import note_change
from tenants.errors import Invalid, NotFound
from tenants.ids import new_id


class WorkItemNotOpen(NotFound):
    """No open work item has this id: it never was, or somebody closed it."""

    code = "work_item_not_open"


async def open_item(
    session: AsyncSession,
    practice_id: UUID,
    *,
    kind: str,
    subject_kind: str,
    subject_id: UUID,
    reason: str,
    next_action: str,
    due_on: date,
    value_cents: Cents = 0,
    owner_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Open the item of this kind for the subject, or update the open one, never later; returns its id."""
    if not reason.strip() or not next_action.strip():
        raise Invalid("a work item needs a reason and a next action", pointer="/next_action")
    subject = {"kind": kind, "subject_kind": subject_kind, "subject_id": subject_id}
    told = {"reason": reason, "next_action": next_action, "due_on": due_on}
    row = subject | told | {"value_cents": value_cents, "owner_id": owner_id}
    stamp = {"practice_id": practice_id, "id": new_id(), "created_at": now, "updated_at": now}
    item_id: UUID = (await session.execute(_insert_or_update(row | stamp))).scalar_one()
    note_change(session, "upsert", "work_items", item_id)
    return item_id


def _insert_or_update(row: dict[str, Any]) -> Any:
    """A repeat takes the new reason, action and value, and the earlier deadline: it never postpones."""
    opened = insert(WorkItem).values(row)
    new = opened.excluded
    repeated = opened.on_conflict_do_update(
        index_elements=["practice_id", "kind", "subject_kind", "subject_id"],
        index_where=WorkItem.closed_at.is_(None),
        set_={
            "reason": new.reason,
            "next_action": new.next_action,
            "value_cents": new.value_cents,
            "due_on": func.least(WorkItem.due_on, new.due_on),
            "owner_id": func.coalesce(new.owner_id, WorkItem.owner_id),
            "repeats": WorkItem.repeats + 1,
            "updated_at": new.updated_at,
        },
    )
    return repeated.returning(WorkItem.id)


async def close_item(
    session: AsyncSession,
    practice_id: UUID,
    *,
    kind: str,
    subject_kind: str,
    subject_id: UUID,
    outcome: str,
    now: datetime,
) -> UUID | None:
    """Close the subject's open item of this kind; returns its id, or None when none was open."""
    mine = (WorkItem.kind == kind, WorkItem.subject_kind == subject_kind, WorkItem.subject_id == subject_id)
    closing = _open(practice_id).where(*mine).values(closed_at=now, updated_at=now, outcome=outcome)
    return await _change(session, closing)


async def close_item_by_id(
    session: AsyncSession, practice_id: UUID, item_id: UUID, *, outcome: str, now: datetime
) -> None:
    """Close one open item with what came of it; raises WorkItemNotOpen."""
    closing = _open(practice_id).where(WorkItem.id == item_id)
    if await _change(session, closing.values(closed_at=now, updated_at=now, outcome=outcome)) is None:
        raise WorkItemNotOpen(f"no open work item {item_id}")


async def assign_item(
    session: AsyncSession, practice_id: UUID, item_id: UUID, *, owner_id: UUID | None, now: datetime
) -> None:
    """Give an open item to a member, or to nobody; raises WorkItemNotOpen."""
    assigning = _open(practice_id).where(WorkItem.id == item_id)
    if await _change(session, assigning.values(owner_id=owner_id, updated_at=now)) is None:
        raise WorkItemNotOpen(f"no open work item {item_id}")


async def put_off_item(
    session: AsyncSession, practice_id: UUID, item_id: UUID, *, due_on: date, next_action: str, now: datetime
) -> None:
    """Set what comes next and by when; raises WorkItemNotOpen, and Invalid without a next action."""
    if not next_action.strip():
        raise Invalid("an open work item needs a next action", pointer="/next_action")
    moving = _open(practice_id).where(WorkItem.id == item_id)
    moved = await _change(session, moving.values(due_on=due_on, next_action=next_action, updated_at=now))
    if moved is None:
        raise WorkItemNotOpen(f"no open work item {item_id}")


def _open(practice_id: UUID) -> Update:
    return update(WorkItem).where(WorkItem.practice_id == practice_id, WorkItem.closed_at.is_(None))


async def _change(session: AsyncSession, change: Update) -> UUID | None:
    changed: UUID | None = (await session.execute(change.returning(WorkItem.id))).scalar_one_or_none()
    if changed is not None:
        note_change(session, "update", "work_items", changed)
    return changed
