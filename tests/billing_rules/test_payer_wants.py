"""What a payer wants of a claim, by its dated rules."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from billing_rules.therapy.claim_facts import CoverageFacts
from tests.billing_rules.claims import (
    CLEAN,
    LINE,
    PLAN,
    SERVED_ON,
    SHIPPED,
    claim,
    found,
    with_line,
)
from tests.billing_rules.test_rule_book import row


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        ({"discipline": "OT"}, "discipline"),
        ({"starts_on": SERVED_ON + timedelta(days=1)}, "not_covering"),
        ({"ends_on": SERVED_ON - timedelta(days=1)}, "not_covering"),
        ({"certified_on": None, "starts_on": date(2026, 2, 6)}, "certification_overdue"),
    ],
)
def test_a_plan_of_care_that_does_not_hold_blocks(plan: dict[str, Any], rule: str) -> None:
    facts = with_line(plan_of_care=msgspec.structs.replace(PLAN, **plan))
    assert found(facts) == [(f"plan_of_care.{rule}", "blocks", "/lines/0/plan_of_care")]


def test_a_certification_that_is_not_due_yet_warns() -> None:
    young = msgspec.structs.replace(PLAN, starts_on=date(2026, 2, 7), certified_on=None)
    assert found(with_line(plan_of_care=young)) == [
        ("plan_of_care.certification_due", "warns", "/lines/0/plan_of_care")
    ]


def test_coverage_must_be_in_force_on_every_date() -> None:
    ended = CoverageFacts(starts_on=date(2026, 1, 1), ends_on=SERVED_ON - timedelta(days=1))
    assert found(claim(coverage=ended)) == [
        ("coverage.not_active", "blocks", "/lines/0/served_on"),
        ("coverage.not_active", "blocks", "/lines/1/served_on"),
    ]


def test_a_service_in_the_future_is_refused() -> None:
    assert found(claim(sent_on=SERVED_ON - timedelta(days=1)))[0] == (
        "line.served_on",
        "blocks",
        "/lines/0/served_on",
    )


@pytest.mark.parametrize(
    "changed",
    [{"codes": ("97140",)}, {"ends_on": SERVED_ON - timedelta(days=1), "codes": ("97110",)}, {"number": ""}],
)
def test_an_authorization_that_does_not_cover_the_line_blocks(changed: dict[str, Any]) -> None:
    held = (msgspec.structs.replace(CLEAN.authorizations[0], **changed),)
    facts = claim(authorizations=held, lines=(LINE,))
    assert found(facts) == [("authorization.not_covering", "blocks", "/lines/0/code")]


def test_whether_authorization_is_needed_comes_from_the_payers_rule_or_is_unknown() -> None:
    unasked: dict[str, Any] = {"authorization_required": None, "authorizations": (), "lines": (LINE,)}
    assert found(claim(**unasked)) == []
    assert found(claim(**unasked, payer="va")) == [("authorization.missing", "blocks", "/authorizations")]
    unknown = [rule for rule, severity, _ in found(claim(**unasked, payer="new")) if rule.startswith("auth")]
    assert unknown == ["authorization.unknown"]


def test_codes_exempt_from_authorization_need_none() -> None:
    exempt = row(
        {"answer": "required", "exempt_codes": ["97110", "97140"]},
        rule="authorization_required",
        level="practice",
    )
    assert found(claim(authorizations=(), authorization_required=True), SHIPPED.with_rows([exempt])) == []


def test_rules_that_are_only_assumed_warn() -> None:
    facts = claim(payer="new", sent_on=SERVED_ON + timedelta(days=91), lines=(LINE,))
    assert found(facts) == [("filing_limit.passed", "warns", "/sent_on")]
    unmarked = msgspec.structs.replace(facts, lines=(msgspec.structs.replace(LINE, modifiers=()),))
    assert ("modifier.discipline", "warns", "/lines/0/modifiers") in found(unmarked)


def test_the_last_week_of_the_filing_limit_is_told() -> None:
    facts = claim(sent_on=SERVED_ON + timedelta(days=360))
    assert found(facts) == [("filing_limit.near", "informs", "/sent_on")]
