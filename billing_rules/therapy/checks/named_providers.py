"""Is whoever the payer wants named besides the rendering clinician named whole: supervising, ordering?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.checks.identity import LUHN
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.parties import NamedProvider
from billing_rules.therapy.identifiers import npi_is_valid
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.staffing_rules import ORDERING_PROVIDER, SUPERVISED_BILLING


def check_supervising(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Name and NPI of each supervisor on the claim (2310D, 2420D)."""
    if facts.parties and facts.parties.supervising:
        by = ask(book, SUPERVISED_BILLING, facts.asked())
        fix = "Enter the supervisor's NPI for this payer and date."
        yield from _named("supervising", facts.parties.supervising, fix, by)


def check_ordering(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Name and NPI of each ordering provider on the claim's lines (2420E)."""
    if facts.parties and facts.parties.ordering:
        by = ask(book, ORDERING_PROVIDER, facts.asked())
        fix = "Enter the name and NPI with the order."
        yield from _named("ordering", facts.parties.ordering, fix, by)


def _named(role: str, providers: tuple[NamedProvider, ...], fix: str, by: Resolved) -> Iterator[Finding]:
    for at, provider in enumerate(providers):
        fields = (("last_name", "name", provider.last_name), ("npi", "NPI", provider.npi))
        for field, what, value in fields:
            if not value:
                yield finding(
                    f"required.{role}_{field}",
                    "blocks",
                    f"/parties/{role}/{at}/{field}",
                    f"The payer wants the {role} provider named, and the {what} is missing.",
                    fix=fix,
                    source=by.row.source,
                    by=by,
                )
        if provider.npi and not npi_is_valid(provider.npi):
            yield finding(
                "identity.npi",
                "blocks",
                f"/parties/{role}/{at}/npi",
                "The NPI fails its check digit.",
                fix="Look the provider up in the NPI registry and correct the number.",
                source=LUHN,
            )
