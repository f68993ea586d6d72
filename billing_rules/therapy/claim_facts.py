"""What a claim is, as the checks see it: plain values, null where the practice does not know."""

from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from billing_rules.money import Cents
from billing_rules.therapy.facts.allowances import ApprovalFacts, LimitFacts, LineApproval
from billing_rules.therapy.facts.documentation import NoteStanding
from billing_rules.therapy.facts.evv import SessionVerification
from billing_rules.therapy.facts.medicaid import MedicaidFacts
from billing_rules.therapy.facts.parties import PartyFacts, ProviderFacts
from billing_rules.therapy.facts.refusals import RefusalFacts
from billing_rules.therapy.facts.same_day import SameDayLine
from billing_rules.therapy.facts.staffing import SessionStaffing, SupervisedMonth
from billing_rules.therapy.facts.thresholds import TherapyAccrual
from billing_rules.therapy.overlaps import SessionFacts
from billing_rules.therapy.payer_rules import Asked

Telehealth: TypeAlias = Literal["none", "audio_video", "audio_only"]
"""How patient and clinician met; audio only means that the patient had no video or did not want it."""

Notice: TypeAlias = Literal["none", "required_on_file", "voluntary", "expected_denial", "excluded"]
"""What the patient signed about a service the payer may not cover: GA, GX, GZ (no notice) or GY."""

DecisionMaking: TypeAlias = Literal["straightforward", "low", "moderate", "high"]
"""How hard the medical decision of a visit with evaluation and management was, as the note says."""

Benefit: TypeAlias = Literal["habilitative", "rehabilitative"]


class PlanOfCareFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan of care that a visit is linked to; both dates are inclusive.

    `order_signed_on` is the date on the order behind it, `sent_to_orderer_on` when the plan went to whoever
    signed that. `recertifies` tells that the case had a plan of the discipline before. `treated_on` are the
    episode's treatment days until the claim's last, `reports_on` the days on which progress was reported.
    """

    discipline: str
    starts_on: date
    ends_on: date
    certified_on: date | None
    order_signed_on: date | None = None
    sent_to_orderer_on: date | None = None
    recertifies: bool = False
    verbal_order_on: date | None = None
    delay_explained: bool = False
    treated_on: tuple[date, ...] = ()
    reports_on: tuple[date, ...] = ()


class AuthorizationFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One authorization on the claim; no codes means any code, dates are inclusive."""

    number: str
    starts_on: date
    ends_on: date | None
    codes: tuple[str, ...]


class CoverageFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the coverage that the claim is sent under is in force; dates are inclusive."""

    starts_on: date
    ends_on: date | None


class ServiceEvidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the record says of one service; instants are aware, minutes are those of this service alone.

    `assistant_minutes` are those an assistant worked alone, `joint_minutes` those with the therapist: both
    are part of the line's minutes. `clinician` is an opaque id.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    clinician: str | None = None
    credential: str | None = None
    assistant_minutes: int = 0
    joint_minutes: int = 0
    patients_at_once: int = 1
    telehealth: Telehealth = "none"
    patient_at_home: bool = False
    patient_state: str | None = None
    body_site: str | None = None
    separate_encounter: bool = False
    notice: Notice = "none"
    benefit: Benefit | None = None
    units_in_note: int | None = None


class LineFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line; pointers count diagnoses from 1, minutes are those that the note gives this code.

    `noted_minutes` are those of a procedure that is not billed by time, such as an office visit.

    What has a default came after claims were first checked: facts kept from then are still read.
    """

    served_on: date | None
    code: str
    modifiers: tuple[str, ...]
    units: int
    charge_cents: Cents
    minutes: int | None
    pointers: tuple[int, ...]
    place_of_service: str | None
    discipline: str | None
    session_signed: bool
    plan_of_care: PlanOfCareFacts | None
    duplicate_of: str | None
    evidence: ServiceEvidence | None = None
    staffing: tuple[SessionStaffing, ...] = ()
    verifications: tuple[SessionVerification, ...] = ()
    approval: LineApproval | None = None
    decision_making: DecisionMaking | None = None
    noted_minutes: int | None = None
    note: NoteStanding | None = None


class ElsewhereFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Timed work of the same patient, day and payer on another claim, because minutes of a day are pooled."""

    served_on: date
    code: str
    discipline: str
    minutes: int
    units: int


class ClaimFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One professional claim before it is sent; payer, plan and state are keys of the rule book.

    `sent_on` is the day it is to be sent. A null `authorization_required` leaves the answer to the rule book.
    """

    payer: str | None
    payer_id: str | None
    plan: str | None
    state: str | None
    sent_on: date
    frequency: str
    payer_control_number: str | None
    billing_name: str | None
    billing_npi: str | None
    billing_taxonomy: str | None
    billing_tax_id: str | None
    billing_zip: str | None
    rendering_npi: str | None
    rendering_taxonomy: str | None
    facility_npi: str | None
    facility_zip: str | None
    member_id: str | None
    patient_last_name: str | None
    patient_first_name: str | None
    patient_born_on: date | None
    patient_sex: str | None
    patient_zip: str | None
    diagnoses: tuple[str, ...]
    lines: tuple[LineFacts, ...]
    coverage: CoverageFacts | None
    authorizations: tuple[AuthorizationFacts, ...]
    authorization_required: bool | None
    elsewhere: tuple[ElsewhereFacts, ...] = ()
    supervised_months: tuple[SupervisedMonth, ...] = ()
    medicaid: MedicaidFacts | None = None
    same_day: tuple[SameDayLine, ...] = ()
    therapy_accruals: tuple[TherapyAccrual, ...] = ()
    parties: PartyFacts | None = None
    providers: ProviderFacts | None = None
    approvals: tuple[ApprovalFacts, ...] = ()
    limits: tuple[LimitFacts, ...] = ()
    refusals: tuple[RefusalFacts, ...] = ()
    sessions: tuple[SessionFacts, ...] = ()

    @property
    def first_served_on(self) -> date:
        """The earliest date of service, or the day of sending when no line has one."""
        known: dict[Any, Any] = self.__dict__
        if "first" not in known:
            known["first"] = min(
                [line.served_on for line in self.lines if line.served_on], default=self.sent_on
            )
        first: date = known["first"]
        return first

    def asked(self, on: date | None = None) -> Asked:
        """Whom to ask the rule book for, on a date of service; the claim's first when none is given."""
        known: dict[Any, Asked] = self.__dict__
        asked = known.get(on)
        if asked is None:
            day = on or self.first_served_on
            asked = known[on] = Asked(payer=self.payer, plan=self.plan, state=self.state, on=day)
        return asked
