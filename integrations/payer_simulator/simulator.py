"""The simulated payers behind one address: X12 text in, X12 text out, on a clock that can be moved."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import RLock

from integrations.payer_simulator.book import PayerBook
from integrations.payer_simulator.claims_desk import ClaimsDesk
from integrations.payer_simulator.front_desk import FrontDesk
from integrations.payer_simulator.memory import Memory
from integrations.payer_simulator.payment_runs import PaymentRuns
from integrations.payer_simulator.policy import policies
from integrations.payer_simulator.post_office import PostOffice
from integrations.x12.problems import X12Refused
from integrations.x12.tokenizer import read_interchanges


class SubmissionDiffers(Exception):
    """A file of this name came before with another text."""


class PayerSimulator:
    """Adjudicates by the book; the same submissions at the same instants give the same answers.

    A mailbox is one connection: what it submits is answered into it. Without a name of its own it is
    the sender of ISA06. Safe to use from several threads, and from several processes over one file.
    """

    def __init__(self, plan: PayerBook, state_path: Path | None, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock = clock, RLock()
        self._memory = Memory(state_path)
        held, post_office, desk = policies(plan), PostOffice(self._memory), ClaimsDesk(self._memory)
        self._front_desk = FrontDesk(self._memory, held, desk, post_office)
        self._runs = PaymentRuns(self._memory, held, desk, post_office)

    def submit(
        self, file_text: str, at: datetime | None = None, *, mailbox: str = "", name: str = ""
    ) -> None:
        """Take a file in; the same name from the same mailbox again changes nothing.

        Raises SubmissionDiffers when the name came before with another text.
        """
        at = at or self._clock()
        with self._lock, self._memory.changes():
            self._runs.advance(at)
            if not name or self._is_new(f"file|{mailbox}|{name}", file_text):
                self._take(file_text, at, mailbox)

    def answers(self, at: datetime | None = None, *, mailbox: str | None = None) -> list[tuple[str, str]]:
        """Names and texts of the files that are due and not confirmed, oldest first; None: everybody's."""
        at = at or self._clock()
        with self._lock, self._memory.changes():
            self._runs.advance(at)
            held = self._memory.answers.rows.items()
            due = [
                (one.due_at, name, one.text)
                for name, one in held
                if one.due_at <= at and mailbox in {None, one.mailbox}
            ]
            return [(name, text) for _, name, text in sorted(due)]

    def confirm(self, names: list[str], *, mailbox: str | None = None) -> None:
        """Forget these files; names that are unknown, or another mailbox's, are passed over."""
        with self._lock, self._memory.changes():
            for name in names:
                answer = self._memory.answers.rows.get(name)
                if answer is not None and mailbox in {None, answer.mailbox}:
                    self._memory.answers.drop(name)

    def close(self) -> None:
        """Let go of the state file."""
        with self._lock:
            self._memory.close()

    def _is_new(self, key: str, text: str) -> bool:
        digest = sha256(text.encode()).hexdigest()
        known = self._memory.seen.rows.get(key)
        if known is None:
            self._memory.seen.put(key, digest)
        elif known != digest:
            raise SubmissionDiffers(f"{key.rpartition('|')[2]} was submitted before with another text")
        return known is None

    def _take(self, text: str, at: datetime, mailbox: str) -> None:
        try:
            for interchange in read_interchanges(text):
                self._front_desk.receive(interchange, mailbox or interchange.header.sender, at)
        except X12Refused:
            self._front_desk.refuse_unreadable(mailbox, at)
