"""What one line of a remittance does to the ledger, as entries, without a database."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from billing_rules.money import split
from billing_rules.therapy.denials import Meaning, meaning
from domain.ledger.entries import AccountRef, Entry


class Share(Struct, frozen=True):
    """A party's part of what the patient owes, in basis points of the whole."""

    party_id: UUID
    basis_points: int


class Adjusted(Struct, frozen=True):
    """One adjustment of a line as it was recorded."""

    group_code: str
    reason_code: str
    amount_cents: int


class LineFacts(Struct, frozen=True, kw_only=True):
    """What a matched line of a remittance says, and where its money stands with us.

    `last_payer` is false while another payer comes after this one: nothing is due from the patient before.
    """

    claim_line_id: UUID
    payer_ordinal: int
    paid_cents: int
    adjustments: tuple[Adjusted, ...]
    last_payer: bool
    shares: tuple[Share, ...]
    effective_on: date


class LineEffect(Struct, frozen=True, kw_only=True):
    """The entries of a line, and what of it a person must look at."""

    entries: tuple[Entry, ...]
    denied_cents: int
    denials: tuple[tuple[str, Meaning], ...]
    patient_cents: int
    due_cents: int


def effect_of(line: LineFacts, practice_id: UUID) -> LineEffect:
    """Turn a line into entries; a denied cent stays with the payer, whatever its group code (PO-08)."""
    meanings = [(a, meaning(a.group_code, a.reason_code)) for a in line.adjustments]
    denials = tuple((f"{a.group_code}-{a.reason_code}", m) for a, m in meanings if m.effect == "denied")
    denied = sum(a.amount_cents for a, m in meanings if m.effect == "denied")
    patient = sum(a.amount_cents for a, m in meanings if m.effect == "patient")
    entries = list(_settled(line, meanings, practice_id))
    due = patient if line.last_payer and not denials and line.shares else 0
    entries.extend(_due(line, due))
    return LineEffect(
        entries=tuple(entries),
        denied_cents=denied,
        denials=denials,
        patient_cents=patient,
        due_cents=due,
    )


def denial_of_claim(adjustments: Sequence[Adjusted]) -> LineEffect | None:
    """What claim-level adjustments say when no line carries them: a denial, or None when they move money."""
    meanings = [(a, meaning(a.group_code, a.reason_code)) for a in adjustments]
    if any(m.effect in ("patient", "contractual") for _, m in meanings):
        return None
    denials = tuple((f"{a.group_code}-{a.reason_code}", m) for a, m in meanings if m.effect == "denied")
    denied = sum(a.amount_cents for a, m in meanings if m.effect == "denied")
    return LineEffect(entries=(), denied_cents=denied, denials=denials, patient_cents=0, due_cents=0)


def _settled(
    line: LineFacts, meanings: Sequence[tuple[Adjusted, Meaning]], practice_id: UUID
) -> Iterator[Entry]:
    insurer = AccountRef("claim_line", line.claim_line_id, f"insurer_{line.payer_ordinal}")
    cash = AccountRef("practice", practice_id, "cash")
    contractual = AccountRef("practice", practice_id, "contractual")
    waiting = AccountRef("claim_line", line.claim_line_id, "patient_not_due")
    yield from signed_entry(cash, insurer, line.paid_cents, "insurance_payment", line.effective_on)
    for adjusted, what in meanings:
        target = {"contractual": contractual, "patient": waiting}.get(what.effect)
        if target is not None:
            yield from signed_entry(target, insurer, adjusted.amount_cents, what.bucket, line.effective_on)


def _due(line: LineFacts, due_cents: int) -> Iterator[Entry]:
    """From *not due* to each party's own account, split without losing a cent."""
    if not due_cents:
        return
    waiting = AccountRef("claim_line", line.claim_line_id, "patient_not_due")
    sign = 1 if due_cents > 0 else -1
    parts = split(
        abs(due_cents), [s.basis_points for s in line.shares], [str(s.party_id) for s in line.shares]
    )
    for share, part in zip(line.shares, parts, strict=True):
        owed = AccountRef("claim_line", line.claim_line_id, f"patient_due:{share.party_id}")
        yield from signed_entry(owed, waiting, sign * part, "due", line.effective_on)


def signed_entry(
    debit: AccountRef, credit: AccountRef, amount_cents: int, kind: str, on: date
) -> Iterator[Entry]:
    """An entry for a positive amount, its mirror for a negative one (a payer's reversal), none for zero."""
    if amount_cents > 0:
        yield Entry(debit, credit, amount_cents, kind, on)
    elif amount_cents < 0:
        yield Entry(credit, debit, -amount_cents, kind, on)
