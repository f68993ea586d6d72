"""Whom and what a claim's content names, as facts; and what the practice's files say of its numbers."""

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.parties import AddressFacts, NamedProvider, PartyFacts, ProviderFacts
from domain.claims.basis import ClaimBasis
from domain.claims.content import Address, ClaimContent
from domain.practices.models import Location, Provider


def party_facts(content: ClaimContent) -> PartyFacts:
    """The names, addresses and numbers that the claim's file needs, as its content has them."""
    subscriber, accident = content.subscriber, content.accident
    elsewhere = content.facility.address != content.billing.address
    return PartyFacts(
        control_number=content.control_number,
        place_of_service=content.facility.place_of_service,
        payer_name=content.payer.name,
        filing_indicator=content.payer.filing_indicator,
        billing=_address(content.billing.address),
        rendering_last_name=content.rendering.family_name,
        rendering_is_billing=content.rendering.npi == content.billing.npi,
        relationship=subscriber.relationship,
        subscriber_last_name=subscriber.person.family_name,
        subscriber_first_name=subscriber.person.given_name,
        patient=_address(content.patient.address),
        facility_name=content.facility.name if elsewhere else None,
        facility=_address(content.facility.address) if elsewhere else None,
        referring_name=content.referring.name if content.referring else None,
        referring_npi=content.referring.npi if content.referring else None,
        accident_kind=accident.kind if accident else None,
        accident_state=accident.state if accident else None,
        line_controls=tuple(line.line_control for line in content.lines),
        supervising=_supervising(content),
        ordering=_ordering(content),
    )


async def provider_facts(session: AsyncSession, basis: ClaimBasis, content: ClaimContent) -> ProviderFacts:
    """Which of the claim's NPIs the practice holds as a person's or an organization's, and the enrolment."""
    claim, mine = basis.claim, basis.claim.practice_id
    named = [npi for npi in (content.rendering.npi, content.facility.npi, content.billing.npi) if npi]
    persons = select(Provider.npi, literal(True)).where(Provider.practice_id == mine, Provider.npi.in_(named))
    places = select(Location.npi, literal(False)).where(Location.practice_id == mine, Location.npi.in_(named))
    held = {(npi, is_person) for npi, is_person in await session.execute(persons.union(places))}
    if basis.profile.npi in named:
        held.add((basis.profile.npi, False))
    return ProviderFacts(
        persons=tuple(sorted(npi for npi, is_person in held if npi and is_person)),
        organizations=tuple(sorted(npi for npi, is_person in held if npi and not is_person)),
        enrolled=basis.identifiers.is_enrolled(claim.rendering_provider_id, claim.payer_id, claim.first_on),
    )


def _supervising(content: ClaimContent) -> tuple[NamedProvider, ...]:
    named = [content.supervising, *(line.supervising for line in content.lines)]
    found = [NamedProvider(last_name=one.family_name, npi=one.npi) for one in named if one]
    return tuple(dict.fromkeys(found))


def _ordering(content: ClaimContent) -> tuple[NamedProvider, ...]:
    named = [line.ordering for line in content.lines if line.ordering]
    return tuple(dict.fromkeys(NamedProvider(last_name=one.name, npi=one.npi) for one in named))


def _address(address: Address | None) -> AddressFacts:
    if address is None:
        return AddressFacts(street=None, city=None, state=None)
    return AddressFacts(street=address.street, city=address.city, state=address.state)
