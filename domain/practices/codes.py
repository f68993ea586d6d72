"""Codes as a practice may use them on a day, by the packs that its claims are judged by."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.code_lookup import CodeAnswer, CodeSystem, look_up
from domain.practices.rules import rule_book_for


async def code_on_day(
    session: AsyncSession, practice_id: UUID, system: CodeSystem, code: str, on: date
) -> CodeAnswer:
    """Whether a code may be used on the day, with its text, its source and what is billable under it."""
    book = await rule_book_for(session, practice_id)
    return look_up(book.shelf, system, code, on)
