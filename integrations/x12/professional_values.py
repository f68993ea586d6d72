"""What a professional claim (837P, 005010X222A1) is made of: money in cents, codes as text."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec


class ClaimNotWritable(ValueError):
    """A claim that no payer could take; `field` is the path to the value, `detail` never holds it."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


class PartyName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person, or an organization whose whole name stands in `last_or_organization`."""

    last_or_organization: str
    first: str = ""
    middle: str = ""
    suffix: str = ""
    is_person: bool = True


class PostalAddress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`postal_code` has five or nine digits, no dash; the guide wants nine of a billing provider."""

    line_1: str
    city: str
    state: str
    postal_code: str
    line_2: str = ""


class SubmitterInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 1000A: who sends; `id` is what the receiver calls us (ETIN)."""

    name: str
    id: str
    contact_name: str
    telephone: str = ""
    email: str = ""


class ReceiverInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 1000B: the clearinghouse or payer that takes the file."""

    name: str
    id: str


class BillingProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2010AA; `tax_id_kind` is EI for an employer, SY for a person."""

    name: PartyName
    npi: str
    taxonomy: str
    tax_id: str
    address: PostalAddress
    tax_id_kind: Literal["EI", "SY"] = "EI"
    pay_to_address: PostalAddress | None = None


class RenderingProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2310B or 2420A."""

    name: PartyName
    npi: str
    taxonomy: str = ""


class ReferringProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2310A; `qualifier` is DN for referring, P3 for primary care."""

    name: PartyName
    npi: str = ""
    qualifier: Literal["DN", "P3"] = "DN"


class SupervisingProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2310D or 2420D."""

    name: PartyName
    npi: str


class OrderingProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2420E: who ordered what the line says was done."""

    name: PartyName
    npi: str


class ServiceFacility(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2310C: where it happened, when that is not the billing address."""

    name: str
    address: PostalAddress
    npi: str = ""


class PayerName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2010BB."""

    name: str
    id: str
    address: PostalAddress | None = None


class Subscriber(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loops 2000B and 2010BA; an employer in workers' compensation is an organization here.

    `responsibility` is P, S or T; `filing_code` is SBR09 (CI, MB, MC, WC, ...).
    """

    name: PartyName
    member_id: str
    filing_code: str
    responsibility: Literal["P", "S", "T", "U"] = "P"
    group_number: str = ""
    group_name: str = ""
    birth_on: date | None = None
    gender: str = ""
    address: PostalAddress | None = None


class Patient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2000C, only for a patient who is not the subscriber; `relationship` is PAT01."""

    name: PartyName
    relationship: str
    birth_on: date
    gender: str
    address: PostalAddress


class AccidentInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CLM11 and DTP*439; causes are AA (auto), EM (employment), OA (other); `state` goes with AA."""

    causes: tuple[str, ...]
    occurred_on: date | None = None
    state: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2400; `control_number` comes back in REF*6R of the 835; pointers count from 1."""

    control_number: str
    code: str
    charge_cents: int
    units: Decimal
    pointers: tuple[int, ...]
    service_from_on: date
    service_to_on: date
    modifiers: tuple[str, ...] = ()
    unit_basis: Literal["UN", "MJ"] = "UN"
    place_of_service: str = ""
    description: str = ""
    authorization_number: str = ""
    referral_number: str = ""
    note: str = ""
    rendering: RenderingProvider | None = None
    supervising: SupervisingProvider | None = None
    ordering: OrderingProvider | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loop 2300 with everybody in it; `frequency` 7 and 8 need the payer's `original_reference`."""

    control_number: str
    billing: BillingProvider
    subscriber: Subscriber
    payer: PayerName
    place_of_service: str
    charge_cents: int
    diagnosis_codes: tuple[str, ...]
    lines: tuple[Line, ...]
    patient: Patient | None = None
    frequency: Literal["1", "7", "8"] = "1"
    original_reference: str = ""
    provider_accepts_assignment: Literal["A", "B", "C"] = "A"
    benefits_assigned: Literal["Y", "N", "W"] = "Y"
    release_of_information: Literal["Y", "I"] = "Y"
    rendering: RenderingProvider | None = None
    referring: ReferringProvider | None = None
    supervising: SupervisingProvider | None = None
    facility: ServiceFacility | None = None
    authorization_number: str = ""
    referral_number: str = ""
    property_casualty_number: str = ""
    medical_record_number: str = ""
    clearinghouse_number: str = ""
    patient_paid_cents: int = 0
    accident: AccidentInfo | None = None
    onset_on: date | None = None
    initial_treatment_on: date | None = None
    note: str = ""


class ClaimBatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The claims of one file; `reference` is BHT03, ours and never used twice."""

    submitter: SubmitterInfo
    receiver: ReceiverInfo
    reference: str
    created_at: datetime
    claims: Sequence[Claim]
