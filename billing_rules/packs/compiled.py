"""The compiled form: sorted lines with their index behind them, mapped into memory and never read whole.

The file is the lines, then the first key of every block of lines, one a line, then the place of every block
as eight bytes, then a footer of fixed length. The first line of text is the first row: nothing is skipped.
"""

import mmap
import os
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from billing_rules.packs.manifest import PackRefused
from billing_rules.packs.sorted_lines import SortedLines, indexing

MAGIC = b"VLPACK01"
_FOOTER = struct.Struct("<QQQ8s")
"""Where the lines end, where the first keys end, how many blocks there are, and the mark of the form."""

SUFFIX = ".rows"


def write_compiled(lines: SortedLines, path: Path) -> None:
    """Write lines and index to a file beside `path`, flush it to the disk and put it in place at once."""
    firsts, offsets = lines.index()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as stream:
        stream.writelines(lines.text())
        _finish(stream, firsts, offsets)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def compile_lines(lines: Iterable[bytes], folder: Path | None) -> SortedLines:
    """Sorted lines, newlines included, compiled as they come into a file without a name, and mapped."""
    firsts: list[bytes] = []
    offsets: array[int] = array("Q")
    with TemporaryFile(dir=folder, buffering=2**20) as stream:
        stream.writelines(indexing(lines, firsts, offsets))
        _finish(stream, firsts, offsets)
        stream.flush()
        return _mapped(stream, "the compiled rows")


def open_compiled(path: Path) -> SortedLines:
    """Map a compiled file; raises PackRefused when it is not whole."""
    try:
        with path.open("rb") as stream:
            return _mapped(stream, path.name)
    except OSError as wrong:
        raise PackRefused(f"the compiled rows cannot be read: {wrong}", file=path.name) from wrong


def _finish(stream: IO[bytes], firsts: Sequence[bytes], offsets: Sequence[int]) -> None:
    places = array("Q", offsets)
    if sys.byteorder == "big":
        places.byteswap()
    end = stream.tell()
    stream.writelines(first + b"\n" for first in firsts)
    keys_end = stream.tell()
    stream.write(places.tobytes())
    stream.write(_FOOTER.pack(end, keys_end, len(places), MAGIC))


def _mapped(stream: IO[bytes], name: str) -> SortedLines:
    try:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as wrong:
        raise PackRefused(f"the compiled rows cannot be read: {wrong}", file=name) from wrong
    if len(mapped) < _FOOTER.size:
        raise PackRefused("the compiled rows are cut off", file=name)
    end, keys_end, blocks, mark = _FOOTER.unpack(mapped[-_FOOTER.size :])
    if mark != MAGIC or not end <= keys_end or keys_end + 8 * blocks + _FOOTER.size != len(mapped):
        raise PackRefused("the compiled rows are cut off", file=name)
    places: array[int] = array("Q", mapped[keys_end : -_FOOTER.size])
    if sys.byteorder == "big":
        places.byteswap()
    firsts = mapped[end:keys_end].splitlines()
    if len(firsts) != blocks:
        raise PackRefused("the index of the compiled rows is broken", file=name)
    return SortedLines(mapped, firsts, places, end)
