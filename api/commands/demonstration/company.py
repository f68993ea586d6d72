"""Making the billing company, its people and its practices; what is there is found, not made again."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.demonstration.company_plan import (
    COMPANY,
    PRACTICES,
    SLUG,
    THERAPISTS,
    TherapistPlan,
)
from api.commands.demonstration.practices import open_practice
from api.commands.demonstration.stage import Play, PracticeIds, member_acting
from api.services import Services
from tenants import connections, organizations, provisioning
from tenants.access import Actor, Role, system_actor
from tenants.connections import NewConnection

MANAGER_EMAIL = "nora.quill@northlight.example"
MANAGER_NAME = "Nora Quill"
ACTION = "demonstration"
SENDER, RECEIVER = "NORTHLIGHT", "BAYCLEARING"


class Founded(Struct, frozen=True, kw_only=True):
    """The company: who manages its billing, and its practices by the keys of the plan."""

    organization_id: UUID
    actor: Actor
    practices: dict[str, PracticeIds]


def email_of(plan: TherapistPlan) -> str:
    """The address with which a clinician signs in."""
    return f"{plan.given_name}.{plan.family_name}@northlight.example".lower()


def signing_in() -> tuple[str, ...]:
    """Everybody who is given a password: the billing manager and one therapist of each practice."""
    first = {plan.practice: plan for plan in reversed(THERAPISTS) if plan.has_npi}
    return (MANAGER_EMAIL, *(email_of(first[practice.key]) for practice in PRACTICES))


async def found_company(services: Services, play: Play, passwords: dict[str, str]) -> Founded:
    """The company with its members and practices, made where they are missing; `passwords` by address."""
    known = await services.database.directory_lookup("slug", SLUG)
    organization_id = (
        known.organization_id
        if known
        else await provisioning.create_organization(services.database, slug=SLUG, name=COMPANY)
    )
    founding = system_actor(organization_id, ACTION)
    async with services.database.organization_transaction(founding) as session:
        connection_id = await _connection(session, organization_id)
        members = await _members(session, founding, passwords, services)
        practice_ids = await _practices(session, organization_id, services)
    reach = frozenset(practice_ids.values())
    manager = members[MANAGER_EMAIL]
    actor = member_acting(organization_id, manager, MANAGER_NAME, reach, Role.BILLING_MANAGER)
    practices = {
        plan.key: await open_practice(
            services, play, actor, plan, practice_ids[plan.key], connection_id, _staff(members)
        )
        for plan in PRACTICES
    }
    await _grant_caseloads(services, founding, members, practices)
    return Founded(organization_id=organization_id, actor=actor, practices=practices)


async def _connection(session: AsyncSession, organization_id: UUID) -> UUID:
    known = await connections.connections(session, organization_id)
    if known:
        return known[0].id
    given = NewConnection(
        name="Bay Clearing", kind="simulator", sender_id=SENDER, receiver_id=RECEIVER, usage="T"
    )
    return await connections.add_connection(session, organization_id, given)


async def _members(
    session: AsyncSession, founding: Actor, passwords: dict[str, str], services: Services
) -> dict[str, UUID]:
    found = {each.email: each.id for each in await organizations.members(session, founding.organization_id)}
    wanted = {MANAGER_EMAIL: MANAGER_NAME}
    wanted |= {email_of(t): f"{t.given_name} {t.family_name}" for t in THERAPISTS if t.has_npi}
    now = services.now()
    for email, name in wanted.items():
        if email in found:
            continue
        password = passwords.get(email)
        found[email] = await provisioning.create_member(
            session,
            founding.organization_id,
            email=email,
            name=name,
            password_hash=await services.passwords.hash(password) if password else None,
            now=now,
        )
        if email == MANAGER_EMAIL:
            role = Role.BILLING_MANAGER
            await provisioning.grant(
                session, founding, holder_id=found[email], role=role, practice_id=None, now=now
            )
    return found


async def _practices(session: AsyncSession, organization_id: UUID, services: Services) -> dict[str, UUID]:
    known = {each.name: each.id for each in await organizations.practices(session, organization_id)}
    return {
        plan.key: known.get(plan.name)
        or await provisioning.create_practice(session, organization_id, name=plan.name, now=services.now())
        for plan in PRACTICES
    }


async def _grant_caseloads(
    services: Services, founding: Actor, members: dict[str, UUID], practices: dict[str, PracticeIds]
) -> None:
    async with services.database.organization_transaction(founding) as session:
        granted = {each.holder_id for each in await organizations.grants(session, founding.organization_id)}
        for plan in THERAPISTS:
            holder_id = members.get(email_of(plan))
            if holder_id is None or holder_id in granted:
                continue
            practice = practices[plan.practice]
            await provisioning.grant(
                session,
                founding,
                holder_id=holder_id,
                role=Role.THERAPIST,
                practice_id=practice.id,
                provider_id=practice.therapists[plan.key],
                now=services.now(),
            )


def _staff(members: dict[str, UUID]) -> dict[str, UUID]:
    """The members who are therapists, by the keys of the plan."""
    return {plan.key: members[email_of(plan)] for plan in THERAPISTS if plan.has_npi}
