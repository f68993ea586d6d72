"""The scrub through the interface: formats, policies, levels, providers, approvals and the therapy rules."""

from typing import Any

import pytest

from tests.api.v1.clinic import NPI, Clinic, visits
from tests.api.v1.test_assembly import assemble, plan

DAY = "2026-02-16"
NEXT_DAY = "2026-02-18"


async def claim_of(clinic: Clinic, **note: Any) -> Any:
    """A claim of one session of a fresh patient with a plan of care, and nothing wrong with it."""
    await clinic.add_rule("authorization_required", {"answer": "not_required", "exempt_codes": []})
    patient_id, case_id, _ = await clinic.admit()
    await plan(clinic, case_id)
    [claim] = await assemble(clinic, await clinic.document(patient_id, case_id, DAY, **note))
    return claim


async def found(clinic: Clinic, claim: Any) -> dict[str, Any]:
    """What a new check says, by rule."""
    checked = await clinic.send(f"/claims/{claim['id']}/check", None, status=200)
    return {finding["rule"]: finding for finding in checked["findings"]}


@pytest.mark.req("SC-03")
async def test_an_unknown_and_a_retired_payer_id_and_an_id_of_another_form(clinic: Clinic) -> None:
    """Ids go by the day of sending: unknown until the old row says that it was the payer's once."""
    claim = await claim_of(clinic)
    assert await found(clinic, claim) == {}
    used = (await clinic.read("/payers"))[0]["electronic_id"]
    payer = {"payer_id": clinic.ids["payer"]}
    await clinic.add_rule("payer_ids", {"ids": ["70054"]}, starts_on="2026-01-01", **payer)
    unknown = (await found(clinic, claim))["payer_id.unknown"]
    assert (unknown["severity"], unknown["evidence"]["valid"]) == ("blocks", "70054")
    ended = {"starts_on": "2020-01-01", "ends_on": "2025-12-31"}
    await clinic.add_rule("payer_ids", {"ids": [used]}, **ended, **payer)
    retired = (await found(clinic, claim))["payer_id.retired"]
    assert (retired["starts_on"], retired["ends_on"]) == ("2020-01-01", "2025-12-31")
    assert retired["row"].startswith("practice payer_ids for commercial")


@pytest.mark.req("SC-11")
async def test_a_member_id_of_another_form_is_caught_before_it_is_sent(clinic: Clinic) -> None:
    """By the payer's row and no other; a pattern that could be slow is no rule."""
    claim = await claim_of(clinic)
    value = {"pattern": "[A-Z]{3}[0-9]{9}", "example": "ABC123456789"}
    await clinic.add_rule("member_id_format", value, payer_id=clinic.ids["payer"])
    wrong = (await found(clinic, claim))["member_id.format"]
    assert (wrong["severity"], wrong["subject"]) == ("blocks", "/member_id")
    assert "ABC123456789" in wrong["message"]
    slow = {
        "rule": "member_id_format",
        "value": {"pattern": "(A+)+", "example": "A"},
        "starts_on": "2019-01-01",
        "source": "test",
        "reason": "test",
    }
    await clinic.send("/payer-rules", slow, status=422)


@pytest.mark.req("SC-05", "CD-06")
async def test_a_diagnosis_that_a_policy_does_not_support_names_line_pointer_and_policy(
    clinic: Clinic,
) -> None:
    """The payer's policy is a dated row; with the diagnosis among those allowed nothing is said."""
    claim = await claim_of(clinic)
    policy = {"policy": "L33631", "source": "LCD L33631", "codes": ["97110"], "allowed": ["M54*"]}
    made = await clinic.add_rule("medical_policy", {"policies": [policy]}, payer_id=clinic.ids["payer"])
    told = (await found(clinic, claim))["diagnosis.policy"]
    assert (told["severity"], told["subject"], told["source"]) == (
        "blocks",
        "/lines/0/pointers",
        "LCD L33631",
    )
    assert told["evidence"] == {"policy": "L33631", "line": "1", "pointers": "1", "code": "97110"}
    await clinic.send(f"/rules/{made}/withdraw", {"reason": "superseded"}, status=204)
    wider = policy | {"allowed": ["M54*", "M25.5*"]}
    await clinic.add_rule("medical_policy", {"policies": [wider]}, payer_id=clinic.ids["payer"])
    assert "diagnosis.policy" not in await found(clinic, claim)


@pytest.mark.req("SC-07")
async def test_the_providers_numbers_are_of_the_right_kind_with_taxonomy_and_enrolment(
    clinic: Clinic,
) -> None:
    """Enrolment that ended before, an organization's number as a person's, no taxonomy, a false digit."""
    claim = await claim_of(clinic)
    row = {"role": "rendering", "provider_id": clinic.ids["provider"], "payer_id": clinic.ids["payer"]}
    ended = {"npi": NPI[1], "taxonomy": "225100000X", "starts_on": "2020-01-01", "ends_on": "2026-02-15"}
    await clinic.send("/identifiers", row | ended)
    assert "identity.not_enrolled" in await found(clinic, claim)
    wrong = {"npi": NPI[0], "starts_on": "2026-02-16"}
    await clinic.add_rule("taxonomy_required", {"rendering": True}, payer_id=clinic.ids["payer"])
    await clinic.send("/identifiers", row | wrong)
    told = await found(clinic, claim)
    assert "identity.not_enrolled" not in told
    assert told["identity.npi_type"]["subject"] == "/rendering_npi"
    assert told["required.rendering_taxonomy"]["row"].startswith("practice taxonomy_required")
    false = row | {"npi": "1234567890", "starts_on": "2019-01-01", "ends_on": "2019-12-31"}
    await clinic.send("/identifiers", false, status=422)


@pytest.mark.req("CD-03")
@pytest.mark.parametrize(
    ("service", "rules"),
    [
        ({"minutes": 30}, set()),
        ({"minutes": 29}, {"evaluation.level"}),
        ({"decision_making": "moderate"}, set()),
        ({"decision_making": "low"}, {"evaluation.level"}),
        ({}, {"evaluation.not_checkable"}),
    ],
)
async def test_a_visits_level_by_time_or_decision_or_not_checkable(
    clinic: Clinic, service: dict[str, Any], rules: set[str]
) -> None:
    """99214 wants thirty minutes or a moderate decision; without either nothing is held."""
    await clinic.send("/charge-rates", {"code": "99214", "charge_cents": 20_000, "starts_on": "2020-01-01"})
    note = {"discipline": "BH", "services": [{"code": "99214"} | service]}
    claim = await claim_of(clinic, **note)
    told = {f["rule"]: f["severity"] for f in claim["findings"] if f["rule"].startswith("evaluation.")}
    assert set(told) == rules
    assert told.get("evaluation.not_checkable", "informs") == "informs"


@pytest.mark.req("SC-08")
async def test_an_approval_on_a_line_fits_it_in_every_dimension(clinic: Clinic) -> None:
    """The line bears its number; an approval taken back in its dates or exceeded does not fit any more."""
    await clinic.add_rule("authorization_required", {"answer": "required", "exempt_codes": []})
    patient_id, case_id, coverage_id = await clinic.admit()
    await plan(clinic, case_id)
    await clinic.authorize(coverage_id, visits(1, codes=["97110"]), number="AUTH1")
    first = await clinic.document(patient_id, case_id, DAY)
    [claim] = await assemble(clinic, first)
    assert claim["findings"] == []
    second = await clinic.document(patient_id, case_id, NEXT_DAY)
    [over] = await assemble(clinic, second)
    told = {f["rule"]: f for f in over["findings"]}
    assert told["authorization.mismatch"]["evidence"]["dimension"] == "quantity"
    assert over["status"] == "held"


@pytest.mark.req("SC-12")
async def test_four_therapy_rules_run_on_every_therapy_claim(clinic: Clinic) -> None:
    """Timed units, the plan of care, the authorization's period and the visit limit: each told by itself."""
    await clinic.add_rule("authorization_required", {"answer": "required", "exempt_codes": []})
    patient_id, case_id, coverage_id = await clinic.admit()
    early = {"starts_on": "2026-01-01", "ends_on": "2026-02-10"}
    await clinic.authorize(coverage_id, visits(9), **early)
    limit = {"coverage_id": coverage_id, "kind": "visits", "quantity": 1, "source": "Card", "hard": False}
    await clinic.send("/benefit-limits", limit | {"starts_on": "2026-01-01", "ends_on": "2026-12-31"})
    one = await clinic.document(patient_id, case_id, DAY)
    short = {"services": [{"code": "97110", "minutes": 25}]}
    two = await clinic.document(patient_id, case_id, NEXT_DAY, **short)
    claims = await assemble(clinic, one, two)
    await clinic.add_rule("unit_method", "strict_15", payer_id=clinic.ids["payer"])
    rules = {rule for claim in claims for rule in await found(clinic, claim)}
    assert "units.differ" in rules
    assert "plan_of_care.missing" in rules
    assert rules & {"authorization.missing", "authorization.not_covering"}
    assert "limit.exceeded" in rules


@pytest.mark.req("SC-13")
async def test_each_finding_says_from_which_family_it_comes(clinic: Clinic) -> None:
    """Payer, specialty and history stand beside each other on one claim."""
    patient_id, case_id, _ = await clinic.admit()
    await clinic.add_rule("authorization_required", {"answer": "required", "exempt_codes": []})
    await clinic.add_rule("payer_ids", {"ids": ["70054"]}, payer_id=clinic.ids["payer"])
    [claim] = await assemble(clinic, await clinic.document(patient_id, case_id, DAY))
    families = {finding["family"] for finding in claim["findings"]}
    assert {"payer", "specialty", "history"} <= families
