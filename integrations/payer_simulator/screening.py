"""What the front door checks before a claim is adjudicated; its answers go out in the 277CA."""

from collections.abc import Callable
from datetime import date

import msgspec

from integrations.payer_simulator.magic import Outcome
from integrations.payer_simulator.policy import Policy
from integrations.payer_simulator.submitted_claims import SubmittedClaim, SubmittedLine


class Verdict(msgspec.Struct, frozen=True):
    """STC01: category, status code and the entity that it speaks of."""

    category: str
    status: str
    entity: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the claim entered adjudication."""
        return self.category == "A2"


ACCEPTED = Verdict("A2", "20", "PR")
UNKNOWN_PAYER = Verdict("A3", "26", "PR")
ORIGINAL_UNKNOWN = Verdict("A7", "464", "PR")

_MAGIC = {
    Outcome.RETURNED: Verdict("A3", "116", "PR"),
    Outcome.REJECTED_MISSING: Verdict("A6", "158", "IL"),
    Outcome.REJECTED_INVALID: Verdict("A7", "164", "IL"),
}

_Check = Callable[[SubmittedClaim, Policy, date], Verdict | None]


def screen(claim: SubmittedClaim, policy: Policy, received_on: date, outcome: Outcome | None) -> Verdict:
    """The verdict on a claim: magic first, then each check in turn; a magic member is always known."""
    if outcome in _MAGIC:
        return _MAGIC[outcome]
    for check in _CHECKS if outcome else (_check_member, *_CHECKS):
        found = check(claim, policy, received_on)
        if found is not None:
            return found
    return ACCEPTED


def _check_member(claim: SubmittedClaim, policy: Policy, received_on: date) -> Verdict | None:
    known = policy.knows(claim.member_id) or policy.payer.unknown_members != "reject"
    return None if known else Verdict("A3", "33", "IL")


def _check_providers(claim: SubmittedClaim, policy: Policy, received_on: date) -> Verdict | None:
    if not is_npi(claim.billing.id):
        return Verdict("A7", "562", "85")
    rendering = [claim.rendering, *(line.rendering for line in claim.lines)]
    sound = all(is_npi(one.id) for one in rendering if one is not None)
    return None if sound else Verdict("A7", "562", "82")


def _check_charges(claim: SubmittedClaim, policy: Policy, received_on: date) -> Verdict | None:
    total = sum(line.charge_cents for line in claim.lines)
    if total != claim.charge_cents or any(line.charge_cents < 0 for line in claim.lines):
        return Verdict("A7", "400")
    return None if total > 0 else Verdict("A7", "178")


def _check_lines(claim: SubmittedClaim, policy: Policy, received_on: date) -> Verdict | None:
    return next((found for line in claim.lines if (found := _line_verdict(line, claim, received_on))), None)


def _line_verdict(line: SubmittedLine, claim: SubmittedClaim, received_on: date) -> Verdict | None:
    if len(line.code) != 5 or not line.code.isalnum():
        return Verdict("A7", "507")
    if line.units.startswith("-") or not line.units.strip("0."):
        return Verdict("A7", "476")
    if not all(one.isdigit() and 1 <= int(one) <= claim.diagnoses for one in line.pointers):
        return Verdict("A7", "477")
    if line.from_on is not None and line.from_on > received_on:
        return Verdict("A7", "187")
    return None


def _check_frequency(claim: SubmittedClaim, policy: Policy, received_on: date) -> Verdict | None:
    if claim.frequency not in {"1", "7", "8"}:
        return Verdict("A7", "535")
    if claim.frequency != "1" and not claim.payer_control_number:
        return Verdict("A6", "464", "PR")
    return None


def _check_injury(claim: SubmittedClaim, policy: Policy, received_on: date) -> Verdict | None:
    if not policy.payer.workers_compensation:
        return None
    if not claim.property_claim_number:
        return Verdict("A6", "629")
    return None if claim.accident_on else Verdict("A6", "248")


_CHECKS: tuple[_Check, ...] = (
    _check_providers,
    _check_charges,
    _check_lines,
    _check_frequency,
    _check_injury,
)


def is_npi(text: str) -> bool:
    """Whether ten digits carry the right check digit: Luhn over 80840 and the number."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return False
    total = 24
    for at, digit in enumerate(reversed(text)):
        doubled = int(digit) * (1 + at % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0
