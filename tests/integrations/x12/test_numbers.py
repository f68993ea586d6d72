"""Money and quantities as X12 writes them: explicit points, nothing implied, nothing guessed."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.x12.numbers import NumberUnreadable, amount_text, cents, day, quantity, quantity_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40", 4_000),
        ("40.", 4_000),
        (".01", 1),
        ("-.01", -1),
        ("-45", -4_500),
        ("0.5", 50),
        ("1.230", 123),
        ("007.10", 710),
        ("-0", 0),
        ("999999999999.99", 99_999_999_999_999),
    ],
)
def test_money_is_read_in_cents(text, expected):
    assert cents(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", ".", "1,000", "1_0", "$5", "1e3", "1.005", "+5", "--1", "٣", "NaN", "9" * 40, "4 0"],
)
def test_what_is_no_money_is_refused(text):
    with pytest.raises(NumberUnreadable):
        cents(text)


@given(st.integers(-(10**14), 10**14))
def test_money_written_is_the_money_read(amount_cents):
    text = amount_text(amount_cents)
    assert cents(text) == amount_cents
    assert Decimal(text) * 100 == amount_cents
    assert "." not in text or not text.endswith(("0", "."))


@given(st.decimals(0, 10**9, places=3))
def test_quantities_written_are_those_read(value):
    assert quantity(quantity_text(value)) == value


@pytest.mark.parametrize("text", ["", "A", "1e5", "Infinity"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(NumberUnreadable):
        quantity(text)


def test_only_real_days_are_days():
    assert day("20240229") == date(2024, 2, 29)
    for text in ("20230229", "2024022", "202402290", "2024-2-9", "", "٢٠٢٤٠٢٢٩", "00000000"):
        assert day(text) is None
