"""Replacements, voids and what is owed back: the original is turned round before anything new is paid."""

from integrations.x12.professional_values import Claim
from tests.integrations.payer_simulator.practice import (
    OTHER_PRACTICE,
    Desk,
    adjustments,
    block,
    claim,
    health_plan,
    line,
)


def first_paid(desk: Desk, *lines: object) -> tuple[Claim, str]:
    """A claim that was paid, and the payer's number for it."""
    sent = claim(*lines)  # type: ignore[arg-type]
    desk.submit(sent)
    desk.wait()
    return sent, desk.acknowledged()[sent.control_number].payer_control_number


def test_a_replacement_reverses_the_original_and_is_adjudicated_anew() -> None:
    desk = Desk()
    sent, number = first_paid(desk, line("97110", 5_000))
    again = claim(line("97110", 9_000, 2), frequency="7", original_reference=number)
    desk.submit(again)
    desk.wait()
    original, reversal, corrected = desk.paid()
    assert (reversal.status, reversal.patient_control_number) == ("22", sent.control_number)
    assert reversal.payer_control_number == original.payer_control_number == number
    assert (reversal.charge_cents, reversal.paid_cents) == (-5_000, -1_000)
    assert reversal.patient_responsibility_cents == -2_000
    assert adjustments(reversal) == [(group, code, -cents) for group, code, cents in adjustments(original)]
    assert adjustments(corrected) == [("CO", "45", 3_000), ("PR", "3", 2_000)]
    assert corrected.paid_cents == 4_000
    assert ("F8", number) in [(one.qualifier, one.value) for one in corrected.references]
    assert desk.remittances()[1].header.paid_cents == 3_000


def test_a_void_alone_cannot_be_paid_so_the_balance_is_carried_to_the_next_payment() -> None:
    desk = Desk()
    _, number = first_paid(desk, line("97110", 5_000))
    desk.submit(claim(line("97110", 5_000), frequency="8", original_reference=number))
    desk.wait()
    desk.submit(claim(line("97140", 5_000), member_id="W002"))
    desk.wait()
    assert [one.paid_cents for one in desk.paid()] == [1_000, -1_000, 800]
    payments = [
        (one.header.paid_cents, one.header.method, [pair.amount_cents for pair in one.provider_adjustments])
        for one in desk.remittances()
    ]
    assert payments == [(1_000, "ACH", []), (0, "NON", [-1_000]), (0, "NON", [1_000, -200])]


def test_what_a_reversed_claim_had_used_is_free_again() -> None:
    desk = Desk(health_plan(authorizations=(block(1, "visit", "97530"),)))
    sent = claim(line("97530", 5_000), authorization_number="AUTH1")
    desk.submit(sent)
    desk.wait()
    number = desk.acknowledged()[sent.control_number].payer_control_number
    desk.submit(claim(line("97530"), frequency="8", original_reference=number))
    desk.submit(claim(line("97530", 5_000), authorization_number="AUTH1"))
    desk.wait()
    assert adjustments(desk.paid()[-1]) == [("CO", "45", 1_400), ("PR", "3", 2_000)]


def test_a_replacement_before_the_payment_waits_for_it() -> None:
    desk = Desk()
    sent = claim()
    desk.submit(sent)
    desk.wait(2)
    number = desk.acknowledged()[sent.control_number].payer_control_number
    desk.submit(claim(line("97140"), frequency="7", original_reference=number))
    desk.wait()
    assert [one.status for one in desk.paid()] == ["1", "22", "1"]


def test_only_the_claim_that_stands_can_be_replaced_and_only_by_its_own_provider() -> None:
    desk = Desk()
    _, number = first_paid(desk)
    stranger = claim(frequency="7", original_reference=number, billing=OTHER_PRACTICE)
    unheard = claim(frequency="7", original_reference="NEVERSEEN")
    void = claim(frequency="8", original_reference=number)
    twice = claim(frequency="8", original_reference=number)
    desk.submit(stranger, unheard, void, twice)
    desk.wait()
    got = desk.statuses()
    assert [got[one.control_number] for one in (stranger, unheard, void, twice)] == [
        ("A7", "464"),
        ("A7", "464"),
        ("A2", "20"),
        ("A7", "464"),
    ]
