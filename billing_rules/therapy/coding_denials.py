"""Denials of coding: which reason codes they are, and which check should have caught each."""

from functools import cache

from msgspec import Struct

from billing_rules.tables import read_table


class CodingDenial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer's reason code, and the rule ids of the checks that look at what it complains of."""

    reason: str
    checks: tuple[str, ...]


def coding_denial(reason_code: str) -> CodingDenial | None:
    """The row of a reason code (without its group); None for one that is not about coding."""
    return _rows().get(reason_code)


@cache
def _rows() -> dict[str, CodingDenial]:
    return {row.reason: row for row in read_table("coding_denials.json", CodingDenial).rows}
