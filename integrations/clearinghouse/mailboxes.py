"""Which mailbox a connection has on this machine: the payer simulator's, or none."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from domain.claims.ports import Clearinghouse, ClearinghouseUnavailable
from integrations.clearinghouse.simulator import SimulatedClearinghouse
from integrations.payer_simulator import PayerSimulator


class SimulatedMailboxes:
    """Every connection leads to one payer simulator, each with a mailbox of its own."""

    def __init__(
        self, payer: PayerSimulator, clock: Callable[[], datetime], keep_directory: Path | None = None
    ) -> None:
        self._payer, self._clock, self._keep_directory = payer, clock, keep_directory

    def mailbox(self, organization_id: UUID, connection_id: UUID) -> Clearinghouse:
        """The connection's mailbox at the simulator."""
        name = f"{organization_id}.{connection_id}"
        return SimulatedClearinghouse(self._payer, name, self._clock, self._keep_directory)


class NoMailboxes:
    """No clearinghouse is set up here: claims wait in their files, and nothing is lost."""

    def mailbox(self, organization_id: UUID, connection_id: UUID) -> Clearinghouse:
        """Raises ClearinghouseUnavailable, always."""
        raise ClearinghouseUnavailable(f"connection {connection_id} is not set up on this machine")
