"""Cents are never lost, made or rounded unseen (MON-01)."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.money import AmountRefused, SplitRefused, cents_from_decimal, dollars, percent, split

WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)
CENTS = st.integers(0, 10**9)


@given(CENTS, WEIGHTS)
def test_parts_sum_to_the_total_and_none_is_negative(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)


@given(CENTS, WEIGHTS)
def test_no_part_is_a_cent_away_from_its_exact_share(total: int, weights: list[int]) -> None:
    for part, weight in zip(split(total, weights), weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(CENTS, WEIGHTS)
def test_weight_zero_gets_nothing(total: int, weights: list[int]) -> None:
    assert all(part == 0 for part, weight in zip(split(total, weights), weights, strict=True) if weight == 0)


@given(
    CENTS,
    st.dictionaries(st.text(min_size=1), st.integers(0, 50), min_size=1).filter(lambda d: any(d.values())),
    st.randoms(),
)
def test_with_keys_the_order_does_not_matter(total: int, weights: dict[str, int], random: Random) -> None:
    def parts(order: list[str]) -> dict[str, int]:
        return dict(zip(order, split(total, [weights[key] for key in order], order), strict=True))

    shuffled = list(weights)
    random.shuffle(shuffled)
    assert parts(list(weights)) == parts(shuffled)


@given(CENTS, WEIGHTS, st.randoms())
def test_without_keys_only_equal_weights_may_trade_places(
    total: int, weights: list[int], random: Random
) -> None:
    shuffled = list(weights)
    random.shuffle(shuffled)
    pairs = sorted(zip(weights, split(total, weights), strict=True))
    assert pairs == sorted(zip(shuffled, split(total, shuffled), strict=True))


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(100, [1, 1, 1], [34, 33, 33]), (10, [60, 40], [6, 4]), (1, [1, 3], [0, 1]), (0, [1, 2], [0, 0])],
)
def test_splits_known_by_hand(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 2]), (1, [0, 0]), (1, [])])
def test_split_without_an_answer_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(SplitRefused):
        split(total, weights)


def test_split_with_too_few_keys_is_refused() -> None:
    with pytest.raises(SplitRefused):
        split(1, [1, 2], ["a"])


@given(st.integers(-(10**12), 10**12))
def test_dollars_are_read_back_exactly(cents: int) -> None:
    shown = dollars(cents)
    assert cents_from_decimal(Decimal(shown.replace("$", "").replace(",", ""))) == cents


def test_dollars_as_people_write_them() -> None:
    assert [dollars(cents) for cents in (0, 5, 123456, -5)] == ["$0.00", "$0.05", "$1,234.56", "-$0.05"]


@pytest.mark.parametrize("amount", ["12.345", "0.001", "NaN", "Infinity", "-Infinity", "sNaN"])
def test_amount_that_is_no_whole_number_of_cents_is_refused(amount: str) -> None:
    with pytest.raises(AmountRefused):
        cents_from_decimal(Decimal(amount))


@pytest.mark.parametrize(("amount", "cents"), [("12.340", 1234), ("1E+2", 10000), ("-0.50", -50), ("0", 0)])
def test_amount_is_read_exactly(amount: str, cents: int) -> None:
    assert cents_from_decimal(Decimal(amount)) == cents


@given(st.integers(-(10**10), 10**10), st.integers(0, 20_000))
def test_percent_rounds_half_up_and_mirrors(cents: int, basis_points: int) -> None:
    exact = Decimal(cents) * basis_points / 10_000
    assert percent(cents, basis_points) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert percent(-cents, basis_points) == -percent(cents, basis_points)
