"""Diagnoses against a payer's policies, and office visits against the recorded time or decision."""

from typing import Any

import msgspec
import pytest

from billing_rules.therapy.claim_facts import ClaimFacts
from tests.billing_rules.claims import LINE, SHIPPED, claim, found, only
from tests.billing_rules.test_rule_book import row

LCD = {
    "policies": [
        {
            "policy": "L33631",
            "source": "Local coverage determination L33631",
            "codes": ["97110"],
            "allowed": ["M25.5*", "M54.50"],
        }
    ]
}
BOOK = SHIPPED.with_rows([row(LCD, rule="medical_policy", payer="medicare", level="practice")])


def test_a_supported_diagnosis_is_silent() -> None:
    assert found(claim(), BOOK) == []


def test_a_mismatch_names_line_pointer_and_policy() -> None:
    facts = claim(diagnoses=("R26.89", "Z47.1"))
    (told,) = [what for what in [only(facts, BOOK)] if what.rule == "diagnosis.policy"]
    assert (told.severity, told.subject) == ("blocks", "/lines/0/pointers")
    assert told.evidence == {"policy": "L33631", "line": "1", "pointers": "1, 2", "code": "97110"}
    assert told.source == "Local coverage determination L33631"
    assert "practice medical_policy for medicare" in (told.row or "")


def test_one_supporting_diagnosis_among_the_pointers_is_enough() -> None:
    assert found(claim(diagnoses=("R26.89", "M54.50")), BOOK) == []


def test_a_policy_that_is_assumed_for_everybody_only_warns() -> None:
    health = msgspec.structs.replace(LINE, code="96156", minutes=None, units=1, modifiers=(), discipline="BH")
    facts = claim(diagnoses=("F32.1", "M54.50"), lines=(health,), authorization_required=False)
    warned = [what for what in found(facts) if what[0] == "diagnosis.policy"]
    assert warned == [("diagnosis.policy", "warns", "/lines/0/pointers")]


def visit(code: str, **changed: Any) -> ClaimFacts:
    """A claim of one office visit."""
    plain = msgspec.structs.replace(
        LINE, code=code, units=1, modifiers=(), discipline="BH", plan_of_care=None
    )
    line = msgspec.structs.replace(plain, **{"minutes": None} | changed)
    return claim(lines=(line,), authorization_required=False)


def levels(facts: ClaimFacts) -> list[tuple[str, str]]:
    """What is said of the level."""
    return [(rule, severity) for rule, severity, _ in found(facts) if rule.startswith("evaluation.")]


@pytest.mark.parametrize(
    ("code", "least"),
    [
        ("99202", 15),
        ("99203", 30),
        ("99204", 45),
        ("99205", 60),
        ("99212", 10),
        ("99213", 20),
        ("99214", 30),
        ("99215", 40),
    ],
)
def test_the_minutes_of_the_day_are_met_or_exceeded(code: str, least: int) -> None:
    assert levels(visit(code, minutes=least)) == []
    assert levels(visit(code, minutes=least - 1)) == [("evaluation.level", "blocks")]


@pytest.mark.parametrize(
    ("decision", "supported"),
    [("straightforward", "99212"), ("low", "99213"), ("moderate", "99214"), ("high", "99215")],
)
def test_decision_making_supports_its_level_and_those_below(decision: str, supported: str) -> None:
    for code in ("99212", "99213", "99214", "99215"):
        said = levels(visit(code, decision_making=decision))
        assert said == ([] if code <= supported else [("evaluation.level", "blocks")])


def test_without_either_it_is_not_checkable_and_nothing_is_held() -> None:
    assert levels(visit("99214")) == [("evaluation.not_checkable", "informs")]


def test_beside_psychotherapy_the_minutes_do_not_count_for_the_visit() -> None:
    alone = visit("99214", minutes=45)
    addon = msgspec.structs.replace(alone.lines[0], code="90833", minutes=30)
    assert levels(msgspec.structs.replace(alone, lines=(*alone.lines, addon))) == [
        ("evaluation.not_checkable", "informs")
    ]


def test_no_level_is_judged_before_the_rule_of_time_and_decision() -> None:
    assert levels(visit("99214", served_on=None)) == []
