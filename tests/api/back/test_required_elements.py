"""Each element that a claim must hold, taken away where it is kept: the check says exactly that."""

import pytest
from sqlalchemy import text

from tests.api.back.answering import claim_of
from tests.api.back.conftest import Office, Opener

KEPT = {
    "required.patient_last_name": "update patients set family_name = '{}'",
    "required.patient_first_name": "update patients set given_name = '{}'",
    "required.patient_street": "update patients set street = '{}'",
    "required.patient_city": "update patients set city = '{}'",
    "required.patient_state": "update patients set state = '{}'",
    "required.patient_zip": "update patients set zip_code = '{}'",
    "required.member_id": "update coverages set member_number = '{}'",
    "required.payer_name": "update payers set name = '{}'",
    "required.payer_id": "update payers set electronic_id = '{}'",
    "required.filing_indicator": "update payers set filing_indicator = '{}'",
    "required.billing_name": "update practice_profiles set legal_name = '{}'",
    "required.billing_npi": "update practice_profiles set npi = '{}'",
    "required.billing_taxonomy": "update practice_profiles set taxonomy = '{}'",
    "required.billing_tax_id": "update practice_profiles set tax_id = '{}'",
    "required.billing_street": "update practice_profiles set street = '{}'",
    "required.billing_city": "update practice_profiles set city = '{}'",
    "required.billing_state": "update practice_profiles set state = '{}'",
    "required.billing_zip": "update practice_profiles set zip_code = '{}'",
    "required.rendering_npi": "update providers set npi = '{}'",
    "required.rendering_last_name": "update providers set family_name = '{}'",
    "required.facility_street": "update locations set street = '{}'",
    "required.facility_city": "update locations set city = '{}'",
    "required.facility_state": "update locations set state = '{}'",
    "required.facility_zip": "update locations set zip_code = '{}'",
    "required.place_of_service": "update claim_lines set place_of_service = '{}'",
}
READ = "select {column} from {table}"


async def say(office: Office, statement: str) -> None:
    """Change a record in the practice's own room."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        await session.execute(text(statement))


async def said(office: Office, statement: str) -> str:
    """What the record that the statement changes says now."""
    words = statement.split()
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        value = (await session.execute(text(READ.format(column=words[3], table=words[1])))).scalar_one()
        return str(value)


@pytest.mark.req("SC-01")
async def test_each_required_element_taken_away_is_exactly_that_finding(open_office: Opener) -> None:
    """Of the patient, the plan, the practice, the clinician and the place; put back, the claim is ready."""
    office = await open_office()
    await say(office, "update locations set street = '9 Harbor Road'")
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30)]))
    assert (await claim_of(office, claim_id))["findings"] == []
    for rule, statement in KEPT.items():
        was = await said(office, statement)
        await say(office, statement.format(""))
        assert (await office.post(f"/claims/{claim_id}/check")).status_code == 200
        claim = await claim_of(office, claim_id)
        assert [(f["rule"], f["severity"]) for f in claim["findings"]] == [(rule, "blocks")], rule
        assert claim["status"] == "held"
        await say(office, statement.format(was))
    await office.post(f"/claims/{claim_id}/check")
    assert (await claim_of(office, claim_id))["status"] == "ready"


OUTDATED = [
    ("update claim_lines set code = '{}'", "99441", "procedure.not_on_date"),
    ("update claim_lines set code = '{}'", "97999", "procedure.unknown"),
    ("update claim_lines set code = '{}'", "G0515", "procedure.not_on_date"),
    ("update case_diagnoses set code = '{}'", "M545", "diagnosis.not_specific"),
    ("update case_diagnoses set code = '{}'", "U999", "diagnosis.unknown"),
]


@pytest.mark.req("SC-02")
@pytest.mark.parametrize(("statement", "code", "rule"), OUTDATED)
async def test_a_code_that_is_invalid_or_outdated_on_the_day_holds_the_claim(
    open_office: Opener, statement: str, code: str, rule: str
) -> None:
    """Procedures, HCPCS and diagnoses are looked up by the scrub in the lists of the date of service."""
    office = await open_office()
    [claim_id] = await office.assemble(await office.visit([("97110", 2, 30)]))
    assert (await claim_of(office, claim_id))["status"] == "ready"
    await say(office, statement.format(code))
    assert (await office.post(f"/claims/{claim_id}/check")).status_code == 200
    claim = await claim_of(office, claim_id)
    assert claim["status"] == "held"
    [found] = [f for f in claim["findings"] if f["rule"] == rule]
    assert found["severity"] == "blocks"
    refused = await office.post("/claims/submit", {"claim_ids": [claim_id]})
    assert refused.status_code == 409
