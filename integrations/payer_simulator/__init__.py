"""Simulated payers: they adjudicate claims by a dated book and share only X12 text with the product."""

from integrations.payer_simulator.book import (
    AuthorizedBlock,
    Fee,
    Member,
    Mishap,
    Payer,
    PayerBook,
    Terms,
    read_book,
    write_book,
)
from integrations.payer_simulator.magic import OUTCOMES, Outcome
from integrations.payer_simulator.simulator import PayerSimulator, SubmissionDiffers

__all__ = [
    "OUTCOMES",
    "AuthorizedBlock",
    "Fee",
    "Member",
    "Mishap",
    "Outcome",
    "Payer",
    "PayerBook",
    "PayerSimulator",
    "SubmissionDiffers",
    "Terms",
    "read_book",
    "write_book",
]
