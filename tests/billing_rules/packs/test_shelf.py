"""Which pack answers for a day, and what is said when none does."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_rules.packs import PackRefused, Shelf, shipped_shelf
from billing_rules.packs.pack import Pack
from billing_rules.packs.proving import prove, prove_all, prove_rules
from billing_rules.packs.shelf import TableUnknown
from billing_rules.rule_book import RuleBook, load_shipped
from billing_rules.therapy.code_table import code_on, find_code
from billing_rules.therapy.diagnosis_codes import billable_under, diagnosis_standing, how_many_under, list_of
from billing_rules.therapy.places_of_service import find_place
from tests.billing_rules.packs.made import QUARTER, SCOPE, edit, pairs, supplies, supply
from tests.billing_rules.test_rule_book import row

DAY = timedelta(days=1)
STARTS = st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True)


@settings(deadline=None)
@given(STARTS, st.integers(-5, 60))
def test_the_pack_that_began_last_answers(starts: list[int], day: int) -> None:
    packs = [
        supplies(supply("G0001", label=str(start)), version=str(start), starts_on=QUARTER + start * DAY)
        for start in starts
    ]
    found = Shelf(packs).find("hcpcs", "G0001", on=QUARTER + day * DAY)
    begun = [start for start in starts if start <= day]
    assert [one.label for one in found] == ([str(max(begun))] if begun else [])


def test_a_pack_that_ended_hands_nothing_back() -> None:
    old = supplies(supply("G0001"), version="old", starts_on=date(2026, 1, 1))
    new = supplies(supply("G0001"), version="new", ends_on=QUARTER + DAY)
    shelf = Shelf([new, old])
    assert shelf.in_force("hcpcs", on=date(2025, 12, 31)) is None
    assert shelf.in_force("hcpcs", on=QUARTER - DAY) == old.manifest
    assert shelf.in_force("hcpcs", on=QUARTER) == new.manifest
    assert shelf.in_force("hcpcs", on=QUARTER + 2 * DAY) is None
    assert shelf.find("hcpcs", "G0001", on=QUARTER + 2 * DAY) == ()
    nearest = shelf.nearest("hcpcs", on=QUARTER + 2 * DAY), shelf.nearest("hcpcs", on=date(2020, 1, 1))
    assert nearest == (new, old)


def test_two_packs_of_one_first_day_contradict_unless_one_supersedes() -> None:
    first = supplies(supply("G0001"), version="a")
    second = supplies(supply("G0002"), version="b")
    with pytest.raises(PackRefused, match="does not supersede"):
        Shelf([first, second])
    correction = supplies(supply("G0002"), version="b", supersedes="a")
    last = supplies(supply("G0003"), version="a2", supersedes="b")
    shelf = Shelf([last, correction, first])
    assert shelf.in_force("hcpcs", on=QUARTER) == last.manifest
    assert [told.version for told in shelf.manifests] == ["a", "b", "a2"]


def test_a_shelf_of_exactly_some_packs_judges_as_then() -> None:
    old = supplies(supply("G0001"), version="old", starts_on=date(2026, 1, 1))
    new = supplies(supply("G0002"), version="new")
    shelf = Shelf([old]).with_packs([new])
    then = shelf.only([old.manifest.sha256])
    assert then.find("hcpcs", "G0001", on=QUARTER)
    assert not shelf.find("hcpcs", "G0001", on=QUARTER)
    assert then.version == Shelf([old]).version != shelf.version
    with pytest.raises(LookupError):
        shelf.only(["0" * 64])


def test_scopes_stay_apart_and_a_table_with_one_needs_none_named() -> None:
    shelf = shipped_shelf()
    on = date(2024, 8, 1)
    assert shelf.find("ncci_ptp", "92507|97110", on=on) == ()
    assert shelf.find("ncci_ptp", "92507|97110", on=on, scope=SCOPE)
    assert shelf.find("gpci", "02102|01", on=on) == shelf.find("gpci", "02102|01", on=on, scope="medicare")
    with pytest.raises(TableUnknown):
        shelf.find("horoscopes", "aries", on=on)


def test_what_ships_is_in_force_when_it_says_and_cannot_tell_otherwise() -> None:
    shelf = shipped_shelf()
    assert shelf.in_force("ncci_ptp", on=date(2024, 6, 30), scope=SCOPE) is None
    assert sum(1 for _ in shelf.rows("ncci_ptp", on=date(2024, 7, 1), scope=SCOPE)) == 4233
    assert {told.table: told.row_count for told in shelf.manifests}["icd10cm"] == 98_147
    assert shelf.in_force("fee_schedule", on=date(2025, 6, 1)) is None
    (kx,) = shelf.find("thresholds", "kx|2027|PT_SLP", on=QUARTER)
    assert (kx.amount_cents, kx.confidence) == (None, "unknown")
    children = {child.code for child in shelf.children("icd10cm", "M545", on=date(2026, 3, 2))}
    assert children == {"M5450", "M5451", "M5459"}


def test_every_shipped_pack_and_rule_holds_by_its_vectors() -> None:
    proofs = prove_all(shipped_shelf())
    assert [proof.manifest.table for proof in proofs if not proof.holds] == []
    assert all(proof.passed for proof in proofs)
    assert proofs[0].manifest.table == "rules"


def test_a_changed_rule_or_row_is_seen_by_its_vectors() -> None:
    medicare = [one for one in load_shipped().rows if one.rule != "unit_method"]
    assert {failure.id for failure in prove_rules(RuleBook(medicare)).failures} == {
        "units-by-default",
        "units-of-medicare",
    }
    unreadable = RuleBook([*load_shipped().rows, row("by feel", rule="unit_method", payer="q")])
    assert not prove_rules(unreadable).holds
    pack = supplies(supply("G0001"))
    other = Pack(pack.manifest, lambda: supplies(supply("G0002")).lines)
    assert {failure.id for failure in prove(other).failures} >= {"sha256", "row-G0001"}


def test_the_version_of_a_book_covers_its_packs() -> None:
    shipped = load_shipped()
    more = RuleBook(shipped.rows, shipped.shelf.with_packs([supplies(supply("G0001"))]))
    assert more.version != shipped.version
    assert more.with_rows([row()]).shelf is more.shelf


def test_next_years_list_changes_nothing_before_its_date() -> None:
    shipped = shipped_shelf()
    next_year = shipped.with_packs(
        [supplies(supply("G9999", QUARTER), supply("G0283", date(2001, 1, 1), QUARTER - DAY))]
    )
    before, after = QUARTER - DAY, QUARTER
    for on in (before, date(2020, 5, 5)):
        stimulation = code_on("G0283", on, next_year)
        assert stimulation == code_on("G0283", on, shipped)
    new, ended = code_on("G9999", after, next_year), code_on("G0283", after, next_year)
    assert new is not None
    assert new.is_valid_on(after)
    assert not new.is_valid_on(before)
    assert ended is not None
    assert not ended.is_valid_on(after)
    assert code_on("G9999", before, next_year) is None
    assert find_code("G9999") is None
    assert find_code("G9999", next_year) == new


def test_a_supply_code_is_known_by_its_days() -> None:
    ended = find_code("S9015")
    assert ended is not None
    assert (ended.is_valid_on(date(2015, 12, 31)), ended.is_valid_on(date(2016, 1, 1))) == (True, False)
    assert (ended.is_timed, ended.family, ended.disciplines) == (False, "supply", ())


def test_diagnoses_by_the_list_of_the_day() -> None:
    shelf, on = shipped_shelf(), date(2026, 3, 2)
    assert diagnosis_standing("QA0.0101", on) == "billable"
    assert diagnosis_standing("C50", on) == "not_specific"
    assert [one.code for one in billable_under("M54.5", on, shelf)] == ["M5450", "M5451", "M5459"]
    assert len(billable_under("S72", on, shelf)) == 12 < how_many_under("S72", on, shelf)
    assert list_of(on, shelf) == "CDC/NCHS ICD-10-CM 2026-04"
    empty = Shelf([])
    assert diagnosis_standing("M54.50", on, empty) == "not_loaded"
    assert list_of(on, empty) == "CDC/NCHS ICD-10-CM"


def test_places_by_their_days() -> None:
    assert find_place("10", date(2021, 12, 31)) is None
    assert find_place("10", date(2022, 1, 1)) is not None
    assert find_place("11", date(1999, 1, 1)) is not None


def test_an_edit_is_found_only_in_its_own_order() -> None:
    shelf = Shelf([pairs(edit("92507", "97110"))])
    assert shelf.find("ncci_ptp", "97110|92507", on=QUARTER, scope=SCOPE) == ()
