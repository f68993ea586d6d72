"""Where the patient was against what the clinician held there on the date (BC-19)."""

from typing import Any

import pytest

from tests.api.v1.clinic import NPI, Clinic
from tests.api.v1.staff import DAY, TALK, again, claim_for, finding, hire, license_, said

VIDEO: dict[str, Any] = {"telehealth": "audio_video"}


async def session(clinic: Clinic, **changes: Any) -> Any:
    """The claim of one telehealth session."""
    patient_id, case_id, _ = await clinic.admit()
    return await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **TALK, **VIDEO | changes))


@pytest.mark.req("BC-19")
async def test_a_session_into_a_state_without_a_licence_is_blocked(clinic: Clinic) -> None:
    """Licensed in Massachusetts, the patient in New York: held, until the licence is recorded."""
    clinic.ids["provider"] = provider = await hire(clinic)
    await license_(clinic, provider)
    claim = await session(clinic, patient_state="NY")
    assert said(claim, "licensure") == {"licensure.mismatch": "blocks"}
    assert claim["status"] == "held"
    assert finding(claim, "licensure.mismatch")["evidence"] == {"state": "NY"}
    await license_(clinic, provider, state="NY", starts_on="2026-02-17")
    assert said(await again(clinic, claim), "licensure") == {"licensure.mismatch": "blocks"}
    await license_(clinic, provider, state="NY", number="L2", starts_on="2025-01-01")
    assert said(await again(clinic, claim), "licensure") == {}


@pytest.mark.req("BC-19")
@pytest.mark.parametrize("compact", ["PT Compact", "PSYPACT", "Counseling Compact", "ASLP-IC", "OT Compact"])
async def test_a_compact_privilege_holds_where_the_state_is_a_member_on_the_date(
    clinic: Clinic, compact: str
) -> None:
    """Membership is a dated row of the state: none known blocks and names the compact, a row clears it."""
    clinic.ids["provider"] = provider = await hire(clinic)
    privilege = {"kind": "compact_privilege", "compact": compact, "state": None, "title": compact}
    await license_(clinic, provider, **privilege)
    await license_(clinic, provider, state="NH", number="home")
    claim = await session(clinic, patient_state="HI")
    assert said(claim, "licensure") == {"licensure.compact_not_member": "blocks"}
    told = finding(claim, "licensure.compact_not_member")
    assert told["evidence"] == {"state": "HI", "compact": compact}
    late = {"compacts": [compact]}
    await clinic.add_rule("compact_membership", late, state="HI", starts_on="2026-02-17")
    assert "licensure.compact_not_member" in said(await again(clinic, claim))
    await clinic.add_rule(
        "compact_membership", late, state="HI", starts_on="2025-01-01", ends_on="2026-02-16"
    )
    assert said(await again(clinic, claim), "licensure") == {}


@pytest.mark.req("BC-19")
async def test_a_privilege_that_expired_or_is_another_states_holds_nothing(clinic: Clinic) -> None:
    """A privilege for one remote state is none for another, and an ended one is none at all."""
    clinic.ids["provider"] = provider = await hire(clinic)
    await clinic.add_rule("compact_membership", {"compacts": ["PT Compact"]}, state="VT")
    privilege = {"kind": "compact_privilege", "compact": "PT Compact", "title": "PT"}
    await license_(clinic, provider, **privilege, state="NH")
    await license_(clinic, provider, number="home")
    claim = await session(clinic, patient_state="VT")
    assert said(claim, "licensure") == {"licensure.mismatch": "blocks"}
    held = await license_(clinic, provider, **privilege, state="VT", number="P2")
    assert said(await again(clinic, claim), "licensure") == {}
    await clinic.send(f"/licences/{held}/end", {"ends_on": "2026-02-15"}, status=204)
    assert said(await again(clinic, claim), "licensure") == {"licensure.mismatch": "blocks"}


@pytest.mark.req("BC-19")
async def test_an_unknown_location_is_asked_for(clinic: Clinic) -> None:
    """Nobody said where the patient was: the claim waits; at home is the home's own state."""
    clinic.ids["provider"] = provider = await hire(clinic)
    await license_(clinic, provider)
    claim = await session(clinic)
    assert said(claim, "licensure") == {"licensure.location_unknown": "blocks"}
    at_home = await session(
        clinic, patient_at_home=True, starts_at=f"{DAY}T20:00:00Z", ends_at=f"{DAY}T21:00:00Z"
    )
    assert said(at_home, "licensure") == {}


@pytest.mark.req("BC-19")
async def test_in_person_the_place_counts_and_nothing_is_said_where_nothing_is_recorded(
    clinic: Clinic,
) -> None:
    """No licences recorded: silence, unless the payer's row requires them; then the place's state counts."""
    clinic.ids["provider"] = provider = await hire(clinic)
    patient_id, case_id, _ = await clinic.admit()
    claim = await claim_for(clinic, await clinic.document(patient_id, case_id, DAY, **TALK))
    assert said(claim, "licensure") == {}
    await clinic.add_rule("licensure", {"check": "required"})
    assert said(await again(clinic, claim), "licensure") == {"licensure.mismatch": "blocks"}
    await license_(clinic, provider)
    assert said(await again(clinic, claim), "licensure") == {}


@pytest.mark.req("BC-19")
@pytest.mark.parametrize("compact", ["PT Compact", "PSYPACT"])
async def test_a_privilege_leans_on_the_home_licence(clinic: Clinic, compact: str) -> None:
    """Nothing recorded behind it is pointed out; a lapsed licence holds the claim, its renewal clears it."""
    clinic.ids["provider"] = provider = await hire(clinic)
    await clinic.add_rule("compact_membership", {"compacts": [compact]}, state="VT")
    await license_(clinic, provider, kind="compact_privilege", compact=compact, title="PT", state="VT")
    claim = await session(clinic, patient_state="VT")
    assert said(claim, "licensure") == {"licensure.home_licence": "warns"}
    await license_(clinic, provider, state="NH", number="home", ends_on="2026-02-15")
    claim = await again(clinic, claim)
    assert said(claim, "licensure") == {"licensure.home_licence": "blocks"}
    assert "compact_home_licence" in finding(claim, "licensure.home_licence")["row"]
    await license_(clinic, provider, state="NH", number="renewed", starts_on="2026-02-16")
    assert said(await again(clinic, claim), "licensure") == {}


@pytest.mark.req("BC-19")
async def test_a_state_that_reads_the_compact_otherwise_has_its_own_row(clinic: Clinic) -> None:
    """The lapsed home licence holds nothing where the state's own row leans on none."""
    clinic.ids["provider"] = provider = await hire(clinic)
    await clinic.add_rule("compact_membership", {"compacts": ["PSYPACT"]}, state="VT")
    await license_(clinic, provider, kind="compact_privilege", compact="PSYPACT", state="VT")
    await license_(clinic, provider, state="NH", number="home", ends_on="2026-02-15")
    claim = await session(clinic, patient_state="VT")
    assert said(claim, "licensure") == {"licensure.home_licence": "blocks"}
    await clinic.add_rule("compact_home_licence", {"compacts": []}, state="VT")
    assert said(await again(clinic, claim), "licensure") == {}


@pytest.mark.req("BC-18")
@pytest.mark.req("BC-19")
@pytest.mark.parametrize(
    ("asks", "expected"), [(True, {"licensure.supervisor_mismatch": "blocks"}), (False, {})]
)
async def test_the_supervisor_is_licensed_where_the_patient_is_when_the_row_says_so(
    clinic: Clinic, asks: bool, expected: dict[str, str]
) -> None:
    """Billed under a supervisor licensed elsewhere: the row decides; licensed there, the claim is ready."""
    supervisor = await hire(clinic, family_name="Super", credential="LCSW", npi=NPI[2])
    clinic.ids["provider"] = associate = await hire(clinic, supervisor_id=supervisor)
    await license_(clinic, associate, state="NY")
    await license_(clinic, supervisor)
    row = {"credential": "LPC", "bill_as": "supervisor", "supervisor_licensed": asks}
    await clinic.add_rule("supervised_billing", {"credentials": [row]})
    claim = await session(clinic, patient_state="NY")
    assert said(claim, "licensure", "supervision") == expected
    await license_(clinic, supervisor, state="NY", number="NY1")
    assert said(await again(clinic, claim), "licensure", "supervision") == {}
