"""A past claim is judged again: as then, byte for byte, and as today, with the difference explained."""

from typing import Any

import pytest

from tests.api.back.answering import claim_of
from tests.api.back.conftest import Office, Opener

LIMIT = {
    "rule": "filing_limit_days",
    "starts_on": "2026-01-01",
    "source": "Provider manual, page 9",
    "reason": "The payer shortened its limit",
}


async def judged(office: Office, claim_id: str, judged_as: str, check: str | None = None) -> Any:
    """What a check says now, as then or as today."""
    answer = await office.post(f"/claims/{claim_id}/rejudge", {"judged_as": judged_as, "check_id": check})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.req("BEYOND-09", "SC-19")
async def test_many_claims_are_judged_as_then_to_the_byte_and_as_today_with_the_difference(
    open_office: Opener,
) -> None:
    """After the payer's rules have changed, and changed again, what was found then is found then."""
    office = await open_office()
    faults: list[dict[str, Any]] = [
        {},
        {"modifiers": ()},
        {"modifiers": ("GO", "59")},
        {"modifiers": ("GP", "GP")},
    ]
    visits = [
        await office.visit([("97110", units, 30), ("97140", 1, 15)], hour=10 + at, **fault)
        for at, (units, fault) in enumerate((u, f) for f in faults for u in (1, 2, 5))
    ]
    claims = [(await office.assemble(visit))[0] for visit in visits]
    before = {claim: [f["rule"] for f in (await claim_of(office, claim))["findings"]] for claim in claims}
    body = LIMIT | {"value": 3, "payer_id": str(office.world.payer_id)}
    made = await office.post("/payer-rules", body)
    assert made.status_code == 201, made.text
    for claim in claims:
        then = await judged(office, claim, "then")
        assert then["identical"]
        assert then["sha256_now"] == then["sha256_then"]
        assert (then["gone"], then["new"], then["changed"], then["rows"]) == ([], [], [], [])
        assert [f["rule"] for f in then["findings"]] == before[claim]
        assert then["expected_then"] == then["expected_now"]
        today = await judged(office, claim, "today")
        assert not today["identical"]
        assert [f["rule"] for f in today["new"]] == ["filing_limit.passed"]
        changed = [row for row in today["rows"] if row["rule"] == "filing_limit_days"]
        assert changed
        assert "shipped filing_limit_days" in changed[0]["then"]
        assert "practice filing_limit_days" in changed[0]["now"]
    assert today["book_then"] != today["book_now"]
    assert (today["expected_then"]["claim_id"], today["expected_now"]["known_at"]) == (claims[-1], None)


@pytest.mark.req("SC-19")
async def test_every_check_is_kept_and_each_finding_says_why_by_which_row_and_since_when(
    open_office: Opener,
) -> None:
    """Checked twice without a change, a claim has two checks with the same bytes by the same book."""
    office = await open_office()
    [claim_id] = await office.assemble(await office.visit([("97110", 3, 30)], modifiers=()))
    await office.post(f"/claims/{claim_id}/check")
    checks = (await office.get(f"/claims/{claim_id}/checks")).json()
    assert [check["version"] for check in checks] == [2, 1]
    assert len({(check["findings_sha256"], check["book_version"]) for check in checks}) == 1
    assert all(check["packs"] for check in checks)
    first = await judged(office, claim_id, "then", checks[1]["id"])
    assert (first["version"], first["identical"]) == (1, True)
    findings = (await claim_of(office, claim_id))["findings"]
    assert findings
    for found in findings:
        assert all(found[name] for name in ("rule", "message", "fix", "source", "family", "risk"))
        assert (found["row"] is None) == (found["starts_on"] is None)
    (modifier,) = [f for f in findings if f["rule"] == "modifier.discipline"]
    assert modifier["row"].startswith("shipped discipline_modifiers for any/any/any from 2019-01-01")
    assert modifier["evidence"]["wanted"] == "GP"
