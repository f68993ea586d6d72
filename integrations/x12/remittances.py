"""The 835 in one place: read it whole or claim by claim, and ask whether it adds up."""

from integrations.x12.remittance_balance import (
    Imbalance,
    balance_problems,
    claim_imbalances,
    transaction_imbalance,
)
from integrations.x12.remittance_reader import (
    RemittanceReader,
    read_remittance,
    read_remittances,
    stream_remittances,
)
from integrations.x12.remittance_values import (
    Adjustment,
    Amount,
    ClaimPayment,
    DateReference,
    Name,
    Procedure,
    ProviderAdjustment,
    Quantity,
    Reference,
    Remark,
    Remittance,
    RemittanceHeader,
    RemittanceParty,
    ServiceLine,
)

__all__ = [
    "Adjustment",
    "Amount",
    "ClaimPayment",
    "DateReference",
    "Imbalance",
    "Name",
    "Procedure",
    "ProviderAdjustment",
    "Quantity",
    "Reference",
    "Remark",
    "Remittance",
    "RemittanceHeader",
    "RemittanceParty",
    "RemittanceReader",
    "ServiceLine",
    "balance_problems",
    "claim_imbalances",
    "read_remittance",
    "read_remittances",
    "stream_remittances",
    "transaction_imbalance",
]
