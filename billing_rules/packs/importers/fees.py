"""The files of the Medicare physician fee schedule: relative values, locality factors, counties."""

from decimal import Decimal

from billing_rules.packs.importers.records import Record
from billing_rules.packs.importers.shapes import Column, Shape, named
from billing_rules.packs.rows import LocalityCounty, LocalityFactor, RelativeValue

_OTHERS_2024 = (
    *("rvu_non_sum", "rvu_fac_sum", "rvu_opps_non_pe", "rvu_opps_fac_pe", "rvu_opps_mp", "pctc", "glob"),
    *("pre_op", "intra_op", "post_op", "bilat_surg", "asst_surg", "co_surg", "team_surg", "endo_base"),
    *("phys_diag_pro", "diag_img_fam", "non_na", "fac_na", "not_used_mcr"),
)
"""Columns that no price is reckoned from here."""


def _relative_value(record: Record) -> RelativeValue:
    return record.make(
        RelativeValue,
        code=record.text("code"),
        modifier=record.or_none("modifier"),
        status=record.text("status"),
        work=record.decimal_or_none("work"),
        pe_nonfacility=record.decimal_or_none("pe_nonfacility"),
        pe_facility=record.decimal_or_none("pe_facility"),
        mp=record.decimal_or_none("mp"),
        nonfacility_price=record.cents("nonfacility_price"),
        facility_price=record.cents("facility_price"),
        multiple_procedure=record.or_none("multiple_procedure"),
        conversion_factor=_conversion_factor(record),
    )


def _conversion_factor(record: Record) -> Decimal:
    if record.text("conversion_factor"):
        return record.decimal("conversion_factor")
    given = record.given.get("conversion_factor", "")
    if not given:
        record.refuse("the file names no conversion factor: say it when importing")
    return Decimal(given)


def _factor(record: Record) -> LocalityFactor:
    return record.make(
        LocalityFactor,
        carrier=record.text("carrier").zfill(5),
        locality=record.text("locality").zfill(2),
        state=record.text("state"),
        name=record.text("name").rstrip("*").strip(),
        work=record.decimal("work"),
        pe=record.decimal("pe"),
        mp=record.decimal("mp"),
    )


def _county(record: Record) -> LocalityCounty:
    return record.make(
        LocalityCounty,
        carrier=record.text("carrier").zfill(5),
        locality=record.text("locality").zfill(2),
        state_name=record.text("state_name"),
        area=record.text("area"),
        counties=record.text("counties"),
    )


_PPRRVU = (
    ("code", r"hcpcs"),
    ("modifier", r"mod"),
    ("descriptor", r"description"),
    ("status", r".*code"),
    ("unused", r".*payment"),
    ("work", r".*rvu"),
    ("pe_nonfacility", r".*rvu"),
    ("na_nonfacility", r".*indicator"),
    ("pe_facility", r".*rvu"),
    ("na_facility", r".*indicator"),
    ("mp", r".*rvu"),
    ("total_nonfacility", r".*total"),
    ("total_facility", r".*total"),
    ("pctc", r".*ind"),
    ("global", r".*days"),
    ("pre", r".*op"),
    ("intra", r".*op"),
    ("post", r".*op"),
    ("multiple_procedure", r".*proc"),
    ("bilateral", r".*surg"),
    ("assistant", r".*surg"),
    ("co", r".*surg"),
    ("team", r".*surg"),
    ("endo", r".*base"),
    ("conversion_factor", r".*factor"),
    ("supervision", r".*"),
    ("flag", r".*"),
    ("imaging", r".*"),
    ("opps_nonfacility", r".*"),
    ("opps_facility", r".*"),
    ("opps_mp", r".*"),
)

FEES: tuple[Shape, ...] = (
    Shape(tuple(Column(name, pattern) for name, pattern in _PPRRVU), _relative_value, in_order=True),
    Shape(
        (
            Column("code", "hcpcs_code"),
            Column("modifier", "mod"),
            Column("work", "rvu_work"),
            Column("pe_nonfacility", "rvu_non_pe"),
            Column("pe_facility", "rvu_fac_pe"),
            Column("mp", "rvu_mp"),
            Column("conversion_factor", "cf"),
            Column("status", "status"),
            Column("multiple_procedure", "mult_proc"),
            *(Column(name, name, optional=True) for name in _OTHERS_2024),
        ),
        _relative_value,
    ),
    Shape(
        (
            Column("code", "code"),
            Column("status", "status"),
            Column("work", "workrvu"),
            Column("total", "totalrvu"),
            Column("nonfacility_price", "nonfacilityprice"),
            Column("facility_price", "facilityprice"),
            Column("global", "globalperiod", optional=True),
        ),
        _relative_value,
    ),
    named(
        _relative_value,
        "code",
        "status",
        optional=(
            "modifier",
            "work",
            "pe_nonfacility",
            "pe_facility",
            "mp",
            "nonfacility_price",
            "facility_price",
            "multiple_procedure",
            "conversion_factor",
        ),
    ),
)

FACTORS: tuple[Shape, ...] = (
    Shape(
        (
            Column("carrier", r"(.* )?medicare admini?strative contractor( \(mac\))?"),
            Column("state", r"state"),
            Column("locality", r"locality( number)?"),
            Column("name", r"locality name"),
            Column("unfloored", r"\d{4} (pw|work) gpci \(without 1\.0 floor\)", optional=True),
            Column("work", r"\d{4} (pw|work) gpci( \(with 1\.0 floor\))?"),
            Column("pe", r"\d{4} pe gpci"),
            Column("mp", r"\d{4} mp gpci"),
        ),
        _factor,
        footnote=r"(\*|note|source|the ).*",
    ),
    Shape(
        (
            Column("carrier", "mac"),
            Column("state", "state"),
            Column("locality", "locality"),
            Column("name", "locality_name"),
            Column("work", "gpci_work"),
            Column("pe", "gpci_pe"),
            Column("mp", "gpci_mp"),
            Column("average", "gpci_gaf", optional=True),
        ),
        _factor,
    ),
)

COUNTIES: tuple[Shape, ...] = (
    Shape(
        (
            Column("carrier", r"(.* )?medicare admini?strative contractor( \(mac\))?"),
            Column("locality", r"locality( number)?"),
            Column("state_name", r"state"),
            Column("area", r"fee schedule area"),
            Column("counties", r"counties"),
        ),
        _county,
        carried=("state_name",),
        footnote=r"(\*|note|source|the ).*",
    ),
    Shape(
        (
            Column("carrier", "mac"),
            Column("locality", "locality"),
            Column("state_name", "state_name"),
            Column("area", "fee_schedule_area"),
            Column("counties", "counties"),
        ),
        _county,
        footnote=r"\*.*",
    ),
)
