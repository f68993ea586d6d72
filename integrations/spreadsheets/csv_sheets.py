"""Reading comma-separated text: UTF-8, one heading, rows counted by the lines they begin on."""

import csv
import io
from collections.abc import Iterator

from domain.practices.ports import Sheet, SheetUnreadable
from integrations.spreadsheets.limits import within_limits


def read_csv(content: bytes) -> Sheet:
    """The table of a CSV file; raises SheetUnreadable for other text or unbalanced quotes."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise SheetUnreadable("the file is not UTF-8 text", pointer="/content") from wrong
    if "\x00" in text:
        raise SheetUnreadable("the file holds null characters", pointer="/content")
    return Sheet(name="csv", rows=tuple(within_limits(_rows(text))))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as wrong:
        raise SheetUnreadable(f"row {begins}: the quotes do not match", pointer=f"/rows/{begins}") from wrong
