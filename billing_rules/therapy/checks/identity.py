"""Do the identifiers have the shape that payers accept?"""

from collections.abc import Callable, Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.identifiers import is_full_zip, is_tax_id, is_taxonomy, is_zip, npi_is_valid

NPIS = ("billing_npi", "rendering_npi", "facility_npi")
TAXONOMIES = ("billing_taxonomy", "rendering_taxonomy")
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
        source="45 CFR 162.406, Luhn behind 80840",
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
