"""The audit event of a transaction: collected while the session works, written by its door."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from tenants.access import Actor
from tenants.ids import new_id
from tenants.models import AuditEvent, OrganizationAuditEvent

MOST_CHANGES = 500


def watch(session: AsyncSession) -> None:
    """Collect the rows that this session writes and the patients they belong to."""
    session.info.update(patients=set(), changes=[])
    event.listen(session.sync_session, "after_flush", _collect)


def _collect(session: Session, _flush: object) -> None:
    for verb, rows in (("insert", session.new), ("update", session.dirty), ("delete", session.deleted)):
        for row in rows:
            if verb != "update" or session.is_modified(row):
                _note(session.info, verb, row)


def _note(info: dict[Any, Any], verb: str, row: Any) -> None:
    table = row.__table__.name
    if len(info["changes"]) < MOST_CHANGES:
        info["changes"].append([verb, table, str(getattr(row, "id", ""))])
    patient_id = row.id if table == "patients" else getattr(row, "patient_id", None)
    if patient_id is not None:
        info["patients"].add(patient_id)


def note_patients(session: AsyncSession, *patient_ids: UUID) -> None:
    """Name patients whose details this transaction read."""
    session.info["patients"].update(patient_ids)


def note_change(session: AsyncSession, verb: str, table: str, row_id: UUID) -> None:
    """Name a row that a set-based statement wrote, which no flush can see."""
    if len(session.info["changes"]) < MOST_CHANGES:
        session.info["changes"].append([verb, table, str(row_id)])


def event_values(actor: Actor, practice_id: UUID, at: datetime, info: dict[Any, Any]) -> dict[str, Any]:
    """The column values of one practice's audit event."""
    return {
        "practice_id": practice_id,
        "id": new_id(),
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "roles": list(actor.roles(practice_id)),
        "action": actor.action,
        "purpose": actor.purpose,
        "patient_ids": sorted(info["patients"]),
        "changes": info["changes"],
        "outcome": "done",
        "request_id": actor.request_id,
        "address": actor.address,
    }


async def write_event(session: AsyncSession, actor: Actor, practice_id: UUID, at: datetime) -> None:
    """Write the event of this practice transaction, in that transaction."""
    await session.flush()
    await session.execute(insert(AuditEvent).values(event_values(actor, practice_id, at, session.info)))


async def write_organization_event(session: AsyncSession, actor: Actor, at: datetime) -> None:
    """Write the event of an organization transaction that changed something."""
    await session.flush()
    if not session.info["changes"]:
        return
    values = event_values(actor, actor.organization_id, at, session.info)
    values["organization_id"] = actor.organization_id
    for practice_column in ("practice_id", "patient_ids", "outcome"):
        del values[practice_column]
    values["roles"] = list(actor.roles(None))
    await session.execute(insert(OrganizationAuditEvent).values(values))
