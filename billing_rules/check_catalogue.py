"""The catalogue of checks: of each rule id its family, its risk and where a repeated error belongs."""

from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.tables import read_table

Family: TypeAlias = Literal["payer", "specialty", "history", "trend"]
"""From what a payer or the claim format wants, from the specialty's coding and documentation, from this
patient's own history (coverage, authorization, plans, other claims), or from what was rejected lately."""

Risk: TypeAlias = Literal["low", "high", "not_fixable"]
"""Low: a correction may be applied and is listed. High: a person decides on linked evidence. Not fixable:
nothing on the claim can mend it, such as a service given without approval."""

Upstream: TypeAlias = Literal["registration", "payer_setup", "coding", "scheduling", "documentation"]
"""Where the error was made, so that a repeated one becomes one task there."""


class CheckEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a check by its rule id; `asks_clinician` opens a query to whoever documented."""

    rule: str
    family: Family
    risk: Risk
    upstream: Upstream
    asks_clinician: bool = False


class CheckUnknown(LookupError):
    """Raised for a rule id that the catalogue of checks does not hold: every check has an entry."""


def check_entry(rule: str) -> CheckEntry:
    """The catalogue's entry of a rule id; raises CheckUnknown."""
    entry = _entries().get(rule)
    if entry is None:
        raise CheckUnknown(f"{rule} is not in the catalogue of checks.")
    return entry


@cache
def _entries() -> dict[str, CheckEntry]:
    return {entry.rule: entry for entry in read_table("checks.json", CheckEntry).rows}
