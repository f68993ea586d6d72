"""Pays what is due: one file per mailbox, payer and date, in it one 835 per payee."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec

from integrations.payer_simulator.claims_desk import ClaimsDesk
from integrations.payer_simulator.magic import Outcome
from integrations.payer_simulator.memory import DuePayment, Memory, Reconsideration
from integrations.payer_simulator.payment_days import business_day, next_business_day, payment_instant
from integrations.payer_simulator.policy import Policy
from integrations.payer_simulator.post_office import PostOffice
from integrations.payer_simulator.remittance_answers import VERSION, Payment, ProviderAdjustment, remittance
from integrations.payer_simulator.settlements import Adjustment, SettledClaim, reversed_claim

RECONSIDERED_DAYS = 21
TAKEN_BACK_CENTS = 2_500
INTEREST_CENTS = 150
GHOST_CENTS = 1_000
MISSTATED_CENTS = 100


class PaymentRuns:
    """Turns waiting payments into 835 files as time passes."""

    def __init__(
        self, memory: Memory, policies: dict[str, Policy], desk: ClaimsDesk, post_office: PostOffice
    ) -> None:
        self._memory, self._policies = memory, policies
        self._desk, self._post_office = desk, post_office

    def advance(self, at: datetime) -> None:
        """Do everything that was due up to an instant, each thing at its own time."""
        while (due_at := self._next_due()) is not None and due_at <= at:
            for key, one in sorted(self._memory.reconsiderations.rows.items()):
                if one.at == due_at:
                    self._memory.reconsiderations.drop(key)
                    self._desk.reconsider(one.control_number, due_at)
            self._run(due_at)

    def _next_due(self) -> datetime | None:
        payments = (one.at for one in self._memory.payments.rows.values())
        rest = (one.at for one in self._memory.reconsiderations.rows.values())
        return min((*payments, *rest), default=None)

    def _run(self, at: datetime) -> None:
        due = [one for one in self._memory.payments.rows.values() if one.at == at]
        files: dict[tuple[str, str], dict[str, list[DuePayment]]] = defaultdict(lambda: defaultdict(list))
        for one in sorted(due, key=lambda payment: payment.order):
            claim = self._memory.claims.rows[one.control_number]
            files[claim.mailbox, claim.payer_id][f"{claim.payee.id}|{claim.payee.tax_id}"].append(one)
            self._memory.payments.drop(str(one.order))
        for (mailbox, payer_id), payees in sorted(files.items()):
            self._send(mailbox, payer_id, at, [payees[one] for one in sorted(payees)])

    def _send(self, mailbox: str, payer_id: str, at: datetime, payees: list[list[DuePayment]]) -> None:
        """One file, and the faults that its claims ask for with what the payer does about them."""
        payments = [self._payment(payer_id, at, due) for due in payees]
        asked = [{one.outcome for one in due} for due in payees]
        wrong = [Outcome.PAYMENT_UNBALANCED.value in outcomes for outcomes in asked]
        sent = [_misstated(one) if bad else one for one, bad in zip(payments, wrong, strict=True)]
        name = self._post(mailbox, at, sent)
        every = set().union(*asked)
        again_at = payment_instant(next_business_day(at.date()))
        if Outcome.TRUNCATED.value in every:
            self._post_office.cut_off(name)
            self._post(mailbox, again_at, sent)
        if Outcome.REPEATED.value in every:
            self._post(mailbox, again_at, sent)
        if any(wrong):
            right = [one for one, bad in zip(payments, wrong, strict=True) if bad]
            self._post(mailbox, again_at, right)

    def _post(self, mailbox: str, at: datetime, payments: Iterable[Payment]) -> str:
        return self._post_office.post(mailbox, "835", VERSION, at, map(remittance, payments))

    def _payment(self, payer_id: str, at: datetime, due: list[DuePayment]) -> Payment:
        policy = self._policies[payer_id]
        claims: list[SettledClaim] = []
        adjustments: list[ProviderAdjustment] = []
        for one in due:
            claim = self._memory.claims.rows[one.control_number]
            claims.append(reversed_claim(claim) if one.reversal else claim)
            effect = _EFFECTS.get(one.outcome)
            if effect is not None and not one.reversal:
                effect(claims, adjustments)
            if one.outcome == Outcome.REVERSED.value and not one.reversal:
                self._reconsider_later(one.control_number, at)
        payee = claims[0].payee
        trace = f"{at:%Y%m%d}{self._memory.next('trace'):07d}"
        paid = sum(claim.paid_cents for claim in claims) - sum(one.cents for one in adjustments)
        paid, carried = self._settle_balance(f"{payer_id}|{payee.id}|{payee.tax_id}", paid, trace)
        return Payment(
            payer=policy.payer,
            payee=payee,
            pays_on=at.date(),
            trace=trace,
            paid_cents=paid,
            claims=claims,
            provider_adjustments=[*adjustments, *carried],
        )

    def _settle_balance(self, key: str, paid: int, trace: str) -> tuple[int, list[ProviderAdjustment]]:
        """What is paid after what was owed from before; a payment is never negative (PLB FB carries on)."""
        owed = self._memory.carried.rows.get(key, 0)
        adjustments = [ProviderAdjustment("FB", trace, owed)] if owed else []
        left = paid - owed
        if left < 0:
            adjustments.append(ProviderAdjustment("FB", trace, left))
        if owed or left < 0:
            self._memory.carried.put(key, max(-left, 0))
        return max(left, 0), adjustments

    def _reconsider_later(self, control_number: str, at: datetime) -> None:
        on = business_day(at.date() + timedelta(days=RECONSIDERED_DAYS))
        later = Reconsideration(at=payment_instant(on), control_number=control_number)
        self._memory.reconsiderations.put(control_number, later)


def _misstated(payment: Payment) -> Payment:
    return msgspec.structs.replace(payment, paid_cents=payment.paid_cents + MISSTATED_CENTS)


def _take_back(claims: list[SettledClaim], adjustments: list[ProviderAdjustment]) -> None:
    adjustments.append(ProviderAdjustment("WO", claims[-1].control_number, TAKEN_BACK_CENTS))


def _add_interest(claims: list[SettledClaim], adjustments: list[ProviderAdjustment]) -> None:
    claims[-1] = msgspec.structs.replace(claims[-1], interest_cents=INTEREST_CENTS)
    adjustments.append(ProviderAdjustment("L6", claims[-1].control_number, -INTEREST_CENTS))


def _unbalance(claims: list[SettledClaim], adjustments: list[ProviderAdjustment]) -> None:
    first, *others = claims[-1].lines
    extra = Adjustment(group="CO", reason="253", cents=MISSTATED_CENTS)
    first = msgspec.structs.replace(first, adjustments=(*first.adjustments, extra))
    claims[-1] = msgspec.structs.replace(claims[-1], lines=(first, *others))


def _add_ghost(claims: list[SettledClaim], adjustments: list[ProviderAdjustment]) -> None:
    claim = claims[-1]
    line = msgspec.structs.replace(
        claim.lines[0],
        charge_cents=GHOST_CENTS,
        allowed_cents=GHOST_CENTS,
        paid_cents=GHOST_CENTS,
        adjustments=(),
        remarks=(),
        control_number="GHOST",
    )
    number = f"GHOST{claim.control_number}"
    claims.append(
        msgspec.structs.replace(claim, number=number[:20], control_number=number, status="1", lines=(line,))
    )


_EFFECTS: dict[str, Callable[[list[SettledClaim], list[ProviderAdjustment]], None]] = {
    Outcome.TAKEN_BACK.value: _take_back,
    Outcome.INTEREST.value: _add_interest,
    Outcome.CLAIM_UNBALANCED.value: _unbalance,
    Outcome.UNKNOWN_PAID.value: _add_ghost,
}
