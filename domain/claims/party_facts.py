"""Whom and what a claim's content names, as facts; and what the practice's files say of its numbers."""

from datetime import date
from uuid import UUID

from sqlalchemy import Executable, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.facts.parties import AddressFacts, NamedProvider, PartyFacts, ProviderFacts
from domain.claims.content import Address, ClaimContent
from domain.claims.models import Claim
from domain.practices.models import Identifier, Location, PracticeProfile, Provider


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


async def provider_facts(session: AsyncSession, claim: Claim, content: ClaimContent) -> ProviderFacts:
    """Which of the claim's NPIs the practice holds as a person's or an organization's, and the enrolment."""
    named = [npi for npi in (content.rendering.npi, content.facility.npi, content.billing.npi) if npi]
    mine = claim.practice_id
    persons = select(Provider.npi).where(Provider.practice_id == mine, Provider.npi.in_(named))
    places = select(Location.npi).where(Location.practice_id == mine, Location.npi.in_(named))
    billing = select(PracticeProfile.npi).where(
        PracticeProfile.practice_id == mine, PracticeProfile.npi.in_(named)
    )
    return ProviderFacts(
        persons=await _npis(session, persons),
        organizations=await _npis(session, places.union(billing)),
        enrolled=await _enrolled(session, mine, claim.rendering_provider_id, claim.payer_id, claim.first_on),
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


async def _npis(session: AsyncSession, wanted: Executable) -> tuple[str, ...]:
    rows = (await session.execute(wanted)).scalars()
    return tuple(sorted({npi for npi in rows if npi}))


async def _enrolled(
    session: AsyncSession, practice_id: UUID, provider_id: UUID, payer_id: UUID, on: date
) -> bool | None:
    """Whether the clinician's identifiers for this very payer cover the date; None where none is recorded."""
    mine = select(Identifier.starts_on, Identifier.ends_on).where(
        Identifier.practice_id == practice_id,
        Identifier.role == "rendering",
        Identifier.provider_id == provider_id,
        Identifier.payer_id == payer_id,
    )
    rows = list(await session.execute(mine))
    if not rows:
        return None
    return any(row.starts_on <= on and (row.ends_on is None or on <= row.ends_on) for row in rows)
