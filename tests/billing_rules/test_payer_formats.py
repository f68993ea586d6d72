"""Payer ids by date, member ids by the payer's own form, and patterns that cannot be slow."""

import time
from datetime import date
from typing import Any

import pytest

from billing_rules.rule_book import RuleRow, RuleValueRefused
from billing_rules.therapy.id_formats import FormatRefused, read_format
from billing_rules.therapy.payer_rules import accept_row
from tests.billing_rules.claims import SHIPPED, claim, found, only
from tests.billing_rules.test_rule_book import row


def of_payer(rule: str, value: Any, **changed: Any) -> RuleRow:
    """A practice's row about a payer."""
    return row(value, rule=rule, payer="medicare", level="practice", **changed)


IDS = [
    of_payer("payer_ids", {"ids": ["04402"]}, starts_on=date(2020, 1, 1), ends_on=date(2025, 12, 31)),
    of_payer("payer_ids", {"ids": ["14112", "14512"]}, starts_on=date(2026, 1, 1)),
]


def test_an_id_that_the_payer_takes_is_silent() -> None:
    assert found(claim(payer_id="14512"), SHIPPED.with_rows(IDS)) == []


def test_a_retired_id_names_its_last_day_and_what_is_valid() -> None:
    retired = only(claim(payer_id="04402"), SHIPPED.with_rows(IDS))
    assert (retired.rule, retired.severity, retired.subject) == ("payer_id.retired", "blocks", "/payer_id")
    assert "2025-12-31" in retired.message
    assert retired.evidence == {"payer_id": "04402", "valid": "14112, 14512"}
    assert retired.ends_on == date(2025, 12, 31)


def test_an_unknown_id_is_another_finding() -> None:
    unknown = only(claim(payer_id="99999"), SHIPPED.with_rows(IDS))
    assert (unknown.rule, unknown.starts_on) == ("payer_id.unknown", date(2026, 1, 1))


def test_an_id_still_taken_on_the_day_of_sending_counts_by_that_day() -> None:
    early = of_payer("payer_ids", {"ids": ["04402"]}, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 9))
    late = of_payer("payer_ids", {"ids": ["14112"]}, starts_on=date(2026, 3, 10))
    book = SHIPPED.with_rows([early, late])
    assert found(claim(payer_id="04402"), book) == []
    assert found(claim(payer_id="04402", sent_on=date(2026, 3, 10)), book) == [
        ("payer_id.retired", "blocks", "/payer_id")
    ]


@pytest.mark.parametrize("number", ["1EG4TE5MK73", "9AA0A00AA00"])
def test_medicares_own_form_is_taken(number: str) -> None:
    assert found(claim(member_id=number)) == []


@pytest.mark.parametrize(
    "number",
    [
        "0EG4TE5MK73",
        "1SG4TE5MK73",
        "2EG4TE5MK7",
        "1EG4TE5MK733",
        "1EG4-TE5-MK73",
        "123456789A",
        "1eg4te5mk73",
    ],
)
def test_any_other_form_is_found_before_it_is_sent_and_not_repeated(number: str) -> None:
    wrong = only(claim(member_id=number))
    assert (wrong.rule, wrong.severity, wrong.subject) == ("member_id.format", "blocks", "/member_id")
    assert number not in " ".join((wrong.message, wrong.fix, *wrong.evidence.values()))
    assert "medicare" in (wrong.row or "")


def test_a_payer_without_a_row_takes_any() -> None:
    free = {"payer": "new", "authorization_required": False, "lines": claim().lines[:1]}
    assert "member_id.format" not in [rule for rule, _, _ in found(claim(member_id="whatever 7", **free))]


@pytest.mark.parametrize(
    ("pattern", "takes", "refuses"),
    [
        ("W[0-9]{8}", "W12345678", "W1234567"),
        ("[A-Z]{3}[0-9]{9}[0-9]?", "ABC123456789", "AB1234567890"),
        ("[0-9]{9}|[0-9]{11}", "12345678901", "1234567890"),
        ("[A-Z0-9]{6,8}", "ABC1234", "ABC12"),
    ],
)
def test_the_small_language_says_what_it_seems_to(pattern: str, takes: str, refuses: str) -> None:
    assert read_format(pattern).takes(takes)
    assert not read_format(pattern).takes(refuses)


@pytest.mark.parametrize("pattern", ["", "(a+)+", ".*", "A*", "[z-a]", "[B-A]", "A{3,2}", "A" * 201, "^A$"])
def test_what_could_be_slow_or_unclear_is_no_pattern(pattern: str) -> None:
    with pytest.raises(FormatRefused):
        read_format(pattern)


def test_a_row_with_a_bad_pattern_or_a_false_example_is_refused() -> None:
    for value in ({"pattern": "(A+)+", "example": "A"}, {"pattern": "[0-9]{3}", "example": "12"}):
        with pytest.raises(RuleValueRefused):
            accept_row(of_payer("member_id_format", value))


def test_the_worst_pattern_of_the_language_stays_fast() -> None:
    worst = read_format("[A-Z]{0,80}")
    started = time.perf_counter()
    for _ in range(100):
        assert not worst.takes("A" * 79 + "!")
    assert time.perf_counter() - started < 5
