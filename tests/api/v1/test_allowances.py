"""What is left, and what binds: benefit limits, blocks, choices, entries, back-dating (CORE-04, 05, 07)."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.services import Services
from domain.ledger.invariants import verify
from tenants.access import system_actor
from tests.api.conftest import Company
from tests.api.v1.clinic import Clinic, therapist, visits
from tests.api.v1.therapist import therapist_caller

STAGES = ("granted", "booked", "attended", "documented", "available", "over_limit")


async def limit_benefit(clinic: Clinic, coverage_id: str, quantity: int, **changes: Any) -> str:
    """A cap of visits in 2026, without any authorization."""
    body = {"coverage_id": coverage_id, "kind": "visits", "quantity": quantity, "source": "plan booklet"}
    period = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    return await clinic.made("/benefit-limits", body | period | changes)


def by_kind(left: Any, kind: str) -> Any:
    """The one limit of a kind."""
    (limit,) = [limit for limit in left["limits"] if limit["limit_kind"] == kind]
    return limit


@pytest.mark.req("CORE-04")
async def test_a_benefit_limit_without_authorization_flags_the_visit_beyond_it(clinic: Clinic) -> None:
    """Thirty combined PT and OT visits: the 31st is flagged although the authorization has visits left."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(60))
    await limit_benefit(clinic, coverage_id, 30, disciplines=["PT", "OT"])
    for number in range(30):
        day, discipline = f"2026-02-{1 + number // 2:02}", ("PT", "OT")[number % 2]
        hour = {"starts_at": f"{day}T{14 + number % 2}:00:00Z", "ends_at": f"{day}T{14 + number % 2}:45:00Z"}
        await clinic.document(patient_id, case_id, day, discipline=discipline, **hour)
    left = await clinic.left(case_id)
    assert by_kind(left, "authorization_block")["available"] == 30
    assert left["binding"]["limit_kind"] == "benefit_limit"
    assert (left["binding"]["sessions_left"], left["may_be_visited"]) == (0, False)
    refused = await clinic.book(case_id, "2026-03-10", status=409)
    assert refused["code"] == "nothing_left"
    await clinic.document(patient_id, case_id, "2026-03-03")
    assert [item["kind"] for item in await clinic.work()] == ["over_limit"]
    assert by_kind(await clinic.left(case_id), "benefit_limit")["over_limit"] == 1


@pytest.mark.req("CORE-04")
async def test_a_limit_stands_alone_and_counts_what_took_place_before_it_was_known(clinic: Clinic) -> None:
    """No authorization number anywhere: two sessions count from the moment that the cap is recorded."""
    patient_id, case_id, coverage_id = await clinic.admit()
    for day in ("2026-02-03", "2026-02-05"):
        await clinic.document(patient_id, case_id, day)
    await limit_benefit(clinic, coverage_id, 3)
    limit = by_kind(await clinic.left(case_id), "benefit_limit")
    assert (limit["number"], limit["documented"], limit["available"]) == (None, 2, 1)


@pytest.mark.req("CORE-04")
async def test_two_disciplines_on_one_day_count_as_the_limit_says(clinic: Clinic) -> None:
    """Once a day they are one visit, otherwise two."""
    for once_a_day, left in ((True, 9), (False, 8)):
        patient_id, case_id, coverage_id = await clinic.admit()
        await limit_benefit(clinic, coverage_id, 10, once_a_day=once_a_day)
        for discipline, hour in (("PT", 14), ("OT", 16)):
            day = "2026-02-03" if once_a_day else "2026-02-04"
            at = {"starts_at": f"{day}T{hour}:00:00Z", "ends_at": f"{day}T{hour}:45:00Z"}
            await clinic.document(patient_id, case_id, day, discipline=discipline, **at)
        assert by_kind(await clinic.left(case_id), "benefit_limit")["available"] == left


@pytest.mark.req("CORE-05")
async def test_every_line_draws_on_one_block_or_says_why_not(clinic: Clinic) -> None:
    """A session draws on two blocks by its codes, and a third code on none, for a stated reason."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(
        coverage_id,
        {"kind": "units", "quantity": 20, "codes": ["97110"]},
        {"kind": "hours", "quantity": 2.25, "codes": ["97112"]},
    )
    services = [
        {"code": "97110", "minutes": 30},
        {"code": "97112", "minutes": 20},
        {"code": "97140", "minutes": 10},
    ]
    visit = await clinic.document(patient_id, case_id, "2026-03-02", services=services)
    choices = await clinic.read(f"/limit-choices/{visit['id']}")
    drawn = {
        c["code"]: (c["limit_id"] is not None, c["amount"])
        for c in choices
        if c["limit_kind"] == "authorization_block"
    }
    assert drawn == {"97110": (True, 30), "97112": (True, 20), "97140": (False, 0)}
    assert all(c["reason"] for c in choices)
    left = {tuple(limit["codes"]): limit for limit in (await clinic.left(case_id))["limits"]}
    assert (left["97110",]["available"], left["97110",]["in_words"]) == (270, "18 units left")
    assert (left["97112",]["granted"], left["97112",]["in_words"]) == (
        135,
        "1.92 hours left",
    )


@pytest.mark.req("CORE-05")
async def test_two_payers_each_have_their_own_block(clinic: Clinic) -> None:
    """One session is one visit under the first payer's authorization and one under the second's."""
    patient_id, case_id, first = await clinic.admit()
    second = await clinic.coverage(case_id, ordinal=2, payer_id=await clinic.add_payer("medicaid"))
    await clinic.authorize(first, visits(5))
    await clinic.authorize(second, visits(8))
    await clinic.document(patient_id, case_id, "2026-03-02")
    left = {limit["coverage_id"]: limit["available"] for limit in (await clinic.left(case_id))["limits"]}
    assert left == {first: 4, second: 7}


@pytest.mark.req("CORE-05")
async def test_the_most_specific_block_comes_first_then_the_one_that_ends_first(clinic: Clinic) -> None:
    """Code set beats clinician beats none; equal ones go by their last day; a full one is passed by."""
    patient_id, case_id, coverage_id = await clinic.admit()
    made = {}
    for name, block in {
        "any": visits(9),
        "ends first": visits(9, ends_on="2026-04-30"),
        "clinician": visits(1, provider_id=clinic.ids["provider"]),
        "codes": visits(1, codes=["97110", "97112"]),
    }.items():
        made[name] = (await clinic.authorize(coverage_id, block))["id"]
    drawn_on = []
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        visit = await clinic.document(patient_id, case_id, day)
        choices = await clinic.read(f"/limit-choices/{visit['id']}")
        (chosen,) = [c for c in choices if c["limit_kind"] == "authorization_block"]
        owner = {
            limit["limit_id"]: limit["authorization_id"] for limit in (await clinic.left(case_id))["limits"]
        }
        drawn_on.append(owner[chosen["limit_id"]])
    assert drawn_on == [made["codes"], made["clinician"], made["ends first"]]


@pytest.mark.req("CORE-05")
async def test_caps_are_counted_from_their_anchor(clinic: Clinic) -> None:
    """Two a week from Wednesday on: the third booking of that week is refused, the next week is free."""
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(20, per_week=2, week_starts_on=2))
    for day in ("2026-03-04", "2026-03-09"):
        await clinic.book(case_id, day)
    refused = await clinic.book(case_id, "2026-03-10", status=409)
    assert refused["code"] == "cap_reached"
    await clinic.book(case_id, "2026-03-11")


@pytest.mark.req("CORE-05")
@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        ({"kind": "visits", "quantity": 0}, "/blocks/0/quantity"),
        ({"kind": "visits", "quantity": 1.5}, "/blocks/0/quantity"),
        ({"kind": "hours", "quantity": "NaN"}, "/blocks/0/quantity"),
        ({"kind": "visits", "quantity": 5, "per_week": -1}, "/blocks/0/per_week"),
        ({"kind": "visits", "quantity": 5, "starts_on": "2025-01-01"}, "/blocks/0/starts_on"),
    ],
)
async def test_a_block_that_cannot_be_names_its_field(
    clinic: Clinic, block: dict[str, Any], pointer: str
) -> None:
    """Nothing, parts of visits, no number, a cap below nothing, dates outside: refused, nothing written."""
    _, case_id, coverage_id = await clinic.admit()
    body = {"coverage_id": coverage_id, "number": "A1", "starts_on": "2026-01-01", "ends_on": "2026-06-30"}
    refused = await clinic.send("/authorizations", body | {"blocks": [block]}, status=422)
    assert refused["errors"][0]["pointer"] == pointer
    assert (await clinic.left(case_id))["limits"] == []


@pytest.mark.req("CORE-05")
async def test_an_authorization_dated_back_takes_up_what_rested_on_none(clinic: Clinic) -> None:
    """Two sessions and a booking, made while the payer's answer was awaited, draw on it when it comes."""
    required = {"answer": "required", "exempt_codes": []}
    await clinic.add_rule("authorization_required", required, payer_id=clinic.ids["payer"])
    patient_id, case_id, coverage_id = await clinic.admit()
    done = [await clinic.document(patient_id, case_id, day) for day in ("2026-02-03", "2026-02-05")]
    booked = await clinic.book(case_id, "2026-03-10")
    assert booked["reservation"] == "unreserved"
    assert {item["kind"] for item in await clinic.work()} == {"authorization_missing"}
    granted = await clinic.authorize(coverage_id, visits(5))
    assert granted["matched_visits"] == [visit["id"] for visit in done]
    assert granted["matched_appointments"] == [booked["id"]]
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["documented"], limit["booked"], limit["available"]) == (2, 1, 2)
    assert (await clinic.read(f"/appointments/{booked['id']}"))["reservation"] == "reserved"
    assert await clinic.work() == []


async def test_an_extension_takes_up_what_exceeded_the_first_authorization(clinic: Clinic) -> None:
    """Where the schedule is mirrored, the red booking moves to the new block, and its work is closed."""
    await clinic.keep_schedule("mirrored")
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(1))
    await clinic.book(case_id, "2026-03-10")
    red = await clinic.book(case_id, "2026-03-12")
    await clinic.authorize(coverage_id, visits(4))
    assert (await clinic.read(f"/appointments/{red['id']}"))["reservation"] == "reserved"
    assert await clinic.work() == []
    left = [(limit["booked"], limit["over_limit"]) for limit in (await clinic.left(case_id))["limits"]]
    assert left == [(1, 0), (1, 0)]


async def test_an_override_makes_room_and_a_cut_takes_it(clinic: Clinic) -> None:
    """By permission and with a reason, once per source; a cut makes the booking red again."""
    _, case_id, coverage_id = await clinic.admit()
    granted = await clinic.authorize(coverage_id, visits(1))
    block_id = (await clinic.read(f"/authorizations/{granted['id']}"))["blocks"][0]["id"]
    await clinic.book(case_id, "2026-03-10")
    changes = f"/authorizations/{granted['id']}/blocks/{block_id}/changes"
    more = {"kind": "override", "quantity": 1, "reason": "promised by phone", "source": "call 1"}
    for _ in range(2):
        (balance,) = await clinic.send(changes, more)
    assert (balance["standing"]["available"], balance["standing"]["overridden"]) == (1, 1)
    booked = await clinic.book(case_id, "2026-03-12")
    cut = {"kind": "cut", "quantity": 1, "reason": "payer's letter", "source": "letter 1"}
    await clinic.send(changes, cut)
    assert (await clinic.read(f"/appointments/{booked['id']}"))["reservation"] == "unreserved"


@pytest.mark.req("CORE-07")
async def test_what_remains_is_the_sum_of_its_entries_after_any_history(
    clinic: Clinic, company: Company, app_services: Services
) -> None:
    """A random history of bookings, cancellations, sessions and retractions: snapshot equals replay."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(6))
    await _live(clinic, random.Random(20260302), patient_id, case_id)
    (limit,) = (await clinic.left(case_id))["limits"]
    for account in STAGES:
        address = f"/limits/authorization_block/{limit['limit_id']}/entries?account={account}"
        amounts = sum(entry["amount"] for entry in await clinic.read(address))
        given = account in ("granted", "over_limit")
        assert (-amounts if given else amounts) == limit[account], account
    used = sum(limit[stage] for stage in ("booked", "attended", "documented", "billed", "adjudicated"))
    assert limit["granted"] + limit["over_limit"] == limit["available"] + used
    actor = system_actor(company.organization_id, "test", practice_ids=frozenset({company.practice_id}))
    async with app_services.database.practice_transaction(actor, company.practice_id) as session:
        assert await verify(session, company.practice_id) == []


async def _live(clinic: Clinic, chance: random.Random, patient_id: str, case_id: str) -> None:
    """Forty random events; refusals for want of visits are part of the history."""
    booked: list[str] = []
    done: list[str] = []
    for number in range(40):
        day = f"2026-03-{1 + number % 28:02}"
        event = chance.choice(("book", "book", "cancel", "document", "void"))
        if event == "book":
            answer = await clinic.caller.post(
                f"{clinic.path}/appointments", json=clinic.booking(case_id, day)
            )
            assert answer.status_code in (201, 409)
            booked += [answer.json()["id"]] if answer.status_code == 201 else []
        elif event == "cancel" and booked:
            appointment = booked.pop(chance.randrange(len(booked)))
            await clinic.caller.post(
                f"{clinic.path}/appointments/{appointment}/cancel", json={"reason": "chance"}
            )
        elif event == "document":
            answer = await clinic.caller.post(
                f"{clinic.path}/visits", json=clinic.note(patient_id, case_id, day)
            )
            assert answer.status_code in (201, 422), answer.text
            done += [answer.json()["id"]] if answer.status_code == 201 else []
        elif event == "void" and done:
            visit = done.pop(chance.randrange(len(done)))
            await clinic.send(f"/visits/{visit}/void", {"reason": "chance"}, status=200)


@pytest.mark.req("CORE-07")
async def test_a_balance_can_be_read_as_of_an_instant(clinic: Clinic, app_services: Services) -> None:
    """Before the cancellation was recorded, the visit was booked; both answers open their entries."""
    _, case_id, coverage_id = await clinic.admit()
    granted = await clinic.authorize(coverage_id, visits(3))
    booked = await clinic.book(case_id, "2026-03-10")
    then = app_services.now().isoformat().replace("+00:00", "Z")
    app_services.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    await clinic.send(f"/appointments/{booked['id']}/cancel", {"reason": "ill"}, status=200)
    address = f"/authorizations/{granted['id']}/balance"
    (before,), (now,) = await clinic.read(f"{address}?as_of={then}"), await clinic.read(address)
    assert (before["standing"]["booked"], now["standing"]["booked"]) == (1, 0)
    assert (len(before["entry_ids"]["booked"]), len(now["entry_ids"]["booked"])) == (1, 2)


async def test_the_answer_names_what_binds_and_when_it_runs_out(clinic: Clinic) -> None:
    """Two sessions a week use eight visits up in four weeks; ask fourteen days before, says the rule."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(8))
    for day in ("2026-02-17", "2026-02-19", "2026-02-24", "2026-02-26"):
        await clinic.document(patient_id, case_id, day)
    left = await clinic.left(case_id)
    assert left["on_day"] == "2026-03-02"
    binding = left["binding"]
    assert (binding["sessions_left"], binding["run_out_on"]) == (4, "2026-03-30")
    assert binding["last_safe_on"] == "2026-03-16"
    assert binding["source"].startswith("authorization A")
    assert "authorization_lead_days" in binding["rule"]
    await clinic.add_rule("authorization_lead_days", 7, payer_id=clinic.ids["payer"])
    assert (await clinic.left(case_id))["binding"]["last_safe_on"] == "2026-03-23"


@pytest.mark.req("CORE-06")
async def test_many_takers_of_the_last_visits_over_the_interface(clinic: Clinic) -> None:
    """Twelve at once for the last three visits: three reservations, nine refusals, no broken request."""
    _, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(3))
    bookings = [clinic.booking(case_id, f"2026-03-{day:02}") for day in range(10, 22)]
    answers = await asyncio.gather(
        *(clinic.caller.post(f"{clinic.path}/appointments", json=booking) for booking in bookings)
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 9


async def test_blocks_of_another_practice_are_unknown(clinic: Clinic) -> None:
    """An id that leads nowhere answers 404 wherever it stands in a path."""
    nowhere = UUID(int=7)
    for path in (
        f"/cases/{nowhere}/allowances",
        f"/authorizations/{nowhere}/balance",
        f"/limits/authorization_block/{nowhere}/entries",
        f"/limits/nothing/{nowhere}/entries",
    ):
        await clinic.read(path, status=404)


@pytest.mark.req("CORE-10")
async def test_a_therapist_sees_own_patients_only_and_no_money(
    clinic: Clinic, company: Company, app_services: Services, app: Any
) -> None:
    """Approved, used, booked, left, run-out and the plan's last day, for own patients, in one request."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(8))
    plan = {"case_id": case_id, "discipline": "PT", "provider_id": clinic.ids["provider"]}
    await clinic.made("/plans-of-care", plan | {"starts_on": "2026-01-05", "ends_on": "2026-04-04"})
    for day in ("2026-02-24", "2026-02-26"):
        await clinic.document(patient_id, case_id, day)
    await clinic.book(case_id, "2026-03-10")
    other_patient, other_case, _ = await clinic.admit()
    colleague = await clinic.made("/providers", therapist(given_name="Sam"))
    await clinic.document(other_patient, other_case, "2026-02-25", provider_id=colleague)
    async with therapist_caller(app, app_services, company, clinic.ids["provider"]) as caller:
        answer = await caller.get(f"{clinic.path}/my-patients")
        assert answer.status_code == 200, answer.text
        for path in ("/patients", f"/cases/{case_id}/allowances", "/charge-rates", "/work"):
            assert (await caller.get(clinic.path + path)).status_code == 403
    (line,) = answer.json()
    assert (line["patient_id"], line["sessions_left"]) == (patient_id, 5)
    (allowance,) = line["allowances"]
    counted = {name: allowance[name] for name in ("approved", "used", "booked", "left")}
    assert counted == {"approved": 8, "used": 2, "booked": 1, "left": 5}
    assert (line["plan_of_care_ends_on"], line["next_session_on"]) == ("2026-04-04", "2026-03-10")
    assert line["run_out_on"] is not None
    assert not any(word in answer.text for word in ("cents", "charge", "payer", "amount", "balance"))
