"""Under whose name an associate's session goes out, and what keeps it here (BC-18)."""

from typing import Any

import pytest

from tests.api.v1.clinic import NPI, Clinic
from tests.api.v1.staff import DAY, TALK, again, claim_for, claims_for, entitle, finding, hire, said

ASSOCIATE: dict[str, Any] = {
    "credential": "LPC",
    "standing": "associate",
    "bill_as": "supervisor",
    "modifiers": ["HL"],
    "cosignature": True,
    "supervisor_available": True,
    "supervisor_credentials": ["LPC", "LCSW"],
}
COSIGNED: dict[str, Any] = {"cosigned_at": f"{DAY}T20:00:00Z", "cosigned_by": "Sue Super, LCSW"}


async def staff(clinic: Clinic, **row: Any) -> tuple[str, str]:
    """An associate under a supervisor, and the payer's row; returns both people."""
    supervisor = await hire(clinic, family_name="Super", credential="LCSW", npi=NPI[2])
    associate = await hire(clinic, family_name="Associate")
    await entitle(clinic, associate, "associate", "2025-01-01")
    who = {"supervisee_id": associate, "supervisor_id": supervisor, "starts_on": "2025-01-01"}
    await clinic.made("/supervision-assignments", who)
    value = {"credentials": [ASSOCIATE | row]}
    await clinic.add_rule("supervised_billing", value, payer_id=clinic.ids["payer"])
    clinic.ids["provider"] = associate
    return associate, supervisor


@pytest.mark.req("BC-18")
async def test_an_associate_bills_as_the_supervisor_once_the_note_is_countersigned(clinic: Clinic) -> None:
    """Without the countersignature the claim is held and cannot be sent; with it the supervisor renders."""
    _, supervisor = await staff(clinic)
    patient_id, case_id, _ = await clinic.admit()
    bare = await clinic.document(patient_id, case_id, DAY, **TALK)
    held = await claim_for(clinic, bare)
    assert said(held, "supervision") == {"supervision.cosignature": "blocks"}
    assert held["status"] == "held"
    told = finding(held, "supervision.cosignature")
    assert told["source"] == "test"
    assert "supervised_billing" in told["row"]
    key = {"Idempotency-Key": "send-1"}
    sent = await clinic.caller.post(
        f"{clinic.path}/claims/submit", json={"claim_ids": [held["id"]]}, headers=key
    )
    assert sent.status_code == 409
    assert sent.json()["code"] == "claim_not_ready"

    later: dict[str, Any] = {"starts_at": f"{DAY}T18:00:00Z", "ends_at": f"{DAY}T19:00:00Z"}
    signed = await clinic.document(patient_id, case_id, DAY, **TALK, **COSIGNED, **later)
    claim = await claim_for(clinic, signed)
    assert said(claim, "supervision") == {}
    assert claim["rendering_provider_id"] == supervisor
    assert "HL" in claim["lines"][0]["modifiers"]


@pytest.mark.req("BC-18")
async def test_a_licence_flips_the_rule_from_its_date_of_service(clinic: Clinic) -> None:
    """The day before is the supervisor's with HL, the day of the licence the clinician's own without it."""
    associate, supervisor = await staff(clinic, cosignature=False)
    patient_id, case_id, _ = await clinic.admit()
    before = await clinic.document(patient_id, case_id, "2026-02-16", **TALK)
    on_it = await clinic.document(patient_id, case_id, "2026-02-17", **TALK)
    as_associate = await claims_for(clinic, before, on_it)
    assert [claim["rendering_provider_id"] for claim in as_associate] == [supervisor, supervisor]
    await entitle(clinic, associate, "independent", "2026-02-17")
    first, second = [await again(clinic, claim) for claim in as_associate]
    assert (first["rendering_provider_id"], first["lines"][0]["modifiers"]) == (supervisor, ["HL"])
    assert (second["rendering_provider_id"], second["lines"][0]["modifiers"]) == (associate, [])
    assert said(first, "supervision") == said(second, "supervision") == {}
    history = await clinic.read(f"/providers/{associate}/credentials")
    assert [(row["standing"], row["ends_on"]) for row in history] == [
        ("associate", "2026-02-16"),
        ("independent", None),
    ]


@pytest.mark.req("BC-18")
async def test_the_supervisor_must_be_there_and_be_entitled(clinic: Clinic) -> None:
    """Away on the date: blocked, until somebody stands in; the wrong credential is blocked too."""
    associate, supervisor = await staff(clinic, cosignature=False)
    patient_id, case_id, _ = await clinic.admit()
    away = {"provider_id": supervisor, "starts_on": "2026-02-16", "ends_on": "2026-02-20"}
    await clinic.made("/provider-absences", away)
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **TALK))
    assert said(claim, "supervision") == {"supervision.supervisor_absent": "blocks"}

    stand_in = await hire(clinic, family_name="Deputy", credential="LMFT", npi=NPI[3])
    who = {"supervisee_id": associate, "supervisor_id": stand_in, "starts_on": "2026-02-01"}
    await clinic.made("/supervision-assignments", who)
    claim = await again(clinic, claim)
    assert claim["rendering_provider_id"] == stand_in
    assert said(claim, "supervision") == {"supervision.supervisor_credential": "blocks"}
    await entitle(clinic, stand_in, "independent", "2026-01-01", credential="LCSW")
    assert said(await again(clinic, claim), "supervision") == {}


@pytest.mark.req("BC-18")
@pytest.mark.parametrize(
    ("row", "state", "expected"),
    [
        ({"bill_as": "not_billable"}, None, {"supervision.not_billable": "blocks"}),
        ({"bill_as": "self", "cosignature": False, "supervisor_available": False}, None, {}),
        ({"bill_as": "not_billable"}, "NH", {}),
    ],
)
async def test_the_payers_row_decides_by_credential_and_state(
    clinic: Clinic, row: dict[str, Any], state: str | None, expected: dict[str, str]
) -> None:
    """Not billable, billable as oneself, or a row of another state, which says nothing here."""
    supervisor = await hire(clinic, family_name="Super", credential="LCSW", npi=NPI[2])
    associate = await hire(clinic, supervisor_id=supervisor)
    await entitle(clinic, associate, "associate", "2025-01-01")
    scope = {"payer_id": clinic.ids["payer"]} | ({"state": state} if state else {})
    await clinic.add_rule("supervised_billing", {"credentials": [ASSOCIATE | row]}, **scope)
    clinic.ids["provider"] = associate
    patient_id, case_id, _ = await clinic.admit()
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **TALK))
    assert said(claim, "supervision") == expected
    assert claim["rendering_provider_id"] == associate


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (
            "credentials",
            {"credential": "LPC", "standing": "associate", "state": "MA", "ends_on": "2024-01-01"},
            "/ends_on",
        ),
        ("licences", {"kind": "licence", "title": "LPC", "number": "1"}, "/state"),
        (
            "licences",
            {"kind": "licence", "title": "LPC", "number": "1", "compact": "PSYPACT", "state": "MA"},
            "/compact",
        ),
    ],
)
async def test_what_cannot_be_is_refused(
    clinic: Clinic, path: str, body: dict[str, Any], pointer: str
) -> None:
    """Reversed dates, a licence without a state, a licence that names a compact: with the field."""
    more = {"starts_on": "2025-01-01"} | ({"source": "board"} if path == "credentials" else {})
    refused = await clinic.send(f"/providers/{clinic.ids['provider']}/{path}", body | more, status=422)
    assert refused["errors"][0]["pointer"] == pointer
