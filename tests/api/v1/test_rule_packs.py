"""Rule packs through the interface: what is on the shelf, what is overdue, what a new one would touch."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.services import Services
from billing_rules.packs import PackRefused
from billing_rules.packs.importers import import_file
from billing_rules.packs.store import PackStore
from domain.practices.shelf import shipped_rules, use_packs
from tests.api.conftest import MutableClock
from tests.api.v1.clinic import Clinic
from tests.api.v1.rate_sheets import agree, csv_of
from tests.api.v1.test_rule_changes import claim_on

UNITS = (
    '"hcpcs_code","mue_units","mue_mai","mue_rationale","mue_service"\n"97110",1,3,"Data","Practitioner"\n'
)


@pytest.fixture
def store(app_services: Services, tmp_path: Path) -> Iterator[PackStore]:
    """Packs of this test, beside the shipped ones, in the application as it runs."""
    use_packs(tmp_path / "packs")
    yield PackStore(tmp_path / "packs")
    use_packs(app_services.settings.rule_packs)


def loaded(store: PackStore, folder: Path, *, starts_on: date, version: str = "new") -> str:
    """Load one row about units a day; returns its checksum."""
    file = folder / "mue.csv"
    file.write_text(UNITS)
    told = {"scope": "medicare_practitioner", "version": version, "source": "CMS"}
    pack = import_file("ncci_mue", [file], **told, starts_on=starts_on, checked_on=date(2026, 1, 2))  # type: ignore[arg-type]
    return store.add(pack).sha256


@pytest.mark.req("CD-11")
async def test_a_loaded_pack_is_seen_at_once_and_answers_from_its_day_on(
    clinic: Clinic, store: PackStore, tmp_path: Path
) -> None:
    """Beside the old one, which answers until then; the version of the book stands with every check."""
    before = await claim_on(clinic)
    checksum = loaded(store, tmp_path, starts_on=date(2026, 4, 1))
    listed = [pack for pack in await clinic.read("/rule-packs") if pack["table"] == "ncci_mue"]
    assert [pack["standing"] for pack in listed] == ["in_force", "future"]
    assert (listed[1]["checksum"], listed[1]["checked_on"]) == (checksum, "2026-01-02")
    later = await clinic.read("/rule-packs?on=2026-04-01")
    assert [pack["standing"] for pack in later if pack["table"] == "ncci_mue"] == ["past", "in_force"]
    checked = await clinic.send(f"/claims/{before['id']}/check", {}, status=200)
    runs = [event["detail"]["rules"] for event in checked["story"] if event["kind"] == "checked"]
    assert runs[-1] == shipped_rules().version
    assert runs[0] != runs[-1]


async def test_a_pack_is_compared_with_the_one_before_and_with_open_claims(
    clinic: Clinic, store: PackStore, tmp_path: Path
) -> None:
    """Counts, examples, and the open claims that name a code it changes, from its first day on."""
    early, touched = await claim_on(clinic, "2026-02-09"), await claim_on(clinic, "2026-02-16")
    checksum = loaded(store, tmp_path, starts_on=date(2026, 2, 10))
    told = await clinic.read(f"/rule-packs/{checksum}/differences")
    assert told["difference"]["before"]["version"] == "2024Q3"
    assert told["difference"]["changed"] == 1
    assert told["difference"]["removed"] > 1
    (changed,) = [each for each in told["difference"]["examples"] if each["change"] == "changed"]
    assert (changed["key"], changed["becomes"][0]["units"]) == ("97110", 1)
    assert [claim["claim_id"] for claim in told["claims"]] == [touched["id"]]
    assert early["id"] not in str(told)
    await clinic.read(f"/rule-packs/{'0' * 64}/differences", status=404)
    first = next(pack for pack in await clinic.read("/rule-packs") if pack["table"] == "taxonomy")
    alone = await clinic.read(f"/rule-packs/{first['checksum']}/differences")
    assert (alone["difference"]["before"], alone["difference"]["removed"]) == (None, 0)


async def test_a_refused_pack_leaves_the_running_book(
    clinic: Clinic, store: PackStore, tmp_path: Path
) -> None:
    """Two packs of one first day, of which neither corrects the other: the second is refused whole."""
    loaded(store, tmp_path, starts_on=date(2026, 4, 1))
    before = await clinic.read("/rule-packs")
    with pytest.raises(PackRefused):
        loaded(store, tmp_path, starts_on=date(2026, 4, 1), version="again")
    assert await clinic.read("/rule-packs") == before


@pytest.mark.req("BEYOND-09")
async def test_a_past_check_stays_as_it_was_after_a_withdrawal_and_a_new_pack(
    clinic: Clinic, store: PackStore, tmp_path: Path
) -> None:
    """As then to the byte, although its rule is withdrawn and another table answers for its day by now."""
    limit = await clinic.add_rule("filing_limit_days", 1, payer_id=clinic.ids["payer"])
    claim = await claim_on(clinic)
    before = [found["rule"] for found in claim["findings"]]
    assert "filing_limit.passed" in before
    await clinic.send(f"/rules/{limit}/withdraw", {"reason": "Misread"}, status=204)
    checksum = loaded(store, tmp_path, starts_on=date(2026, 1, 1))
    path = f"/claims/{claim['id']}/rejudge"
    then = await clinic.send(path, {"judged_as": "then", "check_id": None}, status=200)
    assert (then["identical"], [found["rule"] for found in then["findings"]]) == (True, before)
    today = await clinic.send(path, {"judged_as": "today", "check_id": None}, status=200)
    assert not today["identical"]
    assert [found["rule"] for found in today["gone"]] == ["filing_limit.passed"]
    assert today["packs_added"] == [checksum]


@pytest.mark.req("BEYOND-09")
async def test_then_and_today_part_over_a_new_pack_and_a_new_contract(
    clinic: Clinic, store: PackStore, tmp_path: Path, app_clock: MutableClock
) -> None:
    """A row of the new pack finds what none found then, and the new contract prices the line otherwise."""
    flat = "code,method,rate"
    await agree(clinic, csv_of(flat, "97110,flat,30.00"))
    claim = await claim_on(clinic)
    before = [found["rule"] for found in claim["findings"]]
    assert claim["lines"][0]["units"] > 1
    app_clock.put(app_clock.now() + timedelta(days=1))
    checksum = loaded(store, tmp_path, starts_on=date(2026, 1, 1))
    await agree(clinic, csv_of(flat, "97110,flat,45.00"), starts_on="2026-02-01")
    path = f"/claims/{claim['id']}/rejudge"
    then = await clinic.send(path, {"judged_as": "then", "check_id": None}, status=200)
    assert (then["identical"], then["sha256_now"]) == (True, then["sha256_then"])
    assert [found["rule"] for found in then["findings"]] == before
    assert (then["new"], then["gone"], then["packs_added"]) == ([], [], [])
    units = claim["lines"][0]["units"]
    assert then["expected_then"]["allowed_cents"] == then["expected_now"]["allowed_cents"] == 3000 * units
    today = await clinic.send(path, {"judged_as": "today", "check_id": None}, status=200)
    assert not today["identical"]
    assert today["packs_added"] == [checksum]
    assert "units.most_by_records" in [found["rule"] for found in today["new"]]
    assert today["expected_then"]["allowed_cents"] == 3000 * units
    assert today["expected_now"]["allowed_cents"] == 4500 * units
