"""What a payer or state wants of staff, verified visits and orders: rules' names and shapes."""

from datetime import date
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from billing_rules.therapy.facts.staffing import Standing

SUPERVISED_BILLING = "supervised_billing"
LICENSURE = "licensure"
COMPACT_MEMBERSHIP = "compact_membership"
COMPACT_HOME_LICENCE = "compact_home_licence"
ABA_STAFFING = "aba_staffing"
EVV = "evv"
ORDERING_PROVIDER = "ordering_provider"
VISIT_CAP = "visit_cap"

BillAs: TypeAlias = Literal["self", "supervisor", "not_billable"]
Compact: TypeAlias = Literal["PT Compact", "PSYPACT", "Counseling Compact", "ASLP-IC", "OT Compact"]
ABA_CODES = ("97151", "97152", "97153", "97154", "97155", "97156", "97157", "97158", "0362T", "0373T")


class SupervisedCredential(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one credential is billed; without a standing the row is for associates and independents alike.

    `supervisor_credentials` are those that may supervise, none meaning any. `sends_supervisor` names the
    supervisor on the claim (2310D), `supervisor_licensed` asks for the supervisor's licence as well.
    """

    credential: str
    standing: Standing | None = None
    bill_as: BillAs
    modifiers: tuple[str, ...] = ()
    cosignature: bool = False
    supervisor_available: bool = False
    supervisor_credentials: tuple[str, ...] = ()
    sends_supervisor: bool = False
    supervisor_licensed: bool = False

    @property
    def wants_supervisor(self) -> bool:
        """Whether anything of a supervisor is asked for."""
        asks = self.supervisor_available or self.sends_supervisor or self.supervisor_licensed
        return self.bill_as == "supervisor" or asks or bool(self.supervisor_credentials)


class SupervisedBilling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which credentials a payer does not take as they come (rule supervised_billing)."""

    credentials: tuple[SupervisedCredential, ...]

    def answer(self, credential: str | None, standing: str | None) -> SupervisedCredential | None:
        """The row for a credential; one that names the standing beats one for both. None: bills as self."""
        rows = [r for r in self.credentials if r.credential == credential and r.standing in (None, standing)]
        return min(rows, key=lambda row: row.standing is None, default=None)


class Licensure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether licences are compared with where the patient was: once any is recorded, always, or never."""

    check: Literal["recorded", "required", "off"]


class CompactMembership(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which compacts one may practise in the state that the row names."""

    compacts: tuple[Compact, ...]


class CompactHomeLicence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose privileges stand only beside a licence of the home state (rule compact_home_licence)."""

    compacts: tuple[Compact, ...]


class AbaStaffing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payer wants behind behaviour analysis; the percentage is of technician-led time by month.

    `open_month` is what too small a share does to a claim while its month goes on.
    """

    certification: bool
    caregiver_signature: bool
    clinician_signature: bool
    supervision_percent: int | None
    per: Literal["client_month"] = "client_month"
    open_month: Literal["warns", "blocks"] = "warns"
    codes: tuple[str, ...] = ABA_CODES
    treated_codes: tuple[str, ...] = ("97153",)
    supervision_codes: tuple[str, ...] = ("97155",)


class EvvRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which codes at which places need a verified visit; no places means any, no codes means none do."""

    codes: tuple[str, ...]
    places: tuple[str, ...] = ()
    tolerance_minutes: int = 0

    def asks(self, code: str, place: str | None) -> bool:
        """Whether a line falls under it."""
        return code in self.codes and (not self.places or place in self.places)


class OrderingProvider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a payer wants an order behind the treatment, by somebody whom it has enrolled.

    `sends_orderer` names who ordered on the line (2420E), of `sent_codes` alone where any are named.
    """

    required: bool
    enrolled: bool
    sends_orderer: bool = False
    sent_codes: tuple[str, ...] = ()

    def sends(self, code: str) -> bool:
        """Whether a line with this code names who ordered it."""
        return self.sends_orderer and (not self.sent_codes or code in self.sent_codes)


class VisitCap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which age no cap of the plan may hold (EPSDT, 42 USC 1396d(r)(5)); null where caps hold."""

    lifted_under_age: int | None

    def is_lifted(self, born_on: date | None, on: date) -> bool:
        """Whether the patient was under the age on the date of service."""
        if self.lifted_under_age is None or born_on is None:
            return False
        had_birthday = (on.month, on.day) >= (born_on.month, born_on.day)
        return on.year - born_on.year - (not had_birthday) < self.lifted_under_age


STAFFING_SHAPES: dict[str, Any] = {
    SUPERVISED_BILLING: SupervisedBilling,
    LICENSURE: Licensure,
    COMPACT_MEMBERSHIP: CompactMembership,
    COMPACT_HOME_LICENCE: CompactHomeLicence,
    ABA_STAFFING: AbaStaffing,
    EVV: EvvRule,
    ORDERING_PROVIDER: OrderingProvider,
    VISIT_CAP: VisitCap,
}
"""The type of each of these rules' values."""
