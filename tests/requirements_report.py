"""Which rows of the acceptance list the tests prove: a pytest plugin that records, a command that tells.

As a plugin it refuses a `req` mark that names no row, and after a run of the whole suite it writes
`.data/requirements-report.json`. As `python -m tests.requirements_report` it reads that report if it was made
from exactly this state of the tree, else runs the suite first.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TypedDict

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LISTS = (PROJECT / "docs" / "requirements.md", PROJECT / "docs" / "security.md")
REPORT = PROJECT / ".data" / "requirements-report.json"
ROW = re.compile(r"^\| ([A-Z]+-\d+) \| ([^|]+) \|")


class Outcome(TypedDict):
    """One test: how it ended and which rows it carries."""

    outcome: str
    req: list[str]


class Report(TypedDict):
    """One run of the whole suite; `state` names the tree's exact content, `commit` what it was built on."""

    commit: str
    dirty: bool
    state: str
    tests: dict[str, Outcome]


def acceptance_list() -> dict[str, str]:
    """Every row's id and title, in the order of the two documents."""
    lines = [line for document in LISTS for line in document.read_text().splitlines()]
    return {found[1]: found[2].strip().replace("**", "") for line in lines if (found := ROW.match(line))}


def tree_state() -> tuple[str, bool, str]:
    """The commit, whether the tree differs from it, and a fingerprint of the tree's whole content."""
    commit, changed = _git("rev-parse", "HEAD").strip() or "none", _git("diff", "HEAD", "--binary")
    added = sorted(filter(None, _git("ls-files", "--others", "--exclude-standard", "-z").split("\0")))
    digest = sha256(f"{commit}\0{changed}".encode())
    for name in added:
        digest.update(name.encode())
        digest.update((PROJECT / name).read_bytes() if (PROJECT / name).is_file() else b"")
    return commit, bool(changed or added), digest.hexdigest()


def _git(*arguments: str) -> str:
    try:
        command = ["git", "-C", str(PROJECT), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace")
    except (OSError, subprocess.CalledProcessError):
        return ""  # an unpacked archive has no history: its report is only good for the run that made it


class Recorder:
    """Collects outcomes during one run and writes the report if the run was the whole suite."""

    def __init__(self) -> None:
        self.whole = True
        self.commit, self.dirty, self.state = tree_state()
        self.tests: dict[str, Outcome] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note each test's rows before it runs; a mark that names no row ends the run."""
        known = acceptance_list()
        for item in items:
            rows = [str(row) for mark in item.iter_markers("req") for row in mark.args]
            unknown = [row for row in rows if row not in known]
            if unknown:
                raise pytest.UsageError(f"{item.nodeid} names rows that docs/ does not hold: {unknown}")
            self.tests[item.nodeid] = {"outcome": "not run", "req": sorted(set(rows))}

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """A selection is no whole run."""
        self.whole = self.whole and not items

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passed when its call did and neither its set-up nor its tear-down failed."""
        test = self.tests.get(report.nodeid)
        if test is None:
            return
        if report.failed or report.skipped:
            test["outcome"] = report.outcome
        elif report.when == "call" and test["outcome"] == "not run":
            test["outcome"] = "passed"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report, unless the run was a part, was stopped, or only collected."""
        ran = all(test["outcome"] != "not run" for test in self.tests.values())
        if not (self.whole and ran and self.tests and covers_everything(session.config)):
            return
        report: Report = {
            "commit": self.commit,
            "dirty": self.dirty,
            "state": self.state,
            "tests": self.tests,
        }
        REPORT.parent.mkdir(exist_ok=True)
        unfinished = REPORT.with_suffix(".new")
        unfinished.write_text(json.dumps(report, indent=1))
        unfinished.rename(REPORT)


def covers_everything(config: pytest.Config) -> bool:
    """Whether the command line named no file, folder or expression, and ignored none."""
    narrowed = any(config.getoption(name, None) for name in ("ignore", "ignore_glob", "deselect", "keyword"))
    everything = (PROJECT, PROJECT / "tests")
    folders = [Path(config.invocation_params.dir, argument).resolve() for argument in config.args]
    return not narrowed and any(folder in everything for folder in folders)


def pytest_configure(config: pytest.Config) -> None:
    """Record every run of this project's suite."""
    config.pluginmanager.register(Recorder(), "requirements-recorder")


def read_report() -> Report | None:
    """The report of exactly this state of the tree; None if there is none."""
    try:
        report: Report = json.loads(REPORT.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    commit, _, state = tree_state()
    return report if report["state"] == state and commit != "none" else None


def proofs(report: Report) -> dict[str, list[tuple[str, str]]]:
    """The tests that carry each row, as (test, outcome)."""
    carried: dict[str, list[tuple[str, str]]] = {}
    for test, result in report["tests"].items():
        for row in result["req"]:
            carried.setdefault(row, []).append((test, result["outcome"]))
    return carried


def tell(report: Report) -> Iterable[str]:
    """The lines of the answer: by group, then the count; a row is proven if all its tests passed."""
    rows, carried = acceptance_list(), proofs(report)
    proven = {row for row, tests in carried.items() if all(outcome == "passed" for _, outcome in tests)}
    for group, found in groupby(rows, key=lambda row: row.partition("-")[0]):
        members = list(found)
        yield f"\n{group}: {len(proven.intersection(members))} of {len(members)}"
        for row in members:
            yield f"  {'proven  ' if row in proven else 'unproven'}  {row:<10} {rows[row][:90]}"
            yield from (f"            {how}: {test}" for test, how in carried.get(row, ()) if how != "passed")
    yield f"\ncommit {report['commit']}{' with changes' if report['dirty'] else ''}"
    yield f"proven {len(proven)} of {len(rows)}"


def main() -> str | None:
    """Tell which rows are proven; the reason if the suite could not be run to its end."""
    report = read_report()
    if report is None:
        REPORT.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.requirements_report"]
        subprocess.run(command, cwd=PROJECT, check=False)
        if not REPORT.exists():
            return "The suite did not run to its end, so nothing is known."
        report = json.loads(REPORT.read_text())
    sys.stdout.writelines(f"{line}\n" for line in tell(report))
    return None


if __name__ == "__main__":
    sys.exit(main())
