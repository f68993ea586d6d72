"""Modifiers from the note to the claim: why each stands, who worked which units, what the checks say."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Company, sign_in
from tests.api.v1.clinic import Clinic, spent, therapist

DAY = "2026-03-02"


async def medicare(clinic: Clinic) -> tuple[str, str]:
    """A patient whose first payer is Medicare, with a certified plan of care; patient and case."""
    patient_id = await clinic.patient()
    case_id = await clinic.case(patient_id)
    await clinic.coverage(case_id, payer_id=await clinic.add_payer("medicare"))
    await plan(clinic, case_id)
    return patient_id, case_id


async def plan(clinic: Clinic, case_id: str, discipline: str = "PT") -> None:
    """A certified plan of care of a discipline."""
    body = {
        "case_id": case_id,
        "discipline": discipline,
        "provider_id": clinic.ids["provider"],
        "starts_on": "2026-01-05",
        "ends_on": "2026-04-04",
        "certified_on": "2026-01-05",
        "certified_by": "Dr Field",
    }
    await clinic.send("/plans-of-care", body)


async def assemble(clinic: Clinic, *made: Any) -> list[Any]:
    """The claims of visits, each read whole."""
    body = {"visit_ids": [visit["id"] for visit in made]}
    ids = (await clinic.send("/claims/assemble", body))["claim_ids"]
    return [await clinic.read(f"/claims/{claim_id}") for claim_id in ids]


def lines(read: Any) -> list[tuple[str, list[str], int]]:
    """Code, modifiers and units of each line, of a visit or of a claim."""
    return [(one["code"], one["modifiers"], one["units"]) for one in read.get("charges") or read["lines"]]


def between(start: str, end: str) -> dict[str, str]:
    """Times of the day."""
    return {"starts_at": f"{DAY}T{start}:00Z", "ends_at": f"{DAY}T{end}:00Z"}


def rules(claim: Any, *families: str) -> list[tuple[str, str]]:
    """Rule and severity of the findings of some families."""
    return [(f["rule"], f["severity"]) for f in claim["findings"] if f["rule"].startswith(families)]


@pytest.mark.req("CD-04")
async def test_each_modifier_stands_by_a_row_with_its_evidence(clinic: Clinic) -> None:
    """Worked example 9: assistant 23 and therapist 13 of 97110, therapist 30 of 97140, for Medicare."""
    patient_id, case_id = await medicare(clinic)
    assistant = await clinic.made("/providers", therapist(credential="PTA", npi="1366456980"))
    services = [
        {"code": "97140", "minutes": 30},
        {"code": "97110", "minutes": 36, "assistant_id": assistant, "assistant_minutes": 23},
    ]
    visit = await clinic.document(
        patient_id, case_id, DAY, services=services, ends_at=f"{DAY}T16:30:00Z", signed_at=f"{DAY}T17:00:00Z"
    )
    assert sorted(lines(visit)) == [
        ("97110", ["GP"], 1),
        ("97110", ["GP", "CQ"], 1),
        ("97140", ["GP"], 2),
    ]
    [helped] = [c for c in visit["charges"] if "CQ" in c["modifiers"]]
    why = {one["modifier"]: one for one in helped["explanation"]["modifiers"]}
    assert why["CQ"]["rule"] == "assistant_modifiers"
    assert why["CQ"]["evidence"]["assistant_minutes"] == "23"
    assert "§20.1" in why["CQ"]["source"]
    assert why["GP"]["row"].startswith("shipped discipline_modifiers for medicare")
    assert helped["minutes"] == 23
    [claim] = await assemble(clinic, visit)
    assert sorted(lines(claim)) == sorted(lines(visit))
    assert rules(claim, "modifier", "units", "line.repeated") == []


@pytest.mark.parametrize(
    ("code", "minutes", "assistant", "joint", "expected"),
    [
        ("97530", 26, 14, 0, [(["GP"], 1), (["GP", "CQ"], 1)]),  # worked example 10
        ("97110", 22, 14, 0, [(["GP"], 1)]),  # worked example 11
        ("97112", 30, 0, 30, [(["GP"], 2)]),
        ("97150", 40, 4, 0, [(["GP"], 1)]),
        ("97150", 40, 5, 0, [(["GP", "CQ"], 1)]),
    ],
)
async def test_units_of_an_assistant_are_lines_of_their_own(
    clinic: Clinic, code: str, minutes: int, assistant: int, joint: int, expected: list[Any]
) -> None:
    """By unit for timed codes, by share for others; joint minutes are the therapist's."""
    patient_id, case_id = await medicare(clinic)
    service = {"code": code, "minutes": minutes, "assistant_minutes": assistant, "joint_minutes": joint}
    visit = await clinic.document(patient_id, case_id, DAY, services=[service])
    assert [(one["modifiers"], one["units"]) for one in visit["charges"]] == expected
    assert (
        sum(one["charge_cents"] for one in visit["charges"])
        == sum(one["units"] for one in visit["charges"])
        * {"97530": 6000, "97110": 5000, "97112": 5500, "97150": 4000}[code]
    )


async def test_an_authorization_is_drawn_on_once_however_a_code_is_split(clinic: Clinic) -> None:
    """Two lines of one code take the units of the session once."""
    await clinic.add_rule(
        "assistant_modifiers", {"modifiers": {"PT": "CQ"}, "midpoint_exception": True, "share_percent": 10}
    )
    patient_id, case_id, coverage_id = await clinic.admit()
    block = {"kind": "units", "quantity": 10, "codes": ["97110"]}
    await clinic.authorize(coverage_id, block)
    service = {"code": "97110", "minutes": 36, "assistant_minutes": 23}
    visit = await clinic.document(patient_id, case_id, DAY, services=[service])
    assert [one["units"] for one in visit["charges"]] == [1, 1]
    [claim] = await assemble(clinic, visit)
    assert [line["units"] for line in claim["lines"]] == [1, 1]
    [limit] = (await clinic.left(case_id))["limits"]
    assert limit["available"] == 8 * 15


async def test_credential_notice_and_benefit_by_the_payers_own_rows(clinic: Clinic) -> None:
    """Worked example 20: 97153 by a technician carries what this payer's table says."""
    table = {"rows": [{"credential": "RBT", "codes": ["97153"], "modifier": "HM"}]}
    await clinic.add_rule("credential_modifiers", table, payer_id=clinic.ids["payer"])
    supervisor = await clinic.made("/providers", therapist(family_name="Super", disciplines=["ABA"]))
    technician = therapist(credential="RBT", npi=None, disciplines=["ABA"], supervisor_id=supervisor)
    clinic.ids["provider"] = await clinic.made("/providers", technician)
    patient_id, case_id, _ = await clinic.admit()
    note: dict[str, Any] = {
        "discipline": "ABA",
        "services": spent({"97153": 130}),
        "ends_at": f"{DAY}T17:30:00Z",
    }
    visit = await clinic.document(patient_id, case_id, DAY, signed_at=f"{DAY}T18:00:00Z", **note)
    assert lines(visit) == [("97153", ["HM"], 9)]


@pytest.mark.req("CD-05")
async def test_pairs_by_date_and_indicator_on_this_claim_and_the_days_others(clinic: Clinic) -> None:
    """Worked example 7, a pair that no modifier opens, a deleted pair, and a day before the first table."""
    patient_id, case_id = await medicare(clinic)
    group: dict[str, Any] = {
        "code": "97150",
        "minutes": 40,
        "starts_at": f"{DAY}T15:00:00Z",
        "ends_at": f"{DAY}T15:40:00Z",
    }
    alone: dict[str, Any] = {
        "code": "97110",
        "minutes": 15,
        "starts_at": f"{DAY}T15:40:00Z",
        "ends_at": f"{DAY}T15:55:00Z",
    }
    visit = await clinic.document(patient_id, case_id, DAY, services=[group, alone])
    [claim] = await assemble(clinic, visit)
    assert rules(claim, "pair") == [("pair.distinct_needed", "blocks")]
    assert all("59" not in line["modifiers"] for line in claim["lines"])
    await clinic.send(f"/claims/{claim['id']}/check", {}, status=200)
    [suggested] = await clinic.read(f"/claims/{claim['id']}/suggestions")
    assert (suggested["source"], suggested["was"], suggested["becomes"]) == ("rule", "GP", "GP, 59")
    assert (suggested["state"], suggested["evidence"]["column1"]) == ("open", "97150")
    noted = [group, alone | {"modifiers_in_note": ["59"]}]
    times: dict[str, Any] = {"starts_at": "2026-03-03T15:00:00Z", "ends_at": "2026-03-03T16:00:00Z"}
    for service in noted:
        service |= {k: service[k].replace("03-02", "03-03") for k in ("starts_at", "ends_at")}
    marked = await clinic.document(patient_id, case_id, "2026-03-03", services=noted, **times)
    [claim] = await assemble(clinic, marked)
    assert ("97110", ["GP", "59"], 1) in lines(claim)
    assert rules(claim, "pair", "modifier") == []
    await clinic.send("/charge-rates", {"code": "97124", "charge_cents": 4000, "starts_on": "2020-01-01"})
    never = await clinic.document(
        patient_id, case_id, "2026-03-04", services=spent({"97140": 15, "97124": 15})
    )
    [claim] = await assemble(clinic, never)
    assert rules(claim, "pair") == [("pair.never_together", "blocks")]
    gone = await clinic.document(
        patient_id, case_id, "2026-03-05", services=spent({"97530": 15, "97116": 15})
    )
    [claim] = await assemble(clinic, gone)
    assert rules(claim, "pair") == []


async def test_the_other_claim_of_the_day_counts(clinic: Clinic) -> None:
    """Two therapists, two claims of one day: the second one's code is a pair with the first one's."""
    patient_id, case_id = await medicare(clinic)
    group = await clinic.document(patient_id, case_id, DAY, services=spent({"97150": 40}))
    await assemble(clinic, group)
    other = await clinic.made("/providers", therapist(family_name="Other", npi="1679576722"))
    noon: dict[str, Any] = {
        "starts_at": f"{DAY}T17:00:00Z",
        "ends_at": f"{DAY}T18:00:00Z",
        "signed_at": f"{DAY}T19:00:00Z",
    }
    alone = await clinic.document(
        patient_id, case_id, DAY, services=spent({"97110": 30}), provider_id=other, **noon
    )
    [claim] = await assemble(clinic, alone)
    [told] = [f for f in claim["findings"] if f["rule"] == "pair.distinct_needed"]
    assert told["evidence"]["other_claim"]
    assert told["evidence"]["distinct"] == "XP"


@pytest.mark.req("CD-07")
async def test_units_of_a_day_and_sides(clinic: Clinic) -> None:
    """Six units of 97110 pass and seven are told; the right side passes for a right knee and the left not."""
    patient_id, case_id = await medicare(clinic)
    times: dict[str, Any] = {"ends_at": f"{DAY}T17:00:00Z", "signed_at": f"{DAY}T18:00:00Z"}
    six = await clinic.document(patient_id, case_id, DAY, services=spent({"97110": 90}), **times)
    [claim] = await assemble(clinic, six)
    assert rules(claim, "units") == []
    late: dict[str, Any] = {"starts_at": "2026-03-03T15:00:00Z", "ends_at": "2026-03-03T17:00:00Z"}
    late |= {"signed_at": "2026-03-03T18:00:00Z"}
    seven = await clinic.document(patient_id, case_id, "2026-03-03", services=spent({"97110": 105}), **late)
    [claim] = await assemble(clinic, seven)
    assert rules(claim, "units") == [("units.most_by_records", "warns")]
    for day, modifier, expected in (("04", "LT", []), ("05", "RT", [("laterality.diagnosis", "blocks")])):
        service = {"code": "97110", "minutes": 30, "modifiers_in_note": [modifier]}
        visit = await clinic.document(patient_id, case_id, f"2026-03-{day}", services=[service])
        [claim] = await assemble(clinic, visit)
        assert rules(claim, "laterality") == expected


@pytest.mark.req("SC-04")
async def test_missing_conflicting_and_duplicate_are_three_findings(
    clinic: Clinic, client: httpx.AsyncClient, company: Company
) -> None:
    """A rule that comes later asks for 96; a note says both 59 and XE; a hand types a modifier twice."""
    patient_id, case_id, _ = await clinic.admit()
    await plan(clinic, case_id)
    both = {"code": "97110", "minutes": 30, "modifiers_in_note": ["59", "XE"]}
    visit = await clinic.document(patient_id, case_id, DAY, services=[both], benefit="habilitative")
    [claim] = await assemble(clinic, visit)
    assert rules(claim, "modifier") == [("modifier.conflicting", "blocks")]
    [found] = [f for f in claim["findings"] if f["rule"] == "modifier.conflicting"]
    change = {
        "finding_id": found["id"],
        "change": {"pointer": "/lines/0/modifiers", "becomes": "GP, 97, 97"},
        "evidence": {"visit_id": visit["id"], "words": "one knee, one encounter"},
    }
    assert (await sign_in(client, company)).status_code == 200
    await Clinic(client, company.practice_id).send(f"/claims/{claim['id']}/corrections/on-evidence", change)
    claim = await clinic.read(f"/claims/{claim['id']}")
    assert rules(claim, "modifier") == [("modifier.duplicate", "blocks")]
    await clinic.send(f"/claims/{claim['id']}/corrections", {}, status=200)
    buckets = {"habilitative": "96", "rehabilitative": "97"}
    await clinic.add_rule("benefit_modifiers", buckets, payer_id=clinic.ids["payer"])
    await clinic.send(f"/claims/{claim['id']}/check", None, status=200)
    claim = await clinic.read(f"/claims/{claim['id']}")
    assert lines(claim) == [("97110", ["GP", "97"], 2)]
    assert rules(claim, "modifier") == [("modifier.missing", "blocks")]


@pytest.mark.req("SC-06")
@pytest.mark.parametrize(
    ("at_home", "how", "payer", "place", "modifiers"),
    [
        (True, "audio_video", "commercial", "10", ["95"]),
        (False, "audio_video", "commercial", "02", ["95"]),
        (True, "audio_only", "commercial", "10", ["93"]),
        (True, "audio_video", "medicare", "10", []),
        (True, "audio_only", "medicare", "10", ["93"]),
        (False, "none", "commercial", "11", []),
    ],
)
async def test_a_remote_session_has_its_place_and_modifier(
    clinic: Clinic, at_home: bool, how: str, payer: str, place: str, modifiers: list[str]
) -> None:
    """Worked example 16: place and modifier come from the visit and the payer's row, and the checks agree."""
    counsellor = therapist(credential="LCSW", disciplines=["BH"])
    clinic.ids["provider"] = await clinic.made("/providers", counsellor)
    patient_id = await clinic.patient()
    case_id = await clinic.case(patient_id, diagnoses=["F41.1"])
    await clinic.coverage(case_id, payer_id=await clinic.add_payer(payer))
    note: dict[str, Any] = {"discipline": "BH", "services": spent({"90834": 45}), "telehealth": how}
    visit = await clinic.document(patient_id, case_id, DAY, patient_at_home=at_home, **note)
    [claim] = await assemble(clinic, visit)
    assert [(line["place_of_service"], line["modifiers"]) for line in claim["lines"]] == [(place, modifiers)]
    assert rules(claim, "telehealth", "place", "modifier") == []


@pytest.mark.req("SC-06")
async def test_what_needs_hands_is_not_remote(clinic: Clinic) -> None:
    """Manual therapy by video is told, exercise by video is not."""
    patient_id, case_id, _ = await clinic.admit()
    await plan(clinic, case_id)
    remote: dict[str, Any] = {"telehealth": "audio_video", "patient_at_home": True}
    visit = await clinic.document(
        patient_id, case_id, DAY, services=spent({"97140": 15, "97110": 15}), **remote
    )
    [claim] = await assemble(clinic, visit)
    assert rules(claim, "telehealth") == [("telehealth.code", "warns")]


@pytest.mark.req("TH-01")
@pytest.mark.parametrize(
    ("discipline", "has", "lacks", "modifier"),
    [
        ("PT", "97110", "92507", "GP"),
        ("OT", "97165", "97116", "GO"),
        ("SLP", "92507", "97110", "GN"),
        ("BH", "97153", "97110", None),
    ],
)
async def test_the_pack_of_a_discipline(
    clinic: Clinic, discipline: str, has: str, lacks: str, modifier: str | None
) -> None:
    """Allowed codes with their time rules, the rules in force by row, the modifiers with their evidence."""
    packs = await clinic.read("/disciplines")
    assert [pack["discipline"] for pack in packs] == ["PT", "OT", "SLP", "BH"]
    assert all(pack["vectors"] for pack in packs)
    told = await clinic.read(f"/disciplines/{discipline}/rules?on=2026-03-02")
    codes = {code["code"]: code for code in told["codes"]}
    assert has in codes
    assert lacks not in codes
    assert codes[has]["counts"]
    assert {rule["rule"] for rule in told["time_rules"]} >= {"unit_method"}
    assert all(rule["source"] for rule in told["time_rules"] + told["modifier_rules"])
    by_name = {one["modifier"]: one for one in told["modifiers"]}
    assert all(one["evidence"] for one in by_name.values())
    [named] = [rule for rule in told["modifier_rules"] if rule["rule"] == "discipline_modifiers"]
    assert named["value"].get(discipline) == modifier
    deleted = await clinic.read("/disciplines/SLP/rules?on=2027-01-01")
    assert "92507" not in {code["code"] for code in deleted["codes"]}
    await clinic.read("/disciplines/CHIRO/rules?on=2026-03-02", status=404)
