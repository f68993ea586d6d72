"""Why a claim is where it is: each status and each kind of open money has a sentence, an owner and a date."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.claims.events import MOVES
from domain.claims.queries import ClaimView, StoryEvent
from domain.reporting.line_money import PART_NAMES, Split
from domain.reporting.standing import Facts, by_status, by_work
from domain.work.queries import WorkView

TODAY = date(2026, 3, 27)
NOTHING = Split(**{f"{part}_cents": 0 for part in PART_NAMES})


def claim(status: str) -> ClaimView:
    decided = StoryEvent(
        at=datetime(2026, 3, 17, tzinfo=UTC),
        kind="adjudicated",
        actor_kind="system",
        actor_id=UUID(int=1),
        detail={},
    )
    return ClaimView(
        id=UUID(int=2),
        control_number="C1",
        payer_control_number=None,
        case_id=UUID(int=3),
        patient_id=UUID(int=4),
        rendering_provider_id=UUID(int=5),
        patient_name="",
        payer_name="HARBOR",
        status=status,
        frequency="1",
        version=1,
        first_on=date(2026, 3, 3),
        last_on=date(2026, 3, 3),
        billed_cents=10_000,
        diagnoses=[],
        lines=[],
        findings=[],
        story=[decided] if status in ("paid", "denied") else [],
    )


def facts(status: str, split: Split = NOTHING, stated_on: date | None = None) -> Facts:
    return Facts(
        claim=claim(status),
        split=split,
        sent_on=date(2026, 3, 4),
        file_by=date(2026, 6, 1),
        stated_on=stated_on,
        today=TODAY,
    )


def work(due_on: date, reason: str) -> WorkView:
    now = datetime(2026, 3, 20, tzinfo=UTC)
    return WorkView(
        practice_id=UUID(int=5),
        id=UUID(int=6),
        kind="denial",
        subject_kind="claim",
        subject_id=UUID(int=2),
        reason=reason,
        next_action="Appeal",
        value_cents=0,
        due_on=due_on,
        is_overdue=due_on < TODAY,
        owner_id=UUID(int=7),
        repeats=2,
        created_at=now,
        updated_at=now,
    )


@pytest.mark.parametrize("status", sorted(MOVES))
def test_every_status_says_something_and_open_ones_have_an_owner_and_a_date(status: str) -> None:
    told = by_status(facts(status))
    assert told.sentence.endswith(".")
    is_over = status in ("voided", "paid", "denied")
    assert (told.owner == "nobody") == is_over
    assert (told.due_on is None) == is_over


@pytest.mark.parametrize(
    ("part", "owner", "due_on"),
    [
        ("insurer_open_cents", "the billing team", date(2026, 3, 31)),
        ("patient_not_due_cents", "the billing team", date(2026, 3, 31)),
        ("patient_due_cents", "the billing team", date(2026, 3, 31)),
    ],
)
def test_open_money_of_a_decided_claim_is_somebodys_turn(part: str, owner: str, due_on: date) -> None:
    told = by_status(facts("paid", replace(NOTHING, **{part: 2_000})))
    assert "$20.00" in told.sentence
    assert (told.owner, told.due_on) == (owner, due_on)


def test_after_a_statement_it_is_the_payers_turn() -> None:
    told = by_status(facts("paid", replace(NOTHING, patient_due_cents=2_000), date(2026, 3, 20)))
    assert told.owner == "whoever pays for the patient"
    assert told.due_on == date(2026, 4, 19)


def test_what_should_have_come_back_is_overdue() -> None:
    told = by_status(facts("sent"))
    assert told.due_on == date(2026, 3, 6)
    assert told.is_overdue


def test_open_work_speaks_first_and_says_how_much_more_there_is() -> None:
    told = by_work("denied", [work(date(2026, 3, 26), "Denied: CO-50."), work(TODAY, "Other")], TODAY)
    assert told.sentence == "Denied: CO-50 (and 1 more thing to do)."
    assert (told.tone, told.is_overdue, told.repeats) == ("bad", True, 2)
    assert told.owner_id == UUID(int=7)
