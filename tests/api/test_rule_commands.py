"""`visitledger rules` as it is called: proofs, vector files, packs loaded beside others or refused whole."""

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from api.commands.vector_file import read_vectors, run_vectors
from api.services import Services
from domain.practices.shelf import shipped_rules
from tests.api.conftest import Company
from tests.api.test_boot import address, environment
from tests.api.test_commands import _base64, call
from tests.conftest import Cluster

PUBLISHED = Path(__file__).parent.parent / "billing_rules" / "vectors" / "published.json"
GOOD = {
    "id": "a",
    "rule": "cms_8min_total_units",
    "input": {"total_timed_minutes": 23},
    "expected": {"units": 2},
}
HEADER = '"hcpcs_code","mue_units","mue_mai","mue_rationale","mue_service"\n'


def packs(folder: Path) -> dict[str, str]:
    """An environment whose packs are kept in a folder of the test."""
    return {"PATH": os.environ["PATH"], "RULE_PACKS": str(folder)}


async def run(folder: Path, *words: str) -> tuple[int | None, str, str]:
    """Run `visitledger rules` with packs of the test."""
    return await call("rules", *words, environ=packs(folder))


def written(folder: Path, name: str, told: Any) -> str:
    """A file with JSON, or with text as it is."""
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return str(path)


async def test_a_file_of_vectors_is_counted(tmp_path: Path) -> None:
    """Exactly one JSON object, and exit 1 for what fails, raises or has no rule; ids may repeat."""
    good = written(tmp_path, "good.json", {"vectors": [GOOD, GOOD | {"source": "CMS", "more": [1]}]})
    code, said, _ = await run(tmp_path, "vectors", good)
    assert (code, json.loads(said)) == (0, {"passed": 2, "failed": 0, "unsupported": 0, "failures": []})
    told = [
        GOOD,
        GOOD | {"id": "other", "expected": {"units": 3}},
        GOOD | {"id": "more", "expected": {"units": 2, "why": "two"}},
        GOOD | {"id": "true", "input": {"total_timed_minutes": 8}, "expected": {"units": True}},
        GOOD | {"id": "raises", "input": {"total_timed_minutes": -1}},
        GOOD | {"id": "empty", "input": {}},
        GOOD | {"id": "none", "rule": "rule_of_thumb"},
    ]
    code, said, _ = await run(tmp_path, "vectors", written(tmp_path, "bad.json", told))
    report = json.loads(said)
    assert (code, report["passed"], report["failed"], report["unsupported"]) == (1, 1, 5, 1)
    failures = {failure["id"]: failure for failure in report["failures"]}
    assert failures["other"] == {"id": "other", "expected": {"units": 3}, "got": {"units": 2}}
    assert isinstance(failures["raises"]["got"], str)
    assert set(failures) == {"other", "more", "true", "raises", "empty"}


@pytest.mark.parametrize(
    "told",
    [
        "",
        "{",
        "[" * 100_000,
        "7",
        '{"vectors": 7}',
        "[7]",
        '[{"rule": "x"}]',
        [GOOD | {"input": 3}],
        [GOOD | {"rule": 3}],
        [GOOD | {"id": "\ud800"}],
    ],
)
async def test_a_file_that_holds_no_vectors_is_refused(tmp_path: Path, told: Any) -> None:
    """With 2 and a sentence, and nothing on the answer's side."""
    code, said, complained = await run(tmp_path, "vectors", written(tmp_path, "odd.json", told))
    assert (code, said) == (2, ""), complained
    assert complained.startswith("Error: ")
    assert "Traceback" not in complained


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder."""
    for name in ("missing.json", "."):
        code, said, complained = await run(tmp_path, "vectors", str(tmp_path / name))
        assert (code, said) == (2, ""), complained


def test_every_published_vector_holds_by_the_running_book() -> None:
    """The file that the lawmakers' examples are kept in, through what the command runs."""
    report = run_vectors(read_vectors(PUBLISHED), shipped_rules())
    assert (report.failed, report.unsupported, report.failures) == (0, 0, [])
    assert report.passed > 0


@pytest.mark.req("CD-11")
async def test_a_pack_is_loaded_beside_the_others_and_said_on_every_run(tmp_path: Path) -> None:
    """Imported with version, first day and checksum; what it changes is shown, what runs now is kept."""
    folder = tmp_path / "packs"
    file = tmp_path / "mue.csv"
    file.write_text(HEADER + '"97110",6,3,"Data","Practitioner"\n"97140",5,3,"Data","Practitioner"\n')
    words: tuple[str, ...] = (
        "import",
        "ncci_mue",
        str(file),
        "--scope",
        "medicare_practitioner",
        "--version",
        "2027Q1",
    )
    words += ("--starts-on", "2027-01-01", "--source", "CMS", "--review-on", "2027-04-01")
    words += ("--sha256", hashlib.sha256(file.read_bytes()).hexdigest())
    before = (await run(folder, "check"))[1].splitlines()
    code, said, complained = await run(folder, *words, "--dry-run")
    assert (code, folder.exists()) == (0, False), complained
    assert said.endswith("Nothing was loaded.\n")
    for ended in ("Loaded ", "is loaded already."):
        code, said, complained = await run(folder, *words)
        assert code == 0, complained
        assert ended in said
    code, said, _ = await run(folder, "check")
    assert code == 0
    after = said.splitlines()
    assert after[0] != before[0]
    (new,) = set(after[1:]) - set(before[1:])
    assert new.startswith("ncci_mue medicare_practitioner version 2027Q1 from 2027-01-01 on")
    _, listed, _ = await run(folder, "list")
    lines = [line for line in listed.splitlines() if "ncci_mue" in line]
    assert ["in force" in line for line in lines] == [True, False]
    old, new = (line.split()[0] for line in lines)
    code, said, _ = await run(folder, "diff", old, new)
    assert code == 0
    counted = said.splitlines()[0]
    removed = int(counted.split(" removed, ")[0].split()[-1])
    assert removed > 20 == said.count("  removed ")
    code, said, _ = await run(folder, "diff", old, new, "--all")
    assert (code, said.splitlines()[0], said.count("  removed ")) == (0, counted, removed)
    code, said, _ = await run(folder, "check", "--json")
    told = {pack["version"]: pack for pack in json.loads(said)["packs"] if pack["table"] == "ncci_mue"}
    assert set(told) == {"2024Q3", "2027Q1"}
    assert told["2027Q1"]["checksum"].startswith(new)


@pytest.mark.parametrize(
    ("rows", "more", "reason"),
    [
        ('"97110",6,3,"x","Practitioner"\n"97110",7,3,"x","Practitioner"\n', (), "97110"),
        ('"97110",6,9,"x","Practitioner"\n', (), "line 2"),
        ('"97110",six,3,"x","Practitioner"\n', (), "line 2"),
        ('"97110",6,3,"x","Practitioner"\n', ("--sha256", "0" * 64), "checksum"),
        ('"97110",6,3,"x","Practitioner"\n', ("--row-count", "2"), "1 rows, not 2"),
        ('"97110",6,3,"x","Practitioner"\n', ("--ends-on", "2026-01-01"), ""),
        ("", (), "no rows"),
    ],
)
async def test_a_bad_pack_is_refused_whole(
    tmp_path: Path, rows: str, more: tuple[str, ...], reason: str
) -> None:
    """With line and reason, and the shelf stays as it was."""
    folder, file = tmp_path / "packs", tmp_path / "mue.csv"
    file.write_text(HEADER + rows)
    words: tuple[str, ...] = (
        "import",
        "ncci_mue",
        str(file),
        "--scope",
        "medicare_practitioner",
        "--version",
        "2027Q1",
    )
    code, said, complained = await run(folder, *words, "--starts-on", "2027-01-01", "--source", "CMS", *more)
    assert code == 1, said
    assert complained.startswith("Error: Refused whole: ")
    assert reason in complained
    assert not folder.exists()


async def test_an_archive_is_loaded_as_its_publisher_packs_it(tmp_path: Path) -> None:
    """One text beside a spreadsheet, or one of several by its name; a refusal names the text and the line."""
    folder, file = tmp_path / "packs", tmp_path / "mue.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("MCR_MUE.csv", HEADER + '"97110",6,3,"x","Practitioner"\n')
        archive.writestr("MCR_MUE.xlsx", b"PK")
    said = ("--scope", "medicare_practitioner", "--version", "2027Q1")
    said += ("--starts-on", "2027-01-01", "--source", "CMS")
    code, told, complained = await run(folder, "import", "ncci_mue", str(file), *said)
    assert (code, "Loaded " in told) == (0, True), complained
    assert sorted(path.suffix for path in folder.glob("[!.]*")) == [".json", ".json", ".rows"]
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("OTHER.csv", HEADER + '"97110",six,3,"x","Practitioner"\n')
    for path, reason in ((file, "several texts"), (file / "OTHER.csv", "mue.zip/OTHER.csv, line 2")):
        code, _, complained = await run(folder, "import", "ncci_mue", str(path), *said)
        assert code == 1
        assert reason in complained


async def test_a_vector_that_fails_refuses_its_pack(tmp_path: Path) -> None:
    """And so does a file of vectors that is none."""
    folder, file = tmp_path / "packs", tmp_path / "mue.csv"
    file.write_text(HEADER + '"97110",6,3,"x","Practitioner"\n')
    words: tuple[str, ...] = (
        "import",
        "ncci_mue",
        str(file),
        "--scope",
        "medicare_practitioner",
        "--version",
        "2027Q1",
    )
    words += ("--starts-on", "2027-01-01", "--source", "CMS")
    wrong = {"id": "six", "key": "97110", "on": "2027-01-01", "expected": [{"units": 7}]}
    for proof, reason in (([wrong], "six"), ({"no": "list"}, "vectors")):
        named = written(tmp_path, "proof.json", proof)
        code, _, complained = await run(folder, *words, "--vectors", named)
        assert code == 1
        assert reason in complained
        assert not folder.exists()


@pytest.mark.parametrize("factor", ["x", "NaN", "0", "-33.40"])
async def test_a_conversion_factor_is_dollars(tmp_path: Path, factor: str) -> None:
    """Anything else is refused before a file is opened."""
    words = ("import", "fee_schedule", "none.csv", "--version", "2027", "--starts-on", "2027-01-01")
    code, said, complained = await run(tmp_path, *words, "--source", "CMS", f"--conversion-factor={factor}")
    assert (code, said) == (2, "")
    assert "Invalid value for '--conversion-factor'" in complained


async def test_a_companys_rules_are_published_by_command(
    app_services: Services, company: Company, cluster: Cluster, shared_database: str
) -> None:
    """It says so, twice the same, and knows no stranger."""
    pepper = _base64(app_services.settings.pepper)
    environ = environment(address(cluster, shared_database), VISITLEDGER_PEPPER=pepper)
    for _ in range(2):
        code, said, complained = await call(
            "rules", "publish", "--organization", company.slug, environ=environ
        )
        assert (code, said) == (0, "Every practice has the rules.\n"), complained
    assert (await call("rules", "publish", "--organization", "nobody-here", environ=environ))[0] == 1
