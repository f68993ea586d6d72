"""Restarts lose nothing, mailboxes and payees stay apart, and the same input gives the same output."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.payer_simulator import PayerSimulator, SubmissionDiffers, read_book, write_book
from integrations.x12.tokenizer import read_interchanges
from tests.integrations.payer_simulator.practice import (
    OTHER_PRACTICE,
    SERVICE_ON,
    YEAR,
    Desk,
    adjustments,
    claim,
    compensation_fund,
    file_text,
    health_plan,
    injury,
    line,
    on,
)

DEDUCTIBLE = health_plan(terms=({"from_on": YEAR, "deductible_cents": 4_000},))


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "payer.sqlite"
    days = [SERVICE_ON - timedelta(days=back) for back in (2, 1, 0)]
    desk = Desk(DEDUCTIBLE, state_path=path)
    files = []
    for day in days:
        desk.submit(claim(on(day, charge_cents=3_000)))
        desk.now += timedelta(days=1)
        desk.payer.close()
        desk = restarted(desk, path)
        files.append(desk.files)
    desk.wait()
    assert sorted(adjustments(one) for one in desk.paid()) == [
        [],
        [("PR", "1", 1_000)],
        [("PR", "1", 3_000)],
    ]
    numbers = [next(iter(read_interchanges(text))).header.control_number for _, text in desk.files]
    assert len(set(numbers)) == len(numbers)
    assert len({name for name, _ in desk.files}) == len(desk.files)
    desk.payer.close()


def restarted(desk: Desk, path: Path) -> Desk:
    """Another process over the same file, at the same moment."""
    fresh = Desk(*desk.book.payers, state_path=path)
    fresh.now, fresh.files = desk.now, desk.files
    fresh.take_in()
    return fresh


def test_two_processes_may_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "payer.sqlite"
    one, other = Desk(DEDUCTIBLE, state_path=path), Desk(DEDUCTIBLE, state_path=path)
    one.submit(claim(on(SERVICE_ON, charge_cents=3_000)))
    other.submit(claim(on(SERVICE_ON - timedelta(days=1), charge_cents=3_000)))
    one.wait()
    assert sorted(adjustments(held) for held in one.paid()) == [[("PR", "1", 1_000)], [("PR", "1", 3_000)]]
    other.now = one.now
    assert other.payer.answers() == []
    one.payer.close()
    other.payer.close()


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    desk = Desk(state_path=tmp_path / "payer.sqlite")
    assert os.stat(tmp_path / "payer.sqlite").st_mode & 0o077 == 0
    desk.payer.close()


def test_what_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    desk = Desk(state_path=tmp_path / "payer.sqlite")
    text = file_text(claim())
    desk.payer.submit(text, name="one", mailbox="A")
    before = desk.payer.answers(desk.now + timedelta(days=20))
    with pytest.raises(SubmissionDiffers):
        desk.payer.submit(file_text(claim()), name="one", mailbox="A")
    assert desk.payer.answers(desk.now + timedelta(days=20)) == before
    desk.payer.close()


def test_the_same_input_gives_the_same_output() -> None:
    texts = [file_text(claim(line(), member_id=f"SIMX{at}"), claim(), injury()) for at in range(3)]
    answers = []
    for step in (1, 40):
        desk = Desk(health_plan(unknown_members="cover"), compensation_fund())
        for text in texts:
            desk.payer.submit(text)
        # However often somebody looks, the same files come.
        for _ in range(40 // step):
            desk.wait(step)
        answers.append(desk.files)
    assert answers[0] == answers[1]
    assert len(answers[0]) > 6


def test_each_payee_gets_a_payment_of_its_own_in_one_file() -> None:
    desk = Desk(health_plan(pays_after_days=(10, 10)))
    desk.submit(claim(), claim(line("97140"), billing=OTHER_PRACTICE))
    desk.wait()
    assert len(desk.texts("835")) == 1
    assert [(one.header.payee.npi, one.header.payee.tax_id) for one in desk.remittances()] == [
        ("1234567893", "123456789"),
        ("1245319599", "987654321"),
    ]
    assert len({one.header.trace_number for one in desk.remittances()}) == 2


def test_claims_of_one_day_are_paid_together_and_payers_apart() -> None:
    desk = Desk(health_plan(pays_after_days=(10, 10)), compensation_fund())
    desk.submit(claim(), claim(member_id="W002"), injury())
    desk.wait()
    assert Counter(one.header.payer.id for one in desk.remittances()) == {"60054": 1, "WC001": 1}
    assert len(desk.paid()) == 3


def test_payments_go_out_on_business_days_only() -> None:
    desk = Desk(health_plan(pays_after_days=(0, 30)))
    for back in range(40):
        desk.submit(claim(on(SERVICE_ON - timedelta(days=back))))
    desk.wait(60)
    paid_on = {one.header.effective_on for one in desk.remittances()}
    assert len(paid_on) > 10
    assert {one.weekday() for one in paid_on if one} <= {0, 1, 2, 3, 4}


def test_mailboxes_see_and_confirm_only_what_is_theirs() -> None:
    desk = Desk()
    desk.payer.submit(file_text(claim(), sender="ALPHA"))
    desk.payer.submit(file_text(claim(member_id="W002"), sender="BETA"))
    at = desk.now + timedelta(days=30)
    alpha, beta = (desk.payer.answers(at, mailbox=one) for one in ("ALPHA", "BETA"))
    assert (len(alpha), len(beta)) == (3, 3)
    desk.payer.confirm([name for name, _ in alpha], mailbox="BETA")
    assert desk.payer.answers(at, mailbox="ALPHA") == alpha
    desk.payer.confirm([name for name, _ in alpha], mailbox="ALPHA")
    assert desk.payer.answers(at) == beta


def test_a_book_goes_through_json_unchanged() -> None:
    book = Desk().book
    assert read_book(write_book(book)) == book
    assert isinstance(PayerSimulator(book, None, lambda: Desk().now), PayerSimulator)
