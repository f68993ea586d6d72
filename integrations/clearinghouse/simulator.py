"""A clearinghouse whose far end is the payer simulator; nothing passes through it but X12 text."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from domain.claims.ports import ClearinghouseUnavailable, InboundFile
from integrations.payer_simulator import PayerSimulator

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class SimulatedClearinghouse:
    """The mailbox of one connection; several may share a payer. `is_down` makes every call fail.

    With `keep_directory`, each file is also kept there: `<connection>/sent/` and `<connection>/received/`.
    """

    def __init__(
        self,
        payer: PayerSimulator,
        connection: str,
        clock: Callable[[], datetime],
        keep_directory: Path | None = None,
    ) -> None:
        self.is_down = False
        self._payer, self._connection, self._clock = payer, connection, clock
        self._keep_directory = keep_directory

    async def send(self, name: str, text: str) -> None:
        """Submit a file to the payer now; raises ClearinghouseUnavailable, SubmissionDiffers."""
        self._refuse_when_down()
        await asyncio.to_thread(self._payer.submit, text, self._clock(), mailbox=self._connection, name=name)
        self._keep("sent", name, text)

    async def collect(self) -> list[InboundFile]:
        """What is due by the clock and not confirmed; raises ClearinghouseUnavailable."""
        self._refuse_when_down()
        answers = await asyncio.to_thread(self._payer.answers, self._clock(), mailbox=self._connection)
        for name, text in answers:
            self._keep("received", name, text)
        return [InboundFile(name=name, content=text.encode("ascii")) for name, text in answers]

    async def confirm(self, names: list[str]) -> None:
        """Take files out of the mailbox; unknown names are passed over; raises ClearinghouseUnavailable."""
        self._refuse_when_down()
        await asyncio.to_thread(self._payer.confirm, names, mailbox=self._connection)

    def _refuse_when_down(self) -> None:
        if self.is_down:
            raise ClearinghouseUnavailable(self._connection)

    def _keep(self, folder: str, name: str, text: str) -> None:
        if self._keep_directory is None:
            return
        path = self._keep_directory / _safe(self._connection) / folder / _safe(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii", newline="")


def _safe(name: str) -> str:
    """The name as one part of a path."""
    return _UNSAFE.sub("_", name).lstrip(".") or "_"
