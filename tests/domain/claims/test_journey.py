"""One claim's way from charges to posted money, on the doors, with the payer simulator at the far end."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from api.services import Services
from api.task_runner import drain
from domain.claims.assembly import assemble_claims
from domain.claims.models import Claim, ClaimEvent, ClaimFinding
from domain.claims.submission import submit_claims
from domain.ledger.invariants import verify
from domain.ledger.models import Account
from domain.remittances.models import Remittance
from domain.remittances.posting import post_remittance
from domain.remittances.unposting import unpost_remittance
from tests.domain.claims.world import World, add_visit


async def assemble(services: Services, world: World, *visits: UUID) -> list[UUID]:
    """Assemble as the owner."""
    actor = world.tenant.actor
    async with services.database.practice_transaction(actor, world.practice_id) as session:
        return await assemble_claims(session, actor, world.practice_id, visits, services.now())


async def submit(services: Services, world: World, *claims: UUID) -> None:
    """Queue as the owner."""
    actor = world.tenant.actor
    async with services.database.practice_transaction(actor, world.practice_id) as session:
        await submit_claims(session, actor, world.practice_id, list(claims), services.now())


async def look(services: Services, world: World) -> tuple[list[Claim], list[ClaimEvent], dict[str, int]]:
    """Claims, events, and the open balance by kind of account of all claim lines."""
    async with services.database.practice_transaction(world.tenant.actor, world.practice_id) as session:
        claims = list((await session.execute(select(Claim))).scalars())
        events = list((await session.execute(select(ClaimEvent).order_by(ClaimEvent.at))).scalars())
        accounts = (
            await session.execute(select(Account).where(Account.owner_kind == "claim_line"))
        ).scalars()
        balances: dict[str, int] = {}
        for account in accounts:
            kind = account.kind.partition(":")[0]
            balances[kind] = balances.get(kind, 0) + account.debits - account.credits
        assert await verify(session, world.practice_id) == []
    return claims, events, balances


async def test_assemble_is_idempotent_and_clean(services: Services, world: World) -> None:
    """A clean visit becomes one ready claim, whoever asks again."""
    visit = await add_visit(services.database, world, [("97110", 2, 30), ("97140", 1, 15)])
    first = await assemble(services, world, visit)
    assert await assemble(services, world, visit) == first
    async with services.database.practice_transaction(world.tenant.actor, world.practice_id) as session:
        claim = await session.get_one(Claim, (world.practice_id, first[0]))
        findings = (await session.execute(select(ClaimFinding))).scalars().all()
    assert [(f.rule, f.message) for f in findings if f.severity == "blocks"] == []
    assert claim.status == "ready"
    assert claim.billed_cents == 14_500


async def test_paid_claim_leaves_the_copay_to_the_patient(services: Services, world: World) -> None:
    """Sent, acknowledged, accepted, paid: the copay is due, the contract's part is gone, nothing is lost."""
    visit = await add_visit(services.database, world, [("97110", 2, 30), ("97140", 1, 15)])
    claim_ids = await assemble(services, world, visit)
    await submit(services, world, *claim_ids)
    await drain(services, services.now() + timedelta(days=30))
    claims, events, balances = await look(services, world)
    assert [e.kind for e in events] == [
        "assembled", "checked", "queued", "sent", "999_accepted", "277ca_accepted", "adjudicated",
    ]  # fmt: skip
    assert claims[0].status == "paid"
    assert balances == {"insurer_1": 0, "patient_not_due": 0, "patient_due": 2_000}


async def test_unposting_and_posting_again_is_exact(services: Services, world: World) -> None:
    """Un-posting restores what the insurer owed; posting again gives the same balances."""
    visit = await add_visit(services.database, world, [("97110", 2, 30)])
    await submit(services, world, *await assemble(services, world, visit))
    await drain(services, services.now() + timedelta(days=30))
    _, _, posted = await look(services, world)
    actor = world.tenant.actor
    async with services.database.practice_transaction(actor, world.practice_id) as session:
        remittance = (await session.execute(select(Remittance))).scalar_one()
        await unpost_remittance(session, actor, world.practice_id, remittance.id, "wrong day", services.now())
    _, _, open_again = await look(services, world)
    assert open_again == {"insurer_1": 10_000, "patient_not_due": 0, "patient_due": 0}
    async with services.database.practice_transaction(actor, world.practice_id) as session:
        await post_remittance(session, actor, world.practice_id, remittance.id, services.now())
    _, _, again = await look(services, world)
    assert again == posted
