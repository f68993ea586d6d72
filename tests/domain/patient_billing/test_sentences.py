"""One plain sentence per line: its amounts, its words, and what it must not give away."""

import itertools
import json
import re
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.money import dollars, split
from domain.patient_billing.plain_names import plain_name
from domain.patient_billing.sentences import (
    BUCKETS,
    MEANINGS,
    LineStory,
    PlanPart,
    credit_sentence,
    figures,
    headline,
    sentence,
    waiting_sentence,
)
from tests.domain.patient_billing.plainness import faults, school_grade

DAY = date(2026, 3, 3)
TABLE = (files("billing_rules.therapy.data") / "procedure_codes.json").read_text("utf-8")
CODES = [
    (row["code"], discipline)
    for row in json.loads(TABLE)["rows"]
    for discipline in row["disciplines"] or ["PT"]
]
WAYS = [{}, {"whose": "Ana"}, {"whole": False}, {"whole": False, "apart": True}, {"plans": ()}]
LEFT = [
    dict(zip(names, (3_000, 1_500, 500), strict=False))
    for number in range(4)
    for names in itertools.combinations(BUCKETS, number)
]


def story(**changes: Any) -> LineStory:
    """A visit of $150.00: $60.00 paid, $40.00 off, $50.00 to the deductible of one party."""
    known: dict[str, Any] = {
        "service": "Exercise",
        "served_on": DAY,
        "whose": "",
        "charge_cents": 15_000,
        "plans": (PlanPart("Good Health", 6_000),),
        "discount_cents": 4_000,
        "waived_cents": 0,
        "left_cents": {"deductible": 5_000},
        "share_cents": 5_000,
        "paid_cents": 0,
        "whole": True,
        "apart": False,
    }
    return LineStory(**(known | changes))


def test_it_says_what_was_done_what_the_plan_paid_and_what_is_left() -> None:
    assert sentence(story()) == (
        "Exercise on Mar 3, 2026: your plan paid $60.00 and took $40.00 off, "
        "so you owe $50.00 for the deductible."
    )


def test_the_amounts_behind_it_lead_from_the_charge_to_what_is_owed() -> None:
    rows = figures(story(left_cents={"deductible": 3_000, "copay": 2_000}, paid_cents=1_000))
    assert [(row.words, row.cents) for row in rows] == [
        ("Charge", 15_000),
        ("Good Health paid", -6_000),
        ("Discount your plan's contract requires", -4_000),
        ("Your deductible", 3_000),
        ("Your copay", 2_000),
        ("You paid before", -1_000),
        ("You owe", 4_000),
    ]


@pytest.mark.parametrize(("code", "discipline"), CODES)
def test_every_service_has_a_plain_name(code: str, discipline: str) -> None:
    told = sentence(story(service=plain_name(code, discipline)))
    assert faults(told) == []


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("paid_cents", [0, 700, 9_000])
@pytest.mark.parametrize("changes", WAYS)
def test_every_case_is_plain(left: dict[str, int], paid_cents: int, changes: dict[str, Any]) -> None:
    told = sentence(story(left_cents=left, share_cents=5_000, paid_cents=paid_cents, **changes))
    assert faults(told) == []
    assert told.count(".") - len(re.findall(r"\.\d\d", told)) == 1, "one sentence, no more"


@pytest.mark.parametrize("why", ["not_sent", "plan", "next_plan", "refused", "review"])
def test_what_is_not_due_says_why_and_no_amount(why: Any) -> None:
    told = waiting_sentence("Visit", "Ana", DAY, why)
    assert faults(told) == []
    assert "$" not in told


def test_the_rest_of_the_page_is_plain() -> None:
    days = [DAY, date(2026, 3, 17)]
    texts = [
        headline(12_345, days, plan_involved=True),
        headline(5_000, [DAY], plan_involved=False),
        headline(0, [], plan_involved=False),
        headline(-500, [], plan_involved=False),
        credit_sentence(250),
        *MEANINGS.values(),
    ]
    assert [faults(text) for text in texts] == [[]] * len(texts)


def test_the_grade_is_measured_strictly() -> None:
    hard = "Notwithstanding contractual adjudication, responsibility for remittance remains unsatisfied."
    assert school_grade(hard) > 12
    assert faults("The claim was denied, CO-45.") != []


@given(
    left=st.lists(st.integers(0, 50_000), min_size=len(BUCKETS), max_size=len(BUCKETS)),
    weights=st.lists(st.integers(1, 9_999), min_size=2, max_size=4),
)
def test_the_parts_of_all_parties_sum_to_what_is_left(left: list[int], weights: list[int]) -> None:
    total = sum(left)
    shares = split(total, weights)
    stories = [
        story(left_cents=dict(zip(BUCKETS, left, strict=True)), share_cents=share, whole=False)
        for share in shares
    ]
    assert sum(s.balance_cents for s in stories) == total
    for each in stories:
        assert sum(each.parts.values()) == (each.share_cents if total else 0)
        assert figures(each)[-1].cents == each.balance_cents


@given(charge=st.integers(20_000, 90_000), left=st.integers(1_001, 19_000), part=st.integers(1, 9_999))
def test_a_part_tells_nothing_of_the_other_part(charge: int, left: int, part: int) -> None:
    mine = split(left, [part, 10_000 - part])[0]
    told = story(
        charge_cents=charge,
        plans=(PlanPart("Other Parent's Employer Plan", charge - left - 77),),
        discount_cents=77,
        left_cents={"deductible": left},
        share_cents=mine,
        whole=False,
        apart=True,
    )
    words = sentence(told) + " ".join(f"{f.words} {dollars(f.cents)}" for f in figures(told))
    shown = {int(re.sub(r"[$,.-]", "", amount)) for amount in re.findall(r"-?\$[\d,]+\.\d\d", words)}
    assert shown <= {mine, charge - left - 77, 77}, "neither the charge, nor the whole, nor the other part"
    assert "%" not in words
    assert "Employer" not in words
