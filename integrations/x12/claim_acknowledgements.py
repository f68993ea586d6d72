"""Reads the 277CA (005010X214): what payer or clearinghouse did with each claim before adjudication."""

from collections.abc import Iterator, Sequence
from datetime import date

from integrations.x12.acknowledgement_values import (
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    LineStatus,
    ProviderAcknowledgement,
    StatusCode,
    StatusInformation,
)
from integrations.x12.interchanges import Transaction
from integrations.x12.numbers import NumberUnreadable, cents_or_zero, day
from integrations.x12.problems import X12Refused
from integrations.x12.segments import Delimiters, Segment
from integrations.x12.tokenizer import read_interchanges

_CLAIM_LEVELS = frozenset({"PT", "22", "23"})


class _Level:
    """One HL: its own segments, and those of the traces and lines under it."""

    def __init__(self, code: str) -> None:
        self.code, self.own = code, list[Segment]()
        self.traces: list[_Trace] = []


class _Trace:
    """One TRN (2200) with its statuses; lines (2220) hang below it."""

    def __init__(self, opening: Segment | None) -> None:
        self.opening, self.segments = opening, list[Segment]()
        self.lines: list[list[Segment]] = []


def read_claim_acknowledgement(transaction: Transaction) -> ClaimAcknowledgementReport:
    """One 277CA; raises X12Refused with the segment and its position."""
    if transaction.set_id != "277" or "X214" not in transaction.implementation:
        detail = f"{transaction.set_id} {transaction.implementation} is no claim acknowledgement"
        raise X12Refused("not_an_acknowledgement", "ST", transaction.position, detail)
    if transaction.problems:
        raise X12Refused.because_of(transaction.problems[0])
    levels = _levels(transaction)
    source, receiver = (_first(levels, code) for code in ("20", "21"))
    if source is None or receiver is None:
        raise X12Refused("segment_missing", "HL", transaction.position, "HL 20 or HL 21 was not sent")
    named, delimiters = _find(source.own, "NM1"), transaction.delimiters
    batch = receiver.traces[0] if receiver.traces else _Trace(None)
    return ClaimAcknowledgementReport(
        position=transaction.position,
        source_name=named.element(3),
        source_id=named.element(9),
        receiver_id=_find(receiver.own, "NM1").element(9),
        batch_reference=batch.opening.element(2) if batch.opening else "",
        statuses=_statuses([*receiver.own, *batch.segments], delimiters),
        providers=_providers(levels, delimiters),
    )


def read_277ca(source: str | bytes) -> Iterator[ClaimAcknowledgementReport]:
    """Every 277CA of a text; raises X12Refused."""
    for interchange in read_interchanges(source):
        interchange.refuse_if_broken()
        for transaction in interchange.transactions:
            yield read_claim_acknowledgement(transaction)


def _levels(transaction: Transaction) -> list[_Level]:
    levels = [_Level("")]
    for segment in transaction.segments():
        if segment.id == "HL":
            levels.append(_Level(segment.element(3)))
        else:
            _put(levels[-1], segment)
    return levels


def _put(level: _Level, segment: Segment) -> None:
    trace = level.traces[-1] if level.traces else None
    if segment.id == "TRN":
        level.traces.append(_Trace(segment))
    elif trace is None:
        level.own.append(segment)
    elif segment.id == "SVC":
        trace.lines.append([segment])
    else:
        (trace.lines[-1] if trace.lines else trace.segments).append(segment)


def _first(levels: list[_Level], code: str) -> _Level | None:
    return next((one for one in levels if one.code == code), None)


def _find(segments: Sequence[Segment], segment_id: str, first: str = "") -> Segment:
    for one in segments:
        if one.id == segment_id and (not first or one.element(1) == first):
            return one
    return Segment("", [], 0)


def _providers(levels: list[_Level], delimiters: Delimiters) -> tuple[ProviderAcknowledgement, ...]:
    """Levels come in order, so a claim belongs to the last provider before it."""
    held: list[tuple[_Level, list[ClaimAcknowledgement]]] = []
    for level in levels:
        if level.code == "19":
            held.append((level, []))
        elif level.code in _CLAIM_LEVELS:
            if not held:
                held.append((_Level("19"), []))
            held[-1][1].extend(_claim(level, trace, delimiters) for trace in level.traces)
    return tuple(_provider(level, claims, delimiters) for level, claims in held)


def _provider(
    level: _Level, claims: list[ClaimAcknowledgement], delimiters: Delimiters
) -> ProviderAcknowledgement:
    named = _find(level.own, "NM1")
    told = [*level.own, *(one for trace in level.traces for one in trace.segments)]
    return ProviderAcknowledgement(
        name=named.element(3), id=named.element(9), statuses=_statuses(told, delimiters), claims=tuple(claims)
    )


def _claim(level: _Level, trace: _Trace, delimiters: Delimiters) -> ClaimAcknowledgement:
    opening, named = trace.opening or Segment("", [], 0), _find(level.own, "NM1")
    from_on, to_on = _service_dates(_find(trace.segments, "DTP", "472"))
    return ClaimAcknowledgement(
        position=opening.position,
        patient_control_number=opening.element(2),
        payer_control_number=_find(trace.segments, "REF", "1K").element(2),
        clearinghouse_number=_find(trace.segments, "REF", "D9").element(2),
        patient_last_name=named.element(3),
        patient_first_name=named.element(4),
        member_id=named.element(9),
        service_from_on=from_on,
        service_to_on=to_on,
        statuses=_statuses(trace.segments, delimiters),
        lines=tuple(_line(line, delimiters) for line in trace.lines),
    )


def _line(segments: list[Segment], delimiters: Delimiters) -> LineStatus:
    return LineStatus(
        position=segments[0].position,
        procedure=segments[0].element(1),
        line_control_number=_find(segments, "REF", "FJ").element(2),
        statuses=_statuses(segments, delimiters),
    )


def _service_dates(dated: Segment) -> tuple[date | None, date | None]:
    first, _, last = dated.element(3).partition("-")
    return day(first), day(last or first)


def _statuses(segments: Sequence[Segment], delimiters: Delimiters) -> tuple[StatusInformation, ...]:
    return tuple([_status(one, delimiters) for one in segments if one.id == "STC"])


def _status(segment: Segment, delimiters: Delimiters) -> StatusInformation:
    try:
        charge_cents = cents_or_zero(segment.element(4))
    except NumberUnreadable as error:
        raise X12Refused("number_unreadable", "STC", segment.position, str(error)) from error
    coded = [segment.components(number, delimiters) for number in (1, 10, 11) if segment.element(number)]
    return StatusInformation(
        position=segment.position,
        codes=tuple(_code([*parts, "", ""]) for parts in coded),
        effective_on=day(segment.element(2)),
        action=segment.element(3),
        charge_cents=charge_cents,
        message=segment.element(12),
    )


def _code(parts: list[str]) -> StatusCode:
    return StatusCode(category=parts[0], status=parts[1], entity=parts[2])
