"""What the snapshot door hands out: reads over many practices, each row compared with the actor's list."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.access import Actor
from tenants.errors import IsolationBreach


class Snapshot:
    """Reads over the actor's practices; the second wall behind row-level security."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self._session = session
        self.actor = actor
        self.read: dict[UUID, set[UUID]] = {}

    async def rows(self, statement: Select[*tuple[Any, ...]]) -> list[Row[*tuple[Any, ...]]]:
        """Fetch rows that carry `practice_id`; raises IsolationBreach for one outside the actor's list."""
        rows = list(await self._session.execute(statement))
        self._compare(row.practice_id for row in rows)
        return rows

    def note_patients(self, practice_id: UUID, *patient_ids: UUID) -> None:
        """Name patients whose details were read, for the audit event of their practice."""
        self.read.setdefault(practice_id, set()).update(patient_ids)

    def _compare(self, practice_ids: Iterable[UUID]) -> None:
        for practice_id in practice_ids:
            if practice_id not in self.actor.practice_ids:
                raise IsolationBreach(f"a row of practice {practice_id} reached actor {self.actor.id}")
            self.read.setdefault(practice_id, set())
