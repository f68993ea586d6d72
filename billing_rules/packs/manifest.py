"""What a pack says of itself: which table, for which days, from where, checked when, proven by what."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec import Struct

from billing_rules.days import within


class PackRefused(ValueError):
    """Raised for a pack that is refused whole; names the reason and, where there is one, file and line."""

    def __init__(self, reason: str, *, line: int | None = None, file: str | None = None) -> None:
        """The line is counted from 1 in the file as it was given."""
        where = ", ".join(part for part in (file or "", f"line {line}" if line is not None else "") if part)
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason = reason
        self.line = line
        self.file = file


class PackVector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question to a pack: the rows expected for a key on a day, as far as their fields are named.

    An empty list means that the pack has no such row; null that it is not in force and cannot tell.
    """

    id: str
    key: str
    on: date
    expected: tuple[dict[str, Any], ...] | None


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The dates are days of service; a null end means until a later pack of the table and scope begins.

    `sha256` covers the rows and what they are in force for, `review_on` is the day from which the pack is
    due to be replaced or looked at again, `supersedes` names a version of the same first day it corrects.
    """

    table: str
    scope: str
    version: str
    starts_on: date
    ends_on: date | None
    source: str
    terms: str
    checked_on: date
    review_on: date | None
    supersedes: str | None
    sha256: str
    row_count: int
    vectors: tuple[PackVector, ...]

    def is_in_force(self, on: date) -> bool:
        """Whether the day lies within the pack's own dates."""
        return within(on, self.starts_on, self.ends_on)

    def is_due(self, on: date) -> bool:
        """Whether the pack's day of review has come."""
        return self.review_on is not None and self.review_on <= on

    def __str__(self) -> str:
        """Name the pack for people: table, scope, version and days."""
        scope = f" {self.scope}" if self.scope else ""
        until = "on" if self.ends_on is None else f"to {self.ends_on}"
        return f"{self.table}{scope} version {self.version} from {self.starts_on} {until}"


def checksum(
    table: str, scope: str, version: str, starts_on: date, ends_on: date | None, lines: Iterable[bytes]
) -> str:
    """The sha256 of a pack: its name and days, then its sorted lines, each with its newline."""
    digest = hashlib.sha256(f"{table}\t{scope}\t{version}\t{starts_on}\t{ends_on or ''}\n".encode())
    for line in lines:
        digest.update(line)
    return digest.hexdigest()
