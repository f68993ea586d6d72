"""Rate sheets as payers send them, and short ways to import them."""

import base64
import io
from typing import Any

from openpyxl import Workbook

from tests.api.v1.clinic import Clinic


def csv_of(*rows: str) -> bytes:
    """A sheet as comma-separated text."""
    return "\n".join(rows).encode()


def xlsx_of(*rows: tuple[Any, ...], percent: str | None = None) -> bytes:
    """A sheet as a workbook; the cell named by `percent` is shown as a percentage."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if percent:
        sheet[percent].number_format = "0.00%"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def sheet(content: bytes, **changes: Any) -> dict[str, Any]:
    """What imports a sheet."""
    name = "rates.xlsx" if content.startswith(b"PK") else "rates.csv"
    told = {"name": "Harbor agreement", "file_name": name, "starts_on": "2026-01-01"}
    return told | {"content": base64.b64encode(content).decode()} | changes


async def preview(clinic: Clinic, content: bytes, *, status: int = 201, **changes: Any) -> Any:
    """Preview a sheet for the clinic's payer."""
    path = f"/contracts/{changes.pop('payer', clinic.ids['payer'])}/rate-sheets"
    return await clinic.send(path, sheet(content, **changes), status=status)


async def agree(clinic: Clinic, content: bytes, **changes: Any) -> Any:
    """Preview and confirm a sheet; returns the version."""
    told = await preview(clinic, content, **changes)
    path = f"/contracts/{told['payer_id']}/rate-sheets/{told['version_id']}/confirm"
    return await clinic.send(path, None, status=200)


async def claim_of(clinic: Clinic, *visits: Any) -> str:
    """The one claim of these visits."""
    made = await clinic.send("/claims/assemble", {"visit_ids": [visit["id"] for visit in visits]})
    [claim_id] = made["claim_ids"]
    return str(claim_id)


async def expected(clinic: Clinic, claim_id: str, known_at: str | None = None) -> Any:
    """What the claim should be paid."""
    asked = f"?known_at={known_at}" if known_at else ""
    return await clinic.read(f"/claims/{claim_id}/expected{asked}")


def allowed(told: Any) -> dict[str, int | None]:
    """What is allowed, by code."""
    return {line["code"]: line["allowed_cents"] for line in told["lines"]}
