"""What an 835 says, as typed values: money in cents, codes as sent, nothing thrown away.

The values of claims and lines are not keyword-only: by keyword they would cost five times as much to make,
and one remittance makes a hundred thousand of them. Only the reader makes them.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec

from integrations.x12.segments import Segment


class Adjustment(msgspec.Struct, frozen=True, gc=False):
    """One CAS triplet; a positive amount lowers the payment; unknown codes are kept."""

    group: str
    reason: str
    amount_cents: int
    quantity: Decimal | None


class Reference(msgspec.Struct, frozen=True, gc=False):
    """REF: a qualifier and its value."""

    qualifier: str
    value: str


class DateReference(msgspec.Struct, frozen=True, gc=False):
    """DTM; `on` is None when the text names no day."""

    qualifier: str
    on: date | None
    text: str


class Amount(msgspec.Struct, frozen=True, gc=False):
    """AMT: for information, never part of balancing."""

    qualifier: str
    amount_cents: int


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """QTY: for information."""

    qualifier: str
    quantity: Decimal


class Remark(msgspec.Struct, frozen=True, gc=False):
    """LQ: a remark code of a line and the list it comes from (HE is RARC)."""

    qualifier: str
    code: str


class Name(msgspec.Struct, frozen=True, gc=False):
    """NM1; `role` is QC patient, IL insured, 74 corrected insured, 82 rendering, TT crossover, PR, GB."""

    role: str
    is_person: bool
    last_or_organization: str
    first: str
    middle: str
    suffix: str
    id_qualifier: str
    id: str


class Procedure(msgspec.Struct, frozen=True, gc=False):
    """SVC01 or SVC06: the code list (HC), the code, its modifiers and a description."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...]
    description: str


def _reference(references: Iterable[Reference], qualifier: str) -> str | None:
    return next((one.value for one in references if one.qualifier == qualifier), None)


def _dated(dates: Iterable[DateReference], *qualifiers: str) -> date | None:
    held = {one.qualifier: one.on for one in dates}
    return next((held[one] for one in qualifiers if held.get(one)), None)


class ServiceLine(msgspec.Struct, frozen=True, gc=False):
    """Loop 2110: one paid, reduced or denied service; `units` is 1 when SVC05 was not sent."""

    position: int
    procedure: Procedure
    charge_cents: int
    paid_cents: int
    revenue_code: str
    units: Decimal
    original_procedure: Procedure | None
    original_units: Decimal | None
    adjustments: tuple[Adjustment, ...]
    dates: tuple[DateReference, ...]
    references: tuple[Reference, ...]
    amounts: tuple[Amount, ...]
    quantities: tuple[Quantity, ...]
    others: tuple[Segment, ...]
    remarks: tuple[Remark, ...]

    @property
    def line_control_number(self) -> str | None:
        """REF*6R: the number that we gave the line, if the payer returned it."""
        return _reference(self.references, "6R")

    @property
    def service_from_on(self) -> date | None:
        """First date of service: DTM*472 or DTM*150."""
        return _dated(self.dates, "472", "150")

    @property
    def service_to_on(self) -> date | None:
        """Last date of service: DTM*472 or DTM*151, else the first."""
        return _dated(self.dates, "472", "151", "150")

    @property
    def allowed_cents(self) -> int | None:
        """AMT*B6, the amount that the payer says it allowed."""
        return next((one.amount_cents for one in self.amounts if one.qualifier == "B6"), None)


class ClaimPayment(msgspec.Struct, frozen=True, gc=False):
    """Loop 2100 with its lines; `status` is CLP02 (22 is a reversal with negated amounts)."""

    position: int
    group_number: str
    patient_control_number: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int
    filing_indicator: str
    payer_control_number: str
    facility_code: str
    frequency_code: str
    adjustments: tuple[Adjustment, ...]
    dates: tuple[DateReference, ...]
    references: tuple[Reference, ...]
    amounts: tuple[Amount, ...]
    quantities: tuple[Quantity, ...]
    others: tuple[Segment, ...]
    names: tuple[Name, ...]
    inpatient_information: tuple[str, ...]
    outpatient_information: tuple[str, ...]
    lines: tuple[ServiceLine, ...]

    @property
    def is_reversal(self) -> bool:
        """Whether it takes back an earlier payment."""
        return self.status == "22"

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """The remark codes of MIA05, MIA20 to MIA23 and MOA03 to MOA07."""
        inpatient, outpatient = self.inpatient_information, self.outpatient_information
        return tuple(one for one in (*inpatient[4:5], *inpatient[19:23], *outpatient[2:7]) if one)

    @property
    def service_from_on(self) -> date | None:
        """First date of service: DTM*232, else the earliest of its lines."""
        known = [one.service_from_on for one in self.lines]
        return _dated(self.dates, "232") or min((one for one in known if one), default=None)

    def name(self, role: str) -> Name | None:
        """The first name in that role: QC patient, IL insured, 74 corrected insured, 82 rendering."""
        return next((one for one in self.names if one.role == role), None)


class RemittanceParty(msgspec.Struct, frozen=True, kw_only=True):
    """Loop 1000A or 1000B; `id_qualifier` is XX for an NPI, FI for a tax id."""

    name: str
    id_qualifier: str
    id: str
    references: tuple[Reference, ...]
    others: tuple[Segment, ...]

    @property
    def tax_id(self) -> str | None:
        """The tax id: N1*PE*..*FI or REF*TJ."""
        return self.id if self.id_qualifier == "FI" else _reference(self.references, "TJ")

    @property
    def npi(self) -> str | None:
        """The NPI: N1*PE*..*XX or REF*HPI."""
        return self.id if self.id_qualifier == "XX" else _reference(self.references, "HPI")


class RemittanceHeader(msgspec.Struct, frozen=True, kw_only=True):
    """One payment: BPR and TRN tell it from every other; `position` is that of BPR."""

    position: int
    control_number: str
    implementation: str
    handling_code: str
    paid_cents: int
    credit_or_debit: str
    method: str
    originator_id: str
    effective_on: date | None
    trace_number: str
    trace_originator_id: str
    trace_supplement: str
    produced_on: date | None
    references: tuple[Reference, ...]
    payer: RemittanceParty
    payee: RemittanceParty
    others: tuple[Segment, ...]


class ProviderAdjustment(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of a PLB; a positive amount lowers the payment; `reference` may hold an ICN or check."""

    position: int
    provider_id: str
    fiscal_period_on: date | None
    reason: str
    reference: str
    amount_cents: int


class Remittance(msgspec.Struct, frozen=True, kw_only=True):
    """One whole 835 transaction."""

    header: RemittanceHeader
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
