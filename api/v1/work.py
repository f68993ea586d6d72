"""Work items: the list for Today across practices, and what is done with one of them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.v1.routers import desk_routes, practice_routes
from domain.work.items import assign_item, close_item_by_id, put_off_item
from domain.work.queries import TodayCount, WorkView, practice_items, today_counts, today_items
from tenants.access import Permission
from tenants.clock import Clock
from tenants.snapshot import Snapshot

READ = {"permission": Permission.WORK_READ}
DESK = {"permission": Permission.WORK_READ, "across": True}
WRITE = {"permission": Permission.WORK_WRITE}
Page = Annotated[int, Meta(ge=1, le=200)]
Sentence = Annotated[str, Meta(min_length=1, max_length=500)]


class Owner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose work it is; null gives it back to everybody."""

    owner_id: UUID | None


class Outcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of an item."""

    outcome: Sentence


class NextStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes next, and by when."""

    next_action: Sentence
    due_on: date


@get("/", opt=DESK)
async def list_today(
    snapshot: NamedDependency[Snapshot],
    clock: NamedDependency[Clock],
    owner_id: FromQuery[UUID | None] = None,
    after_on: FromQuery[date | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: FromQuery[Page] = 50,
) -> list[WorkView]:
    """What is open in all practices, earliest deadline first; `after_on` and `after` continue a page."""
    place = (after_on, after) if after_on is not None and after is not None else None
    today = clock.now().date()
    return await today_items(snapshot, today=today, owner_id=owner_id, after=place, limit=limit)


@get("/counts", opt=DESK)
async def count_today(snapshot: NamedDependency[Snapshot], clock: NamedDependency[Clock]) -> list[TodayCount]:
    """Open and overdue items by practice."""
    return await today_counts(snapshot, today=clock.now().date())


DESK_ROUTER = desk_routes("/work", list_today, count_today)


@get("/", opt=READ)
async def list_work(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    after_on: FromQuery[date | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: FromQuery[Page] = 50,
) -> list[WorkView]:
    """What is open in one practice, earliest deadline first."""
    place = (after_on, after) if after_on is not None and after is not None else None
    return await practice_items(session, practice_id, today=clock.now().date(), after=place, limit=limit)


@post("/{item_id:uuid}/assign", opt=WRITE, status_code=204)
async def assign(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[Owner],
) -> None:
    """Give an item to somebody."""
    await assign_item(session, practice_id, item_id, owner_id=data.owner_id, now=clock.now())


@post("/{item_id:uuid}/put-off", opt=WRITE, status_code=204)
async def put_off(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[NextStep],
) -> None:
    """Say what comes next, and by when."""
    await put_off_item(
        session,
        practice_id,
        item_id,
        due_on=data.due_on,
        next_action=data.next_action,
        now=clock.now(),
    )


@post("/{item_id:uuid}/close", opt=WRITE, status_code=204)
async def close(
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
    practice_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[Outcome],
) -> None:
    """Close an item with what came of it."""
    await close_item_by_id(session, practice_id, item_id, outcome=data.outcome, now=clock.now())


ROUTER = practice_routes("/work", list_work, assign, put_off, close)
