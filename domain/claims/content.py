"""What a claim says: the immutable content of one version, complete enough to be written and sent."""

import hashlib
from datetime import date

import msgspec
from msgspec import Struct


class Address(Struct, frozen=True, kw_only=True):
    """A postal address in the United States."""

    street: str
    city: str
    state: str
    zip_code: str


class BillingContent(Struct, frozen=True, kw_only=True):
    """The billing provider: who asks to be paid."""

    name: str
    npi: str
    taxonomy: str
    tax_id: str
    legacy_id: str | None
    phone: str
    address: Address


class PayerContent(Struct, frozen=True, kw_only=True):
    """The payer that this claim goes to."""

    name: str
    electronic_id: str
    filing_indicator: str
    address: Address | None


class PersonContent(Struct, frozen=True, kw_only=True):
    """A subscriber or a patient."""

    given_name: str
    family_name: str
    birth_on: date | None
    sex: str | None
    address: Address | None


class SubscriberContent(Struct, frozen=True, kw_only=True):
    """Whose policy it is; the patient is the same person when `relationship` is self."""

    person: PersonContent
    member_number: str
    group_number: str | None
    relationship: str


class ClinicianContent(Struct, frozen=True, kw_only=True):
    """A rendering or supervising provider under the identifiers that this payer knows."""

    given_name: str
    family_name: str
    npi: str | None
    taxonomy: str | None
    legacy_id: str | None


class FacilityContent(Struct, frozen=True, kw_only=True):
    """Where the service took place."""

    name: str
    npi: str | None
    place_of_service: str
    address: Address


class AccidentContent(Struct, frozen=True, kw_only=True):
    """An accident behind the case: work, auto, or other."""

    kind: str
    on: date
    state: str | None
    claim_number: str | None


class ReferringContent(Struct, frozen=True, kw_only=True):
    """Who certified the plan of care behind the claim, where that is recorded."""

    name: str
    npi: str


class OrderingContent(Struct, frozen=True, kw_only=True):
    """Who ordered what a line says was done, where the payer wants that named."""

    name: str
    npi: str


class LineContent(Struct, frozen=True, kw_only=True):
    """One service line; `pointers` count diagnoses from 1.

    `supervising` is only given where it is somebody else than the claim's own.
    """

    number: int
    line_control: str
    code: str
    modifiers: tuple[str, ...]
    units: int
    minutes: int | None
    charge_cents: int
    served_on: date
    place_of_service: str
    pointers: tuple[int, ...]
    authorization_number: str | None
    supervising: ClinicianContent | None = None
    ordering: OrderingContent | None = None


class ClaimContent(Struct, frozen=True, kw_only=True):
    """One version of a claim, as it is sent; what has a default came after the first were frozen."""

    control_number: str
    frequency: str
    payer_control_number: str | None
    payer_ordinal: int
    discipline: str
    billing: BillingContent
    payer: PayerContent
    subscriber: SubscriberContent
    patient: PersonContent
    rendering: ClinicianContent
    facility: FacilityContent
    accident: AccidentContent | None
    diagnoses: tuple[str, ...]
    lines: tuple[LineContent, ...]
    referring: ReferringContent | None = None
    supervising: ClinicianContent | None = None

    @property
    def billed_cents(self) -> int:
        """The sum of the lines' charges (CLM02)."""
        return sum(line.charge_cents for line in self.lines)

    def sha256(self) -> str:
        """The hash of the content, equal for equal content."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()
