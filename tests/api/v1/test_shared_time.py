"""Sessions that share minutes, months of monitoring, and payers that count the same minutes otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from api.task_runner import run_task
from tests.api.conftest import MutableClock
from tests.api.v1.clinic import Clinic, spent, therapist, units

CONFLICTS = json.loads(
    (Path(__file__).parents[2] / "billing_rules" / "vectors" / "method_conflicts.json").read_text()
)["rows"]


async def counted_again(services: Services, clinic: Clinic) -> None:
    """Let what the practice owes now be done."""
    for task in await services.database.due_tasks():
        if task.practice_id == clinic.practice_id:
            await run_task(services, task.practice_id, task.id)


def at(day: str, first: str, last: str) -> dict[str, str]:
    """A session between two times of a day, in UTC."""
    return {"starts_at": f"{day}T{first}:00Z", "ends_at": f"{day}T{last}:00Z"}


async def staff(clinic: Clinic) -> tuple[str, str]:
    """A technician and a behaviour analyst, with the prices of their codes."""
    aba = {"disciplines": ["ABA"]}
    tech = await clinic.made("/providers", therapist(given_name="Tess", credential="RBT", **aba))
    analyst = await clinic.made("/providers", therapist(given_name="Bea", credential="BCBA", **aba))
    await clinic.send("/charge-rates", {"code": "97155", "charge_cents": 4000, "starts_on": "2020-01-01"})
    return tech, analyst


async def aba_day(clinic: Clinic, services: Services, payer: str) -> tuple[Any, Any]:
    """Example 20: a technician for 130 minutes, an analyst beside them for 32; both visits afterwards."""
    tech, analyst = await staff(clinic)
    patient_id, case_id, _ = await clinic.admit(payer_id=await clinic.add_payer(payer))
    day = "2026-03-02"
    first = await clinic.document(
        patient_id,
        case_id,
        day,
        discipline="ABA",
        provider_id=tech,
        services=spent({"97153": 130}),
        **at(day, "15:00", "17:10"),
    )
    second = await clinic.document(
        patient_id,
        case_id,
        day,
        discipline="ABA",
        provider_id=analyst,
        services=spent({"97155": 32}),
        **at(day, "16:00", "16:32"),
    )
    await counted_again(services, clinic)
    return await clinic.read(f"/visits/{first['id']}"), second


@pytest.mark.parametrize(
    ("payer", "direct", "verdict"), [("commercial", 9, "allowed"), ("tricare", 7, "subtract")]
)
async def test_the_payers_matrix_decides_what_runs_at_once(
    clinic: Clinic, app_services: Services, payer: str, direct: int, verdict: str
) -> None:
    """Both bill the shared minutes, or the technician's 130 become 98: nine units or seven, and two."""
    technician, analyst = await aba_day(clinic, app_services, payer)
    charged = [(c["code"], c["units"]) for v in (technician, analyst) for c in v["charges"]]
    assert charged == [("97153", direct), ("97155", 2)], (technician["held_reason"], analyst["held_reason"])
    [found] = await clinic.read("/visits/overlaps?first=2026-03-01&last=2026-03-31")
    assert (found["shared"], found["minutes"], found["verdict"]) == ("patient", 32, verdict)
    panel = await clinic.read(f"/visits/{technician['id']}/units")
    assert panel["minutes_off"] == ({} if verdict == "allowed" else {"97153": 32})


async def test_a_retracted_session_gives_the_minutes_back(clinic: Clinic, app_services: Services) -> None:
    """Once the analyst's session is void the technician's minutes count in full again."""
    technician, analyst = await aba_day(clinic, app_services, "tricare")
    await clinic.send(f"/visits/{analyst['id']}/void", {"reason": "was another day"}, status=200)
    await counted_again(app_services, clinic)
    assert units(await clinic.read(f"/visits/{technician['id']}")) == {"97153": 9}


async def test_a_pair_the_payer_does_not_take_holds_both_sessions(
    clinic: Clinic, app_services: Services
) -> None:
    """An assessment beside treatment is in no TRICARE row, so both wait and say which minutes."""
    tech, analyst = await staff(clinic)
    patient_id, case_id, _ = await clinic.admit(payer_id=await clinic.add_payer("tricare"))
    day = "2026-03-02"
    scope = {"discipline": "ABA"}
    first = await clinic.document(
        patient_id, case_id, day, provider_id=tech, services=spent({"97153": 60}), **scope
    )
    second = await clinic.document(
        patient_id,
        case_id,
        day,
        provider_id=analyst,
        services=spent({"97151": 30}),
        **scope,
        **at(day, "15:45", "16:15"),
    )
    await counted_again(app_services, clinic)
    for visit in (await clinic.read(f"/visits/{first['id']}"), second):
        assert visit["status"] == "held"
        assert "15 minutes are in another session of the patient" in visit["held_reason"]


@pytest.mark.parametrize(
    ("minutes", "status"), [((15, 15), "charged"), ((30, 30), "held")], ids=["split", "billed twice"]
)
async def test_cotreatment_time_is_billed_once(clinic: Clinic, minutes: tuple[int, int], status: str) -> None:
    """Half an hour with two therapists is half an hour to bill, by one of them or split between them."""
    colleague = await clinic.made("/providers", therapist(given_name="Sam", disciplines=["OT"]))
    patient_id, case_id, _ = await clinic.admit(payer_id=await clinic.add_payer("medicare"))
    day = "2026-03-02"
    together = at(day, "15:00", "15:30")
    await clinic.document(patient_id, case_id, day, services=spent({"97530": minutes[0]}), **together)
    second = await clinic.document(
        patient_id,
        case_id,
        day,
        provider_id=colleague,
        discipline="OT",
        services=spent({"97530": minutes[1]}),
        **together,
    )
    assert second["status"] == status, second["held_reason"]
    [found] = await clinic.read("/visits/overlaps?first=2026-03-01&last=2026-03-31")
    assert found["verdict"] == ("split" if status == "charged" else "billed_twice")


async def monitored(
    clinic: Clinic, services: Services, *sessions: tuple[str, int], live: bool = True
) -> list[Any]:
    """Monitoring sessions of a patient, one after the other; the visits as they stand afterwards."""
    for code in ("98979", "98980", "98981", "98985"):
        await clinic.send("/charge-rates", {"code": code, "charge_cents": 5000, "starts_on": "2020-01-01"})
    patient_id, case_id, _ = await clinic.admit()
    made = [
        await clinic.document(
            patient_id,
            case_id,
            day,
            services=spent({"98980": minutes}),
            telehealth="audio_video" if live else "none",
        )
        for day, minutes in sessions
    ]
    await counted_again(services, clinic)
    return [await clinic.read(f"/visits/{visit['id']}") for visit in made]


async def test_a_month_of_monitoring_is_one_sum(clinic: Clinic, app_services: Services) -> None:
    """8 + 8 + 8 + 20 minutes: the third session completes the first block, the fourth a further one."""
    sessions = [("2026-03-02", 8), ("2026-03-09", 8), ("2026-03-16", 8), ("2026-03-23", 20)]
    visits = await monitored(clinic, app_services, *sessions)
    assert [units(visit) for visit in visits] == [{}, {}, {"98980": 1}, {"98981": 1}]
    assert {visit["status"] for visit in visits} == {"charged"}
    again = await clinic.send(f"/visits/{visits[2]['id']}/recheck", {}, status=200)
    assert units(again) == {"98980": 1}


async def test_a_note_that_comes_late_moves_the_block(clinic: Clinic, app_services: Services) -> None:
    """Sessions arrive out of order: the unit stands where the month's minutes are full, and only once."""
    late, first = ("2026-03-20", 12), ("2026-03-05", 12)
    visits = await monitored(clinic, app_services, late, first)
    assert [units(visit) for visit in visits] == [{"98980": 1}, {}]


async def test_a_month_without_a_live_contact_waits(clinic: Clinic, app_services: Services) -> None:
    """The code needs a live contact in the month: without one the session is held and says so."""
    [visit] = await monitored(clinic, app_services, ("2026-03-02", 25), live=False)
    assert (visit["status"], units(visit)) == ("held", {})
    assert "no live contact" in visit["held_reason"]


async def test_few_minutes_wait_for_the_end_of_the_month(
    clinic: Clinic, app_services: Services, app_clock: MutableClock
) -> None:
    """Twelve minutes are held while the month runs, and 98979 once it is over, without anybody's doing."""
    app_clock.put(app_clock.now().replace(day=21))
    [visit] = await monitored(clinic, app_services, ("2026-03-20", 12))
    assert (visit["status"], units(visit)) == ("held", {})
    assert "the month has 12 of 20 minutes" in visit["held_reason"]
    app_clock.put(app_clock.now().replace(month=4, day=1, hour=5))
    await counted_again(app_services, clinic)
    assert units(await clinic.read(f"/visits/{visit['id']}")) == {"98979": 1}


@pytest.mark.parametrize(
    ("days", "code", "status"), [(12, "98985", "charged"), (12, "98977", "held"), (None, "98985", "held")]
)
async def test_a_device_by_its_days_with_data(
    clinic: Clinic, days: int | None, code: str, status: str
) -> None:
    """Twelve days with data are 98985 in 2026; another code, or no days, is a question."""
    for each in ("98977", "98985"):
        await clinic.send("/charge-rates", {"code": each, "charge_cents": 5000, "starts_on": "2020-01-01"})
    patient_id, case_id, _ = await clinic.admit()
    service = {"code": code, "minutes": None, "days_with_data": days}
    visit = await clinic.document(patient_id, case_id, "2026-03-02", services=[service])
    assert visit["status"] == status, visit["held_reason"]
    if status == "charged":
        next_one = await clinic.document(patient_id, case_id, "2026-03-20", services=[service])
        assert "a device of this kind was charged on 2026-03-02" in next_one["held_reason"]


@pytest.mark.req("BEYOND-19")
@pytest.mark.parametrize("row", CONFLICTS, ids=lambda row: row["row"])
async def test_both_results_and_their_money_are_kept(clinic: Clinic, row: dict[str, Any]) -> None:
    """A Medicare primary and a secondary that counts per code: both results, and cents between them."""
    patient_id, case_id, _ = await clinic.admit(payer_id=await clinic.add_payer("medicare"))
    await clinic.coverage(case_id, ordinal=2)
    visit = await clinic.document(patient_id, case_id, "2026-03-02", services=spent(row["minutes"]))
    if visit["status"] == "held" and "choice" in row:
        choice = {"choices": {"PT": row["choice"]}}
        visit = await clinic.send(f"/visits/{visit['id']}/unit-choices", choice, status=200)
    panel = await clinic.read(f"/visits/{visit['id']}/units")
    assert [payer["method"] for payer in panel["payers"]] == ["cms_total_time", "ama_per_code"]
    [conflict] = panel["conflicts"]
    assert {line["code"]: line["primary_units"] for line in conflict["lines"]} == row["cms_total_time"]
    assert {line["code"]: line["secondary_units"] for line in conflict["lines"]} == row["ama_per_code"]
    assert conflict["charge_difference_cents"] == row["charge_difference_cents"]
    assert (await clinic.read(f"/visits/{visit['id']}"))["method_conflict"] == conflict


async def test_the_panel_says_who_won_and_what_others_would_count(clinic: Clinic) -> None:
    """Thirty-three and seven minutes: seven beat the three left over; per code they would earn nothing."""
    patient_id, case_id, _ = await clinic.admit(payer_id=await clinic.add_payer("medicare"))
    visit = await clinic.document(
        patient_id, case_id, "2026-03-02", services=spent({"97110": 33, "97140": 7, "97161": 30})
    )
    [payer] = (await clinic.read(f"/visits/{visit['id']}/units"))["payers"]
    [pool] = payer["pools"]
    assert (payer["method"], payer["is_assumption"], pool["total_minutes"]) == ("cms_total_time", False, 40)
    won = {code["code"]: (code["remainder_minutes"], code["won_leftover"]) for code in pool["codes"]}
    assert won == {"97110": (3, False), "97140": (7, True)}
    others = {other["method"]: other["units"] for other in pool["other_methods"]}
    assert others["ama_per_code"] == {"97110": 2, "97140": 0}
    assert others["strict_15"] == {"97110": 2, "97140": 0}


async def test_a_state_rounds_its_own_way(clinic: Clinic) -> None:
    """A state that pays from ten minutes of each block gives 24 minutes one unit and 25 two."""
    payer = clinic.ids["payer"]
    value = {"block_minutes": 15, "least_minutes": 10, "pooled": False}
    await clinic.add_rule("unit_method", "state_rounding", payer_id=payer)
    await clinic.add_rule("state_rounding", value, payer_id=payer)
    patient_id, case_id, _ = await clinic.admit()
    note = {"services": spent({"97110": 24, "97140": 25})}
    visit = await clinic.document(patient_id, case_id, "2026-03-02", **note)
    assert units(visit) == {"97110": 1, "97140": 2}
    assert {charge["method"] for charge in visit["charges"]} == {"state_rounding"}
