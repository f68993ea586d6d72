"""How fast claims go out and how clean they are, against what the agreement with the practice promises."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.scrub_rules import SERVICE_TARGETS, ServiceTargets
from domain.claims.models import Claim, ClaimEvent
from domain.practices.rules import rule_book_for
from domain.reporting.clocks import zone_of
from tenants.clock import local_date

REFUSED = ("277ca_rejected", "999_rejected")


class Measure(Struct, frozen=True, kw_only=True):
    """One promise: what was reached of it and what was meant; `is_red` when it was missed.

    Null where no claim went out.
    """

    name: str
    value: int | None
    target: int
    unit: str
    is_red: bool


class ServiceLevel(Struct, frozen=True, kw_only=True):
    """The promises of a practice over the claims first sent since a day, and the rule that sets them."""

    since: date
    claims: int
    rule: str
    measures: list[Measure]
    late_claim_ids: list[UUID]
    refused_claim_ids: list[UUID]


async def service_level(session: AsyncSession, practice_id: UUID, days: int, now: datetime) -> ServiceLevel:
    """Days from the last date of service to sending, and the share that no clearinghouse or payer rejected.

    The lag is the median in whole days, the rate whole percent, rounded down.
    """
    zone = await zone_of(session, practice_id)
    today = local_date(now, zone)
    won = ask(await rule_book_for(session, practice_id), SERVICE_TARGETS, Asked(payer=None, on=today))
    targets = won.read(ServiceTargets)
    rows = await _sent(session, practice_id, now - timedelta(days=days))
    lags = {row.id: (local_date(row.sent_at, zone) - row.last_on).days for row in rows}
    refused = [row.id for row in rows if row.was_refused]
    return ServiceLevel(
        since=today - timedelta(days=days),
        claims=len(rows),
        rule=str(won.row),
        measures=_measures(sorted(lags.values()), len(refused), targets),
        late_claim_ids=[claim for claim, lag in lags.items() if lag > targets.submission_lag_days],
        refused_claim_ids=refused,
    )


async def _sent(
    session: AsyncSession, practice_id: UUID, since: datetime
) -> list[Row[tuple[UUID, date, datetime | None, bool]]]:
    refused = exists().where(
        ClaimEvent.practice_id == Claim.practice_id,
        ClaimEvent.claim_id == Claim.id,
        ClaimEvent.kind.in_(REFUSED),
    )
    wanted = select(Claim.id, Claim.last_on, Claim.sent_at, refused.label("was_refused")).where(
        Claim.practice_id == practice_id, Claim.sent_at >= since
    )
    return list(await session.execute(wanted.order_by(Claim.id)))


def _measures(lags: list[int], refused: int, targets: ServiceTargets) -> list[Measure]:
    lag = lags[len(lags) // 2] if lags else None
    clean = (len(lags) - refused) * 100 // len(lags) if lags else None
    return [
        Measure(
            name="submission_lag",
            value=lag,
            target=targets.submission_lag_days,
            unit="days",
            is_red=lag is not None and lag > targets.submission_lag_days,
        ),
        Measure(
            name="clean_claims",
            value=clean,
            target=targets.clean_claim_percent,
            unit="percent",
            is_red=clean is not None and clean < targets.clean_claim_percent,
        ),
    ]
