"""Sorted lines in memory or in a mapped file: a key is found in a few steps, however many lines there are."""

import mmap
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, MutableSequence, Sequence

LINES_A_BLOCK = 64
"""Lines between two entries of the index; a block begins where a key begins, so no key is parted."""

BLOCKS_A_PIECE = 256
"""Blocks read at once by whoever reads all of them."""


class SortedLines:
    """Lines sorted bytewise, each beginning with its key and a tab and ending in a newline.

    `firsts` and `offsets` are the first key and the place of each block; `end` is where the lines end.
    """

    def __init__(
        self, buffer: bytes | mmap.mmap, firsts: Sequence[bytes], offsets: Sequence[int], end: int
    ) -> None:
        """Takes what `index_of` or a compiled file says; the buffer is read, never written."""
        self._buffer = buffer
        self._firsts = firsts
        self._offsets = offsets
        self._end = end

    def find(self, key: str) -> list[bytes]:
        """The lines of a key, without newline, in order."""
        sought = key.encode()
        block = bisect_right(self._firsts, sought) - 1
        if block < 0:
            return []
        text = self._buffer[self._offsets[block] : self._until(block)]
        prefix = sought + b"\t"
        start = 0 if text.startswith(prefix) else text.find(b"\n" + prefix) + 1
        if not text.startswith(prefix, start):
            return []
        return _leading(text, start, prefix)

    def starting(self, prefix: str) -> Iterator[bytes]:
        """The lines whose key begins with a prefix, without newline, in order."""
        sought = prefix.encode()
        for block in range(max(bisect_left(self._firsts, sought) - 1, 0), len(self._firsts)):
            if self._firsts[block] > sought and not self._firsts[block].startswith(sought):
                return
            text = self._buffer[self._offsets[block] : self._until(block)]
            yield from (line for line in text.splitlines() if line.startswith(sought))

    def __iter__(self) -> Iterator[bytes]:
        """Every line, without newline, in order."""
        for piece in self.text():
            yield from piece.splitlines()

    def text(self) -> Iterator[bytes]:
        """The lines as they stand, newlines included, in pieces, for checksums and copies."""
        for block in range(0, len(self._firsts), BLOCKS_A_PIECE):
            start = self._offsets[block]
            until = self._until(min(block + BLOCKS_A_PIECE, len(self._firsts)) - 1)
            yield self._buffer[start:until]
            self._let_go(start, until)

    def index(self) -> tuple[Sequence[bytes], Sequence[int]]:
        """First key and place of every block, for writing the compiled form."""
        return self._firsts, self._offsets

    def _let_go(self, start: int, until: int) -> None:
        """Whoever reads a mapped file through must not end up holding all of it in memory."""
        if isinstance(self._buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            page = start - start % mmap.PAGESIZE
            self._buffer.madvise(mmap.MADV_DONTNEED, page, until - page)

    def _until(self, block: int) -> int:
        return self._offsets[block + 1] if block + 1 < len(self._offsets) else self._end


def in_memory(text: bytes) -> SortedLines:
    """Lines held in memory, with the index made on the spot."""
    firsts: list[bytes] = []
    offsets: array[int] = array("Q")
    deque(indexing(text.splitlines(keepends=True), firsts, offsets), maxlen=0)
    return SortedLines(text, firsts, offsets, len(text))


def indexing(lines: Iterable[bytes], firsts: list[bytes], offsets: MutableSequence[int]) -> Iterator[bytes]:
    """Hand sorted lines on, newlines included, while noting first key and place of every block."""
    place, since, last = 0, LINES_A_BLOCK, b""
    for line in lines:
        key = line.partition(b"\t")[0]
        if since >= LINES_A_BLOCK and key != last:
            firsts.append(key)
            offsets.append(place)
            since = 0
        since += 1
        last = key
        place += len(line)
        yield line


def _leading(text: bytes, start: int, prefix: bytes) -> list[bytes]:
    found: list[bytes] = []
    while text.startswith(prefix, start):
        end = text.find(b"\n", start)
        found.append(text[start:end])
        start = end + 1
    return found
