"""The journals of a remittance: its claims, what stays in suspense, and what the payer kept or added.

Together they move cash by exactly the payment (BPR02), whatever matches, parks or is taken back.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.ledger.entries import AccountRef, Entry, JournalEntry
from domain.remittances.effects import LineEffect, signed_entry
from domain.remittances.models import Remittance, RemittanceClaim
from domain.remittances.reading import PostingFacts

KINDS = ("remittance_claim", "remittance_suspense", "provider_adjustment")


def journal_source(remittance: Remittance, row: RemittanceClaim) -> str:
    """The name under which a claim of a remittance posts once a round."""
    return f"{remittance.id}:{row.ordinal}"


def sources_of(facts: PostingFacts) -> list[str]:
    """Every name under which the remittance may have posted."""
    most = max(len(facts.claims), len(facts.provider_adjustments))
    return [f"{facts.remittance.id}:{ordinal}" for ordinal in range(1, most + 1)]


def journals_of(facts: PostingFacts, effects: Mapping[UUID, Sequence[LineEffect]]) -> list[JournalEntry]:
    """All journals of a remittance; `effects` are those of its claims that post, by row."""
    return [*_claims(facts, effects), *_suspense(facts), *_provider_adjustments(facts)]


def _claims(facts: PostingFacts, effects: Mapping[UUID, Sequence[LineEffect]]) -> list[JournalEntry]:
    journals = []
    for row in facts.claims:
        entries: list[Entry] = [e for effect in effects.get(row.id, ()) for e in effect.entries]
        if entries:
            source = journal_source(facts.remittance, row)
            journals.append(JournalEntry("remittance_claim", source, entries))
    return journals


def _suspense(facts: PostingFacts) -> list[JournalEntry]:
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
    if row.outcome in ("parked", "unmatched", "information"):
        return row.paid_cents
    return sum(line.paid_cents for line in facts.lines.get(row.id, []) if line.claim_line_id is None)


def _provider_adjustments(facts: PostingFacts) -> list[JournalEntry]:
    """A positive provider-level adjustment lowers the payment: money the payer took back or kept."""
    cash = AccountRef("practice", facts.practice_id, "cash")
    taken = AccountRef("practice", facts.practice_id, "take_backs")
    remittance = facts.remittance
    return [
        JournalEntry(
            "provider_adjustment",
            f"{remittance.id}:{row.ordinal}",
            list(
                signed_entry(taken, cash, row.amount_cents, f"provider:{row.reason_code}", remittance.paid_on)
            ),
        )
        for row in facts.provider_adjustments
        if row.amount_cents
    ]
