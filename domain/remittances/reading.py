"""Everything that posting needs of one remittance, loaded in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.models import Claim, ClaimLine
from domain.patients.models import Guarantee
from domain.remittances.effects import Adjusted, LineFacts, PatientPart, Share
from domain.remittances.models import (
    ProviderAdjustment,
    Remittance,
    RemittanceAdjustment,
    RemittanceClaim,
    RemittanceLine,
)
from domain.remittances.patient_parts import patient_parts
from domain.remittances.payer_order import PayerOrder, payer_order

REVERSAL = "22"


class PostingFacts(Struct, frozen=True, kw_only=True):
    """A remittance with our claims, coverages and guarantees behind it."""

    practice_id: UUID
    remittance: Remittance
    claims: list[RemittanceClaim]
    lines: dict[UUID, list[RemittanceLine]]
    adjustments: dict[UUID, list[RemittanceAdjustment]]  # by line, or by claim where no line carries them
    provider_adjustments: list[ProviderAdjustment]
    our_claims: dict[UUID, Claim]
    our_lines: dict[UUID, ClaimLine]
    order: PayerOrder
    parts: dict[UUID, PatientPart]
    guarantees: dict[UUID, list[Guarantee]]

    def lines_of(self, row: RemittanceClaim) -> Iterator[LineFacts]:
        """The matched lines of a claim of the remittance, as the effects see them."""
        claim = self.our_claims[row.claim_id] if row.claim_id else None
        for line in self.lines.get(row.id, []):
            if claim is None or line.claim_line_id is None:
                continue
            ours = self.our_lines[line.claim_line_id]
            yield LineFacts(
                claim_line_id=line.claim_line_id,
                payer_ordinal=self.order.ordinal(claim),
                paid_cents=line.paid_cents,
                adjustments=tuple(
                    Adjusted(a.group_code, a.reason_code, a.amount_cents)
                    for a in self.adjustments.get(line.id, [])
                ),
                last_payer=self.order.is_last(claim, ours.date_of_service),
                shares=self.shares(claim, ours),
                effective_on=self.remittance.paid_on,
            )

    def claim_adjustments(self, row: RemittanceClaim) -> list[Adjusted]:
        """The adjustments that stand on the claim itself."""
        return [
            Adjusted(a.group_code, a.reason_code, a.amount_cents) for a in self.adjustments.get(row.id, [])
        ]

    def shares(self, claim: Claim, line: ClaimLine) -> tuple[Share, ...]:
        """Who answers for the patient's part on the date of service; empty when nobody does."""
        day = line.date_of_service
        return tuple(
            Share(g.party_id, g.share_basis_points)
            for g in self.guarantees.get(claim.patient_id, [])
            if g.starts_on <= day and (g.ends_on is None or g.ends_on >= day)
        )


async def load_facts(session: AsyncSession, practice_id: UUID, remittance: Remittance) -> PostingFacts:
    """Load a remittance for posting; our claims are locked, in id order. Reversals come first."""
    claims = await _claim_rows(session, practice_id, remittance.id)
    row_ids = [c.id for c in claims]
    ours = await _lock_claims(session, practice_id, [c.claim_id for c in claims if c.claim_id])
    lines = await _lines(session, practice_id, row_ids)
    our_lines = await _our_lines(session, practice_id, list(ours))
    return PostingFacts(
        practice_id=practice_id,
        remittance=remittance,
        claims=claims,
        lines=lines,
        adjustments=await _adjustments(session, practice_id, row_ids),
        provider_adjustments=await _provider_adjustments(session, practice_id, remittance.id),
        our_claims=ours,
        our_lines=our_lines,
        order=await payer_order(session, practice_id, {c.case_id for c in ours.values()}),
        parts=await patient_parts(session, practice_id, our_lines),
        guarantees=await _guarantees(session, practice_id, {c.patient_id for c in ours.values()}),
    )


async def _claim_rows(session: AsyncSession, practice_id: UUID, remittance_id: UUID) -> list[RemittanceClaim]:
    wanted = select(RemittanceClaim).where(
        RemittanceClaim.practice_id == practice_id, RemittanceClaim.remittance_id == remittance_id
    )
    rows = (await session.execute(wanted.order_by(RemittanceClaim.ordinal))).scalars()
    return sorted(rows, key=lambda row: row.status_code != REVERSAL)


async def _lock_claims(session: AsyncSession, practice_id: UUID, ids: list[UUID]) -> dict[UUID, Claim]:
    wanted = select(Claim).where(Claim.practice_id == practice_id, Claim.id.in_(ids)).order_by(Claim.id)
    return {c.id: c for c in (await session.execute(wanted.with_for_update())).scalars()}


async def _lines(
    session: AsyncSession, practice_id: UUID, row_ids: list[UUID]
) -> dict[UUID, list[RemittanceLine]]:
    wanted = select(RemittanceLine).where(
        RemittanceLine.practice_id == practice_id, RemittanceLine.remittance_claim_id.in_(row_ids)
    )
    grouped: dict[UUID, list[RemittanceLine]] = defaultdict(list)
    for line in (await session.execute(wanted.order_by(RemittanceLine.ordinal))).scalars():
        grouped[line.remittance_claim_id].append(line)
    return grouped


async def _adjustments(
    session: AsyncSession, practice_id: UUID, row_ids: list[UUID]
) -> dict[UUID, list[RemittanceAdjustment]]:
    wanted = select(RemittanceAdjustment).where(
        RemittanceAdjustment.practice_id == practice_id, RemittanceAdjustment.remittance_claim_id.in_(row_ids)
    )
    grouped: dict[UUID, list[RemittanceAdjustment]] = defaultdict(list)
    for row in (await session.execute(wanted.order_by(RemittanceAdjustment.ordinal))).scalars():
        grouped[row.remittance_line_id or row.remittance_claim_id].append(row)
    return grouped


async def _provider_adjustments(
    session: AsyncSession, practice_id: UUID, remittance_id: UUID
) -> list[ProviderAdjustment]:
    wanted = select(ProviderAdjustment).where(
        ProviderAdjustment.practice_id == practice_id, ProviderAdjustment.remittance_id == remittance_id
    )
    return list((await session.execute(wanted.order_by(ProviderAdjustment.ordinal))).scalars())


async def _our_lines(session: AsyncSession, practice_id: UUID, ids: list[UUID]) -> dict[UUID, ClaimLine]:
    wanted = select(ClaimLine).where(ClaimLine.practice_id == practice_id, ClaimLine.claim_id.in_(ids))
    return {line.id: line for line in (await session.execute(wanted)).scalars()}


async def _guarantees(
    session: AsyncSession, practice_id: UUID, patient_ids: set[UUID]
) -> dict[UUID, list[Guarantee]]:
    wanted = select(Guarantee).where(
        Guarantee.practice_id == practice_id, Guarantee.patient_id.in_(patient_ids)
    )
    grouped: dict[UUID, list[Guarantee]] = defaultdict(list)
    for row in (await session.execute(wanted.order_by(Guarantee.party_id))).scalars():
        grouped[row.patient_id].append(row)
    return grouped
