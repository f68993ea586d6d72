"""Loaded packs: whole or not at all, beside the shipped ones, by as many processes as there are."""

import multiprocessing
import os
import signal
import time
from datetime import date
from pathlib import Path

import pytest

from billing_rules.packs import PackRefused, shipped_shelf
from billing_rules.packs.pack import Pack
from billing_rules.packs.store import INDEX, PackStore, beside_shipped, shelf_of
from tests.billing_rules.packs.made import QUARTER, SCOPE, edit, pairs, supplies, supply


def test_a_folder_without_packs_is_the_shipped_shelf(tmp_path: Path) -> None:
    assert shelf_of(tmp_path) is shipped_shelf()
    assert PackStore(tmp_path / "none").packs() == ()


def test_a_loaded_pack_answers_from_its_first_day_on(tmp_path: Path) -> None:
    store = PackStore(tmp_path / "packs")
    before = store.shelf()
    told = store.add(pairs(edit("97530", "97116", "0")))
    after = store.shelf()
    assert after is store.shelf()
    assert before.find("ncci_ptp", "97530|97116", on=QUARTER, scope=SCOPE) == ()
    (found,) = after.find("ncci_ptp", "97530|97116", on=QUARTER, scope=SCOPE)
    assert found.indicator == "0"
    earlier = date(2026, 12, 31)
    assert after.find("ncci_ptp", "92507|97110", on=earlier, scope=SCOPE) == before.find(
        "ncci_ptp", "92507|97110", on=earlier, scope=SCOPE
    )
    assert store.add(pairs(edit("97530", "97116", "0"))) == told
    assert len(store.packs()) == 1


def test_what_contradicts_is_refused_and_the_shelf_stays(tmp_path: Path) -> None:
    store = PackStore(tmp_path)
    store.add(supplies(supply("G0001"), version="a"))
    shelf = store.shelf()
    said = supplies(supply("G0001"), version="d", supersedes="a")
    for wrong in (
        supplies(supply("G0002"), version="a"),
        supplies(supply("G0002"), version="b"),
        supplies(supply("G0002"), version="c", starts_on=date(2026, 6, 1)),
        Pack(said.manifest, lambda: supplies(supply("G0009")).lines),
    ):
        with pytest.raises(PackRefused):
            store.add(wrong)
        assert store.shelf() is shelf
    store.add(supplies(supply("G0002"), version="c", starts_on=date(2026, 6, 1), ends_on=date(2026, 12, 31)))
    store.add(supplies(supply("G0002"), version="b", supersedes="a"))
    assert store.shelf().find("hcpcs", "G0002", on=QUARTER)
    assert store.shelf().only([told.sha256 for told in shelf.manifests]).version == shelf.version


def test_a_release_with_a_pack_that_was_loaded_before_leaves_the_loaded_one() -> None:
    loaded = supplies(supply("G0001"), version="a")
    released = supplies(supply("G0002"), version="a of the release")
    shelf = beside_shipped([*shipped_shelf().packs, released], [loaded])
    assert shelf.find("hcpcs", "G0001", on=QUARTER)
    assert shelf.find("hcpcs", "G0002", on=QUARTER) == ()
    corrected = supplies(supply("G0003"), version="b", supersedes="a of the release")
    shelf = beside_shipped([*shipped_shelf().packs, released], [corrected])
    assert shelf.find("hcpcs", "G0003", on=QUARTER)
    assert released.manifest in shelf.manifests


def test_two_importers_at_once_lose_nothing_of_one_another(tmp_path: Path) -> None:
    importing = multiprocessing.get_context("spawn")
    running = [importing.Process(target=add_pairs_of, args=(tmp_path, scope)) for scope in SCOPES]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0, 0]
    assert len(PackStore(tmp_path).packs()) == 2 * EACH


SCOPES = ("medicare_practitioner", "medicaid_practitioner")
EACH = 8


def add_pairs_of(folder: Path, scope: str) -> None:
    """One importer: the quarters of one scope, each after the other."""
    for at in range(EACH):
        pack = pairs(edit("97530", "97116"), scope=scope, version=str(at), starts_on=date(2100 + at, 1, 1))
        PackStore(folder).add(pack)


def add_for_ever(folder: Path) -> None:
    """An importer that is killed in the middle."""
    for at in range(10_000):
        PackStore(folder).add(
            supplies(*(supply(f"G{code:04d}") for code in range(500)), version=str(at), starts_on=day_of(at))
        )


def day_of(at: int) -> date:
    """The first day of the nth pack."""
    return date.fromordinal(QUARTER.toordinal() + at)


@pytest.mark.parametrize("after_seconds", [0.9, 1.3])
def test_an_importer_killed_in_the_middle_leaves_whole_packs(tmp_path: Path, after_seconds: float) -> None:
    process = multiprocessing.get_context("spawn").Process(target=add_for_ever, args=(tmp_path,))
    process.start()
    while not (tmp_path / INDEX).exists():
        time.sleep(0.01)
    time.sleep(after_seconds - 0.8)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    store = PackStore(tmp_path)
    packs = store.packs()
    assert packs
    assert all(pack.checksum() == pack.manifest.sha256 for pack in packs)
    store.add(supplies(supply("G0001"), version="next", starts_on=day_of(20_000)))
    assert len(store.packs()) == len(packs) + 1


def test_a_broken_folder_is_refused_not_passed_over(tmp_path: Path) -> None:
    store = PackStore(tmp_path)
    told = store.add(supplies(supply("G0001")))
    (tmp_path / f"{told.sha256}.json").write_bytes(b"{")
    with pytest.raises(PackRefused):
        store.packs()
    (tmp_path / INDEX).write_bytes(b"[")
    with pytest.raises(PackRefused):
        shelf_of(tmp_path)
