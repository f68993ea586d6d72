"""What payers take off or leave to patients, as dated rules: their names and the shape of each value."""

from typing import Any

from msgspec import Struct

FEE_SCHEDULE_PAYMENT = "fee_schedule_payment"
MULTIPLE_PROCEDURE = "multiple_procedure"
SEQUESTRATION = "sequestration"
ASSISTANT_PAYMENT = "assistant_payment"
CREDENTIAL_PAYMENT = "credential_payment"
COINSURANCE = "coinsurance"


class FeeSchedulePayment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payer that pays by Medicare's fee schedule without a contract; whether never above the charge."""

    basis_points: int
    lesser_of_charge: bool


class MultipleProcedure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The part of the practice expense that every unit but the day's first keeps."""

    practice_expense_basis_points: int


SHAPES: dict[str, Any] = {
    FEE_SCHEDULE_PAYMENT: FeeSchedulePayment,
    MULTIPLE_PROCEDURE: MultipleProcedure,
    SEQUESTRATION: int,
    ASSISTANT_PAYMENT: int,
    CREDENTIAL_PAYMENT: dict[str, int],
    COINSURANCE: int,
}
"""The type of each rule's value; numbers are basis points."""
