"""What the payer refused lately, what it approved, and what the plan still gives."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.allowances import ApprovalFacts, LimitFacts, LineApproval
from billing_rules.therapy.facts.parties import ProviderFacts
from billing_rules.therapy.facts.refusals import RefusalFacts
from tests.billing_rules.claims import CLEAN, SHIPPED, claim, found, only, with_line
from tests.billing_rules.test_rule_book import row

REFUSED = RefusalFacts(
    claim="H01",
    refused_on=date(2026, 2, 20),
    code="97110",
    modifiers=("GP",),
    place_of_service="11",
    diagnosis="M5450",
    reason_code="CO-4",
)


def refused(count: int, **changed: Any) -> tuple[RefusalFacts, ...]:
    """That many claims refused alike."""
    return tuple(msgspec.structs.replace(REFUSED, claim=f"H{n:02d}", **changed) for n in range(count))


def alike(count: int, **changed: Any) -> ClaimFacts:
    """The clean claim after that many refusals."""
    plain = claim(diagnoses=("M5450", "M25511"))
    return msgspec.structs.replace(plain, refusals=refused(count, **changed))


def test_two_are_chance_and_three_are_a_pattern() -> None:
    assert found(alike(2)) == []
    warned = only(alike(3))
    assert (warned.rule, warned.severity, warned.subject) == ("pattern.refused", "warns", "/lines/0/code")
    assert warned.family == "trend"
    assert warned.evidence["claims"] == "H00, H01, H02"
    assert (warned.evidence["count"], warned.evidence["reason_code"]) == ("3", "CO-4")
    assert warned.row is not None


@pytest.mark.parametrize(
    "other",
    [
        {"modifiers": ("GP", "59")},
        {"place_of_service": "12"},
        {"diagnosis": "R2689"},
        {"code": "97530"},
        {"refused_on": date(2026, 3, 9) - timedelta(days=91)},
    ],
)
def test_what_is_not_alike_or_too_long_ago_does_not_count(other: dict[str, Any]) -> None:
    assert found(alike(5, **other)) == []


def test_reasons_are_counted_apart() -> None:
    facts = msgspec.structs.replace(alike(2), refusals=refused(2) + refused(2, reason_code="CO-11"))
    assert found(facts) == []


def test_the_same_claim_refused_three_times_is_one() -> None:
    assert found(msgspec.structs.replace(alike(0), refusals=(REFUSED,) * 3)) == []


def test_thresholds_are_data() -> None:
    value = {"refusals": 2, "refusal_days": 30, "repeats": 5, "repeat_days": 30}
    book = SHIPPED.with_rows([row(value, rule="pattern_thresholds", payer="medicare", level="practice")])
    assert only(alike(2), book).rule == "pattern.refused"


def test_an_approved_pattern_warns_of_that_payer() -> None:
    value = {
        "patterns": [{"code": "97110", "modifiers": ["GP"], "place_of_service": None, "reason_code": "CO-4"}]
    }
    book = SHIPPED.with_rows([row(value, rule="pattern_warning", payer="medicare", level="practice")])
    known = only(claim(), book)
    assert (known.rule, known.severity, known.family) == ("pattern.known", "warns", "trend")


APPROVAL = ApprovalFacts(
    number="A123",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 6, 30),
    codes=("97110", "97140"),
    discipline="PT",
    provider="ann",
    location="main",
)
APPROVED = msgspec.structs.replace(
    with_line(approval=LineApproval(number="A123", provider="ann", location="main")), approvals=(APPROVAL,)
)


def test_an_approval_that_fits_is_silent() -> None:
    assert found(APPROVED) == []


@pytest.mark.parametrize(
    ("line", "dimension"),
    [
        ({"number": "B9"}, "number"),
        ({"provider": "bob"}, "provider"),
        ({"location": "pool"}, "facility"),
        ({"over": 2}, "quantity"),
    ],
)
def test_each_dimension_that_does_not_fit_is_told_by_itself(line: dict[str, Any], dimension: str) -> None:
    approval = msgspec.structs.replace(APPROVED.lines[0].approval, **line)  # type: ignore[type-var]
    lines = (msgspec.structs.replace(APPROVED.lines[0], approval=approval), *APPROVED.lines[1:])
    told = only(msgspec.structs.replace(APPROVED, lines=lines))
    assert (told.rule, told.evidence["dimension"]) == ("authorization.mismatch", dimension)


@pytest.mark.parametrize(
    ("granted", "dimension"),
    [
        ({"codes": ("97530",)}, "code"),
        ({"starts_on": date(2026, 3, 3)}, "date"),
        ({"discipline": "OT"}, "discipline"),
    ],
)
def test_so_is_what_was_granted_otherwise(granted: dict[str, Any], dimension: str) -> None:
    facts = msgspec.structs.replace(APPROVED, approvals=(msgspec.structs.replace(APPROVAL, **granted),))
    assert only(facts).evidence["dimension"] == dimension


def test_a_service_without_approval_is_not_fixable_here() -> None:
    missing = only(claim(authorizations=()))
    assert (missing.rule, missing.risk) == ("authorization.missing", "not_fixable")


@pytest.mark.parametrize(("hard", "severity"), [(True, "blocks"), (False, "warns")])
def test_what_exceeds_a_limit_is_told_with_the_limit(hard: bool, severity: str) -> None:
    limit = LimitFacts(
        line=0,
        unit="visit",
        quantity=20,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        hard=hard,
        over=1,
        source="Benefit answer of the payer",
    )
    told = only(msgspec.structs.replace(CLEAN, limits=(limit,)))
    assert (told.rule, told.severity, told.subject) == ("limit.exceeded", severity, "/lines/0/code")
    within = msgspec.structs.replace(limit, over=0)
    assert found(msgspec.structs.replace(CLEAN, limits=(within,))) == []


KNOWN = ProviderFacts(persons=("1245319599",), organizations=("1234567893",), enrolled=None)


@pytest.mark.parametrize(
    ("changed", "rule", "subject"),
    [
        ({"rendering_npi": "1234567893"}, "identity.npi_type", "/rendering_npi"),
        ({"facility_npi": "1245319599"}, "identity.npi_type", "/facility_npi"),
    ],
)
def test_a_number_of_the_wrong_kind_is_told(changed: dict[str, Any], rule: str, subject: str) -> None:
    assert found(claim(providers=KNOWN, **changed)) == [(rule, "blocks", subject)]


def test_a_solo_practice_may_hold_one_number_as_both() -> None:
    both = ProviderFacts(persons=("1245319599",), organizations=("1245319599",), enrolled=None)
    assert found(claim(providers=both)) == []


@pytest.mark.parametrize(("enrolled", "count"), [(True, 0), (None, 0), (False, 1)])
def test_enrolment_counts_where_it_is_recorded(enrolled: bool | None, count: int) -> None:
    known = msgspec.structs.replace(KNOWN, enrolled=enrolled)
    assert [r for r, _, _ in found(claim(providers=known))] == ["identity.not_enrolled"] * count
