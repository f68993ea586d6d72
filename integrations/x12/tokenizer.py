"""Finds the interchanges of a text: any delimiters, byte-order mark, line breaks, several in one file."""

import re
from collections.abc import Iterator

import msgspec

from integrations.x12.envelope_marks import Marked, mark_interchange
from integrations.x12.envelope_scan import EnvelopeScan
from integrations.x12.interchanges import (
    GroupHeader,
    Interchange,
    InterchangeAcknowledgement,
    InterchangeHeader,
    Transaction,
)
from integrations.x12.problems import Problem, X12Refused
from integrations.x12.segments import STANDARD, Delimiters, Segment

__all__ = [
    "STANDARD",
    "Delimiters",
    "GroupHeader",
    "Interchange",
    "InterchangeAcknowledgement",
    "InterchangeHeader",
    "Problem",
    "Segment",
    "Transaction",
    "X12Refused",
    "decode",
    "read_interchanges",
]

_ISA_LENGTH = 106
# Not \s: the separators 1C to 1F, which it counts as blanks, are what some senders use.
_ISA = re.compile(r"ISA(?=([^A-Za-z0-9 \t\r\n]).{0,2}\1)")
_BLANK = " \t\r\n\x00\x1a\ufeff"


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    start: int
    end: int
    elements: list[str]
    delimiters: Delimiters


def decode(data: bytes) -> str:
    """The text of a file: UTF-16 or UTF-8 by its mark, UTF-8 if it fits, otherwise Latin-1."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_interchanges(source: str | bytes) -> Iterator[Interchange]:
    """Every interchange in turn; raises X12Refused when there is none or an ISA cannot be read."""
    text = decode(source) if isinstance(source, bytes) else source
    reached, position, blank = 0, 1, _BLANK
    header = _find_header(text, 0)
    if header is None:
        raise X12Refused("no_interchange", "ISA", 1, "the text holds no readable ISA segment")
    while header is not None:
        outside = text[reached : header.start].strip(blank)
        marked = mark_interchange(text, header.end, header.delimiters, position)
        scan = EnvelopeScan(marked, header.delimiters, position, header.elements[13].strip())
        scan.run()
        _check_last_terminator(scan, marked)
        yield _interchange(scan, header, position, outside)
        position = scan.last_position() + 1
        blank = _BLANK + header.delimiters.segment
        reached, header = marked.resume, _find_header(text, marked.resume)
    _refuse_rest(text[reached:].strip(blank), position)


def _refuse_rest(rest: str, position: int) -> None:
    if rest:
        raise X12Refused("text_after_interchange", rest[:3], position, "text follows the last interchange")


def _find_header(text: str, start: int) -> _Header | None:
    for found in _ISA.finditer(text, start):
        separator = text[found.end()]
        parts = text[found.start() : found.start() + 4 * _ISA_LENGTH].split(separator, 16)
        if _is_header(parts):
            return _header(found.start(), separator, parts)
    return None


def _is_header(parts: list[str]) -> bool:
    if len(parts) != 17 or len("".join(parts[:16])) >= 2 * _ISA_LENGTH:
        return False
    ends = parts[16][:2]
    delimiters_are_signs = len(ends) == 2 and ends[0] != ends[1] and not any(one.isalnum() for one in ends)
    return delimiters_are_signs and parts[12].strip().isdigit()


def _header(start: int, separator: str, parts: list[str]) -> _Header:
    version, repetition = parts[12].strip(), parts[11]
    repeats = version >= "00402" and len(repetition) == 1 and not repetition.isalnum()
    delimiters = Delimiters(
        element=separator,
        component=parts[16][0],
        repetition=repetition if repeats else "",
        segment=parts[16][1],
    )
    end = start + len(separator.join(parts[:16])) + 3
    return _Header(start=start, end=end, elements=[*parts[:16], parts[16][0]], delimiters=delimiters)


def _interchange(scan: EnvelopeScan, header: _Header, position: int, outside: str) -> Interchange:
    return Interchange(
        header=_header_values(header.elements),
        delimiters=header.delimiters,
        position=position,
        announced=tuple(scan.announced),
        transactions=tuple(scan.transactions),
        acknowledgements=tuple(scan.acknowledgements),
        problems=tuple(scan.problems),
        notes=_notes(header, position, outside),
    )


def _check_last_terminator(scan: EnvelopeScan, marked: Marked) -> None:
    # Editors drop a last line break, so only a visible terminator proves that the end was cut off.
    terminator = scan.delimiters.segment
    if not scan.problems and terminator not in "\r\n" and marked.text[marked.end - 1] != terminator:
        segment, position = scan.last()
        detail = "the last segment has no terminator"
        scan.problems.append(
            Problem(code="interchange_truncated", segment=segment, position=position, detail=detail)
        )


def _notes(header: _Header, position: int, outside: str) -> tuple[Problem, ...]:
    notes = []
    if outside:
        detail = f"{len(outside)} characters before ISA were skipped"
        notes.append(Problem(code="text_before_interchange", segment="ISA", position=position, detail=detail))
    length = header.end - header.start
    if length != _ISA_LENGTH:
        detail = f"ISA is {length} characters long instead of 106; its separators were counted"
        notes.append(Problem(code="isa_length_wrong", segment="ISA", position=position, detail=detail))
    return tuple(notes)


def _header_values(elements: list[str]) -> InterchangeHeader:
    return InterchangeHeader(
        sender_qualifier=elements[5].strip(),
        sender=elements[6].strip(),
        receiver_qualifier=elements[7].strip(),
        receiver=elements[8].strip(),
        date_text=elements[9].strip(),
        time_text=elements[10].strip(),
        version=elements[12].strip(),
        control_number=elements[13].strip(),
        usage=elements[15].strip(),
    )
