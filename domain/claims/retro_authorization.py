"""A service given without approval is not mended on the claim: it goes to whoever asks the payer for it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.findings import Finding
from domain.claims.models import Claim
from domain.claims.use import due_on
from domain.work.items import close_item, open_item

RETRO_AUTHORIZATION = "retro_authorization"
UNAPPROVED = ("authorization.missing", "authorization.not_covering")
DAYS_TO_ASK = 1


async def route_unapproved(
    session: AsyncSession, claim: Claim, findings: Iterable[Finding], now: datetime
) -> None:
    """Open the work of asking for approval dated back, or close it once the claim has approval."""
    faults = [what for what in findings if what.rule in UNAPPROVED]
    if not faults:
        await close_item(
            session,
            claim.practice_id,
            kind=RETRO_AUTHORIZATION,
            subject_kind="claim",
            subject_id=claim.id,
            outcome="the claim has its approval",
            now=now,
        )
        return
    await open_item(
        session,
        claim.practice_id,
        kind=RETRO_AUTHORIZATION,
        subject_kind="claim",
        subject_id=claim.id,
        reason=f"A service was given without approval: {faults[0].message}",
        next_action="Ask the payer at once for an authorization dated back to the service",
        due_on=due_on(now, DAYS_TO_ASK),
        value_cents=claim.billed_cents,
        now=now,
    )
