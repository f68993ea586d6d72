"""Each magic value gives its outcome, by member, by charge, by mishap; the documentation lists them all."""

from pathlib import Path

import pytest

from integrations.payer_simulator import OUTCOMES, Mishap, Outcome
from integrations.x12.problems import X12Refused
from integrations.x12.remittances import balance_problems, read_remittances
from integrations.x12.tokenizer import read_interchanges
from tests.integrations.payer_simulator.practice import Desk, adjustments, claim, health_plan, line

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "payer-simulator.md"

DENIALS = {
    Outcome.DENIED_INFORMATION: ("CO", "16", ["N290"]),
    Outcome.DENIED_DUPLICATE: ("OA", "18", []),
    Outcome.DENIED_COVERAGE: ("PR", "27", []),
    Outcome.DENIED_FILING: ("CO", "29", []),
    Outcome.DENIED_NECESSITY: ("CO", "50", ["M25"]),
    Outcome.DENIED_BENEFIT: ("CO", "96", ["N130"]),
    Outcome.DENIED_AUTHORIZATION: ("CO", "197", ["M62"]),
    Outcome.DENIED_EXCEEDED: ("CO", "198", ["N435"]),
}


def after(outcome: Outcome, days: int = 20, charge_cents: int = 5_000) -> tuple[Desk, str]:
    """A desk some days after a magic claim and an ordinary one went out together."""
    desk = Desk()
    asked = claim(line(charge_cents=charge_cents), member_id=f"SIM{outcome.value}")
    desk.submit(asked, claim(member_id="W002"))
    desk.wait(days)
    return desk, asked.control_number


def test_the_document_lists_every_outcome() -> None:
    rows = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for outcome, note in OUTCOMES.items():
        assert f"| `SIM{outcome.value}` | .{note.cents} | {note.seen} |" in rows
    assert set(OUTCOMES) == set(Outcome)
    assert len({note.cents for note in OUTCOMES.values()}) == len(Outcome)


@pytest.mark.parametrize("outcome", DENIALS)
def test_a_claim_is_denied_in_the_way_asked_for(outcome: Outcome) -> None:
    desk, number = after(outcome)
    group, code, remarks = DENIALS[outcome]
    [denied] = [one for one in desk.paid() if one.patient_control_number == number]
    assert adjustments(denied) == [(group, code, 5_000)]
    assert [one.code for one in denied.lines[0].remarks] == remarks


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.RETURNED, ("A3", "116")),
        (Outcome.REJECTED_MISSING, ("A6", "158")),
        (Outcome.REJECTED_INVALID, ("A7", "164")),
    ],
)
def test_a_claim_is_rejected_at_the_front_door(outcome: Outcome, status: tuple[str, str]) -> None:
    desk, number = after(outcome)
    assert desk.statuses()[number] == status
    assert desk.acknowledged()[number].payer_control_number == ""
    assert number not in [one.patient_control_number for one in desk.paid()]


def test_a_999_rejects_everything_that_came_with_the_claim() -> None:
    desk, _ = after(Outcome.SYNTAX_REJECTED)
    [group] = desk.syntax()
    [transaction] = group.transactions
    assert (group.code, transaction.code, transaction.error_codes) == ("R", "R", ("5",))
    [error] = transaction.errors
    assert (error.segment_id, error.loop, error.elements[0].element) == ("NM1", "2010", 9)
    assert error.elements[0].bad_value == "SIMR999"
    assert (desk.statuses(), desk.remittances()) == ({}, [])


def test_a_silent_payer_accepts_the_syntax_and_says_no_more() -> None:
    desk, number = after(Outcome.SILENT, days=200)
    assert [one.code for one in desk.syntax()] == ["A"]
    assert number not in desk.statuses()
    assert [one.patient_control_number for one in desk.paid()] != [number]
    assert len(desk.paid()) == 1


def test_a_claim_nobody_sent_is_acknowledged() -> None:
    desk, number = after(Outcome.UNKNOWN_ACKNOWLEDGED)
    assert [one for one in desk.statuses() if one.startswith("GHOST")]
    assert desk.statuses()[number] == ("A2", "20")


def test_a_claim_nobody_sent_is_paid() -> None:
    desk, number = after(Outcome.UNKNOWN_PAID)
    paid = {one.patient_control_number[:5]: one.paid_cents for one in desk.paid()}
    assert paid["GHOST"] == 1_000
    assert paid[number] == 1_000


def test_a_pended_claim_is_paid_only_when_the_clock_moves_far() -> None:
    desk, number = after(Outcome.PENDED, days=45)
    assert desk.statuses()[number] == ("A2", "20")
    assert len(desk.paid()) == 1
    desk.wait(45)
    assert [one.patient_control_number for one in desk.paid()][1:] == [number]


@pytest.mark.parametrize(
    ("outcome", "paid_cents", "patient_cents"),
    [
        (Outcome.PAID_IN_FULL, 5_000, 0),
        (Outcome.UNDERPAID, 400, 2_000),
        (Outcome.ZERO_PAID, 0, 3_000),
    ],
)
def test_a_claim_is_paid_as_asked_for(outcome: Outcome, paid_cents: int, patient_cents: int) -> None:
    desk, number = after(outcome)
    [paid] = [one for one in desk.paid() if one.patient_control_number == number]
    assert (paid.paid_cents, paid.patient_responsibility_cents) == (paid_cents, patient_cents)


def test_the_payer_reverses_by_itself_and_pays_less() -> None:
    desk, number = after(Outcome.REVERSED, days=60)
    own = [one for one in desk.paid() if one.patient_control_number == number]
    assert [(one.status, one.paid_cents) for one in own] == [("1", 1_000), ("22", -1_000), ("1", 800)]
    assert adjustments(own[2]) == [("CO", "45", 2_200), ("PR", "3", 2_000)]


def test_money_is_taken_back_and_interest_paid_beside_the_claims() -> None:
    for outcome, reason, cents in ((Outcome.TAKEN_BACK, "WO", 2_500), (Outcome.INTEREST, "L6", -150)):
        desk, _ = after(outcome)
        [adjustment] = [
            one for held in desk.remittances() for one in held.provider_adjustments if one.reason == reason
        ]
        assert adjustment.amount_cents == cents
        desk.paid()


def test_a_payment_that_does_not_add_up_is_sent_again_right() -> None:
    desk, number = after(Outcome.PAYMENT_UNBALANCED)
    wrong, right = [
        one for one in desk.remittances() if number in [held.patient_control_number for held in one.claims]
    ]
    [imbalance] = balance_problems(wrong)
    assert (imbalance.level, imbalance.difference_cents) == ("transaction", 100)
    assert balance_problems(right) == ()
    assert wrong.header.trace_number == right.header.trace_number


def test_one_claim_does_not_add_up_inside_a_good_payment() -> None:
    desk, _ = after(Outcome.CLAIM_UNBALANCED)
    found = [one for held in desk.remittances() for one in balance_problems(held)]
    assert sorted(one.level for one in found) == ["claim", "line"]


def test_a_file_that_breaks_off_comes_again_whole() -> None:
    desk, number = after(Outcome.TRUNCATED)
    broken = [text for text in desk.texts("835") if "\nIEA*" not in text]
    assert len(broken) == 1
    assert "\nSE*" not in broken[0]
    with pytest.raises(X12Refused):
        list(read_remittances(broken[0]))
    desk.files = [(name, text) for name, text in desk.files if text != broken[0]]
    assert number in [one.patient_control_number for one in desk.paid()]


def test_a_file_comes_twice_with_new_control_numbers() -> None:
    desk, number = after(Outcome.REPEATED)
    twice = [text for text in desk.texts("835") if f"CLP*{number}*" in text]
    assert len(twice) == 2
    headers = [next(iter(read_interchanges(text))).header.control_number for text in twice]
    assert headers[0] != headers[1]
    traces = [held.header.trace_number for text in twice for held in read_remittances(text)]
    assert len(set(traces)) == 1


def test_a_charge_asks_for_an_outcome_only_where_the_book_allows_it() -> None:
    for magic_charges, paid_cents in ((True, 5_066), (False, 1_000)):
        desk = Desk(health_plan(magic_charges=magic_charges))
        desk.submit(claim(line(charge_cents=5_066)))
        desk.wait()
        assert [one.paid_cents for one in desk.paid()] == [paid_cents]


def test_a_mishap_strikes_the_first_submission_and_not_the_next() -> None:
    desk = Desk(health_plan(mishaps=(Mishap(outcome=Outcome.REJECTED_INVALID, one_in=1),)))
    first, again = claim(), claim()
    desk.submit(first)
    desk.submit(again)
    desk.wait()
    assert [desk.statuses()[one.control_number][0] for one in (first, again)] == ["A7", "A2"]


def test_magic_members_may_be_several_people_for_one_outcome() -> None:
    desk = Desk()
    desk.submit(claim(member_id="SIMCO50X1"), claim(member_id="SIMCO50X22"))
    desk.wait()
    assert [adjustments(one)[0][:2] for one in desk.paid()] == [("CO", "50")] * 2
