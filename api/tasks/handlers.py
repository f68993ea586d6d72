"""The two ways in which a task is worked on."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from tenants.access import Actor, system_actor
from tenants.outbox import Task


class InTransaction(Struct, frozen=True):
    """Works in the transaction that claims the row: effect and done-mark commit together."""

    run: Callable[[AsyncSession, Any, Services], Awaitable[None]]


class Outside(Struct, frozen=True):
    """Calls somebody outside between two transactions of its own, so it may run twice and must bear it."""

    run: Callable[[Any, Services], Awaitable[None]]


Handler = InTransaction | Outside


def acting(task: Task) -> Actor:
    """The product itself at work on this task, for the doors that a handler opens."""
    actor = system_actor(
        task.organization_id, f"task {type(task).__name__}", practice_ids=frozenset({task.practice_id})
    )
    return msgspec.structs.replace(actor, request_id=type(task).__name__)
