"""Work items: once per subject and kind, always with a next action and a date."""

from datetime import date
from typing import Any

import pytest

from domain.work.items import (
    WorkItemNotOpen,
    assign_item,
    close_item,
    close_item_by_id,
    open_item,
    put_off_item,
)
from domain.work.queries import open_items_of, practice_items, today_counts, today_items
from tenants.database import Database
from tenants.errors import Invalid
from tenants.ids import new_id
from tests.conftest import Tenant, make_tenant

TODAY = date(2026, 3, 2)


def facts(database: Database, **changes: Any) -> dict[str, Any]:
    """What opens an item, with changes."""
    given = {
        "kind": "booking_unreserved",
        "subject_kind": "appointment",
        "subject_id": new_id(),
        "reason": "nothing is left",
        "next_action": "ask the payer for more visits",
        "due_on": date(2026, 3, 9),
        "now": database.clock.now(),
    }
    return given | changes


async def test_a_repeat_updates_the_open_item(database: Database, tenant: Tenant) -> None:
    """The same kind and subject stay one item, which takes the new reason and the earlier deadline."""
    first = facts(database)
    later = first | {"reason": "still nothing is left", "due_on": date(2026, 3, 20), "value_cents": 12000}
    async with database.practice_transaction(tenant.actor, tenant.practice_id) as session:
        ids = {await open_item(session, tenant.practice_id, **given) for given in (first, later)}
        (item,) = await open_items_of(
            session,
            tenant.practice_id,
            subject_kind="appointment",
            subject_id=first["subject_id"],
            today=TODAY,
        )
    assert ids == {item.id}
    assert (item.reason, item.due_on, item.value_cents, item.repeats) == (
        "still nothing is left",
        date(2026, 3, 9),
        12000,
        1,
    )


async def test_a_closed_item_makes_room_for_a_new_one(database: Database, tenant: Tenant) -> None:
    """After closing, the same subject and kind open another item; closing twice closes once."""
    given = facts(database)
    about = {key: given[key] for key in ("kind", "subject_kind", "subject_id")}
    async with database.practice_transaction(tenant.actor, tenant.practice_id) as session:
        first = await open_item(session, tenant.practice_id, **given)
        closing = about | {"outcome": "done", "now": database.clock.now()}
        assert await close_item(session, tenant.practice_id, **closing) == first
        assert await close_item(session, tenant.practice_id, **closing) is None
        assert await open_item(session, tenant.practice_id, **given) != first


async def test_an_item_needs_a_next_action(database: Database, tenant: Tenant) -> None:
    """Nothing is open without a next action."""
    with pytest.raises(Invalid, match="next action"):
        async with database.practice_transaction(tenant.actor, tenant.practice_id) as session:
            await open_item(session, tenant.practice_id, **facts(database, next_action=" "))


async def test_assigning_and_putting_off(database: Database, tenant: Tenant) -> None:
    """An owner and a later date are kept; an item that is closed takes neither."""
    now, practice_id = database.clock.now(), tenant.practice_id
    async with database.practice_transaction(tenant.actor, practice_id) as session:
        item_id = await open_item(session, practice_id, **facts(database))
        await assign_item(session, practice_id, item_id, owner_id=tenant.actor.id, now=now)
        await put_off_item(
            session, practice_id, item_id, due_on=date(2026, 4, 1), next_action="call again", now=now
        )
        (item,) = await practice_items(session, practice_id, today=TODAY)
        await close_item_by_id(session, practice_id, item_id, outcome="done", now=now)
        with pytest.raises(WorkItemNotOpen):
            await assign_item(session, practice_id, item_id, owner_id=None, now=now)
    assert (item.owner_id, item.due_on, item.next_action) == (
        tenant.actor.id,
        date(2026, 4, 1),
        "call again",
    )


async def test_today_lists_all_practices_by_deadline(database: Database) -> None:
    """The earliest deadline comes first whatever its practice, page by page."""
    tenant = await make_tenant(database, 2)
    due = {1: date(2026, 3, 1), 2: date(2026, 3, 4), 3: date(2026, 3, 6)}
    for number, due_on in due.items():
        practice_id = tenant.practice_ids[number % 2]
        async with database.practice_transaction(tenant.actor, practice_id) as session:
            await open_item(session, practice_id, **facts(database, due_on=due_on))
    async with database.practices_snapshot(tenant.actor) as snapshot:
        first = await today_items(snapshot, today=TODAY, limit=2)
        after = (first[-1].due_on, first[-1].id)
        rest = await today_items(snapshot, today=TODAY, after=after)
        counts = {c.practice_id: c for c in await today_counts(snapshot, today=TODAY)}
    assert [item.due_on for item in (*first, *rest)] == list(due.values())
    assert [item.is_overdue for item in first] == [True, False]
    assert counts[tenant.practice_ids[1]].open_items == 2
    assert counts[tenant.practice_ids[1]].overdue_items == 1
