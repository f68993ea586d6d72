"""Who may do what: roles, permissions, grants, and the frozen Actor that every operation receives."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from tenants.errors import Forbidden


class Permission(StrEnum):
    """One thing that a route may require; every route names exactly one."""

    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_MANAGE = "organization.manage"
    PRACTICE_READ = "practice.read"
    PRACTICE_MANAGE = "practice.manage"
    RULES_MANAGE = "rules.manage"
    PATIENT_READ = "patient.read"
    PATIENT_WRITE = "patient.write"
    ALLOWANCE_READ = "allowance.read"
    ALLOWANCE_WRITE = "allowance.write"
    ALLOWANCE_OVERRIDE = "allowance.override"
    SCHEDULE_READ = "schedule.read"
    SCHEDULE_WRITE = "schedule.write"
    VISIT_READ = "visit.read"
    VISIT_WRITE = "visit.write"
    CODING_WRITE = "coding.write"
    QUERY_READ = "query.read"
    QUERY_ANSWER = "query.answer"
    QUERY_DELEGATE = "query.delegate"
    CLAIM_READ = "claim.read"
    CLAIM_WRITE = "claim.write"
    CLAIM_SUBMIT = "claim.submit"
    CLAIM_RELEASE = "claim.release"
    REMITTANCE_READ = "remittance.read"
    REMITTANCE_POST = "remittance.post"
    LEDGER_READ = "ledger.read"
    BILLING_READ = "patient_billing.read"
    BILLING_WRITE = "patient_billing.write"
    WORK_READ = "work.read"
    WORK_WRITE = "work.write"
    CASELOAD_READ = "caseload.read"


class Role(StrEnum):
    """The hats that a member can wear in a practice, or in every practice of the organization."""

    OWNER = "organization_owner"
    BILLING_MANAGER = "billing_manager"
    BILLER = "biller"
    POSTER = "poster"
    AUTHORIZATION_COORDINATOR = "authorization_coordinator"
    AUDITOR = "auditor"
    PRACTICE_OWNER = "practice_owner"
    FRONT_DESK = "front_desk"
    THERAPIST = "therapist"
    INTEGRATION = "integration"


P = Permission
_READS = frozenset(
    {
        P.PRACTICE_READ,
        P.PATIENT_READ,
        P.ALLOWANCE_READ,
        P.SCHEDULE_READ,
        P.VISIT_READ,
        P.QUERY_READ,
        P.CLAIM_READ,
        P.REMITTANCE_READ,
        P.LEDGER_READ,
        P.BILLING_READ,
        P.WORK_READ,
    }
)
_FRONT_DESK = frozenset(
    {
        P.PRACTICE_READ,
        P.PATIENT_READ,
        P.PATIENT_WRITE,
        P.ALLOWANCE_READ,
        P.SCHEDULE_READ,
        P.SCHEDULE_WRITE,
        P.VISIT_READ,
    }
)
_BILLER = _READS | {
    P.PATIENT_WRITE,
    P.SCHEDULE_WRITE,
    P.VISIT_WRITE,
    P.CODING_WRITE,
    P.CLAIM_WRITE,
    P.CLAIM_SUBMIT,
    P.WORK_WRITE,
}
_MANAGER = _BILLER | {
    P.ORGANIZATION_READ,
    P.PRACTICE_MANAGE,
    P.RULES_MANAGE,
    P.ALLOWANCE_WRITE,
    P.ALLOWANCE_OVERRIDE,
    P.CLAIM_RELEASE,
    P.REMITTANCE_POST,
    P.BILLING_WRITE,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission) - {P.CASELOAD_READ},
    Role.BILLING_MANAGER: _MANAGER,
    Role.BILLER: _BILLER,
    Role.POSTER: _READS | {P.REMITTANCE_POST, P.BILLING_WRITE, P.WORK_WRITE},
    Role.AUTHORIZATION_COORDINATOR: (_READS - {P.LEDGER_READ, P.BILLING_READ, P.REMITTANCE_READ})
    | {P.ALLOWANCE_WRITE, P.WORK_WRITE},
    Role.AUDITOR: _READS | {P.ORGANIZATION_READ},
    Role.PRACTICE_OWNER: _READS | {P.QUERY_ANSWER, P.QUERY_DELEGATE},
    Role.FRONT_DESK: _FRONT_DESK,
    Role.THERAPIST: frozenset({P.CASELOAD_READ, P.QUERY_READ, P.QUERY_ANSWER}),
    Role.INTEGRATION: frozenset(
        {
            P.PRACTICE_READ,
            P.PATIENT_READ,
            P.PATIENT_WRITE,
            P.SCHEDULE_READ,
            P.SCHEDULE_WRITE,
            P.VISIT_READ,
            P.VISIT_WRITE,
        }
    ),
}


class Scope(Struct, frozen=True, kw_only=True):
    """A role in one practice, or in all of the organization's when `practice_id` is None.

    `provider_id` is the therapist's own row in that practice, for the caseload.
    """

    role: Role
    practice_id: UUID | None
    provider_id: UUID | None = None


class Actor(Struct, frozen=True, kw_only=True):
    """Who acts, for which organization, with which grants, in which request; built once per request.

    `practice_ids` are the practices that the grants reach. `action` names the route or task for the audit.
    """

    kind: str
    id: UUID
    organization_id: UUID
    name: str
    scopes: tuple[Scope, ...]
    practice_ids: frozenset[UUID]
    action: str
    request_id: str
    address: str = ""
    purpose: str = "payment"

    def permissions(self, practice_id: UUID | None) -> frozenset[Permission]:
        """What the actor may do in the practice; organization-wide grants only when None."""
        reach = [s for s in self.scopes if s.practice_id is None or s.practice_id == practice_id]
        return frozenset().union(*(GRANTS[s.role] for s in reach))

    def roles(self, practice_id: UUID | None) -> tuple[str, ...]:
        """The hats worn in the practice, sorted, for the audit."""
        return tuple(sorted({s.role.value for s in self.scopes if s.practice_id in (None, practice_id)}))

    def provider_ids(self, practice_id: UUID) -> frozenset[UUID]:
        """The actor's own rows as a therapist of the practice."""
        return frozenset(s.provider_id for s in self.scopes if s.practice_id == practice_id and s.provider_id)


class PatientActor(Struct, frozen=True, kw_only=True):
    """Who opened a payment link and passed its second factor; operations take the party from here."""

    organization_id: UUID
    practice_id: UUID
    party_id: UUID
    link_id: UUID
    request_id: str
    address: str = ""

    def acting(self, action: str) -> Actor:
        """The same person as an Actor for the practice door and the audit, without any grant."""
        return Actor(
            kind="party",
            id=self.party_id,
            organization_id=self.organization_id,
            name="party",
            scopes=(),
            practice_ids=frozenset({self.practice_id}),
            action=action,
            request_id=self.request_id,
            address=self.address,
        )


def system_actor(organization_id: UUID, action: str, *, practice_ids: frozenset[UUID] = frozenset()) -> Actor:
    """The product itself, at work on a task or on sign-in; it holds no grant that a route could use."""
    return Actor(
        kind="system",
        id=organization_id,
        organization_id=organization_id,
        name="Visitledger",
        scopes=(),
        practice_ids=practice_ids,
        action=action,
        request_id=action,
        purpose="operations",
    )


def require(actor: Actor, permission: Permission, practice_id: UUID | None = None) -> None:
    """Raise Forbidden unless the grants hold the permission in that practice (or organization-wide)."""
    if permission not in actor.permissions(practice_id):
        raise Forbidden(f"this needs the permission {permission.value}")
