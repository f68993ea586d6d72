"""Remark codes (RARC) that name work of their own, beside whatever the adjustment says."""

from functools import cache

from msgspec import Struct

from billing_rules.tables import read_table


class Remark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code, the kind of work it opens, why, and what to do next."""

    code: str
    work: str
    reason: str
    next_action: str


def remark_work(code: str) -> Remark | None:
    """What a remark code asks for by itself; None for one that only explains an adjustment."""
    return _by_code().get(code.strip().upper())


@cache
def _by_code() -> dict[str, Remark]:
    return {row.code: row for row in read_table("remarks.json", Remark).rows}
