"""The files of the National Correct Coding Initiative: pairs, units a day, add-on codes.

Pairs and units are read in the shapes CMS publishes. CMS's own text of add-on codes was never at hand: its
README describes the fields, not the file, so `ADD_ONS` takes comma- or tab-separated text whose header names
them. Where CMS's text has no such header it is refused whole; give it one, from CMS's record layout.
"""

from datetime import date

from billing_rules.packs.importers.records import Record
from billing_rules.packs.importers.shapes import Column, Shape, named
from billing_rules.packs.rows import AddOn, PairEdit, UnitEdit

SINCE_NCCI = date(1996, 1, 1)
"""The day the first pairs began; the files mark what is older with a star instead of a date."""

_SERVICE = {
    "medicare_practitioner": "practitioner",
    "medicaid_practitioner": "practitioner",
    "medicare_outpatient_hospital": "outpatient hospital",
}


def _pair(record: Record) -> PairEdit:
    starts_on = record.day("effective")
    if starts_on is None and record.text("effective") != "*" and "effective" in record.named:
        record.refuse("effective is no date: empty")
    return record.make(
        PairEdit,
        column1=record.text("column1"),
        column2=record.text("column2"),
        indicator=record.text("modifier"),
        starts_on=SINCE_NCCI if record.text("effective") == "*" else starts_on,
        ends_on=record.day("deletion"),
        rationale=record.text("rationale"),
    )


def _units(record: Record) -> UnitEdit:
    service = record.text("service").lower()
    if service and not service.startswith(_SERVICE.get(record.given["scope"], service)):
        record.refuse(f"the row is for {service}, the pack is for {record.given['scope']}")
    return record.make(
        UnitEdit,
        code=record.text("code"),
        units=record.whole("units"),
        adjudication_indicator=_first_digit(record),
        rationale=record.text("rationale"),
    )


def _first_digit(record: Record) -> int:
    """CMS writes the indicator with its words: 3 Date of Service Edit: Clinical."""
    told = record.text("indicator")
    if told[:1] not in ("1", "2", "3") or told[1:2].isdigit():
        record.refuse(f"the adjudication indicator is malformed: {told or 'empty'}")
    return int(told[0])


def _add_on(record: Record) -> AddOn:
    return record.make(
        AddOn,
        add_on=record.text("add_on"),
        primary=record.text("primary"),
        edit_type=record.text("edit_type"),
        starts_on=record.day("effective"),
        ends_on=record.day("deletion"),
    )


PAIRS: tuple[Shape, ...] = (
    Shape(
        (
            Column("column1", r"(.* )?column ?1"),
            Column("column2", r"(.* )?column ?2"),
            Column("old", r".*prior to 1996.*"),
            Column("effective", r"(.* )?effective date.*"),
            Column("deletion", r"(.* )?deletion date.*"),
            Column("modifier", r"(.* )?modifier.*"),
            Column("rationale", r"(.* )?(ptp edit )?rationale"),
        ),
        _pair,
        delimiter="\t",
    ),
    Shape(
        (
            Column("column1", "col1"),
            Column("column2", "col2"),
            Column("deletion", "deletion_date"),
            Column("modifier", "modifier"),
            Column("rationale", "rationale"),
        ),
        _pair,
    ),
    named(_pair, "column1", "column2", "effective", "deletion", "modifier", "rationale"),
)

UNITS: tuple[Shape, ...] = (
    Shape(
        (
            Column("code", r"(.* )?hcpcs ?/ ?cpt code"),
            Column("units", r"(practitioner|outpatient hospital)( services)? mue values?"),
            Column("indicator", r"mue adjudication indicator"),
            Column("rationale", r"mue rationale"),
        ),
        _units,
    ),
    Shape(
        (
            Column("code", "hcpcs_code"),
            Column("units", "mue_units"),
            Column("indicator", "mue_mai"),
            Column("rationale", "mue_rationale"),
            Column("service", "mue_service", optional=True),
        ),
        _units,
    ),
    named(_units, "code", "units", "indicator", "rationale"),
)

ADD_ONS: tuple[Shape, ...] = tuple(
    Shape(
        (
            Column("primary", r"primary[ _-]?code"),
            Column("add_on", r"add[ _-]?on[ _-]?code"),
            Column("edit_type", r"(aoc|add[ _-]?on code)?[ _]?(edit[ _])?type"),
            Column("effective", r"(aoc |add-?on code )?(edit )?eff(ective|_dt)?([ _]?date)?", optional=True),
            Column("deletion", r"(aoc |add-?on code )?(edit )?del(etion|_dt)?([ _]?date)?", optional=True),
            Column("note", r"special instruction(s)?( ?/ ?notes?)?|notes?", optional=True),
        ),
        _add_on,
        delimiter=delimiter,
    )
    for delimiter in (",", "\t")
)
