"""Which services of a day are paid beside each other, on this claim and the patient's others."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from billing_rules.findings import Finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts, ServiceEvidence
from billing_rules.therapy.facts.same_day import SameDayLine
from billing_rules.therapy.modifiers.distinct_services import distinct_service_advice
from tests.billing_rules.claims import LINE, SERVED_ON, SHIPPED, claim
from tests.billing_rules.test_rule_book import row

RULES = ("pair.", "modifier.distinct", "units.most", "add_on.", "bundling.", "procedure.discipline")


def seen(start: int, end: int, **more: Any) -> ServiceEvidence:
    """Evidence with times of the day."""
    day: dict[str, Any] = {"starts_at": at(start), "ends_at": at(end), "clinician": "therapist"}
    return ServiceEvidence(**(day | more))


def at(hour: int) -> datetime:
    return datetime(2026, 3, 2, hour, tzinfo=UTC)


def line(code: str, *modifiers: str, **more: Any) -> LineFacts:
    changed: dict[str, Any] = {"code": code, "modifiers": ("GP", *modifiers), "units": 1, "minutes": 15}
    return msgspec.structs.replace(LINE, **(changed | {"pointers": (1,)} | more))


def about(facts: ClaimFacts, book: RuleBook = SHIPPED) -> list[Finding]:
    return [f for f in scrub(facts, book) if f.rule.startswith(RULES)]


def told(facts: ClaimFacts, book: RuleBook = SHIPPED) -> list[tuple[str, str, str]]:
    return [(f.rule, f.severity, f.subject) for f in about(facts, book)]


def test_an_active_pair_needs_a_modifier_on_column_2_and_a_record_that_shows_why() -> None:
    """Group at ten and exercise at eleven: 59 on the exercise, column 2, is suggested and never applied."""
    group, exercise = line("97150", evidence=seen(10, 11)), line("97110", evidence=seen(11, 12))
    facts = claim(lines=(group, exercise))
    assert told(facts) == [("pair.distinct_needed", "blocks", "/lines/1/code")]
    [advice] = distinct_service_advice(facts, SHIPPED)
    assert (advice.line, advice.modifier, advice.certain) == (1, "59", False)
    assert advice.evidence["kind"] == "XU"
    marked = msgspec.structs.replace(exercise, modifiers=("GP", "59"))
    assert told(claim(lines=(group, marked))) == []
    assert distinct_service_advice(claim(lines=(group, marked)), SHIPPED) == []


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"separate_encounter": True}, "XE"),
        ({"clinician": "another"}, "XP"),
        ({"body_site": "left knee"}, "XS"),
        ({}, "XU"),
    ],
)
def test_which_x_comes_from_the_record_where_the_payer_prefers_it(more: dict[str, Any], kind: str) -> None:
    prefers = row({"prefers": "X"}, rule="distinct_service_modifiers", level="practice")
    group = line("97150", evidence=seen(10, 11, body_site="right knee"))
    facts = claim(lines=(group, line("97110", evidence=seen(11, 12, **more))))
    [advice] = distinct_service_advice(facts, SHIPPED.with_rows([prefers]))
    assert advice.modifier == kind


def test_times_that_overlap_are_never_distinct_whatever_else_is_recorded() -> None:
    group = line("97150", evidence=seen(10, 12))
    exercise = line("97110", "59", evidence=seen(11, 13, clinician="another", separate_encounter=True))
    facts = claim(lines=(group, exercise))
    assert told(facts) == [("modifier.distinct_unproven", "blocks", "/lines/1/modifiers")]
    assert distinct_service_advice(facts, SHIPPED) == []


def test_without_times_nothing_is_suggested() -> None:
    facts = claim(lines=(line("97150"), line("97110")))
    assert told(facts) == [("pair.distinct_needed", "blocks", "/lines/1/code")]
    assert distinct_service_advice(facts, SHIPPED) == []


def test_a_modifier_on_column_1_is_told() -> None:
    facts = claim(lines=(line("97150", "59"), line("97110")))
    assert told(facts) == [("modifier.distinct_on_column_1", "warns", "/lines/1/modifiers")]


def test_indicator_0_is_never_paid_and_no_modifier_helps() -> None:
    manual, massage = line("97140", evidence=seen(10, 11)), line("97124", "59", evidence=seen(11, 12))
    facts = claim(lines=(manual, massage))
    assert told(facts) == [("pair.never_together", "blocks", "/lines/1/code")]
    assert about(facts)[0].risk == "not_fixable"
    assert distinct_service_advice(facts, SHIPPED) == []


def test_a_deleted_pair_is_none_and_59_is_no_finding_while_the_quarter_is_not_loaded() -> None:
    """97530 with 97116 was deleted; the table held is nine quarters old, so 59 is not called unneeded."""
    assert told(claim(lines=(line("97530"), line("97116", "59")))) == []


def test_59_without_an_active_pair_is_told_once_the_quarter_is_loaded() -> None:
    day = SERVED_ON.replace(year=2024, month=8)
    lines = tuple(line(code, *more, served_on=day) for code, *more in (("97530",), ("97116", "59")))
    facts = claim(lines=lines, sent_on=day)
    assert ("modifier.distinct_unneeded", "warns", "/lines/1/modifiers") in told(facts)


def test_before_the_first_table_it_cannot_be_told() -> None:
    day = SERVED_ON.replace(year=2024, month=5)
    lines = (line("97150", served_on=day), line("97110", served_on=day))
    assert told(claim(lines=lines, sent_on=day)) == [("bundling.cannot_tell", "informs", "/lines")]


def test_the_other_claims_of_the_day_count() -> None:
    """Group on another claim, exercise here; a primary there supports the add-on here; units are summed."""
    other = SameDayLine(served_on=SERVED_ON, code="97150", modifiers=("GP",), units=1, claim="OTHER1")
    facts = claim(lines=(line("97110"),), same_day=(other,))
    assert told(facts) == [("pair.distinct_needed", "blocks", "/lines/0/code")]
    assert about(facts)[0].evidence["other_claim"] == "OTHER1"
    base = SameDayLine(served_on=SERVED_ON, code="97129", modifiers=("GP",), units=1, claim="OTHER2")
    addon = line("97130", modifiers=("GO",), discipline="OT", minutes=None)
    assert told(claim(lines=(addon,))) == [("add_on.primary_missing", "blocks", "/lines/0/code")]
    assert told(claim(lines=(addon,), same_day=(base,))) == []
    more = SameDayLine(served_on=SERVED_ON, code="97161", modifiers=("GP",), units=1, claim="OTHER3")
    twice = claim(lines=(line("97161", minutes=None),), same_day=(more,))
    assert told(twice) == [("units.most_on_day", "blocks", "/lines/0/units")]


@pytest.mark.parametrize(
    ("code", "units", "rule"),
    [
        ("97110", 6, None),
        ("97110", 7, ("units.most_by_records", "warns")),
        ("97161", 1, None),
        ("97161", 2, ("units.most_on_day", "blocks")),
        ("97010", 1, ("units.most_on_day", "blocks")),
    ],
)
def test_most_units_of_a_day_by_adjudication_indicator(
    code: str, units: int, rule: tuple[str, str] | None
) -> None:
    found = told(claim(lines=(line(code, units=units, minutes=15 * units),)))
    expected = [] if rule is None else [(*rule, "/lines/0/units")]
    assert [f for f in found if f[0].startswith("units.most")] == expected


def test_a_payer_only_assumed_to_follow_the_edits_is_warned_of_and_one_that_does_not_is_left() -> None:
    facts = claim(payer="new", lines=(line("97150"), line("97110")))
    assert ("pair.distinct_needed", "warns", "/lines/1/code") in told(facts)
    off = row("none", rule="ncci_edit_set", level="practice")
    assert told(facts, SHIPPED.with_rows([off])) == []


def test_a_code_of_another_discipline_is_flagged() -> None:
    assert told(claim(lines=(line("92507", minutes=None),))) == [
        ("procedure.discipline", "warns", "/lines/0/code")
    ]
    takes = row({"also": {"PT": ["92507"]}, "never": {}}, rule="discipline_codes", level="practice")
    assert told(claim(lines=(line("92507", minutes=None),)), SHIPPED.with_rows([takes])) == []
