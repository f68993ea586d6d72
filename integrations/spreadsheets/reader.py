"""The adapter that reads uploaded spreadsheets, away from the event loop."""

import asyncio

from domain.practices.ports import Sheet, SheetUnreadable
from integrations.spreadsheets.csv_sheets import read_csv
from integrations.spreadsheets.xlsx_sheets import read_xlsx

LARGEST_FILE = 5 * 1024 * 1024
ZIP_MARK = b"PK\x03\x04"


class Spreadsheets:
    """Reads by what the bytes are, not by what the name says; refuses a name that says otherwise."""

    async def read(self, file_name: str, content: bytes) -> Sheet:
        """The first sheet of the file; raises SheetUnreadable."""
        if len(content) > LARGEST_FILE:
            raise SheetUnreadable(f"the file is larger than {LARGEST_FILE} bytes", pointer="/content")
        named = file_name.lower().rpartition(".")[2]
        if named not in ("csv", "xlsx"):
            raise SheetUnreadable("only .csv and .xlsx files are read", pointer="/file_name")
        if content.startswith(ZIP_MARK) != (named == "xlsx"):
            raise SheetUnreadable("the content is not what the file name says", pointer="/content")
        return await asyncio.to_thread(read_xlsx if named == "xlsx" else read_csv, content)
