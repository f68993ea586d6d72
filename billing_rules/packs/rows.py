"""The rows that packs hold: one Struct a table, its key, and what may stand in it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from billing_rules.money import Cents

Procedure: TypeAlias = Annotated[str, Meta(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$")]
"""A five-character procedure code: CPT as a number only, or HCPCS."""

PrimaryCode: TypeAlias = Annotated[str, Meta(pattern=r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}|CCCCC)$")]
"""The primary of an add-on code; CCCCC where CMS leaves the primaries to the contractor."""

Diagnosis: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z][0-9A-Z]{2,6}$")]
"""An ICD-10-CM code without its dot; since October 2025 its second character may be a letter (QA0)."""

Modifier: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Z]{2}$")]
TwoDigits: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{2}$")]
Carrier: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{5}$")]
State: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4000)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Amount: TypeAlias = Annotated[Cents, Meta(ge=0, le=10**11)]

Discipline: TypeAlias = Literal["GP", "GO", "GN"]
Confidence: TypeAlias = Literal["verified", "secondary", "knowledge", "uncertain", "unknown"]
"""How far a number is trusted: read in an official text, in a secondary page, known, doubtful, not found."""


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a pack; a row with dates of its own is found only on the days they cover, both included."""


class PairEdit(Row, frozen=True, kw_only=True):
    """A procedure-to-procedure edit: column 2 is not paid beside column 1.

    Indicator 0: never; 1: unless a modifier shows that they were distinct; 9: the edit does not apply.
    """

    column1: Procedure
    column2: Procedure
    indicator: Literal["0", "1", "9"]
    starts_on: date | None
    ends_on: date | None
    rationale: str


class UnitEdit(Row, frozen=True, kw_only=True):
    """The most units of a code: indicator 1 on a line, 2 on a day by policy, 3 on a day by clinical data."""

    code: Procedure
    units: Count
    adjudication_indicator: Literal[1, 2, 3]
    rationale: str


class AddOn(Row, frozen=True, kw_only=True):
    """An add-on code and one primary it may stand beside; type 2 and 3 let the payer add primaries."""

    add_on: Procedure
    primary: PrimaryCode
    edit_type: Literal["1", "2", "3"]
    starts_on: date | None
    ends_on: date | None


class RelativeValue(Row, frozen=True, kw_only=True):
    """Relative values of a code and the national price, null where the source does not split or tell them."""

    code: Procedure
    modifier: Modifier | None
    status: Annotated[str, Meta(pattern=r"^[A-Z]$")]
    work: Decimal | None
    pe_nonfacility: Decimal | None
    pe_facility: Decimal | None
    mp: Decimal | None
    nonfacility_price: Amount | None
    facility_price: Amount | None
    multiple_procedure: Annotated[str, Meta(pattern=r"^[0-9]$")] | None
    conversion_factor: Decimal


class LocalityFactor(Row, frozen=True, kw_only=True):
    """The three factors by which a Medicare locality moves relative values."""

    carrier: Carrier
    locality: TwoDigits
    state: State
    name: Text
    work: Decimal
    pe: Decimal
    mp: Decimal


class LocalityCounty(Row, frozen=True, kw_only=True):
    """Which counties a Medicare locality covers, in CMS's words."""

    carrier: Carrier
    locality: TwoDigits
    state_name: Text
    area: Text
    counties: Text


class DiagnosisCode(Row, frozen=True, kw_only=True):
    """An ICD-10-CM code, or a heading that must not be billed; the label is CDC's, public domain."""

    code: Diagnosis
    billable: bool
    parent: Diagnosis | None
    label: str


class ProcedureDates(Row, frozen=True, kw_only=True):
    """First and last day of a procedure code: a year's new and deleted codes; the loader labels them."""

    code: Procedure
    label: str
    starts_on: date | None
    ends_on: date | None


class SupplyCode(Row, frozen=True, kw_only=True):
    """A HCPCS Level II code with CMS's description (public domain) and its first and last day."""

    code: Procedure
    label: str
    coverage: Annotated[str, Meta(pattern=r"^[A-Z]$")] | None
    starts_on: date | None
    ends_on: date | None


class Place(Row, frozen=True, kw_only=True):
    """An assigned place of service; a facility is paid without the practice's own overhead."""

    code: TwoDigits
    name: Text
    facility: bool
    starts_on: date | None
    ends_on: date | None


class AdjustmentCode(Row, frozen=True, kw_only=True):
    """A group, claim adjustment or remark code with its days; its text is X12's and is not shipped."""

    code: Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,5}$")]
    kind: Literal["GROUP", "CARC", "RARC"]
    starts_on: date | None
    ends_on: date | None


class Threshold(Row, frozen=True, kw_only=True):
    """A yearly sum by bucket; null where none has been found: whoever asks must say *provisional*."""

    name: Annotated[str, Meta(pattern=r"^[a-z_]{2,40}$")]
    year: Annotated[int, Meta(ge=1990, le=2100)]
    bucket: Annotated[str, Meta(pattern=r"^[A-Z_]{2,20}$")]
    amount_cents: Amount | None
    confidence: Confidence


class AlwaysTherapy(Row, frozen=True, kw_only=True):
    """Whether a code is always therapy, as three sources tell it, and its one modifier if it has one."""

    code: Procedure
    always: bool
    practice_expense_only: bool
    reduced_when_multiple: bool
    status: Annotated[str, Meta(pattern=r"^[A-Z]$")] | None
    modifier: Discipline | None


class Taxonomy(Row, frozen=True, kw_only=True):
    """A provider taxonomy code of the therapies (NUCC)."""

    code: Annotated[str, Meta(pattern=r"^[0-9A-Z]{9}X$")]
    classification: Text
    specialization: str | None


class Description(Row, frozen=True, kw_only=True):
    """A licensed or own text of a code, for showing only; the manifest's terms say on what licence."""

    system: Literal["CPT", "HCPCS", "ICD10CM", "CARC", "RARC"]
    code: Annotated[str, Meta(pattern=r"^[0-9A-Z]{1,7}$")]
    text: Text
