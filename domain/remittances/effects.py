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


class PatientPart(Struct, frozen=True):
    """Where the patient's part of a line stands: cents that wait, and what each party was asked for, net."""

    waiting_cents: int
    asked: tuple[tuple[UUID, int], ...]


UNTOUCHED = PatientPart(0, ())


class LineFacts(Struct, frozen=True, kw_only=True):
    """What a matched line of a remittance says.

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
    """The entries of a line, what of it a person must look at, and where the patient's part stands then."""

    entries: tuple[Entry, ...]
    denied_cents: int
    denials: tuple[tuple[str, Meaning], ...]
    patient_cents: int
    due_cents: int
    after: PatientPart


def effect_of(
    line: LineFacts, practice_id: UUID, before: PatientPart = UNTOUCHED, *, reverses: bool = False
) -> LineEffect:
    """Turn a line into entries; a denied cent stays with the payer, whatever its group code (PO-08).

    Whatever waits becomes due with the last payer's word; what a payer takes back leaves first what waits,
    then those who were asked for it, even where they paid. `reverses` makes nothing due.
    """
    meanings = [(a, meaning(a.group_code, a.reason_code)) for a in line.adjustments]
    denials = tuple((f"{a.group_code}-{a.reason_code}", m) for a, m in meanings if m.effect == "denied")
    patient = sum(a.amount_cents for a, m in meanings if m.effect == "patient")
    waiting = before.waiting_cents + patient
    is_final = line.last_payer and not denials and not reverses
    moves = _taken_back(before, -waiting) if waiting < 0 else _asked(line.shares, waiting if is_final else 0)
    return LineEffect(
        entries=(*_settled(line, meanings, practice_id), *_due(line, moves)),
        denied_cents=sum(a.amount_cents for a, m in meanings if m.effect == "denied"),
        denials=denials,
        patient_cents=patient,
        due_cents=sum(moves.values()),
        after=_after(before, waiting, moves),
    )


def _asked(shares: Sequence[Share], cents: int) -> dict[UUID, int]:
    """What each party is asked for now, split without losing a cent; nobody where nobody answers."""
    if not cents or not shares:
        return {}
    weights, names = [s.basis_points for s in shares], [str(s.party_id) for s in shares]
    return {s.party_id: part for s, part in zip(shares, split(cents, weights, names), strict=True)}


def _taken_back(before: PatientPart, cents: int) -> dict[UUID, int]:
    """What each party is asked for no more, as far as anybody was asked, in the proportion of it."""
    asked = [(party_id, held) for party_id, held in before.asked if held > 0]
    most = min(cents, sum(held for _, held in asked))
    if not most:
        return {}
    parts = split(most, [held for _, held in asked], [str(party_id) for party_id, _ in asked])
    return {party_id: -part for (party_id, _), part in zip(asked, parts, strict=True)}


def _after(before: PatientPart, waiting_cents: int, moves: dict[UUID, int]) -> PatientPart:
    asked = dict(before.asked)
    for party_id, cents in moves.items():
        asked[party_id] = asked.get(party_id, 0) + cents
    return PatientPart(waiting_cents - sum(moves.values()), tuple(asked.items()))


def denial_of_claim(adjustments: Sequence[Adjusted]) -> LineEffect | None:
    """What claim-level adjustments say when no line carries them: a denial, or None when they move money."""
    meanings = [(a, meaning(a.group_code, a.reason_code)) for a in adjustments]
    if any(m.effect in ("patient", "contractual") for _, m in meanings):
        return None
    denials = tuple((f"{a.group_code}-{a.reason_code}", m) for a, m in meanings if m.effect == "denied")
    denied = sum(a.amount_cents for a, m in meanings if m.effect == "denied")
    return LineEffect(
        entries=(), denied_cents=denied, denials=denials, patient_cents=0, due_cents=0, after=UNTOUCHED
    )


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


def _due(line: LineFacts, moves: dict[UUID, int]) -> Iterator[Entry]:
    """From *not due* to each party's own account, or back."""
    waiting = AccountRef("claim_line", line.claim_line_id, "patient_not_due")
    for party_id, cents in moves.items():
        owed = AccountRef("claim_line", line.claim_line_id, f"patient_due:{party_id}")
        yield from signed_entry(owed, waiting, cents, "due", line.effective_on)


def signed_entry(
    debit: AccountRef, credit: AccountRef, amount_cents: int, kind: str, on: date
) -> Iterator[Entry]:
    """An entry for a positive amount, its mirror for a negative one (a payer's reversal), none for zero."""
    if amount_cents > 0:
        yield Entry(debit, credit, amount_cents, kind, on)
    elif amount_cents < 0:
        yield Entry(credit, debit, -amount_cents, kind, on)
