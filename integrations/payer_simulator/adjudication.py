"""Adjudicates one claim line by line in the order received: denials first, then price, then who pays."""

from collections.abc import Callable
from datetime import date

import msgspec

from integrations.payer_simulator.amounts import share, times
from integrations.payer_simulator.book import AuthorizedBlock, Terms
from integrations.payer_simulator.magic import Outcome
from integrations.payer_simulator.policy import Policy
from integrations.payer_simulator.settlements import Adjustment, SettledLine
from integrations.payer_simulator.standing import Standing, whole_units
from integrations.payer_simulator.submitted_claims import SubmittedClaim, SubmittedLine

UNDERPAID_PERCENT = 80


class Denial(msgspec.Struct, frozen=True):
    """Why a line is not paid: group, reason (CARC) and remarks (RARC)."""

    group: str
    reason: str
    remarks: tuple[str, ...] = ()


MAGIC_DENIALS = {
    Outcome.DENIED_INFORMATION: Denial("CO", "16", ("N290",)),
    Outcome.DENIED_DUPLICATE: Denial("OA", "18"),
    Outcome.DENIED_COVERAGE: Denial("PR", "27"),
    Outcome.DENIED_FILING: Denial("CO", "29"),
    Outcome.DENIED_NECESSITY: Denial("CO", "50", ("M25",)),
    Outcome.DENIED_BENEFIT: Denial("CO", "96", ("N130",)),
    Outcome.DENIED_AUTHORIZATION: Denial("CO", "197", ("M62",)),
    Outcome.DENIED_EXCEEDED: Denial("CO", "198", ("N435",)),
}


class Adjudication:
    """One claim before one payer; deciding a line counts it in the standing at once."""

    def __init__(
        self,
        claim: SubmittedClaim,
        policy: Policy,
        standing: Standing,
        received_on: date,
        outcome: Outcome | None,
    ) -> None:
        self._claim, self._policy, self._standing = claim, policy, standing
        self._payer, self._received_on, self._outcome = policy.payer, received_on, outcome
        self._member_id = claim.member_id
        self._known = policy.knows(self._member_id)
        self._free = outcome is not None and not self._known

    def lines(self) -> tuple[SettledLine, ...]:
        """Every line decided, in the order sent."""
        return tuple(self._line(line) for line in self._claim.lines)

    def _line(self, line: SubmittedLine) -> SettledLine:
        on = line.from_on or self._received_on
        denial = self._denial(line, on)
        settled = self._denied(line, on, denial) if denial else self._priced(line, on)
        self._standing.add(self._claim.person, settled)
        return settled

    def _denial(self, line: SubmittedLine, on: date) -> Denial | None:
        if self._outcome in MAGIC_DENIALS:
            return MAGIC_DENIALS[self._outcome]
        for check in _CHECKS:
            found = check(self, line, on)
            if found is not None:
                return found
        return None

    def _not_covered(self, line: SubmittedLine, on: date) -> Denial | None:
        if not self._known and not self._free and self._payer.unknown_members == "deny":
            return Denial("CO", "31")
        if self._known and self._policy.member(self._member_id, on) is None:
            early = self._policy.begins_after(self._member_id, on)
            return Denial("PR", "26" if early else "27")
        return Denial("PR", "27") if self._policy.terms(on) is None else None

    def _duplicate(self, line: SubmittedLine, on: date) -> Denial | None:
        if not self._standing.was_paid(self._duplicate_key(line, on)):
            return None
        # The code list wants group OA for reason 18, CO only under workers' compensation.
        return Denial("CO" if self._payer.workers_compensation else "OA", "18")

    def _too_late(self, line: SubmittedLine, on: date) -> Denial | None:
        late = (self._received_on - on).days > self._terms(on).filing_days
        return Denial("CO", "29") if late and self._claim.frequency == "1" else None

    def _not_authorized(self, line: SubmittedLine, on: date) -> Denial | None:
        if not self._needs_authorization(line.code, on):
            return None
        held = self._blocks(line, on)
        if not held:
            absent = not (line.authorization or self._claim.authorization)
            return Denial("CO", "197", ("M62",) if absent else ())
        drawn = [(key, block) for key, block in held if block.covers(line.code)]
        if not drawn:
            return Denial("CO", "284", ("N54",))
        for key, block in drawn:
            if block.counted_in == "unit":
                used = self._standing.units_used(key) + whole_units(line.units)
            else:
                used = len(self._standing.dates_used(key) | {on})
            if used > block.granted:
                return Denial("CO", "198", ("N435",))
        return None

    def _not_in_schedule(self, line: SubmittedLine, on: date) -> Denial | None:
        if self._outcome is Outcome.PAID_IN_FULL or self._policy.fee(line.code, on) is not None:
            return None
        priced = self._terms(on).other_codes_percent is not None
        return None if priced else Denial("CO", "96", ("N130",))

    def _terms(self, on: date) -> Terms:
        return self._policy.terms(on) or Terms(from_on=on)

    def _needs_authorization(self, code: str, on: date) -> bool:
        member = self._policy.member(self._member_id, on)
        if self._free or (member is not None and member.authorization_needed is False):
            return False
        codes = self._terms(on).authorization_codes
        return code in codes or "*" in codes or (member is not None and bool(member.authorization_needed))

    def _duplicate_key(self, line: SubmittedLine, on: date) -> str:
        rendering = self._claim.rendering_npi(line)
        parts = (self._claim.person, f"{on}{line.to_on}", line.code)
        return "|".join([*parts, ":".join(line.modifiers), line.units, self._claim.billing.id, rendering])

    def _denied(self, line: SubmittedLine, on: date, denial: Denial) -> SettledLine:
        whole = Adjustment(group=denial.group, reason=denial.reason, cents=line.charge_cents)
        return self._settled(line, on, 0, 0, (whole,), denial)

    def _priced(self, line: SubmittedLine, on: date) -> SettledLine:
        allowed = self._allowed(line, on)
        shared = self._shared(allowed, on)
        paid = allowed - sum(one.cents for one in shared)
        contractual = _nonzero("CO", "45", line.charge_cents - allowed)
        if self._claim.order != "P":
            return self._as_secondary(line, on, paid, allowed)
        return self._settled(line, on, allowed, paid, contractual + shared, None)

    def _allowed(self, line: SubmittedLine, on: date) -> int:
        if self._outcome is Outcome.PAID_IN_FULL:
            return line.charge_cents
        fee = self._policy.fee(line.code, on)
        percent = self._terms(on).other_codes_percent or 0
        price = times(fee.allowed_cents, line.units) if fee else share(line.charge_cents, percent)
        if self._outcome is Outcome.UNDERPAID:
            price = price * UNDERPAID_PERCENT // 100
        return min(price, line.charge_cents)

    def _shared(self, allowed: int, on: date) -> tuple[Adjustment, ...]:
        """What of the allowed amount stays with the patient: deductible, then copay, then coinsurance."""
        if self._payer.workers_compensation or self._outcome is Outcome.PAID_IN_FULL:
            return ()
        if self._outcome is Outcome.ZERO_PAID:
            return _nonzero("PR", "1", allowed)
        copay, percent, deductible = self._cost_sharing(on)
        met = self._policy.deductible_met_elsewhere(self._member_id, on.year)
        met += self._standing.deductible_met(self._claim.person, on.year)
        first = min(allowed, max(deductible - met, 0))
        taken = self._standing.copay_taken(self._claim.person, on)
        second = min(allowed - first, max(copay - taken, 0))
        third = share(allowed - first - second, percent)
        return _nonzero("PR", "1", first) + _nonzero("PR", "3", second) + _nonzero("PR", "2", third)

    def _cost_sharing(self, on: date) -> tuple[int, int, int]:
        """Copay in cents, coinsurance in percent, deductible in cents: the member's own, else the plan's."""
        member, terms = self._policy.member(self._member_id, on), self._terms(on)
        if member is None:
            return terms.copay_cents, terms.coinsurance_percent, terms.deductible_cents
        return (
            _own(member.copay_cents, terms.copay_cents),
            _own(member.coinsurance_percent, terms.coinsurance_percent),
            _own(member.deductible_cents, terms.deductible_cents),
        )

    def _as_secondary(self, line: SubmittedLine, on: date, own_cents: int, allowed: int) -> SettledLine:
        """Pay at most what the earlier payer left to the patient; OA-23 is all that it settled."""
        left = line.prior_patient_cents
        if not line.has_prior:
            claim = self._claim
            prior = share_of(claim.prior_paid_cents, line.charge_cents, claim.charge_cents)
            left = max(min(line.charge_cents, allowed) - prior, 0)
        left = min(left, line.charge_cents)
        paid = min(left, own_cents)
        adjustments = _nonzero("OA", "23", line.charge_cents - left) + _nonzero("PR", "2", left - paid)
        return self._settled(line, on, allowed, paid, adjustments, None)

    def _settled(
        self,
        line: SubmittedLine,
        on: date,
        allowed: int,
        paid: int,
        adjustments: tuple[Adjustment, ...],
        denial: Denial | None,
    ) -> SettledLine:
        return SettledLine(
            code=line.code,
            modifiers=line.modifiers,
            charge_cents=line.charge_cents,
            units=line.units,
            from_on=on,
            to_on=line.to_on or on,
            control_number=line.control_number,
            allowed_cents=allowed,
            paid_cents=paid,
            adjustments=adjustments,
            remarks=denial.remarks if denial else (),
            denied=denial is not None,
            blocks=() if denial else self._drawn_on(line, on),
            duplicate_key=self._duplicate_key(line, on),
        )

    def _blocks(self, line: SubmittedLine, on: date) -> list[tuple[str, AuthorizedBlock]]:
        """What was authorized under the line's number, else the claim's, for that date."""
        number = line.authorization or self._claim.authorization
        return self._policy.blocks(number, self._member_id, on) if number else []

    def _drawn_on(self, line: SubmittedLine, on: date) -> tuple[str, ...]:
        return tuple(key for key, block in self._blocks(line, on) if block.covers(line.code))


def _nonzero(group: str, reason: str, cents: int) -> tuple[Adjustment, ...]:
    return (Adjustment(group=group, reason=reason, cents=cents),) if cents else ()


def _own(own: int | None, plan: int) -> int:
    return plan if own is None else own


def share_of(cents: int, part: int, whole: int) -> int:
    """The part's proportion of an amount, rounded down; zero of nothing."""
    return cents * part // whole if whole else 0


Check = Callable[[Adjudication, SubmittedLine, date], Denial | None]
_CHECKS: tuple[Check, ...] = (
    Adjudication._not_covered,
    Adjudication._duplicate,
    Adjudication._too_late,
    Adjudication._not_authorized,
    Adjudication._not_in_schedule,
)
