"""Expected payment: the worked figures of the fee schedule to the cent, and an independent calculator."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.rule_book import RuleBook, load_shipped
from billing_rules.therapy.contracts import Contract, Fallback, RateRow, Terms, contract_on
from billing_rules.therapy.cost_sharing import CostSharing
from billing_rules.therapy.expected_allowed import AllowedLine, Pricing, ServiceLine, expected_allowed
from billing_rules.therapy.expected_payment import expected_payment
from billing_rules.therapy.fee_schedules import NATIONWIDE, Locality
from billing_rules.vectors import run
from tests.billing_rules import payment_calculator

JULY = date(2024, 7, 15)
SPRING = date(2026, 3, 2)
BOOK: RuleBook = load_shipped()
MET = CostSharing(deductible_remaining_cents=0, copay_cents=0, coinsurance_basis_points=2000, source="test")


def line(code: str, units: int = 1, *, on: date = JULY, charge: int = 100_000, **more: Any) -> ServiceLine:
    named = {"key": f"{code}{more}", "modifiers": ("GP",)} | more
    return ServiceLine(code=code, units=units, served_on=on, charge_cents=charge, **named)


def medicare(locality: Locality | None = NATIONWIDE) -> Pricing:
    return Pricing(payer="medicare", state="MA", book=BOOK, locality=locality)


def amounts(lines: list[ServiceLine], pricing: Pricing | None = None) -> list[int | None]:
    return [each.allowed_cents for each in expected_allowed(lines, pricing or medicare())]


def one(lines: list[ServiceLine], pricing: Pricing) -> AllowedLine:
    [told] = expected_allowed(lines, pricing)
    return told


def test_the_worked_visit_comes_to_102_02() -> None:
    assert amounts([line("97530"), line("97110", 2), line("97140")]) == [3662, 4460, 2080]


def test_the_reduction_crosses_disciplines_claims_and_lines() -> None:
    """Thirty minutes of physical and of occupational therapy on a day: 101.19, on whichever claim."""
    assert amounts([line("97110", 2), line("97535", 2, modifiers=("GO",))]) == [4460, 3262 + 2397]
    elsewhere = line("97535", 2, modifiers=("GO",), is_elsewhere=True)
    assert amounts([line("97110", 2), elsewhere]) == [4460]
    assert amounts([elsewhere, line("97535", modifiers=("GP",))]) == [2397]


def test_codes_off_the_list_and_other_days_are_not_reduced() -> None:
    assert amounts([line("97110"), line("97110", on=date(2024, 7, 16))]) == [2929, 2929]
    assert amounts([line("97129"), line("97110")])[1] == 2929


@pytest.mark.parametrize(
    ("modifiers", "paid", "steps"),
    [(("GP",), 3497, "sequestration"), (("GP", "CQ"), 2972, "assistant"), (("CO", "GO"), 2972, "assistant")],
)
def test_who_pays_the_worked_line(modifiers: tuple[str, ...], paid: int, steps: str) -> None:
    """97110 × 2 beside a unit that keeps its expense: 34.97, with an assistant 29.72; patient 8.92."""
    lines = [line("97110", 2, modifiers=modifiers), line("97530", is_elsewhere=True)]
    told = expected_payment(lines, medicare(), MET).lines[0]
    assert (told.allowed_cents, told.patient_cents, told.payer_cents) == (4460, 892, paid)
    assert steps in [step.name for step in told.steps]
    assert told.steps[-1].after_cents == paid


def test_every_step_begins_where_the_last_one_ended() -> None:
    lines = [line("97110", 2, modifiers=("GP", "CQ")), line("97530"), line("90834", credential="LCSW")]
    for told in expected_payment(lines, medicare(), MET).lines:
        assert told.steps[-1].after_cents == told.payer_cents
        for before, after in zip(told.steps, told.steps[1:], strict=False):
            assert after.before_cents == before.after_cents


def test_the_credential_is_data() -> None:
    """A clinical social worker is paid three quarters of the fee, unit by unit."""
    [full] = amounts([line("90834", credential="PHD", modifiers=())])
    [part] = amounts([line("90834", credential="LCSW", modifiers=())])
    assert full is not None
    assert part == int(Decimal(full) * 3 / 4 + Decimal("0.5"))


@pytest.mark.parametrize(
    ("on", "taken"), [(date(2021, 5, 1), 0), (date(2022, 5, 1), 80), (date(2024, 7, 15), 160)]
)
def test_sequestration_was_suspended_by_date(on: date, taken: int) -> None:
    given = {"allowed": "100.00", "deductible_met": True, "assistant_modifier": False, "dos": on.isoformat()}
    told = run("medicare_payment_waterfall", given)
    assert told["sequestration"] == f"{Decimal(taken).scaleb(-2):.2f}"


def test_a_part_of_the_deductible_is_taken_first() -> None:
    given = {"allowed": "100.00", "deductible_met": False, "deductible_remaining": "40.00"}
    assert run("medicare_payment_waterfall", given) == {
        "deductible": "40.00",
        "coinsurance": "12.00",
        "medicare_before_reductions": "48.00",
        "assistant_reduction": "0.00",
        "sequestration": "0.96",
        "paid": "47.04",
    }
    with pytest.raises(ValueError, match="deductible_remaining"):
        run("medicare_payment_waterfall", {"allowed": "100.00", "deductible_met": False})


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("mppr_applies", {"code": "97110", "as_of": "2010-01-01"}),
        ("mppr_allowed", {"gpci": 1, "cf": "33", "units": [{"code": "97110", "units": 1}], "rvus": {}}),
        ("medicare_payment_waterfall", {"allowed": "1.005", "deductible_met": True}),
        ("medicare_payment_waterfall", {"allowed": 44.6, "deductible_met": True}),
        ("medicare_payment_waterfall", {"allowed": "-1.00", "deductible_met": True}),
        ("medicare_payment_waterfall", {"allowed": "NaN", "deductible_met": True}),
    ],
)
def test_what_cannot_be_told_is_refused(rule: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        run(rule, wrong)


def test_geographic_indices_move_each_part() -> None:
    """Alabama, 10112-00: work 1, practice expense 0.869, malpractice 0.575."""
    here = medicare(Locality(carrier="10112", locality="00"))
    values = Decimal("0.45") + Decimal("0.42") * Decimal("0.869") + Decimal("0.01") * Decimal("0.575")
    assert amounts([line("97110")], here) == [int(values * Decimal("33.2875") * 100 + Decimal("0.5"))]


def test_a_facility_is_told_by_the_place() -> None:
    outside = amounts([line("90834", modifiers=())])
    assert amounts([line("90834", modifiers=(), place_of_service="22")]) != outside
    told = one([line("90834", place_of_service="00")], medicare())
    assert told.allowed_cents is None
    assert "place of service 00" in told.reasons[0]


def test_totals_only_bound_what_is_reduced() -> None:
    """The prices of 2026 hold no practice expense: a sole unit is exact, others are bounded and say so."""
    sole = one([line("97110", on=SPRING)], medicare())
    assert sole.allowed_cents is not None
    assert not sole.reasons
    first, second = expected_allowed([line("97110", 2, on=SPRING), line("97140", on=SPRING)], medicare())
    assert first.allowed_cents is None
    assert "totals only" in first.reasons[0]
    assert first.at_most_cents == 2 * sole.allowed_cents
    assert first.at_least_cents is not None
    assert 0 < first.at_least_cents < first.at_most_cents
    assert second.allowed_cents is None
    told = expected_payment([line("97110", 2, on=SPRING), line("97140", on=SPRING)], medicare(), MET)
    assert (told.allowed_cents, told.payer_cents) == (None, None)


def test_a_charge_below_every_bound_decides() -> None:
    told = one([line("97110", 3, on=SPRING, charge=1_000)], medicare())
    assert told.allowed_cents == 1_000
    assert not told.reasons


@pytest.mark.parametrize(
    ("pricing", "code", "why"),
    [
        (medicare(None), "97110", "locality is not set"),
        (medicare(Locality(carrier="99999", locality="99")), "97110", "no geographic indices"),
        (medicare(), "97039", "status C"),
        (medicare(), "99999", "no row for 99999"),
        (Pricing(payer="somebody", book=BOOK), "97110", "no contract"),
    ],
)
def test_what_is_not_known_is_said(pricing: Pricing, code: str, why: str) -> None:
    told = one([line(code)], pricing)
    assert told.allowed_cents is None
    assert why in told.reasons[0]


def test_a_bundled_code_is_paid_nothing_by_medicare() -> None:
    assert amounts([line("97010"), line("97110")]) == [0, 2929]


def test_unknown_cost_sharing_stays_unknown() -> None:
    told = expected_payment([line("97110")], medicare(), None)
    assert (told.allowed_cents, told.patient_cents, told.payer_cents) == (2929, None, None)
    assert "the deductible that remains" in told.reasons[0]


def contract(*rows: RateRow, starts_on: date = date(2024, 1, 1), **terms: Any) -> Contract:
    return Contract(
        id="c1", name="Harbor", starts_on=starts_on, ends_on=None, terms=Terms(**terms), rows=rows
    )


def by(*versions: Contract) -> Pricing:
    return Pricing(payer="harbor", book=BOOK, contracts=versions, locality=NATIONWIDE)


def test_the_row_is_named_and_the_most_specific_wins() -> None:
    agreed = contract(
        RateRow(number=2, code="97110", method="flat", rate_cents=3_000),
        RateRow(number=3, code="97110", modifiers=("CQ",), method="flat", rate_cents=2_500),
        RateRow(number=4, code="97110", credential="PTA", method="flat", rate_cents=2_700),
        RateRow(number=5, code="*", method="percent_of_charge", basis_points=5_000),
    )
    for asked, cents, row in (
        (line("97110", 2), 6_000, "row 2"),
        (line("97110", modifiers=("GP", "CQ")), 2_500, "row 3"),
        (line("97110", credential="PTA"), 2_700, "row 4"),
        (line("97140", charge=4_001), 2_001, "row 5"),
    ):
        told = one([asked], by(agreed))
        assert told.allowed_cents == cents
        assert told.row.startswith(row)


def test_dates_choose_the_version_and_the_escalator_raises_it() -> None:
    row = RateRow(number=2, code="97110", method="flat", rate_cents=3_333)
    old = contract(row, escalator_basis_points=300)
    new = contract(row, starts_on=date(2026, 7, 1))
    assert contract_on((old, new), date(2026, 6, 30)) is old
    raised = amounts([line("97110", on=date(2026, 6, 30))], by(old, new))
    assert raised == [3_536]  # 33.33, then 34.33, then 35.36
    assert amounts([line("97110", on=date(2026, 7, 1))], by(old, new)) == [3_333]


def test_what_no_row_prices_falls_back_or_is_unknown() -> None:
    row = RateRow(number=2, code="97110", method="flat", rate_cents=3_000)
    bare, backed = contract(row), contract(row, fallback=Fallback(of="medicare", basis_points=12_000))
    assert one([line("97140")], by(bare)).allowed_cents is None
    assert one([line("97140")], by(backed)).allowed_cents == 3_235
    assert "fallback: 120 % of Medicare" in one([line("97140")], by(backed)).row


CODES = ("97110", "97140", "97530", "97129", "92610")
FEES = {
    "cf": Fraction("33.2875"),
    "reducible": {"97110", "97140", "97530"},
    "values": {
        code: {name: Fraction(value) for name, value in zip(("work", "pe", "mp"), values, strict=True)}
        for code, values in {
            "97110": ("0.45", "0.42", "0.01"),
            "97140": ("0.43", "0.37", "0.01"),
            "97530": ("0.44", "0.65", "0.01"),
        }.items()
    },
}
PAID_CODES = ("97110", "97140", "97530")
MODIFIERS = ("GP", "CQ", "59")
rows = st.fixed_dictionaries(
    {
        "code": st.sampled_from((*PAID_CODES, "*")),
        "modifiers": st.lists(st.sampled_from(MODIFIERS), unique=True, max_size=2),
        "credential": st.sampled_from((None, "PT", "PTA")),
        "method": st.sampled_from(
            ("flat", "steps", "percent_of_medicare", "percent_of_charge", "case_rate", "per_diem")
        ),
        "rate": st.integers(0, 20_000),
        "further": st.integers(0, 9_000),
        "basis_points": st.integers(0, 30_000),
        "units_per_day": st.sampled_from((None, None, 1, 3)),
    }
)
served = st.fixed_dictionaries(
    {
        "code": st.sampled_from(PAID_CODES),
        "modifiers": st.lists(st.sampled_from(MODIFIERS), unique=True, max_size=3),
        "credential": st.sampled_from(("PT", "PTA", None)),
        "units": st.integers(1, 5),
        "charge": st.integers(0, 40_000),
        "on": st.sampled_from((date(2024, 7, 15), date(2024, 7, 16), date(2024, 12, 30))),
        "visit": st.sampled_from(("a", "b")),
    }
)


def fallback(of: str, basis_points: int) -> dict[str, Any]:
    """What prices a code without a row, in the calculator's words."""
    named = {"number": None, "units_per_day": None, "basis_points": basis_points}
    return named | {"method": f"percent_of_{of}", "of": of}


contracts = st.fixed_dictionaries(
    {
        "rows": st.lists(
            rows, max_size=6, unique_by=lambda r: (r["code"], tuple(sorted(r["modifiers"])), r["credential"])
        ),
        "starts_on": st.sampled_from((date(2020, 2, 29), date(2022, 7, 16), date(2024, 1, 1))),
        "fallback": st.sampled_from((None, fallback("medicare", 11_050), fallback("charge", 6_500))),
        "lesser_of": st.booleans(),
        "reduces": st.booleans(),
        "escalator": st.sampled_from((0, 250, 333)),
        "assistant": st.sampled_from((10_000, 8_500)),
        "sequestration": st.sampled_from((0, 200)),
    }
)
sharings = st.fixed_dictionaries(
    {
        "deductible": st.integers(0, 30_000),
        "coinsurance": st.sampled_from((0, 1_000, 2_000, 3_333)),
        "copay": st.sampled_from((0, 2_500)),
        "maximum": st.sampled_from((None, 5_000, 100_000)),
    }
)


def as_contract(plain: dict[str, Any]) -> Contract:
    """The contract as the rules read it."""
    made = []
    for row in plain["rows"]:
        by_share = row["method"].startswith("percent")
        made.append(
            RateRow(
                number=row["number"],
                code=row["code"],
                modifiers=tuple(row["modifiers"]),
                credential=row["credential"],
                method=row["method"],
                rate_cents=None if by_share else row["rate"],
                further_cents=row["further"] if row["method"] == "steps" else None,
                basis_points=row["basis_points"] if by_share else None,
                units_per_day=row["units_per_day"],
            )
        )
    backed = plain["fallback"]
    terms = Terms(
        lesser_of_charge=plain["lesser_of"],
        follows_medicare_reductions=plain["reduces"],
        assistant_basis_points=plain["assistant"],
        sequestration_basis_points=plain["sequestration"],
        escalator_basis_points=plain["escalator"],
        fallback=backed and Fallback(of=backed["of"], basis_points=backed["basis_points"]),
    )
    return Contract(
        id="c", name="any", starts_on=plain["starts_on"], ends_on=None, terms=terms, rows=tuple(made)
    )


@given(plain=contracts, lines=st.lists(served, min_size=1, max_size=6), sharing=sharings)
def test_the_trace_equals_an_independent_calculator(
    plain: dict[str, Any], lines: list[dict[str, Any]], sharing: dict[str, Any]
) -> None:
    """Whatever was agreed and rendered: allowed, patient's and payer's part to the cent, as the steps say."""
    for number, row in enumerate(plain["rows"], 2):
        row["number"] = number
        if row["method"] not in ("flat", "steps", "percent_of_medicare"):
            row["units_per_day"] = None
    asked = [
        ServiceLine(
            key=str(at),
            served_on=each["on"],
            code=each["code"],
            modifiers=tuple(each["modifiers"]),
            units=each["units"],
            charge_cents=each["charge"],
            credential=each["credential"],
            visit=each["visit"],
        )
        for at, each in enumerate(lines)
    ]
    left = CostSharing(
        deductible_remaining_cents=sharing["deductible"],
        coinsurance_basis_points=sharing["coinsurance"],
        copay_cents=sharing["copay"],
        out_of_pocket_remaining_cents=sharing["maximum"],
    )
    told = expected_payment(asked, by(as_contract(plain)), left)
    expected = payment_calculator.allowed(plain, lines, FEES)
    assert [each.allowed_cents for each in told.lines] == expected
    for each in told.lines:
        if each.payer_cents is not None:
            assert each.steps[-1].after_cents == each.payer_cents
        assert each.reasons or each.payer_cents is not None
    known = [cents for cents in expected if cents is not None]
    if len(known) == len(expected):
        shares = payment_calculator.paid(plain, sharing, lines, known)
        assert [(each.patient_cents, each.payer_cents) for each in told.lines] == shares
