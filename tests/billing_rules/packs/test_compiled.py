"""The compiled form answers as a dictionary of the same lines would, and is never read half."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_rules.packs import PackRefused
from billing_rules.packs.compiled import open_compiled, write_compiled
from billing_rules.packs.manifest import Manifest
from billing_rules.packs.pack import row_covers
from billing_rules.packs.sorted_lines import SortedLines, in_memory
from billing_rules.packs.written import read_pack, write_pack
from tests.billing_rules.packs.made import QUARTER, edit, pairs, supplies, supply

KEYS = st.text("ABC01|:", min_size=1, max_size=5)
LINES = st.lists(st.tuples(KEYS, st.text("xyz", max_size=3)), min_size=1, max_size=400)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def text_of(entries: list[tuple[str, str]]) -> bytes:
    """Sorted lines of key and value."""
    return b"".join(sorted(f"{key}\t{value}\n".encode() for key, value in entries))


def both_forms(text: bytes, folder: Path) -> tuple[SortedLines, SortedLines]:
    """The lines in memory, and compiled and mapped."""
    held = in_memory(text)
    write_compiled(held, folder / "lines.rows")
    return held, open_compiled(folder / "lines.rows")


# Each example flushes a file to the disk, which takes as long as the disk likes.
@settings(deadline=None)
@given(LINES, KEYS)
def test_it_answers_as_a_dictionary(entries: list[tuple[str, str]], other: str) -> None:
    expected: dict[str, list[bytes]] = defaultdict(list)
    lines = text_of(entries).splitlines()
    for line in lines:
        expected[line.split(b"\t")[0].decode()].append(line)
    with TemporaryDirectory() as folder:
        for form in both_forms(text_of(entries), Path(folder)):
            for key in (*expected, other, other + "0"):
                assert form.find(key) == expected.get(key, [])
            for prefix in (other, other[:1], ""):
                assert list(form.starting(prefix)) == [
                    line for line in lines if line.startswith(prefix.encode())
                ]
            assert list(form) == lines
            assert b"".join(form.text()) == text_of(entries)


@settings(deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(0, 400)), min_size=1, max_size=6), DAYS)
def test_a_row_is_found_on_exactly_the_days_it_covers(spans: list[tuple[date, int]], on: date) -> None:
    rows = [
        supply(f"G{at:04d}", starts_on, starts_on + timedelta(days=length))
        for at, (starts_on, length) in enumerate(spans)
    ]
    pack = supplies(*rows, starts_on=date(2024, 1, 1))
    for row in rows:
        within = row.starts_on is not None and row.ends_on is not None and row.starts_on <= on <= row.ends_on
        assert bool(pack.find(row.code, on)) is within is row_covers(row, on)


def test_a_file_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lines.rows"
    write_compiled(in_memory(text_of([(f"K{at:04d}", "v") for at in range(500)])), path)
    whole = path.read_bytes()
    for cut in (0, 10, 32, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(PackRefused):
            open_compiled(path)
    path.write_bytes(whole[:-8] + b"OTHERMRK")
    with pytest.raises(PackRefused):
        open_compiled(path)
    with pytest.raises(PackRefused):
        open_compiled(tmp_path / "missing.rows")


def test_a_pack_handed_on_is_the_same_pack(tmp_path: Path) -> None:
    pack = pairs(*(edit(f"{at:04d}A", "97110") for at in range(3000)))
    written = write_pack(pack, tmp_path)
    again = read_pack(tmp_path, written.stem)
    assert again.manifest == pack.manifest
    assert list(again) == list(pack)
    assert write_pack(again, tmp_path).read_bytes() == written.read_bytes()


@pytest.mark.parametrize("fault", ["row", "count", "sum", "header", "manifest", "gzip"])
def test_a_pack_that_was_tampered_with_is_refused(tmp_path: Path, fault: str) -> None:
    size = 9000 if fault == "gzip" else 3
    written = write_pack(supplies(*(supply(f"G{at:04d}") for at in range(size))), tmp_path)
    rows = written.with_suffix(".tsv.gz" if fault == "gzip" else ".tsv")
    spoiled = {
        "row": lambda: rows.write_bytes(rows.read_bytes().replace(b"a label", b"A label", 1)),
        "count": lambda: rows.write_bytes(rows.read_bytes() + b"G9999\tG9999\tx\t\t\t\n"),
        "header": lambda: rows.write_bytes(b"key\n" + rows.read_bytes()),
        "sum": lambda: written.write_bytes(written.read_bytes().replace(b'"sha256": "', b'"sha256": "0')),
        "manifest": lambda: written.write_bytes(b"{"),
        "gzip": lambda: rows.write_bytes(rows.read_bytes()[:-9]),
    }
    spoiled[fault]()
    with pytest.raises(PackRefused):
        _ = read_pack(tmp_path, written.stem).lines


def test_a_manifest_names_itself_and_its_day_of_review() -> None:
    told: Manifest = supplies(supply("G0283"), review_on=QUARTER).manifest
    assert str(told) == "hcpcs version 2027Q1 from 2027-01-01 on"
    assert told.is_due(QUARTER)
    assert not told.is_due(QUARTER - timedelta(days=1))
