"""Which dated row answers, which rows it beat, and which books are refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.rule_book import (
    NoRuleInForce,
    OverlappingRules,
    RuleBook,
    RuleRow,
    RuleValueRefused,
    load_shipped,
)
from billing_rules.therapy import payer_rules
from billing_rules.therapy.payer_rules import Asked, ClaimAssembly

ON = date(2026, 6, 1)


def row(value: Any = "x", **given: Any) -> RuleRow:
    """A row of a rule named colour, with whatever the test cares about."""
    facts: dict[str, Any] = {
        "rule": "colour",
        "value": value,
        "starts_on": date(2020, 1, 1),
        "source": "test",
        "version": "1",
        "checked_on": ON,
        "level": "shipped",
        "author": "test",
        "reason": "test",
    }
    return RuleRow(**(facts | given))


ASCENDING = [
    {},
    {"state": "MA"},
    {"payer": "p"},
    {"payer": "p", "state": "MA"},
    {"plan": "gold"},
    {"payer": "p", "plan": "gold"},
    {"level": "organization"},
    {"level": "organization", "payer": "p"},
    {"level": "practice"},
    {"level": "practice", "payer": "p", "plan": "gold", "state": "MA"},
]


@pytest.mark.parametrize("highest", range(len(ASCENDING)))
def test_the_most_specific_row_in_force_wins(highest: int) -> None:
    rows = [row(value=str(nth), **scope) for nth, scope in enumerate(ASCENDING[: highest + 1])]
    resolved = RuleBook(reversed(rows)).resolve("colour", payer="p", plan="gold", state="MA", on=ON)
    assert resolved.value == str(highest)
    assert resolved.row is resolved.considered[0]
    assert [considered.value for considered in resolved.considered] == [
        str(nth) for nth in range(highest, -1, -1)
    ]


def test_a_row_for_somebody_else_is_not_considered() -> None:
    book = RuleBook([row("mine"), row("theirs", payer="q"), row("other state", state="NY")])
    resolved = book.resolve("colour", payer="p", state="MA", on=ON)
    assert [considered.value for considered in resolved.considered] == ["mine"]


def test_the_row_in_force_on_the_date_of_service_answers() -> None:
    book = RuleBook(
        [
            row("old", ends_on=date(2025, 12, 31)),
            row("new", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)),
        ]
    )
    assert book.resolve("colour", payer=None, on=date(2025, 12, 31)).value == "old"
    assert book.resolve("colour", payer=None, on=date(2026, 1, 1)).value == "new"
    with pytest.raises(NoRuleInForce) as none:
        book.resolve("colour", payer="p", on=date(2027, 1, 1))
    assert (none.value.rule, none.value.on) == ("colour", date(2027, 1, 1))


def test_an_unknown_rule_is_not_in_force() -> None:
    with pytest.raises(NoRuleInForce, match="No rule taste is in force for payer p"):
        load_shipped().resolve("taste", payer="p", on=ON)


DAYS = st.integers(0, 40)
SPANS = st.tuples(DAYS, st.none() | st.integers(0, 10))


@given(st.lists(SPANS, min_size=2, max_size=5))
def test_a_book_is_refused_exactly_when_two_rows_of_one_key_share_a_day(
    spans: list[tuple[int, int | None]],
) -> None:
    rows = [
        row(
            starts_on=ON + timedelta(days=first),
            ends_on=None if length is None else ON + timedelta(days=first + length),
        )
        for first, length in spans
    ]
    days = [
        sum(1 for one in rows if one.starts_on <= on and (one.ends_on is None or on <= one.ends_on))
        for on in (ON + timedelta(days=nth) for nth in range(60))
    ]
    if max(days) > 1:
        with pytest.raises(OverlappingRules) as refused:
            RuleBook(rows)
        assert str(refused.value.first) in str(refused.value)
        assert str(refused.value.second) in str(refused.value)
    else:
        RuleBook(rows)


def test_rows_of_different_levels_may_share_days() -> None:
    RuleBook([row(), row(level="organization"), row(level="practice"), row(payer="p"), row(state="MA")])


def test_a_row_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(RuleValueRefused):
        RuleBook([row(ends_on=date(2019, 1, 1))])


def test_an_override_beats_the_shipped_row_and_changes_the_version() -> None:
    shipped = load_shipped()
    override = row("strict_15", rule="unit_method", payer="medicare", level="practice", starts_on=ON)
    book = shipped.with_rows([override])
    asked = Asked(payer="medicare", on=ON)
    assert payer_rules.unit_method(shipped, asked) == "cms_total_time"
    assert payer_rules.unit_method(book, asked) == "strict_15"
    assert (
        payer_rules.unit_method(book, Asked(payer="medicare", on=ON - timedelta(days=1))) == "cms_total_time"
    )
    assert book.version != shipped.version == load_shipped().version


def test_a_value_of_the_wrong_shape_names_its_row() -> None:
    book = RuleBook([row("by feel", rule="unit_method")])
    with pytest.raises(RuleValueRefused, match="shipped unit_method for any/any/any"):
        payer_rules.unit_method(book, Asked(payer=None, on=ON))


def test_shipped_rules_have_the_shape_that_is_asked_for() -> None:
    book = load_shipped()
    for payer in ("medicare", "tricare", "va", "unitedhealthcare", "somebody new", None):
        asked = Asked(payer=payer, on=ON)
        assert payer_rules.claim_assembly(book, asked) == ClaimAssembly(
            per_day=True,
            split_by_discipline=False,
            split_by_rendering=True,
            merge_same_code_same_day=True,
            max_lines=50,
            max_diagnoses=12,
        )
        assert 90 <= (payer_rules.filing_deadline(book, asked) - ON).days <= 365
        assert payer_rules.no_show_releases(book, asked) is True
        assert payer_rules.total_time_per_discipline(book, asked) is True
        assert payer_rules.discipline_modifiers(book, asked) == {"PT": "GP", "OT": "GO", "SLP": "GN"}
        assert payer_rules.authorization_required(book, asked).exempt_codes == ()


def test_a_default_for_everybody_is_an_assumption_and_a_payers_row_is_not() -> None:
    book = load_shipped()
    assert book.resolve("filing_limit_days", payer="somebody new", on=ON).is_assumption
    assert not book.resolve("filing_limit_days", payer="medicare", on=ON).is_assumption


def test_every_shipped_row_names_its_source_version_and_date() -> None:
    for shipped in load_shipped().rows:
        assert shipped.source
        assert shipped.reason
        assert shipped.version
        assert shipped.level == "shipped"
        assert shipped.checked_on <= date(2026, 11, 21)


def test_every_shipped_rule_has_a_known_shape_and_an_override_is_checked_before_it_is_stored() -> None:
    for shipped in load_shipped().rows:
        assert payer_rules.accept_row(shipped) is shipped
    for wrong in (row("soon", rule="filing_limit_days"), row("x", rule="no_such_rule")):
        with pytest.raises(RuleValueRefused):
            payer_rules.accept_row(wrong)
