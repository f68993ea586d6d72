"""Reads the 999, and the 997 whose segments only bear other names."""

from collections.abc import Iterator

from integrations.x12.acknowledgement_values import (
    ElementError,
    GroupAcknowledgement,
    SegmentError,
    TransactionAcknowledgement,
)
from integrations.x12.interchanges import Transaction
from integrations.x12.problems import X12Refused
from integrations.x12.segments import Delimiters, Segment
from integrations.x12.tokenizer import read_interchanges

_AS_IN_999 = {"AK3": "IK3", "AK4": "IK4", "AK5": "IK5"}


class _OpenSegment:
    def __init__(self, opening: Segment) -> None:
        self.opening, self.contexts = opening, list[Segment]()
        self.elements: list[tuple[Segment, list[Segment]]] = []


class _Reading:
    """Takes the segments of one 999 in order."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction, self.delimiters = transaction, transaction.delimiters
        self.group: Segment | None = None
        self.opened: Segment | None = None
        self.errors: list[_OpenSegment] = []
        self.transactions: list[TransactionAcknowledgement] = []
        self.result: GroupAcknowledgement | None = None

    def take(self, segment: Segment) -> None:
        handle = _TAKE.get(_AS_IN_999.get(segment.id, segment.id))
        if handle is not None:
            handle(self, segment)

    def _on_ak1(self, segment: Segment) -> None:
        self.group = segment

    def _on_ak2(self, segment: Segment) -> None:
        self._require_closed(segment)
        self.opened, self.errors = segment, []

    def _on_ik3(self, segment: Segment) -> None:
        self.errors.append(_OpenSegment(segment))

    def _on_ik4(self, segment: Segment) -> None:
        if not self.errors:
            raise _missing("IK3", segment)
        self.errors[-1].elements.append((segment, []))

    def _on_ctx(self, segment: Segment) -> None:
        if self.errors:
            held = self.errors[-1]
            (held.elements[-1][1] if held.elements else held.contexts).append(segment)

    def _on_ik5(self, segment: Segment) -> None:
        if self.opened is None:
            raise _missing("AK2", segment)
        self.transactions.append(
            TransactionAcknowledgement(
                set_id=self.opened.element(1),
                control_number=self.opened.element(2),
                implementation=self.opened.element(3),
                code=segment.element(1),
                error_codes=tuple(one for one in segment.elements[2:] if one),
                errors=tuple(_segment_error(one, self.delimiters) for one in self.errors),
            )
        )
        self.opened = None

    def _on_ak9(self, segment: Segment) -> None:
        self._require_closed(segment)
        if self.group is None:
            raise _missing("AK1", segment)
        self.result = GroupAcknowledgement(
            position=self.group.position,
            functional_id=self.group.element(1),
            group_control_number=self.group.element(2),
            version=self.group.element(3),
            code=segment.element(1),
            included=_count(segment, 2),
            received=_count(segment, 3),
            accepted=_count(segment, 4),
            error_codes=tuple(one for one in segment.elements[5:] if one),
            transactions=tuple(self.transactions),
        )

    def _require_closed(self, segment: Segment) -> None:
        if self.opened is not None:
            raise _missing("IK5", segment)


_TAKE = {
    "AK1": _Reading._on_ak1,
    "AK2": _Reading._on_ak2,
    "IK3": _Reading._on_ik3,
    "IK4": _Reading._on_ik4,
    "CTX": _Reading._on_ctx,
    "IK5": _Reading._on_ik5,
    "AK9": _Reading._on_ak9,
}


def _missing(segment_id: str, before: Segment) -> X12Refused:
    detail = f"{segment_id} does not stand before it"
    return X12Refused("segment_missing", before.id, before.position, detail)


def _count(segment: Segment, number: int) -> int:
    text = segment.element(number)
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        detail = f"{segment.id}{number:02d} is no count"
        raise X12Refused("number_unreadable", segment.id, segment.position, detail)
    return int(text)


def _segment_error(held: _OpenSegment, delimiters: Delimiters) -> SegmentError:
    return SegmentError(
        segment_id=held.opening.element(1),
        segment_position=_count(held.opening, 2),
        loop=held.opening.element(3),
        code=held.opening.element(4),
        contexts=_contexts(held.contexts, delimiters),
        elements=tuple(_element_error(one, contexts, delimiters) for one, contexts in held.elements),
    )


def _element_error(segment: Segment, contexts: list[Segment], delimiters: Delimiters) -> ElementError:
    place = segment.components(1, delimiters)
    numbers = [int(one) if one.isascii() and one.isdigit() and len(one) <= 4 else 0 for one in place]
    return ElementError(
        element=numbers[0],
        component=numbers[1] if len(numbers) > 1 else 0,
        reference=segment.element(2),
        code=segment.element(3),
        bad_value=segment.element(4),
        contexts=_contexts(contexts, delimiters),
    )


def _contexts(segments: list[Segment], delimiters: Delimiters) -> tuple[str, ...]:
    return tuple(
        " ".join(" ".join(one.elements[1:]).replace(delimiters.component, " ").split()) for one in segments
    )


def read_functional_acknowledgement(transaction: Transaction) -> GroupAcknowledgement:
    """One 999 (or 997); raises X12Refused with the segment and its position."""
    if transaction.set_id not in {"999", "997"}:
        detail = f"transaction {transaction.set_id} is no functional acknowledgement"
        raise X12Refused("not_an_acknowledgement", "ST", transaction.position, detail)
    if transaction.problems:
        raise X12Refused.because_of(transaction.problems[0])
    reading = _Reading(transaction)
    for segment in transaction.segments():
        reading.take(segment)
    if reading.result is None:
        raise X12Refused("segment_missing", "AK9", transaction.position, "AK9 was not sent")
    return reading.result


def read_999(source: str | bytes) -> Iterator[GroupAcknowledgement]:
    """Every 999 of a text; raises X12Refused."""
    for interchange in read_interchanges(source):
        interchange.refuse_if_broken()
        for transaction in interchange.transactions:
            yield read_functional_acknowledgement(transaction)
