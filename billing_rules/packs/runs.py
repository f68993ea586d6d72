"""Sorting more rows than memory should hold: sorted runs on the disk, merged into one stream."""

import heapq
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from billing_rules.packs.manifest import PackRefused

RUN_BYTES = 2**24
"""Bytes of rows sorted at once; a table of fewer never touches the disk."""

MOST_RUNS = 256
"""As many files are open while they are merged; no public table comes near."""


class Entry(NamedTuple):
    """A line without its newline, and the number of the file and the line in it where it was read."""

    line: bytes
    file: int
    number: int


class Runs:
    """Lines taken in any order and given back sorted, each with the place it was read at.

    The files have no name: the kernel takes them back with the process, however that ends.
    """

    def __init__(self, folder: Path | None, run_bytes: int = RUN_BYTES) -> None:
        """The folder holds the runs, by default the system's for temporary files."""
        self._folder = folder
        self._run_bytes = run_bytes
        self._held: list[bytes] = []
        self._size = 0
        self._files: list[IO[bytes]] = []

    @property
    def spilled(self) -> bool:
        """Whether there was more than memory should hold."""
        return bool(self._files)

    def add(self, line: bytes, file: int, number: int) -> None:
        """Take a line that ends in a newline and holds no NUL; raises PackRefused for far too many."""
        # NUL sorts before whatever a cell may hold, so an entry sorts as its line, then by its place.
        entry = b"%b\0%05d%010d\n" % (line[:-1], file, number)
        self._held.append(entry)
        self._size += len(entry)
        if self._size >= self._run_bytes:
            self._spill()

    def sorted(self) -> Iterator[bytes]:
        """Every entry in order, to be read by `entry_of`; can be taken once."""
        self._held.sort()
        for file in self._files:
            file.seek(0)
        return heapq.merge(*self._files, self._held) if self._files else iter(self._held)

    def close(self) -> None:
        """Give the disk back."""
        for file in self._files:
            file.close()
        self._held.clear()

    def _spill(self) -> None:
        if len(self._files) == MOST_RUNS:
            raise PackRefused("there are more rows than any code table has")
        file = TemporaryFile(dir=self._folder, buffering=2**16)  # noqa: SIM115 - closed by `close`
        self._files.append(file)
        self._held.sort()
        file.writelines(self._held)
        self._held.clear()
        self._size = 0


def entry_of(entry: bytes) -> Entry:
    """The line and its place."""
    line, _, place = entry.partition(b"\0")
    return Entry(line, int(place[:5]), int(place[5:]))


def line_of(entry: bytes) -> bytes:
    """The line with its newline."""
    return entry.partition(b"\0")[0] + b"\n"
