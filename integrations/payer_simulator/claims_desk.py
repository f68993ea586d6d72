"""Decides claims in the order received, reverses them, and says when they are paid."""

from datetime import date, datetime, timedelta

import msgspec

from integrations.payer_simulator.adjudication import UNDERPAID_PERCENT, Adjudication
from integrations.payer_simulator.magic import Outcome
from integrations.payer_simulator.memory import DuePayment, Memory
from integrations.payer_simulator.payment_days import (
    business_day,
    chance,
    next_business_day,
    payment_instant,
)
from integrations.payer_simulator.policy import Policy
from integrations.payer_simulator.settlements import Adjustment, SettledClaim, SettledLine
from integrations.payer_simulator.standing import Standing
from integrations.payer_simulator.submitted_claims import SubmittedClaim

PENDED_DAYS = 60
Lines = tuple[SettledLine, ...]
_PROCESSED_AS = {"P": "1", "S": "2"}


class ClaimsDesk:
    """Every claim that entered adjudication, and what has been used up by those that stand."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._standing, self._counted = Standing(), 0

    def original(self, claim: SubmittedClaim) -> SettledClaim | None:
        """The claim that a replacement or void speaks of, if it stands and is the same provider's."""
        found = self._memory.claims.rows.get(claim.payer_control_number)
        if found is None or found.control_number not in self._memory.standing.rows:
            return None
        same = (found.payer_id, found.member_id, found.payee.id)
        return found if same == (claim.payer.id, claim.member_id, claim.billing.id) else None

    def settle(
        self,
        claim: SubmittedClaim,
        policy: Policy,
        mailbox: str,
        at: datetime,
        outcome: Outcome | None,
        corrects: SettledClaim | None = None,
    ) -> str:
        """Decide a claim and schedule its payment; returns the payer's control number for it."""
        pays_at = self._pays_at(claim, policy, at, outcome)
        if corrects is not None:
            pays_at = max(pays_at, self.reverse(corrects, pays_at))
        control_number = self._next_control_number(at)
        lines = Adjudication(claim, policy, self._current(), at.date(), outcome).lines()
        corrected = corrects.control_number if corrects else ""
        settled = _settled(claim, control_number, mailbox, at.date(), lines, corrected)
        self._keep(settled)
        self._schedule(control_number, pays_at, False, outcome)
        return control_number

    def void(self, claim: SubmittedClaim, policy: Policy, at: datetime, original: SettledClaim) -> str:
        """Take a claim back without a new one; returns the control number of what was voided."""
        self.reverse(original, self._pays_at(claim, policy, at, None))
        return original.control_number

    def reverse(self, claim: SettledClaim, at: datetime) -> datetime:
        """Schedule a reversal, never before the claim's own payment; returns when it goes out."""
        pending = [one.at for one in self._memory.payments.rows.values() if self._is_of(one, claim)]
        at = max([at, *pending])
        for line in claim.lines:
            self._current().remove(claim.person, line)
        self._memory.standing.drop(claim.control_number)
        self._schedule(claim.control_number, at, True, None)
        return at

    def reconsider(self, control_number: str, at: datetime) -> None:
        """Reverse a claim by the payer's own decision and pay it anew, a fifth less; gone claims stay."""
        claim = self._memory.claims.rows[control_number]
        if control_number not in self._memory.standing.rows:
            return
        self.reverse(claim, at)
        corrected = msgspec.structs.replace(
            claim,
            control_number=self._next_control_number(at),
            corrects=control_number,
            lines=tuple(_cut(line) for line in claim.lines),
        )
        for line in corrected.lines:
            self._current().add(claim.person, line)
        self._keep(corrected)
        self._schedule(corrected.control_number, at, False, None)

    @staticmethod
    def _is_of(payment: DuePayment, claim: SettledClaim) -> bool:
        return payment.control_number == claim.control_number

    def _current(self) -> Standing:
        """The standing; counted anew when the file was changed by somebody else."""
        if self._counted != self._memory.reloads:
            self._standing, self._counted = Standing(), self._memory.reloads
            for control_number in self._memory.standing.rows:
                claim = self._memory.claims.rows[control_number]
                for line in claim.lines:
                    self._standing.add(claim.person, line)
        return self._standing

    def _pays_at(
        self, claim: SubmittedClaim, policy: Policy, at: datetime, outcome: Outcome | None
    ) -> datetime:
        first, last = policy.payer.pays_after_days
        days = first + chance(max(last - first, 0) + 1, claim.content())
        if outcome is Outcome.PENDED:
            days += PENDED_DAYS
        on = business_day(at.date() + timedelta(days=days))
        while payment_instant(on) <= at:
            on = next_business_day(on)
        return payment_instant(on)

    def _next_control_number(self, at: datetime) -> str:
        return f"{at:%y%j}{self._memory.next('claim'):08d}"

    def _keep(self, settled: SettledClaim) -> None:
        self._memory.claims.put(settled.control_number, settled)
        self._memory.standing.put(settled.control_number, True)

    def _schedule(self, control_number: str, at: datetime, reversal: bool, outcome: Outcome | None) -> None:
        order = self._memory.next("payment")
        payment = DuePayment(
            order=order,
            at=at,
            control_number=control_number,
            reversal=reversal,
            outcome=outcome.value if outcome else "",
        )
        self._memory.payments.put(str(order), payment)


def _settled(
    claim: SubmittedClaim, control_number: str, mailbox: str, received_on: date, lines: Lines, corrects: str
) -> SettledClaim:
    return SettledClaim(
        control_number=control_number,
        number=claim.number,
        status=_status(claim, lines),
        payer_id=claim.payer.id,
        member_id=claim.member_id,
        mailbox=mailbox,
        received_on=received_on,
        place=claim.place,
        frequency=claim.frequency,
        authorization=claim.authorization,
        patient=claim.patient,
        subscriber=claim.subscriber,
        rendering=claim.rendering,
        payee=claim.billing,
        corrects=corrects,
        interest_cents=0,
        lines=lines,
    )


def _status(claim: SubmittedClaim, lines: Lines) -> str:
    unknown = all(line.adjustments == _stranger(line) for line in lines)
    return "4" if unknown else _PROCESSED_AS.get(claim.order, "3")


def _stranger(line: SettledLine) -> tuple[Adjustment, ...]:
    """What a line of somebody who cannot be identified carries; only then is CLP02 a 4."""
    return (Adjustment(group="CO", reason="31", cents=line.charge_cents),)


def _cut(line: SettledLine) -> SettledLine:
    """The line paid a fifth less, the rest contractual."""
    less = line.paid_cents - line.paid_cents * UNDERPAID_PERCENT // 100
    if not less:
        return line
    others = tuple(one for one in line.adjustments if (one.group, one.reason) != ("CO", "45"))
    contractual = sum(one.cents for one in line.adjustments) - sum(one.cents for one in others) + less
    return msgspec.structs.replace(
        line,
        allowed_cents=line.allowed_cents - less,
        paid_cents=line.paid_cents - less,
        adjustments=(Adjustment(group="CO", reason="45", cents=contractual), *others),
    )
