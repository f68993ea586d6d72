"""Staff, licences, behaviour analysis, verified visits and Medicaid: facts that fail and facts that pass."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from billing_rules.check_catalogue import CheckEntry
from billing_rules.findings import Finding
from billing_rules.rule_book import RuleBook
from billing_rules.tables import read_table
from billing_rules.therapy.checks import aba_staff, licensure
from billing_rules.therapy.claim_checks import check_names, scrub
from billing_rules.therapy.claim_facts import ClaimFacts, CoverageFacts, LineFacts
from billing_rules.therapy.facts.allowances import LimitFacts
from billing_rules.therapy.facts.evv import SessionVerification, VerifiedVisit
from billing_rules.therapy.facts.medicaid import CostShareFacts, MedicaidFacts, OrderFacts, PlanFacts
from billing_rules.therapy.facts.staffing import (
    LicenceFacts,
    SessionStaffing,
    SignatureFacts,
    SupervisedMonth,
    SupervisorFacts,
)
from tests.billing_rules.claims import LINE, SERVED_ON, SHIPPED, claim
from tests.billing_rules.test_rule_book import row

AT, UNTIL = datetime(2026, 3, 2, 15, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)
SINCE, BEFORE = date(2026, 1, 1), date(2026, 3, 1)
ASSOCIATE = {
    "credential": "LPC",
    "bill_as": "self",
    "modifiers": ["HL"],
    "cosignature": True,
    "supervisor_available": True,
    "supervisor_credentials": ["LCSW"],
    "supervisor_licensed": True,
}
RULES: dict[str, Any] = {
    "supervised_billing": {"credentials": [ASSOCIATE, {"credential": "Aide", "bill_as": "not_billable"}]},
    "aba_staffing": {
        "certification": True,
        "caregiver_signature": True,
        "clinician_signature": True,
        "supervision_percent": 5,
    },
    "evv": {"codes": ["97153"], "tolerance_minutes": 5},
    "ordering_provider": {"required": True, "enrolled": True},
    "visit_cap": {"lifted_under_age": 21},
}
MEMBERS = row({"compacts": ["PT Compact"]}, rule="compact_membership", state="VT", level="practice")
AREAS = ("staffing", "licensure", "aba_staff", "evv", "medicaid")
BOOK = SHIPPED.with_rows(
    [*(row(value, rule=name, level="practice") for name, value in RULES.items()), MEMBERS]
)

LICENCE = LicenceFacts(kind="licence", title="LPC", compact=None, state="MA", starts_on=SINCE, ends_on=None)
PRIVILEGE = replace(LICENCE, kind="compact_privilege", compact="PT Compact", state=None)
RBT = replace(LICENCE, kind="certification", title="RBT", state=None)
SUPERVISOR = SupervisorFacts(
    clinician="s1", credential="LCSW", is_available=True, renders=False, licences=(LICENCE,)
)
SESSION = SessionStaffing(
    clinician="c1",
    credential="LPC",
    standing="associate",
    renders=True,
    supervisor=SUPERVISOR,
    is_cosigned=True,
    is_telehealth=True,
    location_state="MA",
    licences=(LICENCE,),
    signatures=(),
)
SIGNED = tuple(SignatureFacts(role=role, signed_at=UNTIL) for role in ("caregiver", "clinician"))
TECHNICIAN = replace(SESSION, credential="RBT", licences=(RBT,), signatures=SIGNED)
MONTH = SupervisedMonth(month_on=date(2026, 3, 1), minutes={"97153": 400, "97155": 15}, recorded_minutes=5)
RECORD = VerifiedVisit(
    code="97153",
    member_number="1EG4TE5MK73",
    clinician="c1",
    served_on=SERVED_ON,
    place_of_service="11",
    state="MA",
    starts_at=AT,
    ends_at=UNTIL,
)
VERIFIED = SessionVerification(clinician="c1", starts_at=AT, ends_at=UNTIL, state="MA", record=RECORD)
ORDER = OrderFacts(discipline=None, starts_on=SINCE, ends_on=None, enrolled=((SINCE, None),))
BORNE = CostShareFacts(
    month_on=date(2026, 3, 1), kind="spend_down", amount_cents=9_000, borne_cents=9_000, met_on=SERVED_ON
)
OPEN = replace(BORNE, borne_cents=0, met_on=None)
OTHER = PlanFacts(plan="Other", starts_on=SERVED_ON, ends_on=None)
CAP = LimitFacts(
    line=0,
    unit="visit",
    quantity=1,
    starts_on=SINCE,
    ends_on=date(2026, 12, 31),
    hard=True,
    over=1,
    source="x",
)


def billed(line: LineFacts = LINE, **changed: Any) -> ClaimFacts:
    """A claim of one line with an order behind it."""
    return claim(**({"lines": (line,), "medicaid": MedicaidFacts(orders=(ORDER,))} | changed))


def session(**changed: Any) -> ClaimFacts:
    """An associate's supervised session, with fields of it changed."""
    return billed(replace(LINE, modifiers=("HL",), staffing=(replace(SESSION, **changed),)))


def supervised(**changed: Any) -> ClaimFacts:
    """The same with fields of the supervisor changed."""
    return session(supervisor=replace(SUPERVISOR, **changed))


def treated(month: SupervisedMonth = MONTH, **changed: Any) -> ClaimFacts:
    """A technician's session of behaviour analysis, with fields of it or its month changed."""
    line = replace(LINE, code="97153", staffing=(replace(TECHNICIAN, **changed),))
    return billed(line, supervised_months=(month,))


def verified(record: VerifiedVisit | None = RECORD) -> ClaimFacts:
    """A session with the aggregator's record."""
    return billed(replace(LINE, code="97153", verifications=(replace(VERIFIED, record=record),)))


def covered(**changed: Any) -> ClaimFacts:
    """A session under Medicaid, with fields of its Medicaid side changed."""
    return billed(medicaid=MedicaidFacts(**({"orders": (ORDER,)} | changed)))


def shared(share: CostShareFacts, **changed: Any) -> ClaimFacts:
    """A session in a month with a share to bear."""
    return covered(cost_shares=(replace(share, **changed),))


def capped(born_on: date) -> ClaimFacts:
    """A session beyond the plan's cap."""
    return billed(limits=(CAP,), patient_born_on=born_on)


def supervised_in(state: str, licences: tuple[LicenceFacts, ...]) -> ClaimFacts:
    """A session in a state where the supervisor is licensed, by a clinician who holds these."""
    there = replace(SUPERVISOR, licences=(replace(LICENCE, state=state),))
    return session(location_state=state, licences=licences, supervisor=there)


ENDED = CoverageFacts(starts_on=SINCE, ends_on=BEFORE)
ABROAD = (PRIVILEGE, LICENCE)
LAPSED = replace(LICENCE, ends_on=BEFORE)
SWITCHED = covered(other_plans=(OTHER,))
LATE = replace(RECORD, ends_at=datetime(2026, 3, 2, 16, 5, tzinfo=UTC))
CASES: dict[str, tuple[ClaimFacts, ClaimFacts]] = {
    "supervision.not_billable": (session(credential="Aide"), session()),
    "supervision.rendering": (session(renders=False), session()),
    "supervision.cosignature": (session(is_cosigned=False), session()),
    "supervision.supervisor_missing": (session(supervisor=None), session()),
    "supervision.supervisor_absent": (supervised(is_available=False), session()),
    "supervision.supervisor_credential": (supervised(credential="LMFT"), session()),
    "supervision.modifier": (billed(replace(LINE, staffing=(SESSION,))), session()),
    "licensure.mismatch": (session(licences=(LAPSED,)), session()),
    "licensure.location_unknown": (session(location_state=None), session()),
    "licensure.compact_not_member": (
        supervised_in("HI", licences=ABROAD),
        supervised_in("VT", licences=ABROAD),
    ),
    "licensure.home_licence": (
        supervised_in("VT", licences=(PRIVILEGE, LAPSED)),
        supervised_in("VT", licences=ABROAD),
    ),
    "licensure.supervisor_mismatch": (supervised(licences=(LAPSED,)), session()),
    "aba.certification": (treated(licences=(replace(RBT, ends_on=BEFORE),)), treated()),
    "aba.caregiver_signature": (treated(signatures=SIGNED[1:]), treated()),
    "aba.clinician_signature": (treated(signatures=SIGNED[:1]), treated()),
    "aba.supervision_share": (treated(replace(MONTH, recorded_minutes=4)), treated()),
    "evv.missing": (verified(None), verified()),
    "evv.mismatch": (verified(replace(RECORD, ends_at=AT)), verified(LATE)),
    "medicaid.wrong_plan": (replace(SWITCHED, coverage=ENDED), SWITCHED),
    "medicaid.spend_down": (shared(BORNE, met_on=date(2026, 3, 3)), shared(BORNE)),
    "medicaid.share_of_cost": (shared(OPEN, kind="share_of_cost"), shared(BORNE, kind="share_of_cost")),
    "medicaid.order_missing": (covered(orders=(replace(ORDER, ends_on=BEFORE),)), covered()),
    "medicaid.ordering_not_enrolled": (covered(orders=(replace(ORDER, enrolled=()),)), covered()),
    "limit.lifted": (capped(date(2005, 3, 3)), capped(date(2005, 3, 2))),
}


def told(facts: ClaimFacts, book: RuleBook = BOOK) -> list[Finding]:
    """What the checks of these five areas say, in their order."""
    mine = [name for name in check_names() if name.partition(".")[0] in AREAS]
    return scrub(facts, book, mine)


@pytest.mark.parametrize("rule", CASES)
def test_what_fails_is_exactly_that_finding_and_what_passes_is_silent(rule: str) -> None:
    failing, passing = CASES[rule]
    found = told(failing)
    assert [what.rule for what in found] == [rule]
    assert all(what.message and what.fix and what.source for what in found)
    assert told(passing) == []


def test_every_rule_of_these_areas_has_its_two_facts() -> None:
    areas = ("supervision", "licensure", "aba", "evv", "medicaid")
    rules = {entry.rule for entry in read_table("checks.json", CheckEntry).rows}
    assert {rule for rule in rules if rule.partition(".")[0] in areas} == CASES.keys() - {"limit.lifted"}


@pytest.mark.parametrize(
    ("value", "expected"), [({}, "warns"), ({"open_month": "blocks"}, "blocks")], ids=["usual", "row says so"]
)
def test_a_month_that_goes_on_holds_only_where_the_row_says_so(value: dict[str, str], expected: str) -> None:
    asked = row(RULES["aba_staffing"] | value, rule="aba_staffing", level="practice")
    going_on = treated(replace(MONTH, recorded_minutes=0, has_ended=False))
    [what] = aba_staff.check_supervision_share(going_on, SHIPPED.with_rows([asked]))
    assert what.severity == expected


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        ((PRIVILEGE,), ["warns"]),
        ((PRIVILEGE, replace(LICENCE, ends_on=BEFORE)), ["blocks"]),
        ((PRIVILEGE, replace(LICENCE, state="VT")), []),
        ((replace(PRIVILEGE, compact="OT Compact"),), []),
    ],
    ids=["none recorded", "lapsed", "licensed there", "another compact"],
)
def test_a_privilege_leans_on_a_licence(licences: tuple[LicenceFacts, ...], expected: list[str]) -> None:
    facts = session(location_state="VT", licences=licences)
    assert [what.severity for what in licensure.check_home_licences(facts, BOOK)] == expected


def test_nothing_is_said_of_a_supervisor_whose_licences_were_never_looked_at() -> None:
    assert told(supervised(licences=None)) == []


def test_a_supervisor_who_is_to_be_licensed_has_a_home_licence_too() -> None:
    leaning = replace(SUPERVISOR, licences=(PRIVILEGE, LAPSED))
    own = replace(LICENCE, state="VT")
    [what] = told(session(location_state="VT", licences=(own,), supervisor=leaning))
    assert (what.rule, what.evidence) == ("licensure.home_licence", {"who": "supervisor"})
