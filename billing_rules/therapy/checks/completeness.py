"""Is everything there that a professional claim cannot be sent without?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts

GUIDE = "005010X222A1"

CLAIM_FIELDS = (
    ("payer_id", "The payer's electronic id is missing.", "Enter the id this connection sends to the payer."),
    ("billing_name", "The billing provider has no name.", "Complete the practice's billing identity."),
    ("billing_npi", "The billing NPI is missing.", "Complete the practice's billing identity."),
    (
        "billing_tax_id",
        "The billing provider's tax id is missing.",
        "Complete the practice's billing identity.",
    ),
    ("billing_zip", "The billing address has no ZIP.", "Complete the practice's billing address."),
    ("rendering_npi", "The rendering NPI is missing.", "Enter the clinician's NPI for this payer and date."),
    ("member_id", "The member id is missing.", "Enter the member id as the card shows it."),
    ("patient_last_name", "The patient's last name is missing.", "Complete the patient's registration."),
    ("patient_first_name", "The patient's first name is missing.", "Complete the patient's registration."),
    ("patient_born_on", "The patient's date of birth is missing.", "Complete the patient's registration."),
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


def check_claim_fields(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Each required element of the claim itself."""
    for field, message, fix in CLAIM_FIELDS:
        if not getattr(facts, field):
            yield finding(f"required.{field}", "blocks", f"/{field}", message, fix=fix, source=GUIDE)


def check_line_fields(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Each required element of each line."""
    for at, line in enumerate(facts.lines):
        for field, message, fix in LINE_FIELDS:
            if not getattr(line, field):
                yield finding(
                    f"required.{field}", "blocks", f"/lines/{at}/{field}", message, fix=fix, source=GUIDE
                )


def check_amounts(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """At least one unit and a charge above zero on each line."""
    for at, line in enumerate(facts.lines):
        yield from _amounts_of(at, line)


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


def check_patient_sex(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """M, F or U, as the payer's file knows it."""
    if facts.patient_sex and facts.patient_sex not in ("M", "F", "U"):
        yield finding(
            "patient.sex",
            "blocks",
            "/patient_sex",
            "The patient's sex is none that a claim can say.",
            fix="Enter M, F or U.",
            source=f"{GUIDE} DMG03",
        )
