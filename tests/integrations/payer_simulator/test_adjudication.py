"""A professional claim becomes the payment that the book's dated rules give."""

from datetime import date, timedelta

import pytest

from integrations.payer_simulator import Fee, Member, Payer, Terms
from integrations.x12.professional_values import Claim
from tests.integrations.payer_simulator.practice import (
    FEES,
    SERVICE_ON,
    YEAR,
    Desk,
    adjustments,
    block,
    child,
    claim,
    compensation_fund,
    health_plan,
    injury,
    line,
    on,
)


def settled(payer: Payer, *claims: Claim) -> list[list[tuple[str, str, int]]]:
    """What was adjusted on each claim, submitted together."""
    desk = Desk(payer)
    desk.submit(*claims)
    desk.wait()
    found = {one.patient_control_number: adjustments(one) for one in desk.paid()}
    return [found[one.control_number] for one in claims]


def with_terms(**rules: object) -> Payer:
    """The health plan with other terms for the year."""
    return health_plan(terms=({"from_on": YEAR, **rules},))


def test_a_line_is_paid_by_the_fee_schedule_less_one_copay_a_day() -> None:
    desk = Desk()
    sent = claim(line("97110", 9_000, 2), line("97140", 4_000))
    desk.submit(sent)
    desk.wait()
    [paid] = desk.paid()
    assert adjustments(paid) == [("CO", "45", 3_000), ("PR", "3", 2_000), ("CO", "45", 1_200)]
    assert [one.paid_cents for one in paid.lines] == [4_000, 2_800]
    assert [one.allowed_cents for one in paid.lines] == [6_000, 2_800]
    assert (paid.status, paid.paid_cents, paid.patient_responsibility_cents) == ("1", 6_800, 2_000)
    assert [one.line_control_number for one in paid.lines] == [one.control_number for one in sent.lines]


def test_a_charge_below_the_schedule_is_all_that_is_allowed() -> None:
    assert settled(with_terms(), claim(line("97110", 2_500))) == [[]]


def test_the_copay_is_taken_once_for_all_claims_of_a_day_and_spills_over_small_lines() -> None:
    first, second = claim(line("97110", 1_500)), claim(line("97140", 1_500))
    assert settled(with_terms(copay_cents=2_000), first, second) == [[("PR", "3", 1_500)], [("PR", "3", 500)]]


def test_brothers_on_one_card_pay_their_own_copays() -> None:
    sent = [claim(line("97110", 3_000), patient=child(first)) for first in ("Ben", "Tom")]
    assert settled(with_terms(copay_cents=2_000), *sent) == [[("PR", "3", 2_000)]] * 2


def test_the_deductible_comes_before_coinsurance_and_is_met_once_a_year() -> None:
    payer = with_terms(deductible_cents=4_000, coinsurance_percent=25)
    days = [SERVICE_ON - timedelta(days=back) for back in (3, 2, 1)]
    got = settled(payer, *[claim(on(day, charge_cents=3_000)) for day in days])
    assert got == [[("PR", "1", 3_000)], [("PR", "1", 1_000), ("PR", "2", 500)], [("PR", "2", 750)]]


def test_what_a_member_met_elsewhere_and_has_of_his_own_counts() -> None:
    own = Member(
        member_id="W001",
        from_on=YEAR,
        copay_cents=0,
        coinsurance_percent=10,
        deductible_cents=5_000,
        deductible_met_cents=4_000,
    )
    payer = health_plan(members=(own,))
    assert settled(payer, claim(line("97110", 3_000))) == [[("PR", "1", 1_000), ("PR", "2", 200)]]


def test_fees_and_terms_change_with_the_date_of_service() -> None:
    change = SERVICE_ON
    fees = (
        Fee(code="97110", allowed_cents=3_000, from_on=YEAR),
        Fee(code="97110", allowed_cents=4_000, from_on=change),
    )
    terms = (
        Terms(from_on=YEAR, to_on=change - timedelta(days=1), copay_cents=1_000),
        Terms(from_on=change, copay_cents=500),
    )
    payer = health_plan(fees=fees, terms=terms)
    before, after = claim(on(change - timedelta(days=1))), claim(on(change))
    assert settled(payer, before, after) == [
        [("CO", "45", 2_000), ("PR", "3", 1_000)],
        [("CO", "45", 1_000), ("PR", "3", 500)],
    ]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (Member(member_id="W001", from_on=YEAR, to_on=SERVICE_ON - timedelta(days=1)), "27"),
        (Member(member_id="W001", from_on=SERVICE_ON + timedelta(days=1)), "26"),
    ],
)
def test_a_service_outside_the_coverage_is_the_patients(member: Member, expected: str) -> None:
    assert settled(health_plan(members=(member,)), claim()) == [[("PR", expected, 5_000)]]


def test_a_service_before_any_terms_is_not_covered() -> None:
    payer = health_plan(terms=(Terms(from_on=date(2027, 1, 1)),))
    assert settled(payer, claim()) == [[("PR", "27", 5_000)]]


def test_the_same_service_again_is_a_duplicate_but_another_therapist_or_units_is_not() -> None:
    first, again, longer = claim(line()), claim(line()), claim(line(units=2))
    got = settled(with_terms(), first, again, longer)
    assert got == [[("CO", "45", 2_000)], [("OA", "18", 5_000)], []]


def test_a_service_that_was_denied_is_no_reason_to_call_the_next_one_a_duplicate() -> None:
    payer = health_plan(authorizations=(block(5, "visit"),))
    without, with_it = claim(line("97530")), claim(line("97530"), authorization_number="AUTH1")
    denied, paid = settled(payer, without, with_it)
    assert denied == [("CO", "197", 5_000)]
    assert paid == [("CO", "45", 1_400), ("PR", "3", 2_000)]


def test_a_claim_after_the_filing_limit_is_denied() -> None:
    late, in_time = claim(on(date(2026, 1, 15))), claim(on(SERVICE_ON))
    got = settled(with_terms(filing_days=30), late, in_time)
    assert got == [[("CO", "29", 5_000)], [("CO", "45", 2_000)]]


def test_a_code_without_a_fee_is_not_covered_unless_the_plan_pays_a_share() -> None:
    assert settled(with_terms(), claim(line("97032"))) == [[("CO", "96", 5_000)]]
    assert settled(with_terms(other_codes_percent=60), claim(line("97032"))) == [[("CO", "45", 2_000)]]


def test_authorized_visits_are_days_and_run_out() -> None:
    payer = health_plan(authorizations=(block(2, "visit", "97530"),))
    days = [SERVICE_ON - timedelta(days=back) for back in (3, 3, 2, 1)]
    sent = [
        claim(on(day, "97530", charge_cents=3_600, units=at), authorization_number="AUTH1")
        for at, day in enumerate(days, 1)
    ]
    *paid, exhausted = settled(payer, *sent)
    assert exhausted == [("CO", "198", 3_600)]
    assert [("CO", "198", 3_600) in one for one in paid] == [False] * 3


def test_authorized_units_are_counted_and_a_line_may_carry_its_own_number() -> None:
    payer = health_plan(authorizations=(block(4, "unit", "97530"),))
    first = claim(line("97530", 9_000, 3, authorization_number="AUTH1"))
    second = claim(on(SERVICE_ON - timedelta(days=1), "97530", units=2), authorization_number="AUTH1")
    third = claim(on(SERVICE_ON - timedelta(days=2), "97530", units=1), authorization_number="AUTH1")
    got = settled(payer, first, second, third)
    assert [one[0][:2] for one in got] == [("PR", "3"), ("CO", "198"), ("CO", "45")]


def test_a_number_that_covers_another_code_is_a_mismatch() -> None:
    payer = health_plan(authorizations=(block(4, "unit", "97110"),))
    assert settled(payer, claim(line("97530"), authorization_number="AUTH1")) == [[("CO", "284", 5_000)]]


def test_one_session_may_draw_on_two_blocks_and_either_binds() -> None:
    payer = health_plan(authorizations=(block(1, "visit"), block(9, "unit", "97530")))
    days = [SERVICE_ON - timedelta(days=back) for back in (1, 0)]
    got = settled(payer, *[claim(on(day, "97530"), authorization_number="AUTH1") for day in days])
    assert got[1] == [("CO", "198", 5_000)]


def test_a_denial_carries_its_remark_and_the_whole_charge() -> None:
    desk = Desk()
    desk.submit(claim(line("97530")))
    desk.wait()
    [paid] = desk.paid()
    assert [one.code for one in paid.lines[0].remarks] == ["M62"]
    assert (paid.status, paid.paid_cents, paid.patient_responsibility_cents) == ("1", 0, 0)


def test_workers_compensation_pays_its_schedule_and_leaves_nothing_to_the_patient() -> None:
    desk = Desk(compensation_fund())
    desk.submit(injury())
    desk.wait()
    [paid] = desk.paid()
    assert adjustments(paid) == [("CO", "45", 2_000)]
    assert (paid.paid_cents, paid.filing_indicator) == (3_000, "WC")
    assert [one.last_or_organization for one in paid.names] == ["FORD", "QUILL", "STONE"]


def test_workers_compensation_wants_the_case_number_and_the_accident() -> None:
    desk = Desk(compensation_fund())
    nameless, dateless = injury(property_casualty_number=""), injury(accident=None)
    desk.submit(nameless, dateless)
    desk.wait()
    assert desk.statuses() == {
        nameless.control_number: ("A6", "629"),
        dateless.control_number: ("A6", "248"),
    }
    assert desk.remittances() == []


def test_somebody_unknown_is_returned_or_denied_or_covered_as_the_book_says() -> None:
    outcomes = {}
    for unknown in ("reject", "deny", "cover"):
        desk = Desk(health_plan(unknown_members=unknown))
        sent = claim(member_id="NOBODY")
        desk.submit(sent)
        desk.wait()
        outcomes[unknown] = (
            desk.statuses()[sent.control_number],
            [(one.status, adjustments(one)) for one in desk.paid()],
        )
    assert outcomes == {
        "reject": (("A3", "33"), []),
        "deny": (("A2", "20"), [("4", [("CO", "31", 5_000)])]),
        "cover": (("A2", "20"), [("1", [("CO", "45", 2_000), ("PR", "3", 2_000)])]),
    }


def test_the_book_refuses_two_payers_of_one_id() -> None:
    with pytest.raises(ValueError, match="same id"):
        Desk(health_plan(), health_plan(fees=FEES[:1]))
