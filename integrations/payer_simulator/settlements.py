"""What the payer decided about a claim, line by line: kept, paid out, and turned round on a reversal."""

from datetime import date

import msgspec

from integrations.payer_simulator.submitted_claims import Party, person_key


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """One CAS triplet."""

    group: str
    reason: str
    cents: int


class SettledLine(msgspec.Struct, frozen=True, kw_only=True):
    """One decided line; `blocks` are the keys of the authorization blocks that it draws on."""

    code: str
    modifiers: tuple[str, ...]
    charge_cents: int
    units: str
    from_on: date
    to_on: date
    control_number: str
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...]
    denied: bool
    blocks: tuple[str, ...]
    duplicate_key: str

    def taken(self, reason: str) -> int:
        """Cents of a patient responsibility reason (1 deductible, 2 coinsurance, 3 copay)."""
        return sum(one.cents for one in self.adjustments if one.group == "PR" and one.reason == reason)


class SettledClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One decided claim; `status` is CLP02, `corrects` the control number of what it replaced."""

    control_number: str
    number: str
    status: str
    payer_id: str
    member_id: str
    mailbox: str
    received_on: date
    place: str
    frequency: str
    authorization: str
    patient: Party
    subscriber: Party
    rendering: Party | None
    payee: Party
    corrects: str
    interest_cents: int
    lines: tuple[SettledLine, ...]

    @property
    def person(self) -> str:
        """Whose deductible and copay it drew on."""
        return person_key(self.payer_id, self.member_id, self.patient)

    @property
    def charge_cents(self) -> int:
        """What was charged over all lines."""
        return sum(line.charge_cents for line in self.lines)

    @property
    def paid_cents(self) -> int:
        """What is paid over all lines."""
        return sum(line.paid_cents for line in self.lines)

    @property
    def patient_cents(self) -> int:
        """What the patient is left with over all lines."""
        adjustments = [one for line in self.lines for one in line.adjustments]
        return sum(one.cents for one in adjustments if one.group == "PR")


def reversed_claim(claim: SettledClaim) -> SettledClaim:
    """The same claim with every amount turned round and status 22."""
    lines = [
        msgspec.structs.replace(
            line,
            charge_cents=-line.charge_cents,
            paid_cents=-line.paid_cents,
            allowed_cents=-line.allowed_cents,
            adjustments=tuple(msgspec.structs.replace(one, cents=-one.cents) for one in line.adjustments),
        )
        for line in claim.lines
    ]
    return msgspec.structs.replace(claim, status="22", interest_cents=0, lines=tuple(lines))
