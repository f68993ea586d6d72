"""Takes an interchange in: acknowledges its syntax, screens its claims, hands the sound ones on."""

from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from integrations.payer_simulator import claim_answers, syntax_answers
from integrations.payer_simulator.claim_answers import Screened, Screening, claim_acknowledgement
from integrations.payer_simulator.claim_reader import ClaimReading, read_claims
from integrations.payer_simulator.claim_syntax import Fault
from integrations.payer_simulator.claims_desk import ClaimsDesk
from integrations.payer_simulator.magic import Outcome, outcome_of_charge, outcome_of_member
from integrations.payer_simulator.memory import Memory
from integrations.payer_simulator.payment_days import chance
from integrations.payer_simulator.policy import Policy
from integrations.payer_simulator.post_office import PostOffice
from integrations.payer_simulator.screening import ACCEPTED, ORIGINAL_UNKNOWN, UNKNOWN_PAYER, screen
from integrations.payer_simulator.submitted_claims import SubmittedClaim
from integrations.payer_simulator.syntax_answers import (
    DUPLICATE_INTERCHANGE,
    acknowledged_group,
    note_code,
    set_codes,
)
from integrations.x12.interchanges import Interchange, Transaction

_UNREADABLE = ("000000000", "", "")


class _Received(msgspec.Struct):
    """A transaction set as read, with the outcome that is asked for each of its claims."""

    transaction: Transaction
    reading: ClaimReading | None
    faults: list[Fault]
    outcomes: list[Outcome | None]


class FrontDesk:
    """What happens to a file on the day it comes."""

    def __init__(
        self, memory: Memory, policies: dict[str, Policy], desk: ClaimsDesk, post_office: PostOffice
    ) -> None:
        self._memory, self._policies = memory, policies
        self._desk, self._post_office = desk, post_office

    def receive(self, interchange: Interchange, mailbox: str, at: datetime) -> None:
        """Answer one interchange: TA1 when its envelope is broken or known already, else 999 and 277CA."""
        header = interchange.header
        self._post_office.connect(mailbox, interchange)
        key = f"interchange|{header.sender}|{header.control_number}"
        problems = interchange.problems
        note = note_code([one.code for one in problems]) if problems else ""
        if key in self._memory.seen.rows:
            note = DUPLICATE_INTERCHANGE
        if note:
            self.refuse(mailbox, at, (header.control_number, header.date_text, header.time_text), note)
            return
        self._memory.seen.put(key, at.isoformat())
        received = [self._read(one) for one in interchange.transactions]
        self._acknowledge_syntax(received, mailbox, at)
        for one in received:
            if one.reading is not None and not set_codes(one.transaction, one.faults):
                self._take_claims(one, mailbox, at)

    def refuse_unreadable(self, mailbox: str, at: datetime) -> None:
        """Answer what is no X12 at all, if the mailbox was ever heard of."""
        if self._post_office.knows(mailbox):
            self.refuse(mailbox, at, (_UNREADABLE[0], f"{at:%y%m%d}", f"{at:%H%M}"), "022")

    def refuse(self, mailbox: str, at: datetime, header: tuple[str, str, str], note: str) -> None:
        """Leave a TA1 with this note code a minute from now."""
        self._post_office.refuse(mailbox, at + timedelta(minutes=1), header, note)

    def _read(self, transaction: Transaction) -> _Received:
        if transaction.set_id != "837" or transaction.problems:
            return _Received(transaction, None, [], [])
        reading = read_claims(transaction)
        outcomes = [self._outcome(claim) for claim in reading.claims]
        faults = list(reading.faults)
        for claim, outcome in zip(reading.claims, outcomes, strict=True):
            if outcome is Outcome.SYNTAX_REJECTED:
                faults.append(_member_fault(claim))
        return _Received(transaction, reading, faults, outcomes)

    def _outcome(self, claim: SubmittedClaim) -> Outcome | None:
        """What is asked for a claim by its member, its charge or the payer's mishaps."""
        asked = outcome_of_member(claim.member_id)
        policy = self._policies.get(claim.payer.id)
        if asked is not None or policy is None:
            return asked
        if policy.payer.magic_charges and (asked := outcome_of_charge(claim.charge_cents)):
            return asked
        if not policy.payer.mishaps or claim.frequency != "1":
            return None
        content = claim.content()
        key = f"content|{chance(1 << 48, content):x}"
        if key in self._memory.seen.rows:
            return None
        self._memory.seen.put(key, "")
        struck = (one for one in policy.payer.mishaps if not chance(one.one_in, one.outcome.value, content))
        return next((one.outcome for one in struck), None)

    def _acknowledge_syntax(self, received: list[_Received], mailbox: str, at: datetime) -> None:
        bodies = [
            acknowledged_group(group, [(one.transaction, one.faults) for one in held])
            for group, held in groupby(received, key=lambda one: one.transaction.group)
        ]
        if bodies:
            due_at = at + timedelta(minutes=2 + chance(10, mailbox, at.isoformat()))
            self._post_office.post(mailbox, "999", syntax_answers.VERSION, due_at, bodies)

    def _take_claims(self, received: _Received, mailbox: str, at: datetime) -> None:
        reading = received.reading
        if reading is None:
            return
        screened: dict[str, list[Screened]] = {}
        for claim, outcome in zip(reading.claims, received.outcomes, strict=True):
            if outcome is not Outcome.SILENT:
                one = self._take_claim(claim, mailbox, at, outcome)
                screened.setdefault(claim.payer.id, []).append(one)
        for payer_id, claims in screened.items():
            self._acknowledge_claims(reading, payer_id, claims, mailbox, at)
        for claim, outcome in zip(reading.claims, received.outcomes, strict=True):
            if outcome is Outcome.UNKNOWN_ACKNOWLEDGED:
                number = f"GHOST{self._memory.next('ghost')}"
                ghost = msgspec.structs.replace(claim, number=number)
                one = Screened(claim=ghost, verdict=ACCEPTED, control_number=number)
                self._acknowledge_claims(reading, claim.payer.id, [one], mailbox, at)

    def _take_claim(
        self, claim: SubmittedClaim, mailbox: str, at: datetime, outcome: Outcome | None
    ) -> Screened:
        policy = self._policies.get(claim.payer.id)
        if policy is None:
            return Screened(claim=claim, verdict=UNKNOWN_PAYER, control_number="")
        verdict, control_number = screen(claim, policy, at.date(), outcome), ""
        if verdict.accepted and claim.frequency != "1":
            original = self._desk.original(claim)
            if original is None:
                verdict = ORIGINAL_UNKNOWN
            elif claim.frequency == "8":
                control_number = self._desk.void(claim, policy, at, original)
            else:
                control_number = self._desk.settle(claim, policy, mailbox, at, outcome, original)
        elif verdict.accepted:
            control_number = self._desk.settle(claim, policy, mailbox, at, outcome)
        return Screened(claim=claim, verdict=verdict, control_number=control_number)

    def _acknowledge_claims(
        self, reading: ClaimReading, payer_id: str, claims: list[Screened], mailbox: str, at: datetime
    ) -> None:
        policy = self._policies.get(payer_id)
        name = policy.payer.name if policy else claims[0].claim.payer.name
        hours = policy.payer.acknowledges_within_hours if policy else 1
        screening = Screening(
            payer_id=payer_id,
            payer_name=name or "UNKNOWN PAYER",
            submitter=reading.submitter,
            batch=reading.batch,
            number=f"{self._memory.next('screening'):09d}",
            received_on=at.date(),
            time_text=f"{at:%H%M%S}",
            claims=claims,
        )
        due_at = at + timedelta(minutes=30 + chance(hours * 60 - 30, payer_id, reading.batch, at.isoformat()))
        body = claim_acknowledgement(screening)
        self._post_office.post(mailbox, "277ca", claim_answers.VERSION, due_at, [body])


def _member_fault(claim: SubmittedClaim) -> Fault:
    return Fault(
        segment="NM1",
        position=claim.subscriber.position,
        loop="2010BA",
        code="8",
        element=9,
        reference="67",
        element_code="7",
        bad_value=claim.member_id,
    )
