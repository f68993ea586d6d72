"""An authorization that comes after the claim went out takes up its visits at the stage they have reached."""

from tests.api.back.conftest import Opener


async def test_a_sent_visit_is_drawn_as_billed(open_office: Opener) -> None:
    """Sent without any authorization, then authorized back: the visit stands as billed, not as documented."""
    office = await open_office()
    note = {
        "patient_id": str(office.world.patient_id),
        "case_id": str(office.world.case_id),
        "provider_id": str(office.world.therapist_id),
        "location_id": str(office.world.location_id),
        "discipline": "PT",
        "starts_at": "2026-02-23T15:00:00Z",
        "ends_at": "2026-02-23T16:00:00Z",
        "services": [{"code": "97110", "minutes": 30}],
        "signed_at": "2026-02-23T17:00:00Z",
        "signed_by": "Ada Stone",
        "source_system": "ehr",
        "source_id": "note-1",
        "source_version": "1",
    }
    visit = await office.post("/visits", note)
    assert visit.status_code == 201, visit.text
    await office.send(visit.json()["id"])
    await office.pass_time(hours=1)
    authorization = {
        "coverage_id": str(office.world.coverage_id),
        "number": "BACK1",
        "starts_on": "2026-01-01",
        "ends_on": "2026-06-30",
        "blocks": [{"kind": "visits", "quantity": 10}],
    }
    assert (await office.post("/authorizations", authorization)).status_code == 201
    [limit] = (await office.get(f"/cases/{office.world.case_id}/allowances")).json()["limits"]
    assert (limit["billed"], limit["documented"], limit["available"]) == (1, 0, 9)
