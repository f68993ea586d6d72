"""What is left: the entries behind every number, what binds, and the therapist's own patients."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from api.services import Services
from domain.ledger.invariants import verify
from tenants.access import system_actor
from tests.api.conftest import Company
from tests.api.v1.clinic import Clinic, therapist, visits
from tests.api.v1.therapist import therapist_caller

STAGES = ("granted", "booked", "attended", "documented", "available", "over_limit")


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


async def test_a_cut_below_what_took_place_is_work(clinic: Clinic) -> None:
    """The payer cuts three visits to one after two: the facts stand, and one of them is over the limit."""
    patient_id, case_id, coverage_id = await clinic.admit()
    granted = await clinic.authorize(coverage_id, visits(3))
    for day in ("2026-02-24", "2026-02-26"):
        await clinic.document(patient_id, case_id, day)
    block_id = (await clinic.read(f"/authorizations/{granted['id']}"))["blocks"][0]["id"]
    cut = {"kind": "cut", "quantity": 2, "reason": "payer's letter", "source": "letter 1"}
    (balance,) = await clinic.send(f"/authorizations/{granted['id']}/blocks/{block_id}/changes", cut)
    standing = balance["standing"]
    assert (standing["granted"], standing["documented"], standing["over_limit"]) == (1, 2, 1)
    assert [(item["kind"], item["subject_kind"]) for item in await clinic.work()] == [("over_limit", "visit")]


@pytest.mark.req("CORE-07")
@pytest.mark.parametrize("seed", range(3))
async def test_what_remains_is_the_sum_of_its_entries_after_any_history(
    clinic: Clinic, company: Company, app_services: Services, seed: int
) -> None:
    """A random history of bookings, cancellations, sessions and retractions: snapshot equals replay."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(6))
    await _live(clinic, random.Random(seed), patient_id, case_id)
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
    """Thirty random events; refusals for want of visits, or of the clinician's time, are part of it."""
    made: dict[str, list[str]] = {"appointments": [], "visits": []}
    for number in range(30):
        day = f"2026-03-{1 + number % 28:02}"
        event = chance.choice(("book", "book", "cancel", "document", "void"))
        path = "appointments" if event in ("book", "cancel") else "visits"
        if event in ("book", "document"):
            booking, note = clinic.booking(case_id, day), clinic.note(patient_id, case_id, day)
            body = booking if event == "book" else note
            answer = await clinic.caller.post(f"{clinic.path}/{path}", json=body)
            assert answer.status_code in (201, 409, 422), answer.text
            made[path] += [answer.json()["id"]] if answer.status_code == 201 else []
        elif made[path]:
            gone = made[path].pop(chance.randrange(len(made[path])))
            await clinic.caller.post(f"{clinic.path}/{path}/{gone}/{event}", json={"reason": "chance"})


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


async def treat(clinic: Clinic) -> tuple[str, str]:
    """An own patient with two sessions and a booking of eight visits, and a colleague's patient."""
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
    return patient_id, case_id


@pytest.mark.req("CORE-10")
async def test_a_therapist_sees_own_patients_only_and_no_money(
    clinic: Clinic, company: Company, app_services: Services, app: Litestar
) -> None:
    """Approved, used, booked, left, run-out and the plan's last day, for own patients, in one request."""
    patient_id, case_id = await treat(clinic)
    async with therapist_caller(app, app_services, company, clinic.ids["provider"]) as caller:
        answer = await caller.get(f"{clinic.path}/my-patients")
        assert answer.status_code == 200, answer.text
        for path in ("/patients", f"/cases/{case_id}/allowances", "/charge-rates", "/work"):
            assert (await caller.get(clinic.path + path)).status_code == 403
    (line,) = answer.json()
    assert (line["patient_id"], line["sessions_left"], line["run_out_on"]) == (patient_id, 5, "2026-05-19")
    (allowance,) = line["allowances"]
    counted = {name: allowance[name] for name in ("approved", "used", "booked", "left")}
    assert counted == {"approved": 8, "used": 2, "booked": 1, "left": 5}
    assert (line["plan_of_care_ends_on"], line["next_session_on"]) == ("2026-04-04", "2026-03-10")
    assert not any(word in answer.text for word in ("cents", "charge", "payer", "amount", "balance"))


async def test_two_sessions_of_a_day_are_one_visit_in_the_forecast(clinic: Clinic) -> None:
    """What is counted once a day is counted once in the pace too: eight visits left are eight sessions."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(10))
    for day in ("2026-02-24", "2026-02-26"):
        await clinic.document(patient_id, case_id, day)
        noon = {"starts_at": f"{day}T17:00:00Z", "ends_at": f"{day}T18:00:00Z"}
        await clinic.document(patient_id, case_id, day, **noon)
    (limit,) = (await clinic.left(case_id))["limits"]
    assert (limit["available"], limit["sessions_left"]) == (8, 8)
