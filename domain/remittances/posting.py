"""Posting a remittance line by line, once; what does not add up or match is parked, the rest posts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.claims.events import MOVES, append, move
from domain.claims.models import Claim
from domain.claims.use import move_use
from domain.ledger.entries import AccountRef, Entry, JournalEntry
from domain.remittances.effects import LineEffect, denial_of_claim, effect_of, signed_entry
from domain.remittances.exceptions import open_exceptions
from domain.remittances.models import ProviderAdjustment, Remittance, RemittanceClaim
from domain.remittances.reading import PostingFacts, load_facts
from tenants.access import Actor
from tenants.errors import Conflict, NotFound

POSTABLE = frozenset({"received", "unposted"})


class RemittanceQuarantined(Conflict):
    """A remittance that does not add up as a whole posts nothing."""

    code = "remittance_quarantined"


async def lock_remittance(session: AsyncSession, practice_id: UUID, remittance_id: UUID) -> Remittance:
    """The remittance, locked until the transaction ends; raises NotFound."""
    mine = select(Remittance).where(Remittance.practice_id == practice_id, Remittance.id == remittance_id)
    remittance = (await session.execute(mine.with_for_update())).scalar_one_or_none()
    if remittance is None:
        raise NotFound(f"no remittance {remittance_id}")
    return remittance


async def post_remittance(
    session: AsyncSession, actor: Actor, practice_id: UUID, remittance_id: UUID, now: datetime
) -> Remittance:
    """Post a remittance; one that is posted already stays as it is.

    Raises NotFound and RemittanceQuarantined.
    """
    remittance = await lock_remittance(session, practice_id, remittance_id)
    if remittance.status == "quarantined":
        raise RemittanceQuarantined(f"remittance {remittance_id} is quarantined: {remittance.reason}")
    if remittance.status not in POSTABLE:
        return remittance
    facts = await load_facts(session, practice_id, remittance)
    effects = {row.id: _effects(facts, row) for row in facts.claims if row.outcome in ("waiting", "posted")}
    journals = [*_claim_journals(facts, effects), *_suspense_journals(facts), *_provider_journals(facts)]
    decided = [row.claim_id for row in facts.claims if row.id in effects and row.claim_id]
    await move_use(session, actor, practice_id, decided, "adjudicated", now, also=journals)
    for row in facts.claims:
        await _conclude(session, actor, facts, row, effects.get(row.id), now)
    remittance.status, remittance.posted_at = "posted", now
    return remittance


def _effects(facts: PostingFacts, row: RemittanceClaim) -> list[LineEffect]:
    of_claim = denial_of_claim(facts.claim_adjustments(row))
    of_lines = [effect_of(line, facts.practice_id) for line in facts.lines_of(row)]
    return of_lines if of_claim is None or not of_claim.denials else [*of_lines, of_claim]


def journal_source(remittance: Remittance, row: RemittanceClaim) -> str:
    """The name under which a claim of a remittance posts once a round."""
    return f"{remittance.id}:{row.ordinal}"


def _claim_journals(facts: PostingFacts, effects: dict[UUID, list[LineEffect]]) -> list[JournalEntry]:
    journals = []
    for row in facts.claims:
        entries: list[Entry] = [e for effect in effects.get(row.id, []) for e in effect.entries]
        if entries:
            source = journal_source(facts.remittance, row)
            journals.append(JournalEntry("remittance_claim", source, entries))
    return journals


def _suspense_journals(facts: PostingFacts) -> list[JournalEntry]:
    """Money that belongs to no line of ours yet stands in suspense, so that cash ties to the bank."""
    cash = AccountRef("practice", facts.practice_id, "cash")
    suspense = AccountRef("practice", facts.practice_id, "suspense")
    journals = []
    for row in facts.claims:
        on = facts.remittance.paid_on
        entries = list(signed_entry(cash, suspense, _unplaced(facts, row), "suspense", on))
        if entries:
            source = journal_source(facts.remittance, row)
            journals.append(JournalEntry("remittance_suspense", source, entries))
    return journals


def _unplaced(facts: PostingFacts, row: RemittanceClaim) -> int:
    if row.outcome in ("parked", "unmatched"):
        return row.paid_cents
    if row.outcome == "information":
        return 0
    return sum(line.paid_cents for line in facts.lines.get(row.id, []) if line.claim_line_id is None)


def _provider_journals(facts: PostingFacts) -> list[JournalEntry]:
    """A positive provider-level adjustment lowers the payment: money the payer took back or kept."""
    cash = AccountRef("practice", facts.practice_id, "cash")
    taken = AccountRef("practice", facts.practice_id, "take_backs")
    return [
        JournalEntry(
            "provider_adjustment",
            f"{facts.remittance.id}:{row.ordinal}",
            list(_provider_entry(taken, cash, row, facts)),
        )
        for row in facts.provider_adjustments
        if row.amount_cents
    ]


def _provider_entry(
    taken: AccountRef, cash: AccountRef, row: ProviderAdjustment, facts: PostingFacts
) -> Sequence[Entry]:
    return list(
        signed_entry(taken, cash, row.amount_cents, f"provider:{row.reason_code}", facts.remittance.paid_on)
    )


async def _conclude(
    session: AsyncSession,
    actor: Actor,
    facts: PostingFacts,
    row: RemittanceClaim,
    effects: list[LineEffect] | None,
    now: datetime,
) -> None:
    claim = facts.our_claims.get(row.claim_id) if row.claim_id else None
    if effects is not None and claim is not None:
        row.outcome = "posted"
        await _tell(session, actor, facts, row, claim, effects, now)
    await open_exceptions(session, facts, row, effects or [], now)


async def _tell(
    session: AsyncSession,
    actor: Actor,
    facts: PostingFacts,
    row: RemittanceClaim,
    claim: Claim,
    effects: list[LineEffect],
    now: datetime,
) -> None:
    """Append what the payer decided to the claim's story, and move it where that leaves it."""
    denied = sum(e.denied_cents for e in effects)
    status = "denied" if row.paid_cents == 0 and denied else "paid"
    if row.status_code == "22":
        status = "accepted"
    if row.payer_control_number:
        claim.payer_control_number = row.payer_control_number
    await append(
        session,
        claim,
        actor,
        kind="reversed" if row.status_code == "22" else "adjudicated",
        source=f"{journal_source(facts.remittance, row)}:{now.isoformat()}",
        at=now,
        paid_cents=row.paid_cents,
        patient_cents=sum(e.patient_cents for e in effects),
        denied_cents=denied,
        trace_number=facts.remittance.trace_number,
        denials=[code for e in effects for code, _ in e.denials],
    )
    if status in MOVES[claim.status]:
        move(claim, status)
