"""The 837P in one place: check a batch, write it, read one back, find the claim behind a segment."""

from collections.abc import Iterator

import msgspec

from integrations.x12.envelope import InterchangeWriter
from integrations.x12.interchanges import Transaction
from integrations.x12.professional_checks import check_batch, check_claim
from integrations.x12.professional_party_checks import npi_is_valid
from integrations.x12.professional_reader import read_837p, read_batch
from integrations.x12.professional_values import (
    AccidentInfo,
    BillingProvider,
    Claim,
    ClaimBatch,
    ClaimNotWritable,
    Line,
    OrderingProvider,
    PartyName,
    Patient,
    PayerName,
    PostalAddress,
    ReceiverInfo,
    ReferringProvider,
    RenderingProvider,
    ServiceFacility,
    SubmitterInfo,
    Subscriber,
    SupervisingProvider,
)
from integrations.x12.professional_writer import transaction_segments

__all__ = [
    "IMPLEMENTATION",
    "MOST_CLAIMS",
    "AccidentInfo",
    "BillingProvider",
    "Claim",
    "ClaimBatch",
    "ClaimNotWritable",
    "ClaimSpan",
    "Line",
    "OrderingProvider",
    "PartyName",
    "Patient",
    "PayerName",
    "PostalAddress",
    "ReceiverInfo",
    "ReferringProvider",
    "RenderingProvider",
    "ServiceFacility",
    "SubmitterInfo",
    "Subscriber",
    "SupervisingProvider",
    "check_batch",
    "check_claim",
    "claim_spans",
    "npi_is_valid",
    "read_837p",
    "read_batch",
    "transaction_number",
    "write_837p",
]

IMPLEMENTATION = "005010X222A1"
# What the guide allows in one ST.
MOST_CLAIMS = 5_000


class ClaimSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Which segments of a transaction, counted from its ST as 1, belong to a claim; a 999 counts so too."""

    control_number: str
    first: int
    last: int


def write_837p(batch: ClaimBatch, envelope: InterchangeWriter) -> str:
    """The whole interchange, up to 5,000 claims in each ST; raises ClaimNotWritable before writing."""
    check_batch(batch)
    created = f"{batch.created_at:%Y%m%d%H%M}"
    envelope.begin_group("HC", IMPLEMENTATION)
    for start in range(0, len(batch.claims), MOST_CLAIMS):
        claims = batch.claims[start : start + MOST_CLAIMS]
        envelope.add_transaction("837", IMPLEMENTATION, transaction_segments(batch, claims, created))
    return envelope.text()


def transaction_number(claim_index: int) -> str:
    """ST02 of the transaction that holds the claim at that index of its batch."""
    return f"{claim_index // MOST_CLAIMS + 1:04d}"


def claim_spans(transaction: Transaction) -> Iterator[ClaimSpan]:
    """Where each claim of an 837 begins (its subscriber) and ends, to map a 999 back to it."""
    opened, number, last = 0, "", 0
    for segment in transaction.segments():
        at = segment.position - transaction.position + 1
        subscriber = segment.id == "HL" and segment.element(3) == "22"
        if subscriber or segment.id == "SE" or (segment.id == "HL" and segment.element(3) == "20"):
            if number:
                yield ClaimSpan(control_number=number, first=opened, last=last)
            opened, number = at, ""
        elif segment.id == "CLM":
            if number:
                yield ClaimSpan(control_number=number, first=opened, last=last)
                opened = at
            number = segment.element(1)
        last = at
