"""What importing many code pairs takes in time and memory, and what a pair costs that nobody asked before."""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.many_rows import IN_FORCE, pack_of, pair
from billing_rules.packs.compiled import open_compiled, write_compiled
from billing_rules.packs.pack import Pack

FEW = 10_000
ASKED = 2_000
RUNS = 9

HEADER = "column1,column2,effective,deletion,modifier,rationale\n"
RATIONALE = "Misuse of Column Two code with Column One code"

FRESH = """
import json, resource, sys, time
from datetime import date
from pathlib import Path
from billing_rules.packs.importers import import_file
from billing_rules.packs.store import PackStore
store = PackStore(Path(sys.argv[1]) / "packs")
day = date(2027, 1, 1)
said = {"version": "2027Q1", "starts_on": day, "source": "made up", "checked_on": day}
files = [Path(sys.argv[1]) / "pairs.csv"]
begins = time.process_time()
pack = import_file("ncci_ptp", files, scope="medicare_practitioner", folder=store.workroom(), **said)
store.add(pack)
seconds = time.process_time() - begins
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "mib": peak_kib / 1024, "rows": pack.manifest.row_count}))
"""


def importing(rows: int) -> tuple[float, float]:
    """CPU seconds for a million rows and MiB at most, in a fresh process that imports and keeps so many."""
    with tempfile.TemporaryDirectory() as folder:
        _write_pairs(Path(folder) / "pairs.csv", rows)
        told = subprocess.run(
            [sys.executable, "-c", FRESH, folder], capture_output=True, text=True, check=True
        )
    answer: dict[str, float] = json.loads(told.stdout)
    assert answer["rows"] == rows
    return answer["seconds"] * 1_000_000 / rows, answer["mib"]


def lookup_ratio(rows: int) -> float:
    """Time to find pairs not asked before among so many rows, over the time among ten thousand."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_mapped(count, Path(folder)) for count in (FEW, rows))
        pairs = [(_microseconds(many, rows, run), _microseconds(few, FEW, run)) for run in range(RUNS)]
    return statistics.median(one for one, _ in pairs) / statistics.median(other for _, other in pairs)


def _write_pairs(path: Path, rows: int) -> None:
    """Every fifth pair has two rows: one that ended and one that began after it."""
    with path.open("w", encoding="ascii") as file:
        file.write(HEADER)
        for at in range(rows):
            ended = at % 5 == 4
            codes = ",".join(pair(at - ended))
            days = "20050101,20121231,0" if ended else "20130101,*,1"
            file.write(f"{codes},{days},{RATIONALE}\n")


def _mapped(rows: int, folder: Path) -> Pack:
    pack, path = pack_of(rows), folder / f"{rows}.rows"
    write_compiled(pack.lines, path)
    return Pack(pack.manifest, lambda: open_compiled(path))


def _microseconds(pack: Pack, rows: int, run: int) -> float:
    """The median of single questions, each asked for the first time."""
    asked = random.Random(run).sample(range(rows), min(ASKED, rows // RUNS))
    spent = []
    fresh = Pack(pack.manifest, lambda: pack.lines)
    for at in asked:
        key = "|".join(pair(at))
        begins = time.perf_counter_ns()
        found = fresh.find(key, IN_FORCE)
        spent.append(time.perf_counter_ns() - begins)
        assert len(found) == 1
    return statistics.median(spent) / 1000
