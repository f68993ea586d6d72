"""What remittances need of the outside: somebody who reads what payers send."""

from datetime import date
from typing import Protocol

from msgspec import Struct

from domain.claims.ports import Acknowledgement, ClaimAnswers, FileProblem


class AdjustmentContent(Struct, frozen=True, kw_only=True):
    """One CAS triplet; amounts in cents, positive lowers the payment."""

    group_code: str
    reason_code: str
    amount_cents: int
    quantity: str | None


class RemittedLine(Struct, frozen=True, kw_only=True):
    """One service line (SVC) with its adjustments; `position` is its segment's ordinal in the file."""

    line_control: str | None
    code: str
    modifiers: tuple[str, ...]
    units: str
    original_units: str | None
    served_on: date | None
    charge_cents: int
    paid_cents: int
    allowed_cents: int | None
    adjustments: tuple[AdjustmentContent, ...]
    remarks: tuple[str, ...]
    position: int


class RemittedClaim(Struct, frozen=True, kw_only=True):
    """One claim (CLP); `problems` are places where it does not add up, which park it alone."""

    claim_control_number: str
    status_code: str
    charge_cents: int
    paid_cents: int
    patient_cents: int
    payer_control_number: str | None
    adjustments: tuple[AdjustmentContent, ...]
    lines: tuple[RemittedLine, ...]
    remarks: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    position: int


class ProviderAdjustmentContent(Struct, frozen=True, kw_only=True):
    """One PLB pair; a positive amount lowers the payment."""

    reason_code: str
    reference: str | None
    amount_cents: int


class RemittanceContent(Struct, frozen=True, kw_only=True):
    """One 835 transaction; `problems` are those that quarantine the whole of it."""

    payer_name: str
    payer_identifier: str
    payee_npi: str
    trace_number: str
    payment_cents: int
    payment_method: str
    paid_on: date
    claims: tuple[RemittedClaim, ...]
    provider_adjustments: tuple[ProviderAdjustmentContent, ...]
    problems: tuple[FileProblem, ...]
    position: int


class Received(Struct, frozen=True, kw_only=True):
    """One transaction of a received file, with the keys that lead it to its practice.

    `control_number` is of our file that it answers to (999, TA1, 277CA); an 835 goes by its payee.
    """

    ordinal: int
    position: int
    control_number: int | None
    payee_npi: str | None
    content: Acknowledgement | ClaimAnswers | RemittanceContent

    @property
    def kind(self) -> str:
        """The transaction's name in the trade."""
        return KINDS[type(self.content)]


KINDS: dict[type, str] = {Acknowledgement: "999", ClaimAnswers: "277CA", RemittanceContent: "835"}


class ReceivedFiles(Protocol):
    """Reads what payers and clearinghouses send."""

    def read(self, content: bytes) -> list[Received]:
        """The transactions of a file; raises FileRefused for a broken envelope or an unknown transaction."""
        ...
