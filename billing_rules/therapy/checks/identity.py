"""Do the identifiers have the shape that payers accept?"""

from collections.abc import Callable, Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.addresses import STATES
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.parties import AddressFacts
from billing_rules.therapy.identifiers import is_full_zip, is_tax_id, is_taxonomy, is_zip, npi_is_valid
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.scrub_rules import TAXONOMY_REQUIRED, TaxonomyRequired

NPIS = ("billing_npi", "rendering_npi", "facility_npi")
TAXONOMIES = ("billing_taxonomy", "rendering_taxonomy")
LUHN = "45 CFR 162.406, Luhn behind 80840"
FULL_ZIPS = ("billing_zip", "facility_zip")


def check_npis(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Ten digits with a valid check digit."""
    yield from _shaped(
        facts,
        NPIS,
        npi_is_valid,
        rule="identity.npi",
        message="The NPI fails its check digit.",
        fix="Look the provider up in the NPI registry and correct the number.",
        source=LUHN,
    )


def check_referring_npi(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """The certifying clinician's NPI, where the claim names one, has a valid check digit."""
    npi = facts.parties.referring_npi if facts.parties else None
    if npi and not npi_is_valid(npi):
        yield finding(
            "identity.npi",
            "blocks",
            "/parties/referring_npi",
            "The NPI fails its check digit.",
            fix="Look the provider up in the NPI registry and correct the number.",
            source=LUHN,
        )


def check_npi_types(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """A person renders (type 1) and an organization is the facility (type 2), as far as our files know."""
    known = facts.providers
    if known is None:
        return
    faults = (
        ("rendering_npi", known.organizations, known.persons, "organization's, and a person renders"),
        ("facility_npi", known.persons, known.organizations, "person's, and a facility is an organization"),
    )
    for field, wrong, right, said in faults:
        npi = getattr(facts, field)
        if npi in wrong and npi not in right:
            yield finding(
                "identity.npi_type",
                "blocks",
                f"/{field}",
                f"The NPI is an {said}." if said.startswith("o") else f"The NPI is a {said}.",
                fix="Enter the NPI of the right kind with the identifiers of this payer.",
                source="45 CFR 162.406; 005010X222A1 2310B and 2310C NM1",
            )


def check_taxonomy_present(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The rendering clinician's taxonomy code, where the payer wants it."""
    resolved = ask(book, TAXONOMY_REQUIRED, facts.asked())
    if resolved.read(TaxonomyRequired).rendering and not facts.rendering_taxonomy:
        yield finding(
            "required.rendering_taxonomy",
            "warns" if resolved.is_assumption else "blocks",
            "/rendering_taxonomy",
            "The rendering clinician's taxonomy code is missing, and the payer wants it.",
            fix="Enter the code under which the clinician is enrolled.",
            source=resolved.row.source,
            by=resolved,
        )


def check_enrolment(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """The clinician is enrolled with the payer on the date of service, where enrolments are recorded."""
    if facts.providers is not None and facts.providers.enrolled is False:
        yield finding(
            "identity.not_enrolled",
            "blocks",
            "/rendering_npi",
            "The clinician's enrolment with this payer does not cover the date of service.",
            fix="Enter the dates of the enrolment, or bill under whoever is enrolled.",
            source="CARC 8, 170, 185, B7",
        )


def check_states(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Every address is in a state or territory that the format knows."""
    parties = facts.parties
    if parties is None:
        return
    placed: tuple[tuple[str, AddressFacts | None], ...] = (
        ("billing", parties.billing),
        ("patient", parties.patient),
        ("facility", parties.facility),
    )
    for whose, address in placed:
        if address is not None and address.state and address.state not in STATES:
            yield finding(
                "identity.state",
                "blocks",
                f"/parties/{whose}/state",
                "The address is in no state or territory that the format knows.",
                fix="Enter the two letters of the state.",
                source="005010X222A1 N402",
            )


def check_taxonomies(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Ten characters ending in X, where one is given."""
    yield from _shaped(
        facts,
        TAXONOMIES,
        is_taxonomy,
        rule="identity.taxonomy",
        message="The taxonomy code is not shaped like one.",
        fix="Enter the ten-character code under which the provider is enrolled.",
        source="NUCC Health Care Provider Taxonomy",
    )


def check_tax_id(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Nine digits."""
    yield from _shaped(
        facts,
        ("billing_tax_id",),
        is_tax_id,
        rule="identity.tax_id",
        message="The tax id does not have nine digits.",
        fix="Enter the EIN or social security number that the payer pays.",
        source="005010X222A1 2010AA REF*EI",
    )


def check_zips(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Nine digits for the billing provider and the facility, five or nine for the patient."""
    yield from _shaped(
        facts,
        FULL_ZIPS,
        is_full_zip,
        rule="identity.zip9",
        message="The ZIP is not a full one of nine digits.",
        fix="Look up the ZIP+4 of the street address.",
        source="005010X222A1 2010AA and 2310C N403",
    )
    yield from _shaped(
        facts,
        ("patient_zip",),
        is_zip,
        rule="identity.zip",
        message="The ZIP has neither five nor nine digits.",
        fix="Correct the patient's address.",
        source="005010X222A1 2010BA N403",
    )


def _shaped(
    facts: ClaimFacts,
    fields: tuple[str, ...],
    is_shaped: Callable[[str], bool],
    *,
    rule: str,
    message: str,
    fix: str,
    source: str,
) -> Iterator[Finding]:
    for field in fields:
        value = getattr(facts, field)
        if value and not is_shaped(value):
            yield finding(rule, "blocks", f"/{field}", message, fix=fix, source=source)
