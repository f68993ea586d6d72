"""Booking reserves, cancelling gives back, and what happened is never refused (CORE-06)."""

import asyncio
from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, visits


@pytest.mark.req("CORE-06")
async def test_two_simultaneous_bookings_of_the_last_visit_give_one_reservation(clinic: Clinic) -> None:
    """One visit is left: of two bookings at the same time exactly one is made, the other is refused."""
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    bookings = [clinic.booking(case_id, day) for day in ("2026-03-10", "2026-03-12")]
    answers = await asyncio.gather(
        *(clinic.caller.post(f"{clinic.path}/appointments", json=booking) for booking in bookings)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "nothing_left"
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["available"], limit["booked"]) == (0, 1)


@pytest.mark.req("CORE-06")
async def test_cancelling_restores_what_was_reserved(clinic: Clinic) -> None:
    """After the cancellation the visit can be booked again; a cancelled appointment cannot be cancelled."""
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    first = await clinic.book(case_id, "2026-03-10")
    assert first["reservation"] == "reserved"
    gone = await clinic.send(f"/appointments/{first['id']}/cancel", {"reason": "ill"}, status=200)
    assert (gone["status"], gone["reservation"]) == ("cancelled", "none")
    assert (await clinic.book(case_id, "2026-03-12"))["reservation"] == "reserved"
    again = await clinic.send(f"/appointments/{first['id']}/cancel", {"reason": "ill"}, status=409)
    assert again["code"] == "appointment_not_booked"


@pytest.mark.req("CORE-06")
async def test_a_mirrored_schedule_records_what_has_no_room_and_tells_it(clinic: Clinic) -> None:
    """The second booking is recorded as unreserved and becomes work; a cancellation gives it the room."""
    await clinic.keep_schedule("mirrored")
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    first = await clinic.book(case_id, "2026-03-10")
    second = await clinic.book(case_id, "2026-03-20")
    assert (first["reservation"], second["reservation"]) == ("reserved", "unreserved")
    (item,) = await clinic.work()
    assert (item["kind"], item["subject_id"], item["due_on"]) == ("over_limit", second["id"], "2026-03-13")
    await clinic.send(f"/appointments/{first['id']}/cancel", {"reason": "ill"}, status=200)
    assert (await clinic.read(f"/appointments/{second['id']}"))["reservation"] == "reserved"
    assert await clinic.work() == []


@pytest.mark.req("CORE-06")
@pytest.mark.parametrize(("releases", "left"), [(True, 1), (False, 0)])
async def test_a_no_show_follows_the_practices_rule_row(clinic: Clinic, releases: bool, left: int) -> None:
    """Where the row says that a no-show gives its room back it does, elsewhere it counts."""
    await clinic.add_rule("no_show_releases", releases)
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    booked = await clinic.book(case_id, "2026-03-10")
    missed = await clinic.send(f"/appointments/{booked['id']}/no-show", None, status=200)
    assert missed["status"] == "no_show"
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["available"], limit["used"]) == (left, 1 - left)


@pytest.mark.req("CORE-06")
async def test_what_happened_beyond_a_limit_lands_in_the_over_limit_account(clinic: Clinic) -> None:
    """A session without a booking and without anything left is recorded, and becomes work."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    for day in ("2026-03-03", "2026-03-05"):
        await clinic.document(patient_id, case_id, day)
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["documented"], limit["over_limit"], limit["available"]) == (2, 1, 0)
    assert [item["kind"] for item in await clinic.work()] == ["over_limit"]


async def test_a_practice_without_a_schedule_reserves_nothing(clinic: Clinic) -> None:
    """In the third mode an appointment is noted, and holds nothing."""
    await clinic.keep_schedule("none")
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    assert (await clinic.book(case_id, "2026-03-10"))["reservation"] == "none"
    assert (await clinic.left(case_id))["limits"][0]["available"] == 1


async def test_a_source_id_books_once_and_a_newer_version_moves(clinic: Clinic) -> None:
    """The same record again is the same appointment; a newer version moves it, an older is passed over."""
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    record = clinic.booking(case_id, "2026-03-10", source_id="one")
    first = await clinic.send("/appointments", record)
    assert await clinic.send("/appointments", record) == first
    moved = record | clinic.booking(case_id, "2026-03-17", source_id="one", source_version="2")
    assert (await clinic.send("/appointments", moved))["service_on"] == "2026-03-17"
    assert (await clinic.send("/appointments", record))["service_on"] == "2026-03-17"
    reused = await clinic.send("/appointments", moved | {"planned_codes": ["97112"]}, status=409)
    assert reused["code"] == "source_version_reused"
    assert (await clinic.left(case_id))["limits"][0]["booked"] == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"planned_codes": ["97110", "00000"]}, "/planned_codes/1"),
        ({"ends_at": "2026-03-10T14:00:00Z"}, "/ends_at"),
        ({"provider_id": "00000000-0000-7000-8000-000000000000"}, "/provider_id"),
        ({"case_id": "00000000-0000-7000-8000-000000000000"}, "/case_id"),
    ],
)
async def test_a_booking_that_cannot_be_names_its_field(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    """Nothing is recorded, and the answer says which field."""
    _, case_id, _ = await clinic.admit()
    booking = clinic.booking(case_id, "2026-03-10") | changes
    refused = await clinic.send("/appointments", booking, status=422)
    assert refused["errors"][0]["pointer"] == pointer
    assert await clinic.read("/appointments?first=2026-01-01&last=2026-12-31") == []


async def test_a_series_says_before_booking_which_dates_have_no_room(clinic: Clinic) -> None:
    """Three dates, two visits left, one a week: the cap and the end of the block are both told by date."""
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(2, per_week=1))
    series = {
        "case_id": case_id,
        "provider_id": clinic.ids["provider"],
        "location_id": clinic.ids["location"],
        "discipline": "PT",
        "planned_codes": ["97110"],
        "minutes": 45,
        "dates": ["2026-03-10", "2026-03-12", "2026-03-17", "2026-03-24"],
    }
    dates = await clinic.send("/appointments/series/preview", series, status=200)
    assert [d["has_room"] for d in dates] == [True, False, True, False]
    assert dates[1]["reason"] == "at most 1 visit a week"
    assert dates[3]["reason"] == "0 visits left"
    assert (await clinic.left(case_id))["limits"][0]["available"] == 2
