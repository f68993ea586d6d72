"""How much a spreadsheet may hold, whatever its format."""

from collections.abc import Iterable, Iterator

from domain.practices.ports import SheetRow, SheetUnreadable

MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 500


def within_limits(rows: Iterable[tuple[int, list[str]]]) -> Iterator[SheetRow]:
    """Rows with text, each cell trimmed, trailing empty ones cut; raises SheetUnreadable naming the row."""
    for number, cells in rows:
        if number > MOST_ROWS:
            raise SheetUnreadable(f"the sheet has more than {MOST_ROWS} rows", pointer=f"/rows/{number}")
        trimmed = [cell.strip() for cell in cells]
        while trimmed and not trimmed[-1]:
            trimmed.pop()
        if len(trimmed) > MOST_COLUMNS:
            raise SheetUnreadable(f"row {number}: more than {MOST_COLUMNS} cells", pointer=f"/rows/{number}")
        if any(len(cell) > LONGEST_CELL for cell in trimmed):
            told = f"row {number}: a cell is longer than {LONGEST_CELL} characters"
            raise SheetUnreadable(told, pointer=f"/rows/{number}")
        if trimmed:
            yield SheetRow(number=number, cells=tuple(trimmed))
