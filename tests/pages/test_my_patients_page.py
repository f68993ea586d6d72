"""My patients: the therapist's own, what is left and until when, no money, no statement more for more."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event

from domain.patients.cases import NewCase, open_case
from domain.patients.registration import NewPatient, register_patient
from domain.practices.roster import NewProvider, add_provider
from tests.domain.claims.world import ADDRESS
from tests.pages.conftest import enter, visitor
from tests.pages.stage import Stage, add_therapist


@pytest.mark.req("CORE-10")
async def test_a_therapist_sees_what_is_left_for_own_patients_and_no_money(stage: Stage) -> None:
    async with visitor(stage) as caller:
        await enter(caller, stage.therapist)
        answer = await caller.get("/my-patients")
        page = answer.text
        assert answer.status_code == 200
        assert "Maria Lopez" in page
        for word in ("Approved", "Used", "Booked", "Left", "Runs out", "Plan of care ends"):
            assert word in page
        assert "Tue 30 Jun 2026" in page
        assert "The authorization of HARBOR HEALTH allows" in page
        for money in ("$", "cents", "charge", "owe", "paid", "balance", "billed"):
            assert money not in page.lower().replace("part-paid", ""), money
        for path in ("/claims", "/patients", "/visits", "/remittances", f"/claims/{stage.claim_id}"):
            assert (await caller.get(f"{stage.practice}{path}")).status_code == 403


@pytest.mark.req("CORE-10")
async def test_another_therapist_sees_none_of_them(stage: Stage) -> None:
    async with stage.services.database.practice_transaction(stage.actor, stage.world.practice_id) as session:
        other = await add_provider(
            session,
            stage.world.practice_id,
            NewProvider(
                given_name="Ben",
                family_name="Reed",
                credential="PT",
                disciplines=["PT"],
                npi="1245319599",
                taxonomy="225100000X",
            ),
        )
    colleague = await add_therapist(stage.services, stage.company, stage.world.practice_id, other)
    async with visitor(stage) as caller:
        await enter(caller, colleague)
        page = (await caller.get("/my-patients")).text
        assert "Lopez" not in page
        assert "No patients here now." in page


@contextmanager
def counted(stage: Stage) -> Iterator[list[str]]:
    """The statements that pass through SQLAlchemy meanwhile."""
    seen: list[str] = []
    engine = stage.services.database.engine.sync_engine

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_more_patients_cost_no_more_statements(stage: Stage) -> None:
    async with visitor(stage) as caller:
        await enter(caller, stage.therapist)
        with counted(stage) as before:
            await caller.get("/my-patients")
        for number in range(5):
            await _another(stage, number)
        with counted(stage) as after:
            page = (await caller.get("/my-patients")).text
    assert page.count("Own Patient") == 5
    assert len(after) == len(before)


async def _another(stage: Stage, number: int) -> None:
    practice_id, now = stage.world.practice_id, stage.services.now()
    async with stage.services.database.practice_transaction(stage.actor, practice_id) as session:
        person = NewPatient(
            given_name="Own",
            family_name=f"Patient {number}",
            birth_on=now.date().replace(year=1990),
            sex="U",
            source_system="test",
            source_id=f"own-{number}",
            **ADDRESS,
        )
        patient_id = await register_patient(session, practice_id, person, now=now, today=now.date())
        case = NewCase(
            patient_id=patient_id,
            kind="self_pay",
            title="Shoulder",
            opened_on=now.date(),
            diagnoses=["M25511"],
        )
        case_id = await open_case(session, practice_id, case)
    when = {
        "case_id": str(case_id),
        "provider_id": str(stage.world.therapist_id),
        "location_id": str(stage.world.location_id),
        "discipline": "PT",
        "starts_at": f"2026-04-2{number}T14:00:00Z",
        "ends_at": f"2026-04-2{number}T15:00:00Z",
        "planned_codes": ["97110"],
        "source_system": "test",
        "source_id": f"own-{number}",
    }
    await stage.post("/appointments", when)


async def test_who_is_linked_to_no_clinician_is_told_so(stage: Stage, owner: httpx.AsyncClient) -> None:
    assert (await owner.get("/my-patients")).status_code == 403
