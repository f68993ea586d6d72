"""The files of code lists: supplies, places, adjustment codes, thresholds, taxonomies, descriptions."""

import re

from billing_rules.packs.importers.records import Record
from billing_rules.packs.importers.shapes import Column, Shape, named
from billing_rules.packs.rows import (
    AdjustmentCode,
    AlwaysTherapy,
    Description,
    Place,
    ProcedureDates,
    SupplyCode,
    Taxonomy,
    Threshold,
)


def _procedure(record: Record) -> ProcedureDates:
    return record.make(
        ProcedureDates,
        code=record.text("code"),
        label=record.text("label"),
        starts_on=record.day("starts_on"),
        ends_on=record.day("ends_on"),
    )


def _supply(record: Record) -> SupplyCode | None:
    if len(record.text("code")) == 2:
        return None  # HCPCS lists modifiers beside codes; this table holds codes.
    return record.make(
        SupplyCode,
        code=record.text("code"),
        label=record.text("label"),
        coverage=record.or_none("coverage"),
        starts_on=record.day("starts_on"),
        ends_on=record.day("ends_on"),
    )


def _place(record: Record) -> Place | None:
    kind = record.text("kind").lower()
    if kind == "unassigned":
        return None
    if kind not in ("facility", "non-facility"):
        record.refuse(f"the kind of place is neither Facility nor Non-Facility: {kind or 'empty'}")
    return record.make(
        Place,
        code=record.text("code").zfill(2),
        name=record.text("name").replace("’", "'"),
        facility=kind == "facility",
        starts_on=record.day("starts_on"),
        ends_on=record.day("ends_on"),
    )


def _adjustment(record: Record) -> AdjustmentCode:
    return record.make(
        AdjustmentCode,
        code=record.text("code"),
        kind=record.text("kind").upper(),
        starts_on=record.day("starts_on"),
        ends_on=record.day("ends_on"),
    )


def _threshold(record: Record) -> Threshold:
    return record.make(
        Threshold,
        name=record.text("name"),
        year=record.whole("year"),
        bucket=record.text("bucket"),
        amount_cents=record.cents("amount"),
        confidence=record.text("confidence"),
    )


def _always(record: Record) -> AlwaysTherapy:
    return record.make(
        AlwaysTherapy,
        code=record.text("code"),
        always=record.flag("always"),
        practice_expense_only=record.flag("practice_expense_only"),
        reduced_when_multiple=record.flag("reduced"),
        status=record.or_none("status"),
        modifier=record.or_none("modifier"),
    )


def _taxonomy(record: Record) -> Taxonomy:
    return record.make(
        Taxonomy,
        code=record.text("code"),
        classification=record.text("classification"),
        specialization=record.or_none("specialization"),
    )


def _description(record: Record) -> Description:
    return record.make(
        Description,
        system=record.text("system"),
        code=record.text("code").replace(".", ""),
        text=record.text("text"),
    )


_HCPCS_OTHERS = (
    *("seqnum", "recid", "short description", "multi_pi", "multi", "statute", "asc grp", "asc dt", "opps"),
    *("opps pi", "opps dt", "procnote", "betos", "tos", "anes bu", "action cd", "act eff dt", "date_action"),
    *(f"{name}{at}" for name in ("price", "cim", "mcm", "labcert", "xref", "tos") for at in range(1, 9)),
    *("price", "action code", "record id", "sequence number"),
)
"""Columns of the HCPCS file that say nothing a claim is judged by."""

PROCEDURES: tuple[Shape, ...] = (named(_procedure, "code", "label", "starts_on", "ends_on"),)

SUPPLIES: tuple[Shape, ...] = (
    Shape(
        (
            Column("code", r"hcpc|hcpcs|hcpcs_code|code"),
            Column("label", r"long description|hcpcs_description|label"),
            Column("coverage", r"cov|coverage", optional=True),
            Column("starts_on", r"add dt|date_added|starts_on"),
            Column("ends_on", r"term dt|date_term|ends_on"),
            *(Column(f"other {name}", re.escape(name), optional=True) for name in _HCPCS_OTHERS),
        ),
        _supply,
    ),
)

PLACES: tuple[Shape, ...] = (
    Shape(
        (
            Column("code", r"pos_code|code"),
            Column("kind", r"pos_type|kind"),
            Column("name", r"pos_name|name"),
            Column("description", r"pos_description", optional=True),
            Column("starts_on", r"starts_on", optional=True),
            Column("ends_on", r"ends_on", optional=True),
        ),
        _place,
    ),
)

ADJUSTMENTS: tuple[Shape, ...] = (
    named(_adjustment, "code", "kind", "starts_on", "ends_on", optional=("last_modified_on",)),
)

THRESHOLDS: tuple[Shape, ...] = (named(_threshold, "name", "year", "bucket", "amount", "confidence"),)

ALWAYS: tuple[Shape, ...] = (
    Shape(
        (
            Column("code", r"hcpcs|code"),
            Column("always", r"rule575_always_therapy|always"),
            Column("practice_expense_only", r"pfs_pctc7_\d{4}|practice_expense_only"),
            Column("reduced", r"pfs_mult_proc5_mppr_\d{4}|reduced_when_multiple"),
            Column("status", r"status(_\d{4})?", optional=True),
            Column("modifier", r"discipline_specific|modifier"),
        ),
        _always,
    ),
)

TAXONOMIES: tuple[Shape, ...] = (named(_taxonomy, "code", "classification", "specialization"),)

DESCRIPTIONS: tuple[Shape, ...] = (named(_description, "system", "code", "text"),)
