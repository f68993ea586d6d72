"""All that the payers remember; with a path, in a SQLite file too, which survives restarts."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from integrations.payer_simulator.settlements import SettledClaim

T = TypeVar("T")


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a connection as ISA and GS name it."""

    qualifier: str
    id: str
    application_id: str


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox: who we are to it, who it is, and whether it sends test or production files."""

    ours: Partner
    theirs: Partner
    usage: str


class DuePayment(msgspec.Struct, frozen=True, kw_only=True):
    """A decided claim, or its reversal, that waits for a payment run."""

    order: int
    at: datetime
    control_number: str
    reversal: bool
    outcome: str


class Reconsideration(msgspec.Struct, frozen=True, kw_only=True):
    """A paid claim that the payer will reverse and pay anew by itself."""

    at: datetime
    control_number: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A file for a mailbox, to be had from `due_at` until it is confirmed."""

    mailbox: str
    due_at: datetime
    text: str


class Shelf(Generic[T]):
    """Rows of one kind by key, which knows what has changed since it was last kept."""

    def __init__(self, kind: str, row_type: Any) -> None:
        self.kind, self.row_type = kind, row_type
        self.rows: dict[str, T] = {}
        self.changed: set[str] = set()

    def put(self, key: str, row: T) -> None:
        """Set a row."""
        self.rows[key] = row
        self.changed.add(key)

    def drop(self, key: str) -> None:
        """Forget a row; an unknown key is no error."""
        if self.rows.pop(key, None) is not None:
            self.changed.add(key)


class Memory:
    """The shelves of one simulator; `changes` is the only way to change them."""

    def __init__(self, path: Path | None) -> None:
        self._counters: Shelf[int] = Shelf("counter", int)
        self.carried: Shelf[int] = Shelf("carried", int)
        self.seen: Shelf[str] = Shelf("seen", str)
        self.connections: Shelf[Connection] = Shelf("connection", Connection)
        self.claims: Shelf[SettledClaim] = Shelf("claim", SettledClaim)
        self.standing: Shelf[bool] = Shelf("standing", bool)
        self.payments: Shelf[DuePayment] = Shelf("payment", DuePayment)
        self.reconsiderations: Shelf[Reconsideration] = Shelf("reconsideration", Reconsideration)
        self.answers: Shelf[Answer] = Shelf("answer", Answer)
        self._shelves: dict[str, Shelf[Any]] = {
            one.kind: one for one in vars(self).values() if isinstance(one, Shelf)
        }
        self._file = _opened(path) if path is not None else None
        self._version = -1
        self.reloads = 0

    def next(self, counter: str) -> int:
        """The next number of a sequence, from 1."""
        number = self._counters.rows.get(counter, 0) + 1
        self._counters.put(counter, number)
        return number

    @contextmanager
    def changes(self) -> Iterator[None]:
        """Keep all changes of the block together or none; another process may own the file in between."""
        if self._file is None:
            yield
            return
        self._file.execute("begin immediate")
        try:
            self._refresh(self._file)
            yield
            self._keep(self._file)
            self._file.execute("commit")
        except BaseException:
            self._file.execute("rollback")
            self._version = -1
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _refresh(self, file: sqlite3.Connection) -> None:
        version = file.execute("pragma data_version").fetchone()[0]
        if version == self._version:
            return
        self._version = version
        self.reloads += 1
        for shelf in self._shelves.values():
            shelf.rows.clear()
            shelf.changed.clear()
        for kind, key, body in file.execute("select kind, key, body from kept order by rowid"):
            shelf = self._shelves[kind]
            shelf.rows[key] = msgspec.json.decode(body, type=shelf.row_type)

    def _keep(self, file: sqlite3.Connection) -> None:
        for shelf in self._shelves.values():
            changed, shelf.changed = shelf.changed, set()
            held = {one: shelf.rows[one] for one in changed if one in shelf.rows}
            put = [(shelf.kind, one, msgspec.json.encode(row)) for one, row in held.items()]
            gone = [(shelf.kind, one) for one in changed if one not in held]
            file.executemany("insert or replace into kept (kind, key, body) values (?, ?, ?)", put)
            file.executemany("delete from kept where kind = ? and key = ?", gone)


def _opened(path: Path) -> sqlite3.Connection:
    """The file, made for its owner only when it is new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    file = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    file.execute("create table if not exists kept (kind text, key text, body blob, primary key (kind, key))")
    return file
