"""Reading downloaded texts line by line, in the encoding they should have, or not at all."""

import csv
import hashlib
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

from billing_rules.packs.importers.archives import UNREADABLE, Part, opened
from billing_rules.packs.manifest import PackRefused

MOST_LINE_BYTES = 2**20
"""A longer line is no row, and would be held whole."""

HEAD_CHARACTERS = 4096
"""As much of a text is looked at before its shape is known."""

_STEP = 2**20


def text_lines(part: Part, encoding: str) -> Generator[str, None, None]:
    """The lines of a text with their ends; raises PackRefused for anything that is not that text."""
    try:
        with opened(part) as stream:
            size, blank, most = 0, True, part.most_bytes
            told = "utf-8-sig" if encoding == "utf-8" else encoding
            for number, line in enumerate(iter(partial(stream.readline, MOST_LINE_BYTES + 1), b""), 1):
                size += len(line)
                if len(line) > MOST_LINE_BYTES or size > most:
                    _refuse_size(part, number, len(line))
                yield _decoded(line, told, part, number, encoding)
                told = encoding
                blank = blank and not line.strip()
    except UNREADABLE as wrong:
        raise PackRefused(f"the file cannot be read: {wrong}", file=part.name) from wrong
    if blank:
        raise PackRefused("the file is empty", file=part.name)


def headed(lines: Iterator[str]) -> list[str]:
    """The first lines of a text, taken from it: a few thousand characters."""
    head: list[str] = []
    size = 0
    while size < HEAD_CHARACTERS and (line := next(lines, None)) is not None:
        head.append(line)
        size += len(line)
    return head


def cells(lines: Iterator[str], file: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a delimited text, their spaces made single, each with the line it begins on.

    Raises PackRefused for broken quoting.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            yield begins, [" ".join(cell.split()) for cell in row]
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


def _decoded(line: bytes, told: str, part: Part, number: int, encoding: str) -> str:
    if b"\0" in line:
        raise PackRefused("a NUL byte", line=number, file=part.name)
    try:
        return line.decode(told)
    except LookupError as wrong:
        raise PackRefused(f"there is no encoding {encoding}", file=part.name) from wrong
    except UnicodeError as wrong:
        raise PackRefused(f"the text is not {encoding}", line=number, file=part.name) from wrong


def _refuse_size(part: Part, number: int, length: int) -> None:
    if length > MOST_LINE_BYTES:
        raise PackRefused("the line is longer than any row", line=number, file=part.name)
    raise PackRefused("the file unpacks to more than any code table", line=number, file=part.name)
