"""Reading downloaded files: whole, in the encoding they should have, packed or not, or not at all."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from billing_rules.packs.manifest import PackRefused

MOST_BYTES = 2**31
"""A file that unpacks to more is no code table."""

_STEP = 2**20


def read_text(path: Path, encoding: str) -> str:
    """The text of a file, unpacked when it is gzip; raises PackRefused for anything that is not that text."""
    try:
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = _unpacked(path)
    except (OSError, EOFError, zlib.error) as wrong:
        raise PackRefused(f"the file cannot be read: {wrong}", file=path.name) from wrong
    if not content.strip():
        raise PackRefused("the file is empty", file=path.name)
    nul = content.find(b"\0")
    if nul >= 0:
        raise PackRefused("a NUL byte", line=_line(content, nul), file=path.name)
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as wrong:
        raise PackRefused(
            f"the text is not {encoding}", line=_line(content, wrong.start), file=path.name
        ) from wrong


def cells(text: str, file: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a delimited text, each with the line it begins on; raises PackRefused for broken quoting."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            yield begins, [cell.strip() for cell in row]
            begins = reader.line_num + 1
    except csv.Error as wrong:
        raise PackRefused(f"the row cannot be read: {wrong}", line=begins, file=file) from wrong


def file_checksum(path: Path) -> str:
    """The sha256 of a file as it was downloaded."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_STEP):
            digest.update(piece)
    return digest.hexdigest()


def _unpacked(path: Path) -> bytes:
    pieces, size = [], 0
    with gzip.open(path) as stream:
        while piece := stream.read(_STEP):
            size += len(piece)
            if size > MOST_BYTES:
                raise PackRefused("the file unpacks to more than any code table", file=path.name)
            pieces.append(piece)
    return b"".join(pieces)


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1
