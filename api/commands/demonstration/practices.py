"""Opening a practice of the demonstration: its settings, place, clinicians, payers, rules and charges."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.demonstration.company_plan import (
    PRACTICES,
    RULES,
    THERAPISTS,
    TIME_ZONE,
    PracticePlan,
    RulePlan,
    TherapistPlan,
    npi,
    payer_plan,
)
from api.commands.demonstration.payer_book import YEAR_BEFORE
from api.commands.demonstration.population import STATE, fees
from api.commands.demonstration.stage import Play, PracticeIds
from api.services import Services
from domain.claims.connecting import connect_practice
from domain.patient_billing.merchants import connect_merchant
from domain.practices import queries
from domain.practices.charges import NewChargeRate, set_charge_rate
from domain.practices.overrides import NewPayerRule, add_payer_rule
from domain.practices.roster import (
    NewLocation,
    NewPayer,
    NewProvider,
    add_location,
    add_payer,
    add_provider,
)
from domain.practices.settings import PracticeSettings, set_profile
from tenants.access import Actor


async def open_practice(
    services: Services,
    play: Play,
    actor: Actor,
    plan: PracticePlan,
    practice_id: UUID,
    connection_id: UUID,
    staff: dict[str, UUID],
) -> PracticeIds:
    """All that the practice has before its first patient, in one transaction; found if it is there.

    `staff` are the members who sign in as therapists, by the keys of the plan.
    """
    async with services.database.practice_transaction(actor, practice_id) as session:
        found = await _find_practice(session, practice_id)
        if found is not None:
            return found
        await set_profile(session, practice_id, _settings(play, plan))
        await connect_practice(session, services.database, actor, practice_id, connection_id)
        await connect_merchant(session, services.database, actor, practice_id, f"acct_{practice_id.hex}")
        ids = PracticeIds(id=practice_id, location_id=await _add_location(session, practice_id, plan))
        await _add_staff(session, play, plan, ids, staff)
        await _add_payers(session, play, plan, ids, actor.id, services.now())
        await _set_charges(session, play, practice_id)
    return ids


async def _add_staff(
    session: AsyncSession, play: Play, plan: PracticePlan, ids: PracticeIds, staff: dict[str, UUID]
) -> None:
    for therapist in (one for one in THERAPISTS if one.practice == plan.key):
        given = _provider(play, therapist, ids, staff.get(therapist.key))
        ids.therapists[therapist.key] = await add_provider(session, ids.id, given)


async def _add_payers(
    session: AsyncSession, play: Play, plan: PracticePlan, ids: PracticeIds, author_id: UUID, now: datetime
) -> None:
    for key in plan.payers:
        ids.payers[key] = await add_payer(session, ids.id, _payer(key))
    for rule in (one for one in RULES if one.practice == plan.key):
        await add_payer_rule(session, ids.id, _rule(play, rule, ids), author_id=author_id, now=now)


async def _set_charges(session: AsyncSession, play: Play, practice_id: UUID) -> None:
    since = play.starts_on - YEAR_BEFORE
    for fee in fees():
        given = NewChargeRate(code=fee.code, charge_cents=fee.charge_cents, starts_on=since)
        await set_charge_rate(session, practice_id, given)


async def _find_practice(session: AsyncSession, practice_id: UUID) -> PracticeIds | None:
    places = await queries.locations(session, practice_id)
    if not places:
        return None
    ids = PracticeIds(id=practice_id, location_id=places[0].id)
    named = {(plan.given_name, plan.family_name): plan.key for plan in THERAPISTS}
    for provider in await queries.providers(session, practice_id):
        ids.therapists[named[provider.given_name, provider.family_name]] = provider.id
    electronic = {payer_plan(key).electronic_id: key for plan in PRACTICES for key in plan.payers}
    for payer in await queries.payers(session, practice_id):
        ids.payers[electronic[payer.electronic_id]] = payer.id
    return ids


def _settings(play: Play, plan: PracticePlan) -> PracticeSettings:
    return PracticeSettings(
        legal_name=plan.name,
        billing_name=plan.billing_name,
        specialty=plan.specialty,
        npi=npi(play.seed, plan.key),
        tax_id=plan.tax_id,
        taxonomy=plan.taxonomy,
        street=plan.street,
        city=plan.city,
        state=STATE,
        zip_code=plan.zip_code,
        phone=plan.phone,
        time_zone=TIME_ZONE,
        schedule_mode=plan.schedule_mode,
    )


async def _add_location(session: AsyncSession, practice_id: UUID, plan: PracticePlan) -> UUID:
    given = NewLocation(
        name=plan.name,
        place_of_service=plan.place_of_service,
        street=plan.street,
        city=plan.city,
        state=STATE,
        zip_code=plan.zip_code,
    )
    return await add_location(session, practice_id, given)


def _provider(play: Play, plan: TherapistPlan, ids: PracticeIds, member_id: UUID | None) -> NewProvider:
    return NewProvider(
        given_name=plan.given_name,
        family_name=plan.family_name,
        credential=plan.credential,
        disciplines=[plan.discipline],
        npi=npi(play.seed, plan.key) if plan.has_npi else None,
        taxonomy=plan.taxonomy,
        supervisor_id=ids.therapists[plan.supervisor] if plan.supervisor else None,
        member_id=member_id,
    )


def _payer(key: str) -> NewPayer:
    plan = payer_plan(key)
    return NewPayer(**{name: getattr(plan, name) for name in msgspec.structs.asdict(plan) if name != "key"})


def _rule(play: Play, plan: RulePlan, ids: PracticeIds) -> NewPayerRule:
    return NewPayerRule(
        rule=plan.rule,
        payer_id=ids.payers[plan.payer],
        value=plan.value,
        starts_on=play.starts_on - YEAR_BEFORE,
        source=plan.source,
        reason=plan.reason,
    )
