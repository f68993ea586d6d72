"""What is more than memory should hold: sorted on the disk to the same pack, and nothing left of it."""

import multiprocessing
import os
import random
import signal
import time
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_rules.packs import PackRefused, runs
from billing_rules.packs.building import Sourced, build_pack
from billing_rules.packs.differences import changes, differences
from billing_rules.packs.importers.importing import import_file
from billing_rules.packs.pack import Pack
from billing_rules.packs.rows import PairEdit
from billing_rules.packs.runs import Runs, entry_of
from billing_rules.packs.store import INDEX, PackStore
from tests.billing_rules.packs.made import ABOUT, QUARTER, SCOPE, edit, heading

FEW = 2_000
"""Bytes of a run small enough that a test writes many."""

ROWS = [edit(f"{at:04d}A", f"{at % 7:04d}B", starts_on=date(2020, 1, 1)) for at in range(500)]


def of_pairs(rows: list[PairEdit], folder: Path, run_bytes: int = FEW) -> Pack:
    """A pack of pairs whose rows came from two files, sorted in runs of so many bytes."""
    read = [Sourced(row, at % 2, at // 2 + 2) for at, row in enumerate(rows)]
    told = heading("ncci_ptp", scope=SCOPE)
    return build_pack(told, read, ("f1.txt", "f2.txt"), folder=folder, run_bytes=run_bytes)


@pytest.mark.parametrize("order", range(3))
def test_sorted_on_the_disk_or_in_memory_it_is_the_same_pack(tmp_path: Path, order: int) -> None:
    shuffled = random.Random(order).sample(ROWS, len(ROWS))
    small, large = of_pairs(shuffled, tmp_path, 10**9), of_pairs(shuffled, tmp_path)
    assert large.manifest == small.manifest == of_pairs(ROWS, tmp_path).manifest
    assert list(large) == list(small)
    assert large.find("0007A|0000B", QUARTER) == (ROWS[7],)
    assert list(tmp_path.iterdir()) == []
    told = PackStore(tmp_path).add(large)
    assert PackStore(tmp_path).packs()[0].checksum() == told.sha256 == small.manifest.sha256


ENTRIES = st.lists(st.tuples(st.text("AB1\t é", max_size=6), st.integers(0, 3), st.integers(1, 10**9)))


@settings(deadline=None)
@given(ENTRIES, st.integers(1, 200))
def test_runs_give_back_what_they_took_in_order(entries: list[tuple[str, int, int]], size: int) -> None:
    taken = Runs(None, size)
    for line, file, number in entries:
        taken.add(line.encode() + b"\n", file, number)
    found = [tuple(entry_of(entry)) for entry in taken.sorted()]
    assert sorted(found) == sorted((line.encode(), file, number) for line, file, number in entries)
    for one, other in pairwise(found):
        assert (one[0] + b"\0", *one[1:]) <= (other[0] + b"\0", *other[1:])
    assert taken.spilled is (sum(len(line.encode()) + 17 for line, _, _ in entries) >= size)
    taken.close()


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        (ROWS[3], "the row stands twice, first on line 252 of f1.txt"),
        (
            edit("0003A", "0003B", "0"),
            r"0003A\|0003B is in force twice on the same days, first on line 252 of f1.txt",
        ),
    ],
)
def test_neighbours_in_different_runs_are_compared(tmp_path: Path, added: PairEdit, reason: str) -> None:
    with pytest.raises(PackRefused, match=reason) as refused:
        of_pairs([*ROWS, added], tmp_path)
    assert (refused.value.file, refused.value.line) == ("f2.txt", 3)
    assert list(tmp_path.iterdir()) == []


SPANS = st.lists(st.tuples(st.integers(-30, 60), st.integers(0, 20)), min_size=1, max_size=7, unique=True)


@settings(deadline=None)
@given(SPANS)
def test_rows_of_a_key_are_refused_exactly_when_two_share_a_day_of_the_pack(
    spans: list[tuple[int, int]],
) -> None:
    day = timedelta(days=1)
    rows = [
        edit("92507", "97110", starts_on=QUARTER + at * day, ends_on=QUARTER + (at + length) * day)
        for at, length in spans
    ]
    covered = [{on for on in range(at, at + length + 1) if on >= 0} for at, length in spans]
    shared = any(one & other for at, one in enumerate(covered) for other in covered[:at])
    read = [Sourced(row, 0, at) for at, row in enumerate(rows, 2)]
    with pytest.raises(PackRefused, match="in force twice") if shared else nullcontext():
        build_pack(heading("ncci_ptp", scope=SCOPE), read)


def test_far_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_RUNS", 3)
    with pytest.raises(PackRefused, match="more rows than any code table"):
        of_pairs(ROWS, tmp_path)
    day = timedelta(days=1)
    history = [edit("92507", "97110", starts_on=date(1900, 1, 1) + at * day) for at in range(20_001)]
    with pytest.raises(PackRefused, match="more rows than any code") as refused:
        of_pairs(history, tmp_path, 10**9)
    assert refused.value.line is not None
    with pytest.raises(PackRefused, match="no room"):
        import_file("ncci_ptp", [big_file(tmp_path)], scope=SCOPE, folder=tmp_path / "none", **ABOUT)


def test_differences_stream_and_show_what_they_are_asked(tmp_path: Path) -> None:
    old = of_pairs(ROWS, tmp_path)
    new = of_pairs([edit("0000A", "0000B", "0"), *ROWS[1:-1], edit("9999A", "0000B")], tmp_path)
    found = differences(old, new, most=0)
    assert (found.added, found.removed, found.changed, found.examples) == (1, 1, 1, ())
    assert [one.change for one in changes(old, new)] == ["changed", "removed", "added"]


def big_file(folder: Path) -> Path:
    """A file of pairs that is more than one run."""
    path = folder / "big.csv"
    with path.open("w") as file:
        file.write("col1,col2,deletion_date,modifier,rationale\n")
        file.writelines(f"{at // 1000:04d}A,{at % 1000:04d}B,,1,{'Why ' * 25}\n" for at in range(150_000))
    return path


def import_for_ever(folder: Path) -> None:
    """An importer that is killed in the middle."""
    store = PackStore(folder)
    for at in range(1000):
        told = ABOUT | {"version": str(at), "starts_on": date(2100 + at, 1, 1)}
        store.add(
            import_file("ncci_ptp", [folder.parent / "big.csv"], scope=SCOPE, folder=store.workroom(), **told)
        )


def test_a_killed_importer_leaves_nothing_that_the_next_one_keeps(tmp_path: Path) -> None:
    big_file(tmp_path)
    folder = tmp_path / "packs"
    process = multiprocessing.get_context("spawn").Process(target=import_for_ever, args=(folder,))
    process.start()
    while not (folder / INDEX).exists():
        time.sleep(0.01)
    time.sleep(0.5)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    store = PackStore(folder)
    (folder / ".0abc.rows.123").write_bytes(b"left by a process that died while writing")
    (folder / ".index.json.123").write_bytes(b"left too")
    assert store.workroom() == folder
    named = {f"{pack.manifest.sha256}{suffix}" for pack in store.packs() for suffix in (".rows", ".json")}
    left = {path.name for path in folder.iterdir()} - named - {INDEX, ".lock"}
    # Rows that were put in place just before their index was are whole, and wait to be named.
    assert {path.split(".")[1] for path in left} <= {"rows", "json"}
    assert not any(path.startswith(".") for path in left)
    assert all(pack.checksum() == pack.manifest.sha256 for pack in store.packs())
