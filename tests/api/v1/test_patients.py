"""Patients, cases, coverages on two time axes, and guarantors (PM-01, BC-02, BC-03)."""

from datetime import timedelta
from typing import Any

import pytest

from api.services import Services
from tests.api.v1.clinic import Clinic, visits

PARTY = {"kind": "person", "street": "3 Far Road", "city": "Boston", "state": "MA", "zip_code": "02110"}


async def test_a_patient_registers_once_per_source_id(clinic: Clinic) -> None:
    """The same record brings the person up to date; another birth date under it is somebody else."""
    first = await clinic.patient(source_id="one")
    moved = await clinic.patient("Rivera-Lopez", source_id="one")
    assert moved == first
    found = await clinic.read("/patients?name=rivera-l")
    assert [p["id"] for p in found] == [first]
    assert [p["id"] for p in await clinic.read("/patients?external_id=one")] == [first]
    other = found[0] | {"birth_on": "1980-01-01"}
    body = {name: other[name] for name in other if name not in ("id", "phone", "email")}
    refused = await clinic.send("/patients", body, status=409)
    assert refused["errors"][0]["pointer"] == "/source_id"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"diagnoses": ["M25.562", "X"]}, "/diagnoses/1"),
        ({"diagnoses": ["M25.562", "M25562"]}, "/diagnoses"),
        ({"diagnoses": []}, "/diagnoses"),
        ({"kind": "workers_compensation"}, "/accident_on"),
    ],
)
async def test_a_case_that_cannot_be_names_its_field(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    """Unknown, doubled or missing diagnoses, and an accident without its date."""
    body = {
        "patient_id": await clinic.patient(),
        "kind": "health_plan",
        "title": "Left knee",
        "opened_on": "2026-01-05",
        "diagnoses": ["M25.562"],
    }
    refused = await clinic.send("/cases", body | changes, status=422)
    assert refused["errors"][0]["pointer"] == pointer


@pytest.mark.req("PM-01")
async def test_two_primaries_on_one_date_are_refused_within_one_case_and_class_only(clinic: Clinic) -> None:
    """Another case, another class, another order or later dates are all valid."""
    patient_id, knee, _ = await clinic.admit(ends_on="2026-06-30")
    second = {"payer_id": await clinic.add_payer("medicaid")}
    shared = {
        "case_id": knee,
        "ordinal": 1,
        "member_number": "M9",
        "relationship": "self",
        "subscriber_given_name": "Ana",
        "subscriber_family_name": "Rivera",
        "starts_on": "2026-03-01",
    }
    refused = await clinic.send("/coverages", shared | second, status=409)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("payer_order_taken", "/ordinal")
    shoulder = await clinic.case(
        patient_id, kind="workers_compensation", title="Shoulder", accident_on="2026-01-02"
    )
    await clinic.coverage(shoulder, **second)
    await clinic.coverage(knee, benefit_class="behavioral", **second)
    await clinic.coverage(knee, ordinal=2, **second)
    await clinic.coverage(knee, starts_on="2026-07-01", **second)
    ordered = [(c["ordinal"], c["benefit_class"]) for c in await clinic.read(f"/cases/{knee}/coverages")]
    assert ordered == [(1, "behavioral"), (1, "medical"), (1, "medical"), (2, "medical")]


async def end_backwards(clinic: Clinic, services: Services) -> tuple[str, Any]:
    """A coverage with a session and a booking, ended twenty days later as of before both."""
    patient_id, case_id, coverage_id = await clinic.admit()
    await clinic.authorize(coverage_id, visits(9))
    await clinic.document(patient_id, case_id, "2026-03-02")
    await clinic.book(case_id, "2026-04-07")
    services.clock.advance(timedelta(days=20))  # type: ignore[attr-defined]
    end = {"ends_on": "2026-03-01", "reason": "employer's file"}
    ended = await clinic.send(f"/coverages/{coverage_id}/end", end, status=200)
    refused = await clinic.document(patient_id, case_id, "2026-03-05", status=422)
    assert refused["code"] == "coverage_not_active"
    return coverage_id, ended


@pytest.mark.req("PM-01", "BC-02")
async def test_a_coverage_ended_backwards_leaves_what_we_believed(
    clinic: Clinic, app_services: Services
) -> None:
    """Ended on 1 March, recorded on the 22nd: what we believed on the 5th stands."""
    coverage_id, ended = await end_backwards(clinic, app_services)
    assert ended["coverage"]["ends_on"] == "2026-03-01"
    then = await clinic.read(f"/coverages/{coverage_id}?known_at=2026-03-05T12:00:00Z")
    assert (then["ends_on"], then["reason"]) == (None, "as first recorded")
    beliefs = await clinic.read(f"/coverages/{coverage_id}/beliefs")
    ends = [(belief["ends_on"], belief["superseded_at"] is None) for belief in beliefs]
    assert ends == [(None, False), ("2026-03-01", True)]


@pytest.mark.req("BC-02")
async def test_what_rested_on_an_ended_coverage_is_listed_and_is_work(
    clinic: Clinic, app_services: Services
) -> None:
    """The session and the booking after its last day; one work item for both."""
    coverage_id, ended = await end_backwards(clinic, app_services)
    assert ended["lost_from"] == "2026-03-02"
    reliance = await clinic.read(f"/coverages/{coverage_id}/reliance?from_on={ended['lost_from']}")
    assert [(item["kind"], item["on"]) for item in reliance] == [
        ("booked", "2026-04-07"),
        ("seen", "2026-03-02"),
    ]
    assert [item["kind"] for item in await clinic.work()] == ["coverage_ended"]


async def make_guarantors(clinic: Clinic, *, apart: bool) -> tuple[str, list[str]]:
    """A child with two guarantors at 60 and 40 percent."""
    child = await clinic.patient()
    parties = [
        await clinic.made("/parties", PARTY | {"name": name}) for name in ("Maria Rivera", "Juan Lopez")
    ]
    shares = [
        {"party_id": party, "share_basis_points": share, "apart": apart}
        for party, share in zip(parties, (6000, 4000), strict=True)
    ]
    body = {"starts_on": "2026-02-01", "shares": shares}
    await clinic.send(f"/patients/{child}/shares", body, status=200, method="PUT")
    return child, parties


async def test_shares_sum_to_the_whole_on_each_date(clinic: Clinic) -> None:
    """Before the change the patient's own party answers for all; from that day on the two do."""
    child, parties = await make_guarantors(clinic, apart=False)
    (alone,) = await clinic.read(f"/patients/{child}/shares?on=2026-01-31")
    assert (alone["share_basis_points"], alone["ends_on"]) == (10000, "2026-01-31")
    both = await clinic.read(f"/patients/{child}/shares?on=2026-02-01")
    assert {s["party_id"]: s["share_basis_points"] for s in both} == dict(
        zip(parties, (6000, 4000), strict=True)
    )
    short = {"starts_on": "2026-03-01", "shares": [{"party_id": parties[0], "share_basis_points": 6000}]}
    refused = await clinic.send(f"/patients/{child}/shares", short, status=422, method="PUT")
    assert refused["errors"][0]["pointer"] == "/shares"
    assert len(await clinic.read(f"/patients/{child}/shares?on=2026-03-01")) == 2


async def test_a_changed_share_of_the_same_day_replaces_it(clinic: Clinic) -> None:
    """Setting the shares of one day twice leaves the second setting."""
    child, parties = await make_guarantors(clinic, apart=False)
    halves = [{"party_id": party, "share_basis_points": 5000} for party in parties]
    body = {"starts_on": "2026-02-01", "shares": halves}
    now = await clinic.send(f"/patients/{child}/shares", body, status=200, method="PUT")
    assert [s["share_basis_points"] for s in now] == [5000, 5000]


async def test_what_a_party_is_shown_never_names_another(clinic: Clinic) -> None:
    """With a custody block, nothing of the other guarantor is in one's own answers."""
    child, (one, other) = await make_guarantors(clinic, apart=True)
    for mine, hidden in ((one, other), (other, one)):
        for path in (f"/parties/{mine}", f"/parties/{mine}/shares?on=2026-02-01"):
            answer = await clinic.caller.get(clinic.path + path)
            assert hidden not in answer.text
        (share,) = await clinic.read(f"/parties/{mine}/shares?on=2026-02-01")
        assert (share["patient_id"], share["apart"]) == (child, True)
