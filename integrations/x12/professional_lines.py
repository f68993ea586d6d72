"""Reads one service line (loop 2400) of an 837P."""

from datetime import date
from typing import Any

from integrations.x12.numbers import NumberUnreadable, cents, day, quantity
from integrations.x12.problems import X12Refused
from integrations.x12.professional_loops import Loop
from integrations.x12.professional_parties import ordering, rendering, supervising
from integrations.x12.professional_values import Line
from integrations.x12.segments import Delimiters, Segment


def read_line(loop: Loop, delimiters: Delimiters) -> Line:
    """The line; raises X12Refused with the segment and its position."""
    service = loop.find("SV1")
    if not service.id:
        opening = loop.find("LX")
        raise X12Refused("segment_missing", "SV1", opening.position, "the line has no SV1")
    try:
        return _line(loop, service, delimiters)
    except NumberUnreadable as error:
        raise X12Refused("number_unreadable", "SV1", service.position, str(error)) from error


def _line(loop: Loop, service: Segment, delimiters: Delimiters) -> Line:
    code = [*service.components(1, delimiters), *([""] * 7)]
    first, last = _dates(loop, service)
    return Line(
        control_number=loop.value("REF", "6R"),
        code=code[1],
        modifiers=tuple([one for one in code[2:6] if one]),
        description=code[6],
        charge_cents=cents(service.element(2)),
        unit_basis=_basis(service),
        units=quantity(service.element(4)),
        place_of_service=service.element(5),
        pointers=_pointers(service, delimiters),
        service_from_on=first,
        service_to_on=last,
        authorization_number=loop.value("REF", "G1"),
        referral_number=loop.value("REF", "9F"),
        note=loop.value("NTE", "ADD"),
        rendering=rendering(loop.inner.get("82")),
        supervising=supervising(loop.inner.get("DQ")),
        ordering=ordering(loop.inner.get("DK")),
    )


def _basis(service: Segment) -> Any:
    if service.element(3) not in {"UN", "MJ"}:
        raise X12Refused("code_unknown", "SV1", service.position, "SV103 is neither UN nor MJ")
    return service.element(3)


def _pointers(service: Segment, delimiters: Delimiters) -> tuple[int, ...]:
    parts = [one for one in service.components(7, delimiters) if one]
    if not all(one.isascii() and one.isdigit() and len(one) <= 2 for one in parts):
        raise X12Refused("number_unreadable", "SV1", service.position, "SV107 holds no pointers")
    return tuple([int(one) for one in parts])


def _dates(loop: Loop, service: Segment) -> tuple[date, date]:
    dated = loop.find("DTP", "472")
    first, _, last = dated.element(3).partition("-")
    from_on, to_on = day(first), day(last or first)
    if from_on is None or to_on is None:
        position = dated.position or service.position
        raise X12Refused("date_unreadable", "DTP", position, "DTP*472 names no date of service")
    return from_on, to_on
