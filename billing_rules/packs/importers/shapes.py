"""The shapes of files: which columns a header must name, wherever in the first lines it stands and wraps."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest

from msgspec import Struct

from billing_rules.packs.importers.records import Record
from billing_rules.packs.manifest import PackRefused
from billing_rules.packs.rows import Row

PREAMBLE = 40
"""A header that has not come by this row does not come."""

WRAPPED = 7
"""A header is wrapped over no more rows than this."""

Build = Callable[[Record], Row | None]
"""From a record to its row; nothing for a record that the table does not hold, such as a modifier."""

Rows = Sequence[tuple[int, list[str]]]


class Column(Struct, frozen=True):
    """A column: our name, how headers write it (a pattern over the whole cell), whether it may lack."""

    name: str
    pattern: str
    optional: bool = False


class Shape(Struct, frozen=True):
    """A header and what is made of its rows.

    `in_order` columns are known by their place, `carried` ones repeat the row before where they are empty,
    and a row with a `footnote` in its first cell and nothing in its second is passed over.
    """

    columns: tuple[Column, ...]
    build: Build
    delimiter: str = ","
    in_order: bool = False
    carried: tuple[str, ...] = ()
    footnote: str = r"(?!)"

    def places(self, header: Sequence[str]) -> dict[str, int] | None:
        """Where each column stands in a header, or nothing when it is not this shape's."""
        if self.in_order:
            return self._in_order(header)
        found: dict[str, int] = {}
        for at, cell in enumerate(header):
            column = next((one for one in self.columns if re.fullmatch(one.pattern, cell)), None)
            if column is None or column.name in found:
                return None
            found[column.name] = at
        lacking = [one for one in self.columns if one.name not in found and not one.optional]
        return None if lacking else found

    def likeness(self, header: Sequence[str]) -> int:
        """How many cells of a header this shape knows."""
        return sum(any(re.fullmatch(one.pattern, cell) for one in self.columns) for cell in header if cell)

    def fault(self, header: Sequence[str]) -> str:
        """What parts a header from this shape, in words."""
        unknown = [
            cell for cell in header if not any(re.fullmatch(one.pattern, cell) for one in self.columns)
        ]
        if unknown:
            return f"unknown column: {unknown[0] or 'without a name'}"
        lacking = [
            one.name
            for one in self.columns
            if not one.optional and not any(re.fullmatch(one.pattern, cell) for cell in header)
        ]
        return f"missing column: {lacking[0]}" if lacking else "a column stands twice"

    def _in_order(self, header: Sequence[str]) -> dict[str, int] | None:
        if len(header) != len(self.columns):
            return None
        if not all(re.fullmatch(one.pattern, cell) for one, cell in zip(self.columns, header, strict=True)):
            return None
        return {one.name: at for at, one in enumerate(self.columns)}


def named(build: Build, *names: str, optional: tuple[str, ...] = ()) -> Shape:
    """A comma-separated shape whose columns are called what we call them."""
    columns = [Column(name, re.escape(name.lower())) for name in names]
    columns += [Column(name, re.escape(name.lower()), True) for name in optional]
    return Shape(tuple(columns), build)


def find_header(shapes: Sequence[Shape], rows: Rows, file: str) -> tuple[Shape, dict[str, int], int]:
    """The shape whose header stands in the first rows, its places, and the row after the header.

    Raises PackRefused naming the unknown or missing column of the row that is most like a header.
    """
    for at in range(min(len(rows), PREAMBLE)):
        for header in _headers(rows, at):
            for shape in shapes:
                places = shape.places(header)
                if places is not None:
                    return shape, places, _after(rows, at + 1, places)
    best = max(
        (
            (shape.likeness(header), -at, shape, header)
            for at in range(min(len(rows), PREAMBLE))
            for header in islice(_headers(rows, at), 1)
            for shape in shapes
        ),
        key=lambda one: one[:2],
        default=None,
    )
    if best is None or not best[0]:
        raise PackRefused("no header of this table is found", line=1, file=file)
    raise PackRefused(best[2].fault(best[3]), line=rows[-best[1]][0], file=file)


def _headers(rows: Rows, at: int) -> Iterator[list[str]]:
    """Headers that may end at a row: the row alone, stacked by column, or run on over ends of lines."""
    yield _trimmed(rows[at][1])
    for first in range(at - 1, max(at - WRAPPED, -1), -1):
        window = [cells for _, cells in rows[first : at + 1]]
        yield _trimmed([" ".join(stack) for stack in zip_longest(*window, fillvalue="")])
        running = list(window[0])
        for cells in window[1:]:
            running[-1:] = [f"{running[-1] if running else ''} {cells[0] if cells else ''}", *cells[1:]]
        yield _trimmed(running)


def _after(rows: Rows, at: int, places: dict[str, int]) -> int:
    """Pass over what is left of a stacked header: rows whose first cell is empty and which hold no number."""
    first = min(places.values())
    while at < len(rows):
        cells = rows[at][1]
        if (len(cells) > first and cells[first]) or any(re.search(r"\d{4}", cell) for cell in cells):
            break
        at += 1
    return at


def _trimmed(cells: Sequence[str]) -> list[str]:
    plain = [re.sub(r"\s+", " ", cell).strip().lower() for cell in cells]
    while plain and not plain[-1]:
        plain.pop()
    return plain
