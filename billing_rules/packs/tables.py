"""The tables there are: their rows, keys, scopes, and when two of their rows contradict one another."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from billing_rules.packs import rows
from billing_rules.packs.rows import Row

NCCI_SCOPES = ("medicare_practitioner", "medicare_outpatient_hospital", "medicaid_practitioner")


class TableKind(Struct, frozen=True, kw_only=True):
    """How a table is keyed; `scopes` empty means one nameless scope, null any.

    `identity` tells the rows of one key apart where a key has several; two rows of one identity must not be
    in force on the same day.
    """

    row: type[Row]
    key: Callable[[Any], str]
    identity: Callable[[Any], str] | None
    scopes: tuple[str, ...] | None
    repeats: bool

    @property
    def dated(self) -> bool:
        """Whether its rows have days of their own."""
        return "starts_on" in self.row.__struct_fields__


def _kind(
    row: type[Row],
    key: Callable[[Any], str],
    *,
    identity: Callable[[Any], str] | None = None,
    scopes: tuple[str, ...] | None = (),
    repeats: bool = False,
) -> TableKind:
    return TableKind(row=row, key=key, identity=identity, scopes=scopes, repeats=repeats)


def _code(row: Any) -> str:
    return str(row.code)


def _locality(row: Any) -> str:
    return f"{row.carrier}|{row.locality}"


TABLES: dict[str, TableKind] = {
    "ncci_ptp": _kind(rows.PairEdit, lambda row: f"{row.column1}|{row.column2}", scopes=NCCI_SCOPES),
    "ncci_mue": _kind(rows.UnitEdit, _code, scopes=NCCI_SCOPES),
    "ncci_addon": _kind(rows.AddOn, lambda row: str(row.add_on), identity=lambda row: str(row.primary)),
    "fee_schedule": _kind(
        rows.RelativeValue,
        lambda row: f"{row.code}:{row.modifier}" if row.modifier else str(row.code),
        scopes=None,
    ),
    "gpci": _kind(rows.LocalityFactor, _locality, scopes=("medicare",)),
    # CMS prints a locality that two states share once for each, in the same words.
    "locality_county": _kind(
        rows.LocalityCounty,
        _locality,
        identity=lambda row: f"{row.area}|{row.counties}",
        scopes=("medicare",),
        repeats=True,
    ),
    "icd10cm": _kind(rows.DiagnosisCode, _code),
    "procedures": _kind(rows.ProcedureDates, _code),
    "hcpcs": _kind(rows.SupplyCode, _code),
    "places_of_service": _kind(rows.Place, _code),
    "adjustment_codes": _kind(rows.AdjustmentCode, lambda row: f"{row.kind}|{row.code}"),
    "thresholds": _kind(rows.Threshold, lambda row: f"{row.name}|{row.year}|{row.bucket}"),
    "always_therapy": _kind(rows.AlwaysTherapy, _code),
    "taxonomy": _kind(rows.Taxonomy, _code),
    "descriptions": _kind(rows.Description, lambda row: f"{row.system}|{row.code}"),
}


def plain_scope(table: str, scope: str) -> str:
    """The scope meant: a table with one scope needs none named; raises LookupError for no table."""
    scopes = TABLES[table].scopes
    return scopes[0] if not scope and scopes is not None and len(scopes) == 1 else scope
