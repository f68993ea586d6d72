"""Codes by date of service: headings with what is billable under them, new and ended codes, descriptions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.commands.rules import rules
from domain.practices import shelf
from tests.api.v1.clinic import Clinic
from tests.api.v1.test_assembly import assemble, plan
from tests.api.v1.test_scrub import found

DAY = "2026-02-16"
FIRST, LAST = "2026-02-10", "2026-02-09"
SUPPLIES = f"""HCPC,LONG DESCRIPTION,COV,ADD DT,TERM DT
Y0001,Made up for a test,I,{FIRST},
S9123,Nursing care in the home,I,1997-01-01,{LAST}
"""
DIAGNOSES = """code,billable,description,parent
M54,0,Dorsalgia,
M54.5,0,Low back pain,M54
M54.50,0,Made a heading for a test,M54.5
M54.501,1,Made up for a test,M54.50
M54.502,1,Made up for a test too,M54.50
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of loaded packs that the whole process uses until the test ends."""
    before = shelf._HELD[0].folder
    shelf.use_packs(tmp_path / "packs")
    yield tmp_path / "packs"
    shelf.use_packs(before)


def loaded(folder: Path, kind: str, text: str, *said: str) -> Result:
    """What the command answers to a file."""
    path = folder.parent / f"{kind}.csv"
    path.write_text(text)
    about = ["--version", "2026-02", "--starts-on", FIRST, "--source", "a test"]
    return CliRunner().invoke(rules, ["--packs", str(folder), "import", kind, str(path), *about, *said])


async def code(clinic: Clinic, system: str, code: str, on: str = DAY) -> Any:
    """What is known of a code on a day."""
    return await clinic.read(f"/codes/{system}/{code}?on={on}")


@pytest.mark.req("CD-01")
async def test_a_heading_is_refused_at_entry_with_the_billable_codes_under_it(clinic: Clinic) -> None:
    """Before anything is recorded: the answer names what may stand there, and its sentence no diagnosis."""
    patient_id = await clinic.patient()
    case = {"patient_id": patient_id, "kind": "health_plan", "title": "Back", "opened_on": "2026-01-05"}
    refused = await clinic.send("/cases", case | {"diagnoses": ["M25.562", "M54.5"]}, status=422)
    assert refused["code"] == "diagnosis_is_heading"
    (fault,) = refused["errors"]
    assert (fault["pointer"], fault["choices"]) == ("/diagnoses/1", ["M54.50", "M54.51", "M54.59"])
    assert "M54" not in refused["detail"]
    wide = await clinic.send("/cases", case | {"diagnoses": ["S72"]}, status=422)
    assert len(wide["errors"][0]["choices"]) == 12
    unknown = await clinic.send("/cases", case | {"diagnoses": ["U99.9"]}, status=422)
    assert (unknown["code"], unknown["errors"][0]["choices"]) == ("invalid", [])
    assert await clinic.read(f"/patients/{patient_id}/cases") == []
    answer = await code(clinic, "diagnosis", "M54.5")
    assert answer["standing"] == "heading"
    assert [child["code"] for child in answer["children"]] == ["M54.50", "M54.51", "M54.59"]
    wide = await code(clinic, "diagnosis", "S72")
    assert len(wide["children"]) == 12 < wide["children_in_all"]
    assert (await code(clinic, "diagnosis", "M54.50"))["standing"] == "valid"


@pytest.mark.req("CD-01")
async def test_a_code_that_a_new_list_made_a_heading_stops_claim_and_session(
    clinic: Clinic, folder: Path
) -> None:
    """What exists stays as it was entered; from the list's day on claims and sessions name the children."""
    await clinic.add_rule("authorization_required", {"answer": "not_required", "exempt_codes": []})
    patient_id = await clinic.patient()
    case_id = await clinic.case(patient_id, diagnoses=["M54.50"])
    await clinic.coverage(case_id)
    await plan(clinic, case_id)
    [claim] = await assemble(clinic, await clinic.document(patient_id, case_id, DAY))
    assert "diagnosis.not_specific" not in await found(clinic, claim)
    done = loaded(folder, "icd10cm", DIAGNOSES)
    assert done.exit_code == 0, done.output
    finding = (await found(clinic, claim))["diagnosis.not_specific"]
    assert (finding["severity"], finding["subject"]) == ("blocks", "/diagnoses/0")
    assert finding["evidence"] == {"children": "M54.501, M54.502", "children_in_all": "2"}
    assert finding["source"] == "CDC/NCHS ICD-10-CM 2026-02"
    held = await clinic.document(patient_id, case_id, "2026-02-18")
    assert (held["status"], held["charges"]) == ("held", [])
    (stale,) = [one for one in held["findings"] if one["subject"] == "/case_id"]
    assert stale["rule"] == "documentation.stale_diagnosis"
    assert stale["evidence"] == {"code": "M5450", "children": "M54.501, M54.502", "children_in_all": "2"}
    assert (await clinic.read(f"/cases/{case_id}"))["diagnoses"] == ["M5450"]
    body = {"patient_id": patient_id, "kind": "health_plan", "title": "Back", "diagnoses": ["M54.50"]}
    refused = await clinic.send("/cases", body | {"opened_on": FIRST}, status=422)
    assert refused["errors"][0]["choices"] == ["M54.501", "M54.502"]
    await clinic.send("/cases", body | {"opened_on": LAST})
    await amended(clinic, case_id, claim, held)


async def amended(clinic: Clinic, case_id: str, claim: Any, held: Any) -> None:
    """The clinician names the exact code: the case takes it; what the note says is the note's."""
    path = f"/cases/{case_id}/diagnoses"
    still = {"diagnoses": ["M54.50"], "valid_on": FIRST}
    assert (await clinic.send(path, still, method="PUT", status=422))["code"] == "diagnosis_is_heading"
    exact = {"diagnoses": ["M54.501"], "valid_on": FIRST}
    assert (await clinic.send(path, exact, method="PUT", status=200))["diagnoses"] == ["M54501"]
    assert "diagnosis.not_specific" not in await found(clinic, claim)
    rechecked = await clinic.send(f"/visits/{held['id']}/recheck", {}, status=200)
    left = [f["subject"] for f in rechecked["findings"] if f["rule"] == "documentation.stale_diagnosis"]
    assert left == [f["subject"] for f in held["findings"] if "/documentation" in f["subject"]]


@pytest.mark.req("CD-08")
async def test_a_newer_list_changes_nothing_before_its_date(clinic: Clinic, folder: Path) -> None:
    """A code that the list brings and one that it ends, before and after, in answers and in sessions."""
    patient_id, case_id, _ = await clinic.admit()
    asked = [("procedure", name, on) for name in ("Y0001", "S9123", "97110") for on in ("2025-06-02", LAST)]
    before = [await code(clinic, *one) for one in asked]
    new, ended = [{"code": "Y0001"}], [{"code": "S9123"}]
    await clinic.document(patient_id, case_id, DAY, services=new, status=422)
    done = loaded(folder, "hcpcs", SUPPLIES)
    assert done.exit_code == 0, done.output
    after = [await code(clinic, *one) for one in asked]
    assert after == before
    assert (await code(clinic, "procedure", "Y0001"))["standing"] == "valid"
    assert (await code(clinic, "procedure", "S9123"))["standing"] == "not_on_date"
    for day, services, reason in (
        (LAST, ended, None),
        (DAY, new, None),
        (LAST, new, f"Y0001 is not valid on {LAST}"),
        (DAY, ended, f"S9123 is not valid on {DAY}"),
    ):
        visit = await clinic.document(patient_id, case_id, day, services=services)
        rows = [one for one in visit["findings"] if one["rule"] == "documentation.stale_procedure"]
        assert [one["message"] for one in rows] == ([reason] if reason else [])
        await clinic.send(f"/visits/{visit['id']}/void", {"reason": "next example"}, status=200)


@pytest.mark.req("CD-02")
async def test_codes_show_a_lawful_text_with_its_source(clinic: Clinic, folder: Path) -> None:
    """Our own label for CPT, CMS's and CDC's public texts for theirs, a licensed text where one is loaded."""
    exercise = await code(clinic, "procedure", "97110")
    assert (exercise["text"], exercise["text_source"]) == ("exercise", "Visitledger's own label")
    nursing = await code(clinic, "procedure", "S9123")
    assert nursing["text_source"].startswith("CMS HCPCS Level II")
    pain = await code(clinic, "diagnosis", "M54.50")
    assert (pain["text"], pain["text_source"][:8]) == ("Low back pain, unspecified", "CDC/NCHS")
    reason = await code(clinic, "CARC", "97")
    assert reason["text_source"] == "Visitledger's own label"
    assert (await code(clinic, "place", "11"))["text"] == "Office"
    text = "system,code,text\nCPT,97110,What the licensed set says\n"
    done = loaded(folder, "descriptions", text, "--terms", "AMA licence 123")
    assert done.exit_code == 0, done.output
    licensed = await code(clinic, "procedure", "97110")
    assert (licensed["text"], licensed["text_source"]) == (
        "What the licensed set says",
        "a test; AMA licence 123",
    )
    assert await code(clinic, "procedure", "97110", LAST) == exercise | {"on": LAST}


async def test_codes_have_their_days_in_every_system(clinic: Clinic) -> None:
    for system, name, on, standing in (
        ("place", "10", "2021-12-31", "not_on_date"),
        ("place", "10", "2022-01-01", "valid"),
        ("place", "28", DAY, "unknown"),
        ("CARC", "15", "2018-05-02", "not_on_date"),
        ("CARC", "45", DAY, "valid"),
        ("RARC", "N19", DAY, "valid"),
        ("GROUP", "CO", DAY, "valid"),
        ("CARC", "9999", DAY, "unknown"),
        ("procedure", "92507", "2026-12-31", "valid"),
        ("procedure", "92507", "2027-01-01", "not_on_date"),
        ("procedure", "QQQQQ", DAY, "unknown"),
        ("diagnosis", "M54.50", "2026-10-01", "cannot_tell"),
        ("diagnosis", "U99.9", DAY, "unknown"),
    ):
        assert (await code(clinic, system, name, on))["standing"] == standing, (system, name, on)


async def test_a_system_that_is_none_is_refused(clinic: Clinic) -> None:
    await clinic.read("/codes/horoscope/ARIES", status=400)
