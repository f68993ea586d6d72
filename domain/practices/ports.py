"""What the capability of practices needs of the world outside: somebody who reads spreadsheets."""

from typing import Protocol

from msgspec import Struct

from tenants.errors import Invalid


class SheetUnreadable(Invalid):
    """The file is no spreadsheet that can be read safely; nothing of it is kept."""

    code = "sheet_unreadable"


class SheetRow(Struct, frozen=True, kw_only=True):
    """One row as text, cell by cell; `number` is its line in the file, counted from 1.

    A date reads 2026-01-31, a percentage 110%, a formula begins with an equals sign.
    """

    number: int
    cells: tuple[str, ...]


class Sheet(Struct, frozen=True, kw_only=True):
    """The one table of a file, its heading first; rows without any text are left out."""

    name: str
    rows: tuple[SheetRow, ...]


class SheetReader(Protocol):
    """Reads the bytes of a CSV or XLSX file; runs nothing in it and follows no link."""

    async def read(self, file_name: str, content: bytes) -> Sheet:
        """The first sheet of the file; raises SheetUnreadable, naming the row where there is one."""
        ...
