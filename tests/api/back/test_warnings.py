"""A claim goes out checked and looked at: blocking findings hold it, warnings wait for a person."""

from typing import Any

import pytest

from tests.api.back.answering import claim_of, work
from tests.api.back.conftest import Office, Opener
from tests.api.back.persons import as_member, close


async def rules(office: Office, claim_id: str) -> list[tuple[str, str]]:
    """Rule and severity of a claim's findings."""
    return [(f["rule"], f["severity"]) for f in (await claim_of(office, claim_id))["findings"]]


@pytest.mark.req("SC-18", "TH-08")
async def test_warnings_wait_for_a_person_and_errors_are_never_sent(open_office: Opener) -> None:
    """A program cannot look for a person; who looked, and when, stands in the claim's story."""
    office = await open_office()
    visit = await office.visit([("97110", 2, 30)], modifiers=())
    [claim_id] = await office.assemble(visit)
    assert ("modifier.discipline", "warns") in await rules(office, claim_id)
    refused = await office.post("/claims/submit", {"claim_ids": [claim_id]})
    assert (refused.status_code, refused.json()["code"]) == (409, "warnings_not_acknowledged")
    program = await office.post("/claims/acknowledgements", {"claim_ids": [claim_id]})
    assert (program.status_code, program.json()["code"]) == (403, "only_a_person")
    ann = await as_member(office, "Ann")
    seen = await ann.post("/claims/acknowledgements", {"claim_ids": [claim_id]})
    assert seen.status_code == 200, seen.text
    warned = [f for f in (await claim_of(ann, claim_id))["findings"] if f["severity"] == "warns"]
    assert all(f["acknowledged_by"] and f["acknowledged_at"] for f in warned)
    assert "acknowledged" in [e["kind"] for e in (await claim_of(ann, claim_id))["story"]]
    assert (await office.post("/claims/submit", {"claim_ids": [claim_id]})).status_code == 200
    wrong = await office.visit([("97110", 4, 30)], hour=16)
    [held] = await office.assemble(wrong)
    assert (await claim_of(office, held))["status"] == "held"
    assert (await ann.post("/claims/acknowledgements", {"claim_ids": [held]})).status_code == 200
    stopped = await office.post("/claims/submit", {"claim_ids": [held]})
    assert (stopped.status_code, stopped.json()["code"]) == (409, "claim_not_ready")
    await close(ann)


async def test_a_checked_again_claim_is_looked_at_again(open_office: Opener) -> None:
    office = await open_office()
    ann = await as_member(office, "Ann")
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30)], modifiers=()))
    finding = next(f["id"] for f in (await claim_of(ann, claim_id))["findings"] if f["severity"] == "warns")
    path = f"/claims/{claim_id}/acknowledgements"
    assert (await ann.post(path, {"finding_ids": [finding]})).status_code == 200
    again = await ann.post(path, {"finding_ids": [finding]})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_acknowledge")
    assert (await office.post(f"/claims/{claim_id}/check")).status_code == 200
    assert (await office.post("/claims/submit", {"claim_ids": [claim_id]})).status_code == 409
    await close(ann)


FAULTS: dict[str, dict[str, Any]] = {
    "code": {"lines": [("99999", 1, 30)], "charges": [5_000]},
    "modifier": {"lines": [("97110", 2, 30)], "modifiers": ("GO",)},
    "minutes": {"lines": [("97110", 3, 30)]},
    "auth": {"lines": [("97110", 2, 30)]},
}


@pytest.mark.req("TH-06")
@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_a_single_seeded_fault_is_stopped_before_it_is_sent(open_office: Opener, fault: str) -> None:
    """A code that is none, a false modifier, too few minutes, no authorization: none of them goes out."""
    office = await open_office(authorization="required" if fault == "auth" else "not_required")
    given = dict(FAULTS[fault])
    [claim_id] = await office.assemble(await office.visit(given.pop("lines"), **given))
    claim = await claim_of(office, claim_id)
    assert claim["findings"]
    assert all(f["message"] and f["fix"] and f["source"] for f in claim["findings"])
    refused = await office.post("/claims/submit", {"claim_ids": [claim_id]})
    assert refused.status_code == 409, refused.text
    await office.pass_time(days=1)
    assert (await claim_of(office, claim_id))["sent_at" if "sent_at" in claim else "status"] in (
        None,
        "held",
        "ready",
    )


@pytest.mark.req("SC-16")
async def test_a_service_without_approval_is_not_fixable_here_and_routed(open_office: Opener) -> None:
    """No correction of the claim mends it: it goes to whoever asks for authorization dated back."""
    office = await open_office(authorization="required")
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30)]))
    (missing,) = [
        f for f in (await claim_of(office, claim_id))["findings"] if f["rule"] == "authorization.missing"
    ]
    assert (missing["risk"], missing["severity"]) == ("not_fixable", "blocks")
    assert "retro_authorization" in await work(office)
    ann = await as_member(office, "Ann")
    change = {"pointer": "/lines/0/modifiers", "becomes": "GP, 59"}
    words = {"document": "note-1", "words": "separate region treated"}
    refused = await ann.post(
        f"/claims/{claim_id}/corrections/on-evidence",
        {"finding_id": missing["id"], "change": change, "evidence": words},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "correction_refused")
    await close(ann)
