"""The compiled form: sorted lines with their index behind them, mapped into memory and never read whole.

The file is the lines, then the first key of every block of lines, one a line, then the place of every block
as eight bytes, then a footer of fixed length. The first line of text is the first row: nothing is skipped.
"""

import mmap
import os
import struct
import sys
from array import array
from pathlib import Path

from billing_rules.packs.manifest import PackRefused
from billing_rules.packs.sorted_lines import SortedLines

MAGIC = b"VLPACK01"
_FOOTER = struct.Struct("<QQQ8s")
"""Where the lines end, where the first keys end, how many blocks there are, and the mark of the form."""

SUFFIX = ".rows"


def write_compiled(lines: SortedLines, path: Path) -> None:
    """Write lines and index to a file beside `path`, flush it to the disk and put it in place at once."""
    firsts, offsets = lines.index()
    places = array("Q", offsets)
    if sys.byteorder == "big":
        places.byteswap()
    keys = b"".join(first + b"\n" for first in firsts)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as stream:
        for piece in lines.text():
            stream.write(piece)
        end = stream.tell()
        stream.write(keys)
        stream.write(places.tobytes())
        stream.write(_FOOTER.pack(end, end + len(keys), len(places), MAGIC))
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def open_compiled(path: Path) -> SortedLines:
    """Map a compiled file; raises PackRefused when it is not whole."""
    try:
        with path.open("rb") as stream:
            mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as wrong:
        raise PackRefused(f"the compiled rows cannot be read: {wrong}", file=path.name) from wrong
    if len(mapped) < _FOOTER.size:
        raise PackRefused("the compiled rows are cut off", file=path.name)
    end, keys_end, blocks, mark = _FOOTER.unpack(mapped[-_FOOTER.size :])
    if mark != MAGIC or not end <= keys_end or keys_end + 8 * blocks + _FOOTER.size != len(mapped):
        raise PackRefused("the compiled rows are cut off", file=path.name)
    places: array[int] = array("Q", mapped[keys_end : -_FOOTER.size])
    if sys.byteorder == "big":
        places.byteswap()
    firsts = mapped[end:keys_end].splitlines()
    if len(firsts) != blocks:
        raise PackRefused("the index of the compiled rows is broken", file=path.name)
    return SortedLines(mapped, firsts, places, end)
