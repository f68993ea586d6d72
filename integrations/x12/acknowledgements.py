"""The answers before the money in one place: 999, 277CA, and TA1 (which the interchange itself carries)."""

from integrations.x12.acknowledgement_values import (
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    ElementError,
    GroupAcknowledgement,
    LineStatus,
    Outcome,
    ProviderAcknowledgement,
    SegmentError,
    StatusCode,
    StatusInformation,
    TransactionAcknowledgement,
    worst,
)
from integrations.x12.claim_acknowledgements import read_277ca, read_claim_acknowledgement
from integrations.x12.functional_acknowledgements import read_999, read_functional_acknowledgement
from integrations.x12.interchanges import InterchangeAcknowledgement

__all__ = [
    "ClaimAcknowledgement",
    "ClaimAcknowledgementReport",
    "ElementError",
    "GroupAcknowledgement",
    "InterchangeAcknowledgement",
    "LineStatus",
    "Outcome",
    "ProviderAcknowledgement",
    "SegmentError",
    "StatusCode",
    "StatusInformation",
    "TransactionAcknowledgement",
    "read_277ca",
    "read_999",
    "read_claim_acknowledgement",
    "read_functional_acknowledgement",
    "worst",
]
