"""All that the simulated Stripe remembers, by connected account, kept in a file when one is named."""

import os
from pathlib import Path
from typing import Any

import msgspec

from integrations.stripe.simulator.refusals import ResourceMissing
from integrations.stripe.simulator.resources import Resource

_NOUNS = {"cs": "checkout.session", "pi": "payment_intent", "evt": "event"}


class SavedReply(msgspec.Struct, kw_only=True):
    """The answer that a repeated idempotency key gets; `created` in epoch seconds."""

    fingerprint: str
    status: int
    body: dict[str, Any]
    created: int


class Memory(msgspec.Struct, kw_only=True):
    """Objects by account and id, the payment data of sessions, saved replies, events not yet delivered."""

    objects: dict[str, dict[str, Resource]] = msgspec.field(default_factory=dict)
    intent_data: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    item_names: dict[str, str] = msgspec.field(default_factory=dict)
    replies: dict[str, SavedReply] = msgspec.field(default_factory=dict)
    undelivered: list[str] = msgspec.field(default_factory=list)

    def put(self, account: str, thing: Resource) -> None:
        """Remember `thing` under its id in `account`."""
        self.objects.setdefault(account, {})[thing["id"]] = thing

    def get(self, account: str, thing_id: str, prefix: str) -> Resource:
        """The object; raises ResourceMissing when this account has none of that id and kind."""
        thing = self.objects.get(account, {}).get(thing_id)
        if thing is None or not thing_id.startswith(f"{prefix}_"):
            raise ResourceMissing(_NOUNS[prefix], "id")
        return thing

    def account_of(self, thing_id: str) -> str:
        """The account that holds the id; raises ResourceMissing when none does."""
        for account, things in self.objects.items():
            if thing_id in things:
                return account
        raise ResourceMissing("object", "id")

    def of_kind(self, kind: str) -> list[tuple[str, Resource]]:
        """Every (account, object) of `kind`, oldest first."""
        return [
            (account, thing)
            for account, things in self.objects.items()
            for thing in things.values()
            if thing["object"] == kind
        ]


def recalled(path: Path | None) -> Memory:
    """What was kept in `path`, or an empty memory."""
    if path is None or not path.exists():
        return Memory()
    return msgspec.json.decode(path.read_bytes(), type=Memory)


def kept(memory: Memory, path: Path | None) -> None:
    """Write the memory whole or not at all; does nothing without a path."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(memory))
    os.replace(fresh, path)
