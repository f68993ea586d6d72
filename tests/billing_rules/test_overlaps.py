"""Sessions that share minutes: minute by minute, per patient and per clinician, with what payers allow."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from billing_rules.rule_book import load_shipped
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.concurrency import ConcurrentSessions
from billing_rules.therapy.overlaps import SessionFacts, overlaps
from billing_rules.therapy.payer_rules import CONCURRENT_SESSIONS, Asked, ask
from tests.billing_rules.claims import CLEAN, SERVED_ON

NINE = datetime(2026, 3, 2, 14, tzinfo=UTC)


def session(visit: str, code: str, first: int, last: int, **changes: Any) -> SessionFacts:
    """A session from a minute to a minute after nine."""
    told = SessionFacts(
        visit=visit,
        patient="p",
        clinicians=(f"clinician of {visit}",),
        discipline="PT",
        codes=(code,),
        starts_at=NINE + timedelta(minutes=first),
        ends_at=NINE + timedelta(minutes=last),
        timed_minutes=last - first,
    )
    return msgspec.structs.replace(told, **changes)


def allowed_by(payer: str | None) -> ConcurrentSessions:
    resolved = ask(load_shipped(), CONCURRENT_SESSIONS, Asked(payer=payer, on=SERVED_ON))
    return resolved.read(ConcurrentSessions)


@pytest.mark.parametrize(
    ("payer", "codes", "verdict"),
    [
        (None, ("97153", "97155"), "allowed"),
        (None, ("97153", "97156"), "allowed"),
        (None, ("97151", "97153"), "barred"),
        ("tricare", ("97153", "97155"), "subtract"),
        ("tricare", ("97153", "97156"), "allowed"),
        ("tricare", ("97154", "97156"), "barred"),
    ],
)
def test_the_matrix_is_by_payer_and_pair(payer: str | None, codes: tuple[str, str], verdict: str) -> None:
    aba = {"discipline": "ABA"}
    pair = [session("a", codes[0], 0, 60, **aba), session("b", codes[1], 30, 45, **aba)]
    for order in (pair, pair[::-1]):
        [found] = overlaps(order, allowed_by(payer))
        assert (found.shared, found.minutes, found.verdict) == ("patient", 15, verdict)


@pytest.mark.parametrize(
    ("first", "last", "minutes"), [(60, 90, None), (59, 90, 1), (10, 20, 10), (0, 60, 60)]
)
def test_minutes_are_exact(first: int, last: int, minutes: int | None) -> None:
    found = overlaps([session("a", "97110", 0, 60), session("b", "97110", first, last)], allowed_by(None))
    assert [one.minutes for one in found] == ([] if minutes is None else [minutes])


def test_one_clinician_has_groups_and_nothing_else_at_once() -> None:
    def at_once(code: str) -> str:
        same = {"clinicians": ("c",)}
        pair = [session("a", code, 0, 30, **same), session("b", code, 0, 30, patient="q", **same)]
        [found] = overlaps(pair, allowed_by("medicare"))
        assert found.shared == "clinician"
        return found.verdict

    assert (at_once("97150"), at_once("97110")) == ("allowed", "barred")


@pytest.mark.parametrize(
    ("minutes", "verdict"), [((15, 15), "split"), ((30, 0), "split"), ((30, 1), "billed_twice")]
)
def test_cotreatment_shares_the_clock(minutes: tuple[int, int], verdict: str) -> None:
    pair = [
        session("a", "97530", 0, 30, timed_minutes=minutes[0]),
        session("b", "97530", 0, 30, timed_minutes=minutes[1], discipline="OT"),
    ]
    [found] = overlaps(pair, allowed_by("medicare"))
    assert found.verdict == verdict
    [each] = overlaps(pair, allowed_by("medicare"), shared_time_once=False)
    assert each.verdict == "allowed"


def test_a_claim_tells_of_its_own_overlaps_only() -> None:
    own = session("a", "97110", 0, 30, is_own=True)
    others = [session("b", "97110", 40, 60), session("c", "97110", 50, 70)]
    spoiled = msgspec.structs.replace(CLEAN, sessions=(own, session("b", "97140", 20, 40)))
    assert not scrub(msgspec.structs.replace(CLEAN, sessions=(own, *others)), load_shipped())
    [found] = scrub(spoiled, load_shipped())
    assert (found.rule, found.evidence["minutes"]) == ("overlap.patient", "10")
