"""Whom a claim names as supervising, where its payer wants that (2310D, 2420D; BC-18)."""

from datetime import date
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staffing_rules import SUPERVISED_BILLING, SupervisedBilling
from domain.claims.content import ClaimContent, ClinicianContent
from domain.claims.models import Claim
from domain.claims.rendering import lines_behind, rendered, staff_of
from domain.patients.coverages import coverage_by_id
from domain.practices.identifiers import NoIdentifier, ResolvedIdentifier, resolve_identifier
from domain.practices.models import Provider


async def with_supervisors(
    session: AsyncSession, claim: Claim, book: RuleBook, asked: Asked, content: ClaimContent
) -> ClaimContent:
    """The content with the supervisor of its first supervised line, and of lines that had another one."""
    dates = {line.served_on for line in content.lines}
    if not any(_is_sent(book, replace(asked, on=on)) for on in dates):
        return content
    found = await _by_line(session, claim, book, asked)
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


async def _by_line(
    session: AsyncSession, claim: Claim, book: RuleBook, asked: Asked
) -> dict[int, ClinicianContent]:
    """The supervisor to name by line number; of several sessions the first that had one counts."""
    coverage = await coverage_by_id(session, claim.practice_id, claim.coverage_id)
    assert coverage is not None, "a claim has one"
    rows = await lines_behind(session, claim)
    staff = await staff_of(session, claim.practice_id, {visit.id: visit for _, _, visit in rows}.values())
    found: dict[int, ClinicianContent] = {}
    for line, _, visit in rows:
        wanted = rendered(staff, visit, book, coverage, asked.state or "").sends_supervisor_id
        if wanted in staff.providers and line.number not in found:
            supervisor = staff.providers[wanted]
            found[line.number] = await _named(session, claim, supervisor, visit.date_of_service)
    return found


async def _named(session: AsyncSession, claim: Claim, supervisor: Provider, on: date) -> ClinicianContent:
    """The supervisor as this payer knows them at this place on the date; the check says what is missing."""
    known_as = await _identifier(session, claim, supervisor.id, on)
    return ClinicianContent(
        given_name=supervisor.given_name,
        family_name=supervisor.family_name,
        npi=known_as.npi if known_as else None,
        taxonomy=known_as.taxonomy if known_as else None,
        legacy_id=known_as.legacy_id if known_as else None,
    )


async def _identifier(
    session: AsyncSession, claim: Claim, provider_id: UUID, on: date
) -> ResolvedIdentifier | None:
    try:
        return await resolve_identifier(
            session,
            claim.practice_id,
            "supervising",
            provider_id=provider_id,
            location_id=claim.location_id,
            payer_id=claim.payer_id,
            on=on,
        )
    except NoIdentifier:
        return None
