"""Reading tables into Structs by the names of their fields, and naming references that lead nowhere."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.columns import PracticeOwned
from tenants.errors import Invalid, NotFound

V = TypeVar("V", bound=Struct)
M = TypeVar("M", bound=PracticeOwned)


async def read_views(
    session: AsyncSession,
    view: type[V],
    model: type[PracticeOwned],
    *where: ColumnElement[bool],
    order: Sequence[Any] = (),
    limit: int | None = None,
) -> list[V]:
    """The rows of a table as Structs whose fields bear the columns' names."""
    columns = [getattr(model, name) for name in view.__struct_fields__]
    rows = await session.execute(select(*columns).where(*where).order_by(*order).limit(limit))
    return [view(**row._mapping) for row in rows]


async def read_view(
    session: AsyncSession, view: type[V], model: type[PracticeOwned], practice_id: UUID, row_id: UUID
) -> V:
    """One row as a Struct; raises NotFound, for another practice's id as for an unknown one."""
    found = await read_views(session, view, model, model.practice_id == practice_id, model.id == row_id)
    if not found:
        raise NotFound(f"no {model.__name__.lower()} {row_id}")
    return found[0]


async def require_reference(
    session: AsyncSession, model: type[PracticeOwned], practice_id: UUID, row_id: UUID | None, pointer: str
) -> None:
    """Raise Invalid, naming the field, when a reference leads to no row of the practice; None passes."""
    if row_id is None:
        return
    known = select(model.id).where(model.practice_id == practice_id, model.id == row_id)
    if (await session.execute(known)).scalar_one_or_none() is None:
        raise Invalid(f"{pointer} names no {model.__name__.lower()} of this practice", pointer=pointer)


async def require_references(
    session: AsyncSession,
    practice_id: UUID,
    named: Sequence[tuple[type[PracticeOwned], UUID | None, str]],
) -> None:
    """As `require_reference` for several (table, id, pointer) in one statement; the first failure is told."""
    given = [one for one in named if one[1] is not None]
    if not given:
        return
    known = [exists().where(model.practice_id == practice_id, model.id == id_) for model, id_, _ in given]
    found = (await session.execute(select(*known))).one()
    for (model, _, pointer), is_known in zip(given, found, strict=True):
        if not is_known:
            raise Invalid(f"{pointer} names no {model.__name__.lower()} of this practice", pointer=pointer)


async def lock_row(session: AsyncSession, model: type[M], practice_id: UUID, row_id: UUID) -> M:
    """A row, locked until the transaction ends; raises NotFound."""
    mine = select(model).where(model.practice_id == practice_id, model.id == row_id)
    locked = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = (await session.execute(locked)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"no {model.__name__.lower()} {row_id}")
    return found
