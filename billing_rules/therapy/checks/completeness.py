"""Is everything there that a professional claim cannot be sent without?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.facts.parties import AddressFacts, PartyFacts
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.scrub_rules import REFERRING_REQUIRED, ReferringRequired

GUIDE = "005010X222A1"
BILLING = "Complete the practice's billing identity."
REGISTRATION = "Complete the patient's registration."
PAYER = "Complete the payer's entry."
SEXES = ("M", "F", "U")

CLAIM_FIELDS = (
    ("payer_id", "The payer's electronic id is missing.", "Enter the id this connection sends to the payer."),
    ("billing_name", "The billing provider has no name.", BILLING),
    ("billing_npi", "The billing NPI is missing.", BILLING),
    ("billing_taxonomy", "The billing provider's taxonomy code is missing.", BILLING),
    ("billing_tax_id", "The billing provider's tax id is missing.", BILLING),
    ("billing_zip", "The billing address has no ZIP.", "Complete the practice's billing address."),
    ("rendering_npi", "The rendering NPI is missing.", "Enter the clinician's NPI for this payer and date."),
    ("member_id", "The member id is missing.", "Enter the member id as the card shows it."),
    ("patient_last_name", "The patient's last name is missing.", REGISTRATION),
    ("patient_first_name", "The patient's first name is missing.", REGISTRATION),
    ("patient_born_on", "The patient's date of birth is missing.", REGISTRATION),
    ("patient_sex", "The patient's sex as the payer knows it is missing.", "Enter M, F or U."),
    ("patient_zip", "The patient's address has no ZIP.", "Complete the patient's address."),
    ("diagnoses", "The claim has no diagnosis.", "Take the diagnoses over from the signed note."),
    ("lines", "The claim has no line.", "Add the charges of at least one signed session."),
)

LINE_FIELDS = (
    ("served_on", "The line has no date of service.", "Take the date over from the session."),
    ("code", "The line has no procedure code.", "Take the code over from the signed note."),
    ("place_of_service", "The line has no place of service.", "Say where the session took place."),
    ("discipline", "The line has no discipline.", "Say under which discipline the service was given."),
)

PARTY_FIELDS = (
    ("control_number", "The claim has no number of its own.", "Assemble the claim again."),
    ("place_of_service", "The claim has no place of service.", "Say what kind of place the location is."),
    ("payer_name", "The payer has no name.", PAYER),
    ("filing_indicator", "What kind of payer it is, is missing.", PAYER),
    ("relationship", "How the patient stands to the subscriber is missing.", "Complete the coverage."),
)

ADDRESS_FIELDS = (("street", "street"), ("city", "city"), ("state", "state"))


def check_claim_fields(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Each required element of the claim itself."""
    for field, message, fix in CLAIM_FIELDS:
        if not getattr(facts, field):
            yield _missing(field, f"/{field}", message, fix)


def check_line_fields(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Each required element of each line."""
    for at, line in enumerate(facts.lines):
        for field, message, fix in LINE_FIELDS:
            if not getattr(line, field):
                yield _missing(field, f"/lines/{at}/{field}", message, fix)


def check_parties(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Each required name, number and code of the people and places that the claim names."""
    parties = facts.parties
    if parties is None:
        return
    said_by_lines = any(not line.place_of_service for line in facts.lines)
    for field, message, fix in PARTY_FIELDS:
        if not getattr(parties, field) and not (field == "place_of_service" and said_by_lines):
            yield _missing(field, f"/parties/{field}", message, fix)
    yield from _names(parties)
    for at, control in enumerate(parties.line_controls):
        if not control:
            message = "The line has no number of its own."
            yield _missing(
                "line_control", f"/parties/line_controls/{at}", message, "Assemble the claim again."
            )
    if parties.accident_kind == "auto" and not parties.accident_state:
        message = "An auto accident names no state."
        yield _missing("accident_state", "/parties/accident_state", message, "Complete the case.")


def check_addresses(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Street, city and state of the billing provider, the patient, and a facility elsewhere."""
    parties = facts.parties
    if parties is None:
        return
    yield from _address("billing", parties.billing, "Complete the practice's billing address.")
    yield from _address("patient", parties.patient, "Complete the patient's address.")
    if parties.facility is not None:
        fix = "Complete the location."
        if not parties.facility_name:
            yield _missing("facility_name", "/parties/facility_name", "The facility has no name.", fix)
        yield from _address("facility", parties.facility, fix)
        if not facts.facility_zip:
            yield _missing("facility_zip", "/facility_zip", "The facility's address has no ZIP.", fix)


def check_referring(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Who refers or certifies, by name and NPI, where the payer wants it of the claim's disciplines."""
    parties = facts.parties
    if parties is None:
        return
    resolved = ask(book, REFERRING_REQUIRED, facts.asked())
    wanted = resolved.read(ReferringRequired).disciplines
    if not any(line.discipline in wanted for line in facts.lines):
        return
    fields = (
        ("referring_name", "The claim does not name who certified the plan of care."),
        ("referring_npi", "The NPI of whoever certified the plan of care is missing."),
    )
    for field, message in fields:
        if not getattr(parties, field):
            yield finding(
                f"required.{field}",
                "warns" if resolved.is_assumption else "blocks",
                f"/parties/{field}",
                message,
                fix="Enter the certifying clinician's name and NPI with the plan of care.",
                source=resolved.row.source,
                by=resolved,
            )


def check_amounts(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """At least one unit and a charge above zero on each line."""
    for at, line in enumerate(facts.lines):
        yield from _amounts_of(at, line)


def check_patient_sex(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """M, F or U, as the payer's file knows it."""
    if facts.patient_sex and facts.patient_sex not in SEXES:
        yield finding(
            "patient.sex",
            "blocks",
            "/patient_sex",
            "The patient's sex is none that a claim can say.",
            fix="Enter M, F or U.",
            source=f"{GUIDE} DMG03",
        )


def _missing(field: str, subject: str, message: str, fix: str) -> Finding:
    return finding(f"required.{field}", "blocks", subject, message, fix=fix, source=GUIDE)


def _names(parties: PartyFacts) -> Iterator[Finding]:
    """The clinician's name, and the subscriber's where it is not the patient's own."""
    if not parties.rendering_is_billing and not parties.rendering_last_name:
        message = "The rendering clinician has no last name."
        yield _missing("rendering_last_name", "/parties/rendering_last_name", message, "Complete the roster.")
    if parties.relationship in (None, "", "self"):
        return
    for field, which in (("subscriber_last_name", "last"), ("subscriber_first_name", "first")):
        if not getattr(parties, field):
            message = f"The subscriber's {which} name is missing."
            yield _missing(field, f"/parties/{field}", message, "Complete the coverage.")


def _address(whose: str, address: AddressFacts, fix: str) -> Iterator[Finding]:
    for field, name in ADDRESS_FIELDS:
        if not getattr(address, field):
            message = f"The {whose} address has no {name}."
            yield _missing(f"{whose}_{field}", f"/parties/{whose}/{field}", message, fix)


def _amounts_of(at: int, line: LineFacts) -> Iterator[Finding]:
    if line.units < 1:
        yield finding(
            "line.units",
            "blocks",
            f"/lines/{at}/units",
            "The line has no unit.",
            fix="Bill at least one unit, or take the line off the claim.",
            source=GUIDE,
            units=line.units,
        )
    if line.charge_cents <= 0:
        yield finding(
            "line.charge",
            "blocks",
            f"/lines/{at}/charge_cents",
            "The line's charge is not above zero.",
            fix="Set the practice's charge for the code on the date of service.",
            source=GUIDE,
        )
