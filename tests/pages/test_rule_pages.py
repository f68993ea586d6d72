"""The rules as people read them: packs, which row wins, what a pack touches, checks again, the panel."""

import re

import httpx
import pytest
from playwright.async_api import Browser

from tests.pages.stage import Stage


async def packs_page(stage: Stage, owner: httpx.AsyncClient) -> str:
    """The page with every pack and row."""
    answer = await owner.get(f"{stage.practice}/rules")
    assert answer.status_code == 200
    return answer.text


def opens(page: str, table: str) -> list[str]:
    """The addresses of a table's packs, in the page's order."""
    return re.findall(rf'href="([^"]+/rule-packs/[0-9a-f]+)">{re.escape(table)}<', page)


@pytest.mark.req("PROB-06")
async def test_every_pack_says_its_source_dates_and_whether_its_review_is_late(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    page = await packs_page(stage, owner)
    for table in ("Procedure pairs (NCCI)", "Physician fee schedule", "Diagnoses (ICD-10-CM)"):
        assert opens(page, table), table
    row = page.split("Procedure pairs (NCCI)")[1].split("</tr>")[0]
    assert "2024Q3" in row
    assert '<strong class="late">review was due' in row
    current = page.split("Yearly thresholds (KX)")[1].split("</tr>")[0]
    assert "review was due" not in current


async def test_a_pack_is_shown_against_the_one_before_with_the_open_claims_it_touches(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    first, second = opens(await packs_page(stage, owner), "Physician fee schedule")[:2]
    assert "Nothing to compare" in (await owner.get(first)).text
    page = (await owner.get(second)).text
    assert "Against 2024-07" in page
    changed = re.search(r"<dt>Changed</dt><dd>([\d,]+)</dd>", page)
    assert changed
    assert int(changed[1].replace(",", "")) > 0
    touched = page.split('<h2 id="claims">')[1]
    assert f"/claims/{stage.held_claim_id}" in touched
    assert f"/claims/{stage.claim_id}" not in touched
    assert (await owner.get(f"{stage.practice}/rule-packs/{'0' * 64}")).status_code == 404


async def test_the_winning_row_is_shown_with_every_row_it_beats(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    rule = {
        "rule": "unit_method",
        "payer_id": str(stage.world.payer_id),
        "value": "strict_15",
        "starts_on": "2031-01-01",
        "source": "Provider manual 2031, p. 12",
        "reason": "Pays whole blocks only",
    }
    await stage.post("/rules", rule)
    asked = {"rule": "unit_method", "payer": str(stage.world.payer_id), "on": "2031-03-02"}
    page = (await owner.get(f"{stage.practice}/rules/answer", params=asked)).text
    winner, beaten = page.split('<h2 id="beaten">')
    assert "strict_15" in winner
    assert "Provider manual 2031, p. 12" in winner
    assert "ama_per_code" in beaten
    before = (await owner.get(f"{stage.practice}/rules/answer", params=asked | {"on": "2030-12-31"})).text
    assert "strict_15" not in before
    listed = await packs_page(stage, owner)
    assert "To come" in listed.split('<h2 id="rows">')[1]
    none = await owner.get(f"{stage.practice}/rules/answer", params=asked | {"on": "1999-01-01"})
    assert "No row is in force" in none.text
    unknown = await owner.get(f"{stage.practice}/rules/answer", params=asked | {"rule": "nonsense"})
    assert 400 <= unknown.status_code < 500


async def test_a_kept_check_is_judged_again_as_then_and_as_today(
    stage: Stage, owner: httpx.AsyncClient
) -> None:
    here = f"{stage.practice}/claims/{stage.held_claim_id}/checks"
    listed = (await owner.get(here)).text
    (check,) = set(re.findall(r"checks\?check=([0-9a-f-]+)&amp;as=then", listed))
    then = (await owner.get(here, params={"check": check, "as": "then"})).text
    assert "the same findings, byte for byte" in then
    assert len(set(re.findall(r"<dt>Fingerprint [^<]+</dt><dd class=\"mono\">([0-9a-f]+)<", then))) == 1
    today = (await owner.get(here, params={"check": check, "as": "today"})).text
    assert "Judged under today&#39;s rules" in today or "Judged under today's rules" in today


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_rule_pages_fit_a_screen(
    stage: Stage, owner: httpx.AsyncClient, address: str, chromium: Browser, width: int
) -> None:
    pack = opens(await packs_page(stage, owner), "Physician fee schedule")[1]
    context = await chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    await context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": address} for c in owner.cookies.jar]
    )
    page = await context.new_page()
    for path in (f"{stage.practice}/rules", pack, f"{stage.practice}/claims/{stage.held_claim_id}"):
        answer = await page.goto(f"{address}{path}")
        assert answer is not None
        assert answer.status == 200
        width_of_page = await page.evaluate("document.documentElement.scrollWidth")
        assert width_of_page <= width, path
    await context.close()


@pytest.mark.req("CD-12")
async def test_one_panel_shows_the_four_sides_of_a_session(stage: Stage, owner: httpx.AsyncClient) -> None:
    here = f"{stage.practice}/visits/{stage.visit_id}/coding"
    page = (await owner.get(here)).text
    sides = [
        "Timed units for HARBOR HEALTH",
        "Plan-of-care support",
        "Visit-limit context",
        "What the note must say",
    ]
    assert [side for side in sides if side in page] == sides
    assert "Total timed minutes of the day (CMS)" in page
    assert "Full 15 minutes only" in page
    assert re.search(r'<td class="mono">GP</td><td>[^<]+<span class="second">[^<]*§20\.1', page)
    panel = (await stage.program.get(f"/v1{here}")).json()
    (payer,) = panel["units"]["payers"]
    (pool,) = payer["pools"]
    assert [
        (line["code"], line["full_units"], line["remainder_minutes"], line["units"]) for line in pool["codes"]
    ] == [
        ("97110", 1, 9, 2),
        ("97140", 0, 14, 1),
    ]
    assert {other["method"]: other["total_units"] for other in pool["other_methods"]} == {
        "cms_total_time": 3,
        "strict_15": 1,
    }
    assert panel["plan"]["duties"]["certified_on"]
    assert [limit["source"] for limit in panel["limits"]] == ["authorization A-4711"]
    assert {item["item"] for item in panel["asked"]} >= {"plan_of_care_support", "medical_necessity"}
