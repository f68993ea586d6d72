"""A claim with nothing wrong, for tests to spoil one thing at a time."""

from datetime import date
from typing import Any

import msgspec

from billing_rules.findings import Finding
from billing_rules.rule_book import RuleBook, load_shipped
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import (
    AuthorizationFacts,
    ClaimFacts,
    CoverageFacts,
    LineFacts,
    PlanOfCareFacts,
)

SERVED_ON = date(2026, 3, 2)
PLAN = PlanOfCareFacts(
    discipline="PT", starts_on=date(2026, 2, 1), ends_on=date(2026, 5, 1), certified_on=date(2026, 2, 9)
)
LINE = LineFacts(
    served_on=SERVED_ON,
    code="97110",
    modifiers=("GP",),
    units=2,
    charge_cents=12_000,
    minutes=33,
    pointers=(1, 2),
    place_of_service="11",
    discipline="PT",
    session_signed=True,
    plan_of_care=PLAN,
    duplicate_of=None,
)
MANUAL = msgspec.structs.replace(LINE, code="97140", minutes=7, units=1, pointers=(1,), charge_cents=6_000)
CLEAN = ClaimFacts(
    payer="medicare",
    payer_id="14112",
    plan=None,
    state="MA",
    sent_on=date(2026, 3, 9),
    frequency="1",
    payer_control_number=None,
    billing_name="Harbor Therapy",
    billing_npi="1234567893",
    billing_taxonomy="261QP2000X",
    billing_tax_id="12-3456789",
    billing_zip="021391234",
    rendering_npi="1245319599",
    rendering_taxonomy="225100000X",
    facility_npi=None,
    facility_zip=None,
    member_id="1EG4TE5MK73",
    patient_last_name="Example",
    patient_first_name="Erin",
    patient_born_on=date(1950, 5, 5),
    patient_sex="F",
    patient_zip="02139",
    diagnoses=("M54.50", "M25.511"),
    lines=(LINE, MANUAL),
    coverage=CoverageFacts(starts_on=date(2026, 1, 1), ends_on=None),
    authorizations=(
        AuthorizationFacts(
            number="A123", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30), codes=("97110", "97140")
        ),
    ),
    authorization_required=True,
)
SHIPPED = load_shipped()


def claim(**changed: Any) -> ClaimFacts:
    """The clean claim with fields changed."""
    return msgspec.structs.replace(CLEAN, **changed)


def with_line(**changed: Any) -> ClaimFacts:
    """The clean claim with its first line changed."""
    return claim(lines=(msgspec.structs.replace(LINE, **changed), *CLEAN.lines[1:]))


def found(facts: ClaimFacts, book: RuleBook = SHIPPED) -> list[tuple[str, str, str]]:
    """Rule, severity and subject of every finding."""
    return [(what.rule, what.severity, what.subject) for what in scrub(facts, book)]


def only(facts: ClaimFacts, book: RuleBook = SHIPPED) -> Finding:
    """The one finding there is."""
    (what,) = scrub(facts, book)
    return what
