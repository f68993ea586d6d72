"""Changing one field of a claim's line: procedure, modifiers or place; the rest comes from the record."""

import re
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimLine
from tenants.audit import note_change
from tenants.errors import Conflict, Invalid

_POINTER = re.compile(r"/lines/(\d{1,2})/(code|modifiers|place_of_service)")
_SHAPES = {
    "code": re.compile(r"[0-9A-Z]{5}"),
    "modifiers": re.compile(r"([0-9A-Z]{2}(, ?[0-9A-Z]{2}){0,3})?"),
    "place_of_service": re.compile(r"[0-9]{2}"),
}
_COLUMNS = {"code": "code", "modifiers": "modifiers", "place_of_service": "place_of_service"}


class LineChanged(Conflict):
    """The line does not say any more what the change is based on."""

    code = "line_changed"


class LineChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field by JSON pointer (lines count from 0) and what it becomes; modifiers are split by commas."""

    pointer: Annotated[str, Meta(pattern="^/lines/[0-9]{1,2}/(code|modifiers|place_of_service)$")]
    becomes: Annotated[str, Meta(max_length=40)]


async def read_line(session: AsyncSession, claim: Claim, pointer: str) -> str:
    """What the field says now; raises Invalid for a pointer that leads to no line of the claim."""
    line, field = await _line(session, claim, pointer)
    return _said(line, field)


async def change_line(session: AsyncSession, claim: Claim, change: LineChange, was: str) -> None:
    """Change the field; raises LineChanged when it says something else by now, Invalid for a false value."""
    line, field = await _line(session, claim, change.pointer)
    if _words(_said(line, field)) != _words(was):
        raise LineChanged(f"{change.pointer} of claim {claim.id} changed meanwhile")
    if not _SHAPES[field].fullmatch(change.becomes):
        raise Invalid("the value is none that this field takes", pointer="/becomes")
    value = list(_words(change.becomes)) if field == "modifiers" else change.becomes
    setattr(line, _COLUMNS[field], value)
    await session.flush()
    note_change(session, "update", "claim_lines", line.id)


async def _line(session: AsyncSession, claim: Claim, pointer: str) -> tuple[ClaimLine, str]:
    found = _POINTER.fullmatch(pointer)
    if found is None:
        raise Invalid("only procedure, modifiers and place of a line are corrected here", pointer="/pointer")
    mine = select(ClaimLine).where(ClaimLine.practice_id == claim.practice_id, ClaimLine.claim_id == claim.id)
    lines = list((await session.execute(mine.order_by(ClaimLine.number))).scalars())
    at = int(found[1])
    if at >= len(lines):
        raise Invalid("the claim has no such line", pointer="/pointer")
    return lines[at], found[2]


def _said(line: ClaimLine, field: str) -> str:
    return ", ".join(line.modifiers) if field == "modifiers" else str(getattr(line, _COLUMNS[field]))


def _words(said: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in said.split(",") if word.strip())
