"""What payers answer, and what becomes of it, through the API."""

import pytest

from tests.api.back.conftest import Opener


async def claim_of(office, claim_id: str) -> dict:  # type: ignore[no-untyped-def, type-arg]
    """A claim as the API shows it."""
    answer = await office.get(f"/claims/{claim_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.req("PO-09", "PM-03")
async def test_a_paid_claim(open_office: Opener) -> None:
    """The copay is the patient's, the contract's part is gone, and every cent of the charge is somewhere."""
    office = await open_office()
    visit = await office.visit([("97110", 2, 30), ("97140", 1, 15)])
    [claim_id] = await office.send(visit)
    assert await office.assemble(visit) == [claim_id]
    await office.pass_time(days=30)
    claim = await claim_of(office, claim_id)
    assert claim["status"] == "paid"
    assert [e["kind"] for e in claim["story"]] == [
        "assembled", "checked", "queued", "sent", "999_accepted", "277ca_accepted", "adjudicated",
    ]  # fmt: skip
    assert sum(line["patient_due_cents"] for line in claim["lines"]) == 2_000
    for line in claim["lines"]:
        parts = ("insurer_cents", "patient_not_due_cents", "patient_due_cents", "settled_cents")
        assert sum(line[part] for part in parts) == line["charge_cents"]
    [remittance] = (await office.get("/remittances/")).json()
    whole = (await office.get(f"/remittances/{remittance['id']}")).json()
    codes = {
        (a["group_code"], a["reason_code"])
        for c in whole["claims"]
        for line in c["lines"]
        for a in line["adjustments"]
    }
    assert ("PR", "3") in codes
    assert ("CO", "45") in codes


@pytest.mark.req("PO-08")
@pytest.mark.parametrize("member", ["SIMCO50", "SIMCO197", "SIMPR27", "SIMCO16"])
async def test_a_denied_claim_stays_with_the_payer(open_office: Opener, member: str) -> None:
    """Whatever the group code: nothing moves to the patient or is written off, and somebody must act."""
    office = await open_office(member=member)
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=30)
    claim = await claim_of(office, claim_id)
    assert claim["status"] == "denied"
    assert [line["insurer_cents"] for line in claim["lines"]] == [10_000]
    assert [line["patient_due_cents"] + line["patient_not_due_cents"] for line in claim["lines"]] == [0]


async def test_a_rejected_claim_is_sent_again(open_office: Opener) -> None:
    """A rejection is work, not an end: checked again, the same claim goes out as a new version."""
    office = await open_office(member="SIMA7")
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=3)
    assert (await claim_of(office, claim_id))["status"] == "rejected"
    assert (await office.post(f"/claims/{claim_id}/check")).json()["status"] == "ready"
    again = await office.post("/claims/submit", {"claim_ids": [claim_id]})
    assert again.status_code == 200
    await office.pass_time(days=3)
    claim = await claim_of(office, claim_id)
    assert claim["version"] == 2
    assert [e["kind"] for e in claim["story"]].count("sent") == 2
    assert [line["insurer_cents"] for line in claim["lines"]] == [10_000]


async def test_submitting_needs_a_key_and_happens_once(open_office: Opener) -> None:
    """Without a key it is refused; repeated with one, the first answer stands."""
    office = await open_office()
    claims = await office.assemble(await office.visit([("97110", 2, 30)]))
    bare = await office.caller.post(office.path("/claims/submit"), json={"claim_ids": claims})
    assert bare.status_code == 400
    assert bare.json()["code"] == "idempotency_key_required"
    first = await office.post("/claims/submit", {"claim_ids": claims}, key="one")
    second = await office.post("/claims/submit", {"claim_ids": claims}, key="one")
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["Idempotent-Replayed"] == "true"
    third = await office.post("/claims/submit", {"claim_ids": claims}, key="two")
    assert third.status_code == 409
    assert third.json()["code"] == "claim_not_ready"


@pytest.mark.req("PO-03")
@pytest.mark.parametrize(
    ("member", "status", "kind"),
    [
        ("SIMUNBALTX", ["quarantined"], "remittance_quarantined"),
        ("SIMUNBALCLP", ["posted"], "remittance_parked"),
    ],
)
async def test_what_does_not_add_up(open_office: Opener, member: str, status: list[str], kind: str) -> None:
    """A payment that does not add up posts nothing; one bad claim inside a good one is parked alone."""
    office = await open_office(member=member)
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    remittances: list[dict[str, str]] = []
    while not remittances:  # the payer sends an unbalanced payment again, right, on the next business day
        await office.pass_time(hours=12)
        remittances = (await office.get("/remittances/")).json()
    assert [r["status"] for r in remittances] == status
    claim = await claim_of(office, claim_id)
    assert [line["insurer_cents"] for line in claim["lines"]] == [10_000]
    work = (await office.caller.get("/v1/desk/work")).json()
    assert kind in {item["kind"] for item in work}


@pytest.mark.req("PO-22")
async def test_the_same_file_twice(open_office: Opener, services) -> None:  # type: ignore[no-untyped-def]
    """The simulator sends the same payment twice under new control numbers: it posts once."""
    office = await open_office(member="SIMDUPFILE")
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=40)
    claim = await claim_of(office, claim_id)
    assert [e["kind"] for e in claim["story"]].count("adjudicated") == 1
    assert len((await office.get("/remittances/")).json()) == 1
