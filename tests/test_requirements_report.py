"""The count of proven rows can be trusted: nothing is proven by a failed, skipped or partial run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements_report import PROJECT, REPORT, Outcome, Report, acceptance_list, tell


def report_of(**tests: Outcome) -> Report:
    return {"commit": "abc", "dirty": False, "state": "", "tests": dict(tests)}


def test_every_row_of_both_documents_is_listed() -> None:
    rows = acceptance_list()
    groups = {row.partition("-")[0] for row in rows}
    assert len(rows) == 635
    assert {"CORE", "BC", "BEYOND", "ISO", "AUTH", "TST"} <= groups
    assert rows["BEYOND-01"].startswith("Remaining-visit ledger")


def test_a_row_is_proven_only_if_all_its_tests_passed() -> None:
    lines = list(
        tell(
            report_of(
                proves={"outcome": "passed", "req": ["CORE-01", "CORE-02"]},
                fails={"outcome": "failed", "req": ["CORE-02"]},
                skips={"outcome": "skipped", "req": ["CORE-03"]},
            )
        )
    )
    assert any(line.startswith("  proven    CORE-01") for line in lines)
    assert any(line.startswith("  unproven  CORE-02") for line in lines)
    assert any(line.startswith("  unproven  CORE-03") for line in lines)
    assert "            failed: fails" in lines
    assert lines[-1] == "proven 1 of 635"


@pytest.mark.parametrize(("row", "code", "said"), [("NO-99", 4, "NO-99"), ("CORE-01", 0, "1 passed")])
def test_a_mark_must_name_a_row_and_a_partial_run_writes_nothing(
    tmp_path: Path, row: str, code: int, said: str
) -> None:
    test = tmp_path / "test_one.py"
    test.write_text(f"import pytest\n\n@pytest.mark.req({row!r})\ndef test_it():\n    pass\n")
    before = REPORT.stat().st_mtime_ns if REPORT.exists() else None
    settings = ["-p", "tests.requirements_report", "-p", "no:cacheprovider", "--noconftest"]
    command = [sys.executable, "-m", "pytest", "-q", *settings, f"--rootdir={tmp_path}", "-c", "/dev/null"]
    answer = subprocess.run(
        [*command, "-W", "ignore", str(test)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert said in answer.stdout + answer.stderr
    assert (REPORT.stat().st_mtime_ns if REPORT.exists() else None) == before
