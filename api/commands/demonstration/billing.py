"""The biller's evening: claims are assembled, what is held or rejected is fixed, what is ready goes out."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.commands.demonstration.stage import PracticeIds, Stage
from domain.claims.acknowledging import acknowledge_warnings
from domain.claims.assembly import assemble_claims
from domain.claims.checking import recheck_claim
from domain.claims.queries import list_claims
from domain.claims.submission import submit_claims

WEDNESDAY = 2
MOST_CLAIMS = 500


async def bill_day(stage: Stage, key: str, *, held_too: bool) -> None:
    """Assemble, fix and send a practice's claims; `held_too` checks again what a letter may have freed."""
    ids = stage.practices[key]
    await _assemble(stage, key, ids)
    if held_too:
        await _again(stage, ids, "held")
    if stage.today.weekday() == WEDNESDAY:
        await _again(stage, ids, "rejected")
    await _submit(stage, ids)


async def _assemble(stage: Stage, key: str, ids: PracticeIds) -> None:
    """One call for all that the day brings together, so that morning and afternoon become one line."""
    due = [
        ids.visits[plan.key]
        for plan in stage.sessions_of(key)
        if plan.claimed_on == stage.today and plan.key in ids.visits
    ]
    if due:
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            await assemble_claims(session, stage.actor, ids.id, due, stage.services.now())


async def _again(stage: Stage, ids: PracticeIds, status: str) -> None:
    """Check claims again that somebody may have fixed since."""
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        waiting = await _ids(session, ids.id, status)
    for claim_id in waiting:
        async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
            await recheck_claim(session, stage.actor, ids.id, claim_id, stage.services.now())


async def _submit(stage: Stage, ids: PracticeIds) -> None:
    """The biller reads what warns, says so, and sends."""
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        ready = await _ids(session, ids.id, "ready")
        if ready:
            now = stage.services.now()
            await acknowledge_warnings(session, stage.actor, ids.id, ready, None, now)
            await submit_claims(session, stage.actor, ids.id, ready, stage.services.now())


async def _ids(session: AsyncSession, practice_id: UUID, status: str) -> list[UUID]:
    listed = await list_claims(session, practice_id, status=status, after=None, limit=MOST_CLAIMS)
    return [claim.id for claim in listed]
