"""The shipped code tables, and the shapes of identifiers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.therapy.code_table import CodeUnknown, addon_of, all_codes, find_code, procedure_code
from billing_rules.therapy.diagnosis_codes import diagnosis_standing
from billing_rules.therapy.identifiers import is_full_zip, is_tax_id, is_taxonomy, is_zip, npi_is_valid
from billing_rules.therapy.places_of_service import find_place

IN_YEAR = date(2026, 3, 2)
AFTER_YEAR = date(2026, 11, 2)


def test_the_table_is_sorted_and_each_code_is_there_once() -> None:
    codes = [row.code for row in all_codes()]
    assert codes == sorted(set(codes))


def test_every_add_on_names_a_known_base_and_every_block_has_minutes() -> None:
    for row in all_codes():
        assert all(find_code(primary) for primary in row.primary)
        assert (row.block_minutes is not None) == (row.basis in ("timed", "base", "addon", "crisis"))
        if row.basis == "base":
            addon = addon_of(row.code)
            assert addon is not None
            assert addon.primary == (row.code,)


@pytest.mark.parametrize(
    ("code", "timed", "pooled", "family"),
    [
        ("97110", True, True, "rehab"),
        ("97035", True, True, "rehab"),
        ("97161", False, False, "rehab"),
        ("97012", False, False, "rehab"),
        ("97153", True, False, "aba"),
        ("96105", True, False, "rehab"),
        ("97129", True, False, "rehab"),
        ("90834", True, False, "psychotherapy"),
        ("90791", False, False, "behavioral"),
    ],
)
def test_what_the_table_tells_of_a_code(code: str, timed: bool, pooled: bool, family: str) -> None:
    row = procedure_code(code)
    assert (row.is_timed, row.is_pooled, row.family) == (timed, pooled, family)


def test_an_unknown_code_is_refused_with_its_field() -> None:
    with pytest.raises(CodeUnknown) as unknown:
        procedure_code("00000", "/lines/2/code")
    assert unknown.value.field == "/lines/2/code"


@pytest.mark.parametrize(
    ("code", "on", "valid"),
    [
        ("92507", date(2026, 12, 31), True),
        ("92507", date(2027, 1, 1), False),
        ("0373T", date(2027, 1, 1), False),
        ("97153", date(2027, 1, 1), True),
        ("98985", date(2025, 12, 31), False),
        ("98985", date(2026, 1, 1), True),
    ],
)
def test_a_code_is_valid_by_its_dates(code: str, on: date, valid: bool) -> None:
    assert procedure_code(code).is_valid_on(on) is valid


@pytest.mark.parametrize(
    ("code", "in_year", "after_year"),
    [
        ("M54.50", "billable", "billable"),
        ("M5450", "billable", "billable"),
        ("F84.0", "billable", "billable"),
        ("M54", "not_specific", "not_specific"),
        ("U99.9", "unknown", "not_loaded"),
        ("m54.50", "malformed", "malformed"),
        ("M54.5000000", "malformed", "malformed"),
        ("", "malformed", "malformed"),
    ],
)
def test_standing_of_a_diagnosis(code: str, in_year: str, after_year: str) -> None:
    assert diagnosis_standing(code, IN_YEAR) == in_year
    assert diagnosis_standing(code, AFTER_YEAR) == after_year


def test_places_are_the_assigned_ones() -> None:
    office, unassigned = find_place("11"), find_place("28")
    assert office is not None
    assert (office.name, office.facility) == ("Office", False)
    assert unassigned is None


@given(st.integers(100_000_000, 299_999_999))
def test_exactly_one_last_digit_makes_a_valid_npi(first_nine: int) -> None:
    assert sum(npi_is_valid(f"{first_nine}{digit}") for digit in range(10)) == 1


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_breaks_an_npi(place: int, change: int) -> None:
    digits = list("1234567893")
    digits[place] = str((int(digits[place]) + change) % 10)
    assert npi_is_valid("1234567893")
    assert not npi_is_valid("".join(digits))


def test_shapes() -> None:
    assert [npi_is_valid(value) for value in ("123456789", "3234567893", "12345678931", "")] == [False] * 4
    assert [is_taxonomy(value) for value in ("225100000X", "2081P0301X")] == [True] * 2
    assert [is_taxonomy(value) for value in ("225100000", "225100000x", "22510000XX0")] == [False] * 3
    assert [is_tax_id(value) for value in ("12-3456789", "123456789", "12345678")] == [True, True, False]
    assert [is_zip(value) for value in ("02139", "02139-1234", "021391234", "0213", "02139-12")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [is_full_zip(value) for value in ("021391234", "02139-1234", "02139", "021390000")] == [
        True,
        True,
        False,
        False,
    ]
