"""How the pages say amounts, dates, people and places."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from api.pages.frame import local_path
from api.pages.vocabulary import CLAIM_STATES
from api.pages.words import Words
from domain.claims.events import MOVES

ANN = UUID(int=1)
SHOW = Words("America/New_York", {ANN: "Ann"})


def test_amounts_and_dates_are_readable() -> None:
    assert SHOW.dollars(123_456) == "$1,234.56"
    assert SHOW.day(date(2026, 3, 3)) == "Tue 3 Mar 2026"
    assert SHOW.days(date(2026, 3, 3), date(2026, 3, 3)) == "Tue 3 Mar 2026"
    assert SHOW.days(date(2026, 3, 3), date(2026, 3, 9)) == "Tue 3 Mar 2026 to Mon 9 Mar 2026"
    assert SHOW.moment(datetime(2026, 3, 3, 14, 5, tzinfo=UTC)) == "Tue 3 Mar 2026, 9:05 am EST"
    assert SHOW.moment(datetime(2026, 7, 4, 4, 0, tzinfo=UTC)) == "Sat 4 Jul 2026, 12:00 am EDT"
    assert SHOW.date_of(datetime(2026, 3, 3, 3, 0, tzinfo=UTC)) == "Mon 2 Mar 2026"


def test_people_are_named_or_owned_up_to() -> None:
    assert SHOW.by(ANN) == "Ann"
    assert SHOW.by("Dr Field") == "Dr Field"
    assert SHOW.by(None) == "Visitledger"
    assert SHOW.who(None) == "Nobody"
    assert SHOW.who(UUID(int=2)) == "A connected program"


def test_places_and_quantities_are_words() -> None:
    assert SHOW.place("/lines/0/duplicate_of") == "Line 1, duplicate of"
    assert SHOW.place("/member_id") == "Member id"
    assert SHOW.place("") == "The whole claim"
    assert SHOW.quantity(135, "hours") == "2.25 hours"
    assert (SHOW.amount(135, "minute"), SHOW.counted_in("minute")) == ("9", "units")
    assert (SHOW.amount(12, "visit"), SHOW.counted_in("visit")) == ("12", "visits")
    assert SHOW.count(1, "claim") == "1 claim"
    assert SHOW.count(1_200, "claim") == "1,200 claims"
    assert SHOW.account("patient_due:0190") == "patient owes"
    assert SHOW.account("write_off:small_balance") == "write-off (small balance)"


def test_every_state_of_a_claim_has_words() -> None:
    assert set(CLAIM_STATES) == set(MOVES)


@pytest.mark.parametrize(
    ("path", "led"),
    [
        ("/today?kind=denial", "/today?kind=denial"),
        ("//evil.test", "/home"),
        ("https://evil.test", "/home"),
        ("/\\evil.test", "/home"),
        ("/a\nb", "/home"),
        ("", "/home"),
    ],
)
def test_only_own_paths_are_followed(path: str, led: str) -> None:
    assert local_path(path, "/home") == led
