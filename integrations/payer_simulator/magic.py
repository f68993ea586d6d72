"""Magic values: how a test or a demonstration asks the simulated payer for an outcome.

Three ways. A member id `SIM<CODE>` or `SIM<CODE>X<digits>` (such as `SIMCO50` or `SIMCO50X2`) gives the
outcome to every claim of that member, and needs no row in the book. A claim charge (CLM02) that ends in
the outcome's cents gives it to that claim, if the payer's `magic_charges` is on. A `Mishap` in the book
gives it to one claim in so many. The codes and cents are in `OUTCOMES` and in `docs/payer-simulator.md`.
"""

import re
from enum import Enum

import msgspec


class Outcome(Enum):
    """What the payer does with a claim instead of what its rules say; the value is the magic code."""

    SYNTAX_REJECTED = "R999"
    RETURNED = "A3"
    REJECTED_MISSING = "A6"
    REJECTED_INVALID = "A7"
    SILENT = "SILENT"
    UNKNOWN_ACKNOWLEDGED = "GHOST277"
    PENDED = "PEND"
    DENIED_INFORMATION = "CO16"
    DENIED_DUPLICATE = "OA18"
    DENIED_COVERAGE = "PR27"
    DENIED_FILING = "CO29"
    DENIED_NECESSITY = "CO50"
    DENIED_BENEFIT = "CO96"
    DENIED_AUTHORIZATION = "CO197"
    DENIED_EXCEEDED = "CO198"
    PAID_IN_FULL = "FULL"
    UNDERPAID = "UNDER"
    ZERO_PAID = "ZERO"
    REVERSED = "REVERSE"
    TAKEN_BACK = "PLBWO"
    INTEREST = "PLBL6"
    PAYMENT_UNBALANCED = "UNBALTX"
    CLAIM_UNBALANCED = "UNBALCLP"
    TRUNCATED = "TRUNC"
    REPEATED = "DUPFILE"
    UNKNOWN_PAID = "GHOST835"


class OutcomeNote(msgspec.Struct, frozen=True):
    """The cents that ask for an outcome, and what is then seen."""

    cents: int
    seen: str


OUTCOMES: dict[Outcome, OutcomeNote] = {
    Outcome.SYNTAX_REJECTED: OutcomeNote(51, "999 rejects the whole transaction set (IK3 NM1, IK4 9)"),
    Outcome.RETURNED: OutcomeNote(52, "277CA A3:116, claim submitted to incorrect payer"),
    Outcome.REJECTED_MISSING: OutcomeNote(53, "277CA A6:158:IL, date of birth missing"),
    Outcome.REJECTED_INVALID: OutcomeNote(54, "277CA A7:164:IL, member number invalid"),
    Outcome.SILENT: OutcomeNote(55, "999 accepts, then nothing ever comes"),
    Outcome.UNKNOWN_ACKNOWLEDGED: OutcomeNote(56, "a second 277CA speaks of a claim nobody sent"),
    Outcome.PENDED: OutcomeNote(57, "277CA A2, then no 835 for 60 days"),
    Outcome.DENIED_INFORMATION: OutcomeNote(58, "every line denied CO-16 with N290"),
    Outcome.DENIED_DUPLICATE: OutcomeNote(59, "every line denied OA-18"),
    Outcome.DENIED_COVERAGE: OutcomeNote(60, "every line denied PR-27"),
    Outcome.DENIED_FILING: OutcomeNote(61, "every line denied CO-29"),
    Outcome.DENIED_NECESSITY: OutcomeNote(62, "every line denied CO-50 with M25"),
    Outcome.DENIED_BENEFIT: OutcomeNote(63, "every line denied CO-96 with N130"),
    Outcome.DENIED_AUTHORIZATION: OutcomeNote(64, "every line denied CO-197 with M62"),
    Outcome.DENIED_EXCEEDED: OutcomeNote(65, "every line denied CO-198 with N435"),
    Outcome.PAID_IN_FULL: OutcomeNote(66, "the whole charge is allowed and paid"),
    Outcome.UNDERPAID: OutcomeNote(67, "20 percent less than the fee schedule is allowed"),
    Outcome.ZERO_PAID: OutcomeNote(68, "all that is allowed goes to the deductible (PR-1)"),
    Outcome.REVERSED: OutcomeNote(69, "paid; 21 days later reversed and paid anew, 20 percent less"),
    Outcome.TAKEN_BACK: OutcomeNote(70, "paid, and PLB WO takes 25.00 from the payment"),
    Outcome.INTEREST: OutcomeNote(71, "paid, and PLB L6 adds 1.50 interest (AMT*I on the claim)"),
    Outcome.PAYMENT_UNBALANCED: OutcomeNote(72, "BPR02 is 1.00 too high; right on the next business day"),
    Outcome.CLAIM_UNBALANCED: OutcomeNote(73, "one line has 1.00 too much CAS inside a payment that adds up"),
    Outcome.TRUNCATED: OutcomeNote(74, "the 835 file breaks off; whole on the next business day"),
    Outcome.REPEATED: OutcomeNote(75, "the 835 comes again on the next business day, new control numbers"),
    Outcome.UNKNOWN_PAID: OutcomeNote(76, "the 835 also pays 10.00 for a claim nobody sent"),
}

_BY_CODE = {one.value: one for one in Outcome}
_BY_CENTS = {note.cents: outcome for outcome, note in OUTCOMES.items()}
_MEMBER = re.compile(r"SIM([A-Z0-9]+?)(?:X[0-9]+)?")


def outcome_of_member(member_id: str) -> Outcome | None:
    """The outcome that a magic member id asks for."""
    found = _MEMBER.fullmatch(member_id) if member_id.startswith("SIM") else None
    return _BY_CODE.get(found.group(1)) if found else None


def outcome_of_charge(charge_cents: int) -> Outcome | None:
    """The outcome that the cents of a claim's charge ask for."""
    return _BY_CENTS.get(charge_cents % 100)
