"""The invented billing company: its practices, clinicians, payers and what each payer wants."""

from typing import Any

from msgspec import Struct

from api.commands.demonstration.population import dice
from billing_rules.therapy.code_table import Discipline
from billing_rules.therapy.identifiers import npi_is_valid
from domain.practices.roster import PayerKind
from domain.practices.settings import ScheduleMode

COMPANY = "Northlight Billing"
SLUG = "northlight"
TIME_ZONE = "America/New_York"
SOURCE = "therapy-notes"
REHABILITATION = ("97110", "97112", "97116", "97140", "97530", "97535", "92507", "92526", "97129", "97130")
EVALUATIONS = ("97161", "97165", "92523", "90791", "97151")
BEHAVIOUR_ANALYSIS = ("97153", "97155", "97156")


class PracticePlan(Struct, frozen=True, kw_only=True):
    """A client practice: under which names and numbers it bills, and how its schedule is kept."""

    key: str
    name: str
    billing_name: str
    specialty: str
    taxonomy: str
    tax_id: str
    street: str
    city: str
    zip_code: str
    phone: str
    schedule_mode: ScheduleMode
    place_of_service: str
    payers: tuple[str, ...]


class TherapistPlan(Struct, frozen=True, kw_only=True):
    """A clinician or technician; one without an NPI bills under the supervisor."""

    key: str
    practice: str
    given_name: str
    family_name: str
    credential: str
    discipline: Discipline
    taxonomy: str
    supervisor: str | None = None

    @property
    def has_npi(self) -> bool:
        """Whether this person bills under a number of their own."""
        return self.supervisor is None


class PayerPlan(Struct, frozen=True, kw_only=True):
    """Who pays; `rule_key` is its name in the shipped rules, where it has one."""

    key: str
    name: str
    kind: PayerKind
    electronic_id: str
    filing_indicator: str
    rule_key: str | None = None


class RulePlan(Struct, frozen=True, kw_only=True):
    """A dated rule that a practice has learned of a payer."""

    practice: str
    payer: str
    rule: str
    value: Any
    source: str
    reason: str


PRACTICES = (
    PracticePlan(
        key="harborside",
        name="Harborside Therapy Group",
        billing_name="HTG Patient Accounts",
        specialty="Physical, occupational and speech therapy",
        taxonomy="261QP2000X",
        tax_id="043551201",
        street="12 Commercial Wharf",
        city="Boston",
        zip_code="021101234",
        phone="6175550110",
        schedule_mode="kept",
        place_of_service="11",
        payers=("medicare", "harbor", "baystate", "commonwealth", "granite"),
    ),
    PracticePlan(
        key="quietwater",
        name="Quiet Water Counseling",
        billing_name="QWC Patient Accounts",
        specialty="Behavioural health",
        taxonomy="261QM0801X",
        tax_id="043551202",
        street="88 Elm Street Suite 3",
        city="Worcester",
        zip_code="016091417",
        phone="5085550120",
        schedule_mode="mirrored",
        place_of_service="11",
        payers=("medicare", "harbor", "baystate", "commonwealth"),
    ),
    PracticePlan(
        key="steppingstone",
        name="Steppingstone Behavior Analysis",
        billing_name="SBA Patient Accounts",
        specialty="Applied behaviour analysis",
        taxonomy="103K00000X",
        tax_id="043551203",
        street="5 Orchard Lane",
        city="Springfield",
        zip_code="011032210",
        phone="4135550130",
        schedule_mode="none",
        place_of_service="11",
        payers=("harbor", "baystate", "commonwealth"),
    ),
)


def _therapist(
    key: str,
    practice: str,
    name: str,
    credential: str,
    discipline: Discipline,
    taxonomy: str,
    supervisor: str | None = None,
) -> TherapistPlan:
    given, _, family = name.partition(" ")
    return TherapistPlan(
        key=key,
        practice=practice,
        given_name=given,
        family_name=family,
        credential=credential,
        discipline=discipline,
        taxonomy=taxonomy,
        supervisor=supervisor,
    )


THERAPISTS = (
    _therapist("pt-1", "harborside", "Miriam Okafor", "DPT", "PT", "225100000X"),
    _therapist("pt-2", "harborside", "Daniel Reyes", "DPT", "PT", "2251X0800X"),
    _therapist("ot-1", "harborside", "Hanna Lindqvist", "OTR/L", "OT", "225X00000X"),
    _therapist("slp-1", "harborside", "Priya Raman", "CCC-SLP", "SLP", "235Z00000X"),
    _therapist("bh-1", "quietwater", "Tomas Feeney", "LICSW", "BH", "1041C0700X"),
    _therapist("bh-2", "quietwater", "Alice Marchetti", "LMHC", "BH", "101YM0800X"),
    _therapist("bcba-1", "steppingstone", "Ruth Abelson", "BCBA", "ABA", "103K00000X"),
    _therapist("rbt-1", "steppingstone", "Jonah Price", "RBT", "ABA", "106S00000X", "bcba-1"),
    _therapist("rbt-2", "steppingstone", "Lena Castillo", "RBT", "ABA", "106S00000X", "bcba-1"),
    _therapist("rbt-3", "steppingstone", "Sam Whitaker", "RBT", "ABA", "106S00000X", "bcba-1"),
)

PAYERS = (
    PayerPlan(
        key="medicare",
        name="Medicare Part B Bay Region",
        kind="medicare",
        electronic_id="MBBAY",
        filing_indicator="MB",
        rule_key="medicare",
    ),
    PayerPlan(
        key="harbor",
        name="Harbor Health Plan",
        kind="commercial",
        electronic_id="HHP01",
        filing_indicator="12",
    ),
    PayerPlan(
        key="baystate",
        name="Baystate Mutual",
        kind="commercial",
        electronic_id="BSM02",
        filing_indicator="HM",
    ),
    PayerPlan(
        key="commonwealth",
        name="Commonwealth Medicaid",
        kind="medicaid",
        electronic_id="CWMCD",
        filing_indicator="MC",
    ),
    PayerPlan(
        key="granite",
        name="Granite Compensation Fund",
        kind="workers_compensation",
        electronic_id="GRCMP",
        filing_indicator="WC",
    ),
)


def _authorization(practice: str, payer: str, answer: str, exempt: tuple[str, ...] = ()) -> RulePlan:
    return RulePlan(
        practice=practice,
        payer=payer,
        rule="authorization_required",
        value={"answer": answer, "exempt_codes": list(exempt)},
        source="Provider manual of the payer, read when the practice was set up",
        reason="What the payer answers when it is asked about this discipline",
    )


RULES = (
    _authorization("harborside", "harbor", "required", EVALUATIONS),
    _authorization("harborside", "baystate", "not_required"),
    _authorization("harborside", "granite", "required"),
    _authorization("quietwater", "harbor", "not_required"),
    _authorization("quietwater", "baystate", "not_required"),
    _authorization("quietwater", "commonwealth", "not_required"),
    _authorization("steppingstone", "harbor", "required", EVALUATIONS),
    _authorization("steppingstone", "baystate", "required", EVALUATIONS),
    _authorization("steppingstone", "commonwealth", "required", EVALUATIONS),
    RulePlan(
        practice="harborside",
        payer="baystate",
        rule="filing_limit_days",
        value=180,
        source="Contract of the practice with the payer, section 4.2",
        reason="Longer than what is assumed for everybody",
    ),
)


def npi(seed: int, key: str) -> str:
    """A valid NPI of the range that begins with 2, which has never been given to anybody."""
    start = f"2{dice(seed, 'npi', key).randrange(10**8):08d}"
    return next(number for digit in range(10) if npi_is_valid(number := f"{start}{digit}"))


def practice_plan(key: str) -> PracticePlan:
    """The practice of a key."""
    return next(one for one in PRACTICES if one.key == key)


def payer_plan(key: str) -> PayerPlan:
    """The payer of a key."""
    return next(one for one in PAYERS if one.key == key)
