"""What is left, and what binds: benefit limits, blocks, choices, entries, back-dating (CORE-04, 05, 07)."""

from typing import Any

import pytest

from tests.api.v1.clinic import Clinic, spent, visits


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


async def draw_on_two_blocks(clinic: Clinic) -> tuple[str, str]:
    """A session of three codes under a block of units and a block of hours; the case and the visit."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(
        coverage_id,
        {"kind": "units", "quantity": 20, "codes": ["97110"]},
        {"kind": "hours", "quantity": 2.25, "codes": ["97112"]},
    )
    services = spent({"97110": 30, "97112": 20, "97140": 10})
    visit = await clinic.document(patient_id, case_id, "2026-03-02", services=services)
    return case_id, visit["id"]


@pytest.mark.req("CORE-05")
async def test_every_line_draws_on_one_block_or_says_why_not(clinic: Clinic) -> None:
    """A session draws on two blocks by its codes, and a third code on none, for a stated reason."""
    _, visit_id = await draw_on_two_blocks(clinic)
    choices = await clinic.read(f"/limit-choices/{visit_id}")
    blocks = [choice for choice in choices if choice["limit_kind"] == "authorization_block"]
    drawn = {choice["code"]: (choice["limit_id"] is not None, choice["amount"]) for choice in blocks}
    assert drawn == {"97110": (True, 30), "97112": (True, 20), "97140": (False, 0)}
    assert all(choice["reason"] for choice in choices)


@pytest.mark.req("CORE-05")
async def test_units_and_hours_are_ways_of_showing_minutes(clinic: Clinic) -> None:
    """Two and a quarter hours are 135 minutes, twenty units 300; both are shown as they were given."""
    case_id, _ = await draw_on_two_blocks(clinic)
    left = {limit["codes"][0]: limit for limit in (await clinic.left(case_id))["limits"]}
    assert (left["97110"]["available"], left["97110"]["in_words"]) == (270, "18 units left")
    assert (left["97112"]["granted"], left["97112"]["in_words"]) == (135, "1.92 hours left")


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
