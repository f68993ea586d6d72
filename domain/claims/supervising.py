"""Whom a claim names as supervising, where its payer wants that (2310D, 2420D; BC-18)."""

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import SUPERVISED_BILLING, SupervisedBilling
from domain.claims.basis import ClaimBasis
from domain.claims.content import ClaimContent, ClinicianContent
from domain.claims.rendering import rendered
from domain.practices.identifiers import NoIdentifier, ResolvedIdentifier
from domain.practices.models import Provider


def with_supervisors(basis: ClaimBasis, content: ClaimContent) -> ClaimContent:
    """The content with the supervisor of its first supervised line, and of lines that had another one."""
    dates = {line.served_on for line in content.lines}
    if not any(_is_sent(basis.book, replace(basis.asked, on=on)) for on in dates):
        return content
    found = _by_line(basis)
    whole = next((found[line.number] for line in content.lines if line.number in found), None)
    return replace(
        content,
        supervising=whole,
        lines=tuple(
            replace(line, supervising=mine if (mine := found.get(line.number)) != whole else None)
            for line in content.lines
        ),
    )


def _is_sent(book: RuleBook, asked: Asked) -> bool:
    """Whether the payer wants anybody's supervisor named on the date."""
    rule = ask(book, SUPERVISED_BILLING, asked).read(SupervisedBilling)
    return any(row.sends_supervisor for row in rule.credentials)


def _by_line(basis: ClaimBasis) -> dict[int, ClinicianContent]:
    """The supervisor to name by line number; of several sessions the first that had one counts."""
    staff, found = basis.staff, dict[int, ClinicianContent]()
    for line, _, visit in basis.behind:
        decided = rendered(staff, visit, basis.book, basis.coverage, basis.profile.state)
        wanted = decided.sends_supervisor_id
        if wanted in staff.providers and line.number not in found:
            found[line.number] = _named(basis, staff.providers[wanted], visit.date_of_service)
    return found


def _named(basis: ClaimBasis, supervisor: Provider, on: date) -> ClinicianContent:
    """The supervisor as this payer knows them at this place on the date; the check says what is missing."""
    known_as = _identifier(basis, supervisor.id, on)
    return ClinicianContent(
        given_name=supervisor.given_name,
        family_name=supervisor.family_name,
        npi=known_as.npi if known_as else None,
        taxonomy=known_as.taxonomy if known_as else None,
        legacy_id=known_as.legacy_id if known_as else None,
    )


def _identifier(basis: ClaimBasis, provider_id: UUID, on: date) -> ResolvedIdentifier | None:
    try:
        return basis.identifiers.resolve(
            "supervising",
            provider_id=provider_id,
            location_id=basis.claim.location_id,
            payer_id=basis.claim.payer_id,
            on=on,
        )
    except NoIdentifier:
        return None
