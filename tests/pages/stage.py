"""A billing company whose practice had a few days: one claim paid, one held, one session held, work to do."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar
from msgspec import Struct

from api.services import Services
from api.task_runner import drain
from domain.work.items import open_item
from integrations.stripe.simulator import StripeSimulator
from tenants import provisioning
from tenants.access import Actor, Role, Scope
from tests.api.conftest import PASSWORD, Company, make_company, make_key
from tests.conftest import Tenant
from tests.domain.claims.world import World, build

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


class Stage(Struct, kw_only=True):
    """Who may sign in where, and what there is to see."""

    services: Services
    app: Litestar
    company: Company
    therapist: Company
    world: World
    program: httpx.AsyncClient
    stripe: StripeSimulator
    visit_id: str = ""
    held_visit_id: str = ""
    claim_id: str = ""
    ready_claim_id: str = ""
    held_claim_id: str = ""

    @property
    def practice(self) -> str:
        """The address of the practice's pages."""
        return f"/practices/{self.world.practice_id}"

    @property
    def actor(self) -> Actor:
        """The company's owner."""
        return self.world.tenant.actor

    async def post(self, path: str, body: object, status: int = 201) -> dict[str, str]:
        """Post to the practice's JSON interface."""
        address = f"/v1/practices/{self.world.practice_id}{path}"
        headers = {"Idempotency-Key": str(provisioning.new_id())}
        answer = await self.program.post(address, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        told: dict[str, str] = answer.json()
        return told

    async def pass_time(self, **span: float) -> None:
        """Let time pass and every owed task be done."""
        await drain(self.services, self.services.now() + timedelta(**span))

    async def session(
        self, number: int, day: date, services: list[dict[str, object]], **changes: object
    ) -> dict[str, str]:
        """A documented session of the afternoon."""
        begins = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        body: dict[str, object] = {
            "patient_id": str(self.world.patient_id),
            "case_id": str(self.world.case_id),
            "provider_id": str(self.world.therapist_id),
            "location_id": str(self.world.location_id),
            "discipline": "PT",
            "starts_at": begins.isoformat(),
            "ends_at": (begins + timedelta(hours=1)).isoformat(),
            "services": services,
            "signed_at": (begins + timedelta(hours=2)).isoformat(),
            "signed_by": "Ada Stone PT",
            "source_system": "ehr",
            "source_id": f"note-{number}",
            "source_version": "1",
        }
        return await self.post("/visits", body | changes)


async def set_stage(services: Services, app: Litestar, stripe: StripeSimulator) -> Stage:
    """Make the company and let its practice work for a few days."""
    company = await make_company(services, practices=2)
    owner = _owner(company)
    tenant = Tenant(organization_id=company.organization_id, practice_ids=company.practice_ids, actor=owner)
    world = await build(services.database, tenant)
    key = await make_key(services, company, Role.OWNER)
    stage = Stage(
        services=services,
        app=app,
        company=company,
        therapist=await add_therapist(services, company, world.practice_id, world.therapist_id),
        world=world,
        stripe=stripe,
        program=httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=services.settings.public_url,
            headers={"Authorization": f"Bearer {key}"},
        ),
    )
    await _work(stage)
    await _take_cards(stage)
    return stage


async def _work(stage: Stage) -> None:
    """From the authorization to the patient's part: booked, documented, claimed, paid; and what got stuck."""
    await stage.post("/authorizations", _authorization(stage))
    await stage.post("/appointments", _appointment(stage, 1, TUESDAY))
    await stage.post("/appointments", _appointment(stage, 2, date(2026, 4, 14)))
    await stage.pass_time(days=1, hours=8)
    minutes = [{"code": "97110", "minutes": 24}, {"code": "97140", "minutes": 14}]
    stage.visit_id = (await stage.session(1, TUESDAY, minutes))["id"]
    stage.claim_id = await _claim(stage, stage.visit_id)
    await stage.post("/claims/submit", {"claim_ids": [stage.claim_id]}, 200)
    await stage.pass_time(days=24)
    later = date(2026, 3, 26)
    plain = (await stage.session(2, later, [{"code": "97110", "minutes": 30}]))["id"]
    stage.ready_claim_id = await _claim(stage, plain)
    untimed = {"signed_at": None, "signed_by": None}
    stage.held_visit_id = (await stage.session(3, later - timedelta(days=1), minutes, **untimed))["id"]
    again = {"starts_at": f"{later}T21:00:00Z", "ends_at": f"{later}T22:00:00Z"}
    twice = (await stage.session(4, later, [{"code": "97110", "minutes": 30}], **again))["id"]
    stage.held_claim_id = await _claim(stage, twice)
    await _other_work(stage)


async def _take_cards(stage: Stage) -> None:
    """The practice takes cards at the simulated processor."""
    address = f"/v1/practices/{stage.world.practice_id}/merchant-account"
    body = {"merchant_account": f"acct_{provisioning.new_id().hex[-16:]}"}
    answer = await stage.program.put(address, json=body)
    assert answer.status_code == 204, answer.text


async def _claim(stage: Stage, visit_id: str) -> str:
    made = await stage.post("/claims/assemble", {"visit_ids": [visit_id]})
    return made["claim_ids"][0]


async def _other_work(stage: Stage) -> None:
    """Work of another practice of the same company, due first."""
    other, now = stage.company.practice_ids[1], stage.services.now()
    async with stage.services.database.practice_transaction(stage.actor, other) as session:
        await open_item(
            session,
            other,
            kind="remittance_quarantined",
            subject_kind="remittance",
            subject_id=provisioning.new_id(),
            reason="The claims of the remittance sum to $90.00, its payment is $100.00",
            next_action="Ask the payer for a whole file",
            due_on=date(2026, 3, 26),
            value_cents=10_000,
            now=now,
        )


def _authorization(stage: Stage) -> dict[str, object]:
    return {
        "coverage_id": str(stage.world.coverage_id),
        "number": "A-4711",
        "starts_on": "2026-01-01",
        "ends_on": "2026-06-30",
        "blocks": [{"kind": "visits", "quantity": "12", "discipline": "PT"}],
    }


def _appointment(stage: Stage, number: int, day: date) -> dict[str, object]:
    begins = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    return {
        "case_id": str(stage.world.case_id),
        "provider_id": str(stage.world.therapist_id),
        "location_id": str(stage.world.location_id),
        "discipline": "PT",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=1)).isoformat(),
        "planned_codes": ["97110"],
        "source_system": "ehr",
        "source_id": f"appointment-{number}",
    }


async def add_member(
    services: Services,
    company: Company,
    role: Role,
    practice_id: UUID | None,
    provider_id: UUID | None = None,
    name: str = "Bea Biller",
) -> Company:
    """Another member of the company who can sign in with PASSWORD, under the same company's address."""
    email, now = f"{provisioning.new_id().hex[-12:]}@example.test", services.now()
    owner = _owner(company)
    async with services.database.organization_transaction(owner) as session:
        member_id = await provisioning.create_member(
            session,
            company.organization_id,
            email=email,
            name=name,
            password_hash=await services.passwords.hash(PASSWORD),
            now=now,
        )
        await provisioning.grant(
            session,
            owner,
            holder_id=member_id,
            role=role,
            practice_id=practice_id,
            now=now,
            provider_id=provider_id,
        )
    return msgspec.structs.replace(company, member_id=member_id, email=email)


async def add_therapist(
    services: Services, company: Company, practice_id: UUID, provider_id: UUID
) -> Company:
    """The practice's therapist as a member."""
    return await add_member(services, company, Role.THERAPIST, practice_id, provider_id, "Ada Stone")


def _owner(company: Company) -> Actor:
    return Actor(
        kind="member",
        id=company.member_id,
        organization_id=company.organization_id,
        name="Olive Owner",
        scopes=(Scope(role=Role.OWNER, practice_id=None),),
        practice_ids=frozenset(company.practice_ids),
        action="test",
        request_id="test",
    )
