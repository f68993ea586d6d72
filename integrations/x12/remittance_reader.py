"""Reads an 835 claim by claim, so that ten thousand claims never stand in memory at once."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from integrations.x12.interchanges import Transaction
from integrations.x12.numbers import NumberUnreadable, cents, day
from integrations.x12.problems import X12Refused
from integrations.x12.remittance_header import HeaderReading
from integrations.x12.remittance_levels import (
    CLAIM,
    CLAIM_PARTS,
    GROUP,
    LINE_PARTS,
    OTHERS,
    PROVIDER,
    SERVICE,
    levels,
)
from integrations.x12.remittance_values import (
    ClaimPayment,
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    ServiceLine,
)
from integrations.x12.segments import Segment
from integrations.x12.tokenizer import read_interchanges

_BODY = frozenset({"LX", "CLP", "PLB", "SE"})

_Parts = list[tuple[Any, ...]]
_Line = tuple[int, tuple[Any, ...], _Parts]


class RemittanceReader:
    """One 835: its header at once, its claims once and in order, the rest when the claims are read.

    `provider_adjustments` and `others` are complete only after `claims` is exhausted.
    """

    def __init__(self, transaction: Transaction) -> None:
        if transaction.set_id != "835":
            detail = f"transaction {transaction.set_id} is no remittance"
            raise X12Refused("not_a_remittance", "ST", transaction.position, detail)
        if transaction.problems:
            raise X12Refused.because_of(transaction.problems[0])
        self._transaction = transaction
        self._raws: Iterator[str] = transaction.raw_segments()
        self._group_number = ""
        self._adjustments: list[ProviderAdjustment] = []
        self._between: _Parts = [()] * CLAIM_PARTS
        self._position = transaction.position
        self.header = self._read_header()

    @property
    def provider_adjustments(self) -> tuple[ProviderAdjustment, ...]:
        """Every pair of every PLB."""
        return tuple(self._adjustments)

    @property
    def others(self) -> tuple[Segment, ...]:
        """Segments between claims that no value holds: TS2, TS3 and unknown ones."""
        return self._between[OTHERS]

    def claims(self) -> Iterator[ClaimPayment]:
        """Each claim in turn; raises X12Refused at the segment that cannot be read."""
        between, of_claim, of_line = levels(self._transaction.delimiters)
        level, known, parts = between, between.known, self._between
        claim, lines = None, list[_Line]()
        for position, raw in enumerate(self._raws, self._position):
            kind, value = known.get(raw) or level.parse(raw, position)
            if kind < SERVICE:
                parts[kind] += value
            elif kind == SERVICE:
                level, known, parts = of_line, of_line.known, [()] * LINE_PARTS
                lines.append((position, value, parts))
            else:
                if claim is not None:
                    yield _claim_payment(*claim, lines)
                    claim, lines = None, []
                if kind == CLAIM:
                    level, known, parts = of_claim, of_claim.known, [()] * CLAIM_PARTS
                    claim = position, self._group_number, value, parts
                else:
                    level, known, parts = between, between.known, self._between
                    self._take_between(kind, value)

    def _take_between(self, kind: int, value: tuple[Any, ...]) -> None:
        if kind == GROUP:
            self._group_number = value[0] if value else ""
        elif kind == PROVIDER:
            (segment,) = value
            if segment.id == "PLB":
                component = self._transaction.delimiters.component
                self._adjustments.extend(_provider_adjustments(segment, component))
            else:
                self._between[OTHERS] += value

    def _read_header(self) -> RemittanceHeader:
        transaction, separator = self._transaction, self._transaction.delimiters.element
        reading = HeaderReading(transaction.control_number, transaction.implementation)
        for position, raw in enumerate(self._raws, transaction.position):
            row = raw.split(separator)
            segment = Segment(row[0], row, position)
            if segment.id in _BODY:
                self._raws, self._position = chain((raw,), self._raws), position
                return reading.value(segment)
            reading.take(segment)
        raise X12Refused("transaction_truncated", "ST", transaction.position, "the transaction has no SE")


def _claim_payment(
    position: int, group_number: str, value: tuple[Any, ...], parts: _Parts, lines: list[_Line]
) -> ClaimPayment:
    services = tuple([ServiceLine(at, *service, *held) for at, service, held in lines])
    held: tuple[Any, ...] = (*value, *parts, services)
    return ClaimPayment(position, group_number, *held)


def _provider_adjustments(segment: Segment, component: str) -> Iterator[ProviderAdjustment]:
    for at in range(3, len(segment.elements), 2):
        identifier, amount = segment.element(at), segment.element(at + 1)
        if not (identifier or amount):
            continue
        reason, _, reference = identifier.partition(component)
        yield ProviderAdjustment(
            position=segment.position,
            provider_id=segment.element(1),
            fiscal_period_on=day(segment.element(2)),
            reason=reason,
            reference=reference,
            amount_cents=_amount(amount, segment),
        )


def _amount(text: str, segment: Segment) -> int:
    try:
        return cents(text)
    except NumberUnreadable as error:
        raise X12Refused("number_unreadable", segment.id, segment.position, str(error)) from error


def read_remittance(transaction: Transaction) -> Remittance:
    """The whole of one 835; raises X12Refused with the segment and its position."""
    reader = RemittanceReader(transaction)
    claims = tuple(reader.claims())
    return Remittance(header=reader.header, claims=claims, provider_adjustments=reader.provider_adjustments)


def stream_remittances(source: str | bytes) -> Iterator[RemittanceReader]:
    """A reader for every 835 of a text; raises X12Refused for a broken interchange before any of it."""
    for interchange in read_interchanges(source):
        interchange.refuse_if_broken()
        for transaction in interchange.transactions:
            yield RemittanceReader(transaction)


def read_remittances(source: str | bytes) -> Iterator[Remittance]:
    """Every 835 of a text as a whole value; raises X12Refused."""
    for interchange in read_interchanges(source):
        interchange.refuse_if_broken()
        for transaction in interchange.transactions:
            yield read_remittance(transaction)
