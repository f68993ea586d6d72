"""What holds for every set of minutes, whatever the method."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.therapy.minutes import blocks_earned
from billing_rules.therapy.session_units import Counting, Documented, session_units
from billing_rules.therapy.time_families import base_plus_addon_units
from billing_rules.therapy.timed_units import (
    ChoiceRefused,
    UnitMethod,
    UnitMethodUnknown,
    cms_units,
    fits,
    timed_units,
)

CODES = ["97110", "97112", "97116", "97140", "97530", "97535"]
MINUTES = st.dictionaries(st.sampled_from(CODES), st.integers(0, 130), min_size=1)
METHODS: tuple[UnitMethod, ...] = ("cms_total_time", "ama_per_code", "strict_15")


def counting(method: Any = "cms_total_time", *, per_discipline: bool = True) -> Counting:
    return Counting(method=method, per_discipline=per_discipline, crisis_addon_first_minute=76)


@given(MINUTES)
def test_cms_units_sum_to_the_table_of_the_day(minutes: dict[str, int]) -> None:
    answer = timed_units(minutes, method="cms_total_time")
    assert answer.total_units == sum(answer.units.values()) == cms_units(sum(minutes.values()))


@given(MINUTES)
def test_a_leftover_unit_goes_to_a_remainder_and_to_no_smaller_one(minutes: dict[str, int]) -> None:
    lines = timed_units(minutes, method="cms_total_time").lines
    won = [line.remainder_minutes for line in lines if line.won_leftover]
    lost = [line.remainder_minutes for line in lines if not line.won_leftover]
    assert all(won)
    assert min(won, default=15) >= max(lost, default=0)
    assert all(line.units - line.full_units == int(line.won_leftover) for line in lines)


@given(MINUTES, st.integers())
def test_order_of_the_codes_does_not_matter(minutes: dict[str, int], seed: int) -> None:
    shuffled = list(minutes.items())
    random.Random(seed).shuffle(shuffled)
    for method in METHODS:
        assert timed_units(dict(shuffled), method=method) == timed_units(minutes, method=method)


@given(MINUTES)
def test_strict_never_gives_more_than_the_midpoint_and_none_gives_less_than_zero(
    minutes: dict[str, int],
) -> None:
    strict = timed_units(minutes, method="strict_15").units
    ama = timed_units(minutes, method="ama_per_code").units
    cms = timed_units(minutes, method="cms_total_time").units
    for code in minutes:
        assert 0 <= strict[code] <= ama[code]
        assert strict[code] <= cms[code] <= strict[code] + 1


@given(MINUTES)
def test_an_answer_carries_the_other_methods_results(minutes: dict[str, int]) -> None:
    answer = timed_units(minutes, method="cms_total_time")
    assert {other.method for other in answer.other_methods} == {"ama_per_code", "strict_15"}
    for other in answer.other_methods:
        assert timed_units(minutes, method=other.method).units == other.units


@given(MINUTES)
def test_every_choice_open_in_a_tie_keeps_the_total_and_fits(minutes: dict[str, int]) -> None:
    answer = timed_units(minutes, method="cms_total_time")
    assert fits(answer, answer.units)
    if answer.tie:
        last = answer.tie.among[-answer.tie.pick :]
        chosen = timed_units(minutes, method="cms_total_time", choice=last)
        assert chosen.total_units == answer.total_units
        assert chosen.tie is not None
        assert chosen.tie.chosen == last
        assert fits(answer, chosen.units)


@given(MINUTES, st.sampled_from(CODES), st.sampled_from([-1, 1]))
def test_one_unit_more_or_less_fits_no_answer(minutes: dict[str, int], code: str, change: int) -> None:
    answer = timed_units(minutes, method="cms_total_time")
    billed = answer.units
    if code in billed:
        billed[code] += change
        assert not fits(answer, billed)


def test_a_unit_moved_outside_the_tie_does_not_fit() -> None:
    answer = timed_units({"97112": 24, "97110": 23}, method="cms_total_time")
    assert not fits(answer, {"97112": 1, "97110": 2})


@pytest.mark.parametrize("choice", [["97140"], ["97110", "97112"], ["97110", "97110"], []])
def test_a_choice_that_does_not_settle_the_tie_is_refused(choice: list[str]) -> None:
    with pytest.raises(ChoiceRefused):
        timed_units({"97110": 20, "97112": 20}, method="cms_total_time", choice=choice)


def test_a_choice_without_a_tie_is_refused_and_other_methods_pass_over_it() -> None:
    with pytest.raises(ChoiceRefused):
        timed_units({"97110": 20}, method="cms_total_time", choice=["97110"])
    assert timed_units({"97110": 20}, method="ama_per_code", choice=["97110"]).units == {"97110": 1}


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnitMethodUnknown):
        timed_units({"97110": 20}, method="by feel")  # type: ignore[arg-type]


def test_the_explanation_names_the_total_and_the_winner() -> None:
    said = timed_units({"97110": 33, "97140": 7}, method="cms_total_time").explanation
    assert said.startswith("40 timed minutes make 3 units")
    assert "97140: 7 min = 0 full, 7 left, which earns one more." in said


@given(st.integers(0, 2000), st.sampled_from([15, 20, 30, 60, 120]))
def test_a_block_is_earned_past_its_midpoint_or_when_full(minutes: int, block: int) -> None:
    midpoint = blocks_earned(minutes, block, "midpoint")
    assert midpoint == sum(1 for nth in range(200) if 2 * minutes > (2 * nth + 1) * block)
    assert blocks_earned(minutes, block, "full") == minutes // block <= midpoint


@given(st.integers(0, 600), st.sampled_from([15, 30, 60, 120]), st.sampled_from([15, 30, 60]))
def test_an_add_on_never_comes_without_its_base(minutes: int, base: int, addon: int) -> None:
    family = base_plus_addon_units(minutes, base_minutes=base, addon_minutes=addon)
    longer = base_plus_addon_units(minutes + 1, base_minutes=base, addon_minutes=addon)
    assert family.base_units == 1 or family.addon_units == 0
    assert longer.base_units >= family.base_units
    assert longer.addon_units >= family.addon_units


NOTES = st.lists(
    st.builds(
        Documented,
        code=st.sampled_from([*CODES, "97161", "97129", "97130", "96105", "97153", "90834", "90839"]),
        discipline=st.sampled_from(["PT", "OT"]),
        minutes=st.integers(0, 90),
    ),
    max_size=8,
)


@given(NOTES, st.sampled_from(METHODS), st.booleans(), st.integers())
def test_order_of_the_notes_does_not_matter(
    notes: list[Documented], method: Any, apart: bool, seed: int
) -> None:
    shuffled = list(notes)
    random.Random(seed).shuffle(shuffled)
    by = counting(method, per_discipline=apart)
    assert session_units(shuffled, by) == session_units(notes, by)


def units_of(day: list[tuple[str, str, int | None]], by: Counting, **choices: Any) -> dict[str, int]:
    notes = [Documented(code=code, discipline=discipline, minutes=spent) for discipline, code, spent in day]
    return {f"{e.discipline} {e.code}": e.units for e in session_units(notes, by, choices or None).units}


def test_disciplines_are_pooled_apart_unless_the_payer_pools_them() -> None:
    day: list[tuple[str, str, int | None]] = [("PT", "97110", 20), ("OT", "97110", 20)]
    assert units_of(day, counting()) == {"PT 97110": 1, "OT 97110": 1}
    pooled = counting(per_discipline=False)
    assert units_of(day, pooled) == {"OT 97110": 2, "PT 97110": 1}
    assert units_of(day, pooled, all=["PT/97110"]) == {"OT 97110": 1, "PT 97110": 2}


def test_morning_and_afternoon_of_one_code_are_summed() -> None:
    day: list[tuple[str, str, int | None]] = [("ABA", "97153", 67), ("ABA", "97153", 63)]
    assert units_of(day, counting("ama_per_code")) == {"ABA 97153": 9}


def test_untimed_minutes_never_enter_the_total() -> None:
    day: list[tuple[str, str, int | None]] = [("PT", "97161", 30), ("PT", "97012", None), ("PT", "97110", 7)]
    assert units_of(day, counting()) == {"PT 97161": 1, "PT 97012": 1, "PT 97110": 0}


def test_behavior_analysis_is_counted_by_code_even_where_therapy_is_pooled() -> None:
    day: list[tuple[str, str, int | None]] = [("ABA", "97153", 23), ("ABA", "97155", 24)]
    assert units_of(day, counting()) == {"ABA 97153": 2, "ABA 97155": 2}
    assert units_of(day, counting("strict_15")) == {"ABA 97153": 1, "ABA 97155": 1}


def test_an_add_on_takes_its_place_behind_its_base_wherever_the_minutes_are_written() -> None:
    expected = {"OT 97129": 1, "OT 97130": 2}
    assert units_of([("OT", "97129", 40)], counting()) == expected
    assert units_of([("OT", "97129", 15), ("OT", "97130", 25)], counting()) == expected


def test_crisis_and_hourly_codes_count_their_own_blocks() -> None:
    assert units_of([("BH", "90839", 95)], counting()) == {"BH 90839": 1, "BH 90840": 1}
    assert units_of([("SLP", "96105", 91)], counting()) == {"SLP 96105": 2}


def test_a_tie_nobody_settled_is_shown_as_undecided() -> None:
    notes = [Documented(code=code, discipline="PT", minutes=20) for code in ("97110", "97112")]
    assert set(session_units(notes, counting()).undecided) == {"PT"}
    assert not session_units(notes, counting(), {"PT": ["97112"]}).undecided
