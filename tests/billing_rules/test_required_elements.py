"""Whatever a professional claim must say has a check: taking any one away gives exactly that finding."""

from datetime import date

import msgspec
import pytest

from billing_rules.therapy.claim_checks import scrub
from tests.billing_rules.claims import SHIPPED, found
from tests.billing_rules.complete_claim import COMPLETE, PARTIES, leaves, without

NOT_REQUIRED = {
    "/payer": "the rule book's key, not an element of the file",
    "/plan": "the rule book's key, not an element of the file",
    "/state": "the rule book's key, not an element of the file",
    "/sent_on": "the day of sending, which the sender knows",
    "/payer_control_number": "only a replacement or void names it",
    "/rendering_taxonomy": "only where the payer's own rule wants it",
    "/facility_npi": "only where the facility has one of its own",
    "/parties/rendering_is_billing": "tells how many providers the file names",
    "/parties/accident_kind": "only where there was an accident",
}
REQUIRED = [pointer for pointer in leaves(COMPLETE) if pointer not in NOT_REQUIRED]
SAID_AS = {
    "frequency": "claim.frequency",
    "modifiers": "modifier.discipline",
    "units": "line.units",
    "charge_cents": "line.charge",
    "minutes": "units.minutes",
    "pointers": "line.pointers",
    "session_signed": "session.unsigned",
}


def rule_of(pointer: str) -> str:
    """The rule id that speaks of an element, as its pointer names it."""
    steps = [step for step in pointer.strip("/").split("/") if not step.isdigit()]
    if steps == ["diagnoses"]:
        return "required.diagnoses" if pointer == "/diagnoses" else "diagnosis.malformed"
    if steps == ["parties", "line_controls"]:
        return "required.line_control"
    own = steps[1:] if steps[0] in ("parties", "lines") and len(steps) > 1 else steps
    return SAID_AS.get("_".join(own), f"required.{'_'.join(own)}")


def test_the_walk_meets_every_element() -> None:
    assert found(COMPLETE) == []
    assert len(REQUIRED) > 45
    assert set(NOT_REQUIRED) <= set(leaves(COMPLETE))


@pytest.mark.parametrize("pointer", REQUIRED)
def test_any_one_element_taken_away_is_exactly_that_finding(pointer: str) -> None:
    assert found(without(COMPLETE, pointer)) == [(rule_of(pointer), "blocks", pointer)]


@pytest.mark.parametrize("pointer", NOT_REQUIRED.keys() - {"/sent_on", "/payer"})
def test_what_is_not_required_may_be_absent(pointer: str) -> None:
    assert found(without(COMPLETE, pointer)) == []


def test_a_correction_names_the_payers_number() -> None:
    corrected = msgspec.structs.replace(COMPLETE, frequency="7", payer_control_number="ICN1")
    assert found(corrected) == []
    fault = ("claim.payer_control_number", "blocks", "/payer_control_number")
    assert found(without(corrected, "/payer_control_number")) == [fault]


def test_a_taxonomy_is_required_of_whom_the_payers_row_names() -> None:
    asked = msgspec.structs.replace(COMPLETE, payer="medicaid", authorization_required=False)
    rules = [rule for rule, _, _ in found(without(asked, "/rendering_taxonomy"))]
    assert rules.count("required.rendering_taxonomy") == 1
    (told,) = [
        what
        for what in scrub(without(asked, "/rendering_taxonomy"), SHIPPED)
        if what.rule == "required.rendering_taxonomy"
    ]
    assert "for medicaid/any/any" in (told.row or "")
    assert told.starts_on == date(2019, 1, 1)


def test_the_subscribers_own_names_are_asked_for_once() -> None:
    own = msgspec.structs.replace(
        PARTIES, relationship="self", subscriber_last_name=None, subscriber_first_name=None
    )
    assert found(msgspec.structs.replace(COMPLETE, parties=own)) == []


def test_a_service_at_the_billing_address_needs_no_facility() -> None:
    here = msgspec.structs.replace(PARTIES, facility=None, facility_name=None)
    assert found(msgspec.structs.replace(COMPLETE, parties=here, facility_npi=None, facility_zip=None)) == []


@pytest.mark.parametrize("whose", ["billing", "patient", "facility"])
def test_a_state_that_the_format_does_not_know_is_told(whose: str) -> None:
    address = msgspec.structs.replace(PARTIES.billing, state="XX")
    facts = msgspec.structs.replace(COMPLETE, parties=msgspec.structs.replace(PARTIES, **{whose: address}))
    assert found(facts) == [("identity.state", "blocks", f"/parties/{whose}/state")]
