"""One simulated Stripe: its memory, its clock, its secrets and what was recorded of its visitors."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from integrations.stripe.simulator.faults import Faults
from integrations.stripe.simulator.forms import pairs
from integrations.stripe.simulator.memory import kept, recalled
from integrations.stripe.simulator.refusals import StripeRefusal
from integrations.stripe.simulator.resources import Resource, event_resource


class RecordedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to the API as it came over the wire."""

    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    body: bytes

    @property
    def raw(self) -> bytes:
        """Every byte that the visitor sent, for a search for what must not be there."""
        headers = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        return b"\n".join([f"{self.method} {self.path}".encode(), self.query, headers.encode(), self.body])

    @property
    def parameter_names(self) -> frozenset[str]:
        """The names of all parameters, nested ones as written."""
        try:
            return frozenset(name for name, _ in pairs(self.query) + pairs(self.body))
        except StripeRefusal:
            return frozenset({"?"})


class StripeWorld:
    """The state behind the simulator's pages and endpoints; changes are kept by `save`."""

    def __init__(
        self, *, secret_key: str, webhook_secret: str, state_path: Path | None, now: Callable[[], datetime]
    ) -> None:
        self.secret_key = secret_key
        self.webhook_secret = webhook_secret
        self.webhook_url: str | None = None
        self.pushes_webhooks = True
        self.address = ""
        self.now = now
        self.memory = recalled(state_path)
        self.faults = Faults()
        self.running_keys: set[str] = set()
        self.recorded: list[RecordedRequest] = []
        self._state_path = state_path

    @property
    def epoch(self) -> int:
        """The present in epoch seconds, by this world's own clock."""
        return int(self.now().timestamp())

    def emit(self, kind: str, account: str, subject: Resource) -> None:
        """Record an event about `subject` as it is now, and leave it for delivery."""
        event = event_resource(kind, account, subject, self.epoch)
        self.memory.put(account, event)
        self.memory.undelivered.append(event["id"])

    def save(self) -> None:
        """Keep the memory in its file, when there is one."""
        kept(self.memory, self._state_path)


def machine_time() -> datetime:
    """The default clock of a world."""
    return datetime.now(UTC)
