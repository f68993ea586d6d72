"""Reads what stands before the first claim of an 835: payment, trace, payer and payee."""

from collections.abc import Callable

from integrations.x12 import remittance_parts as parts
from integrations.x12.numbers import NumberUnreadable, cents, day
from integrations.x12.problems import X12Refused
from integrations.x12.remittance_values import DateReference, Reference, RemittanceHeader, RemittanceParty
from integrations.x12.segments import Segment

_MISSING = Segment("", [], 0)


class _Party:
    """Loop 1000A or 1000B being read."""

    def __init__(self, opening: Segment) -> None:
        self.opening, self.references, self.others = opening, list[Reference](), list[Segment]()

    def value(self) -> RemittanceParty:
        return RemittanceParty(
            name=self.opening.element(2),
            id_qualifier=self.opening.element(3),
            id=self.opening.element(4),
            references=tuple(self.references),
            others=tuple(self.others),
        )


class HeaderReading:
    """Takes the segments before the first LX, CLP or PLB one by one."""

    def __init__(self, control_number: str, implementation: str) -> None:
        self._control_number, self._implementation = control_number, implementation
        self._single: dict[str, Segment] = {}
        self._dates: list[DateReference] = []
        self._references: list[Reference] = []
        self._others: list[Segment] = []
        self._parties: dict[str, _Party] = {}
        self._party: _Party | None = None

    def take(self, segment: Segment) -> None:
        """Put one segment where it belongs; nothing is dropped."""
        _TAKE.get(segment.id, HeaderReading._take_other)(self, segment)

    def _take_single(self, segment: Segment) -> None:
        if segment.id in self._single:
            self._others.append(segment)
        else:
            self._single[segment.id] = segment

    def _take_party(self, segment: Segment) -> None:
        self._party = _Party(segment)
        self._parties.setdefault(segment.element(1), self._party)

    def _take_reference(self, segment: Segment) -> None:
        held = self._party.references if self._party else self._references
        held.extend(parts.references(segment.elements, ""))

    def _take_date(self, segment: Segment) -> None:
        self._dates.extend(parts.dates(segment.elements, ""))

    def _take_other(self, segment: Segment) -> None:
        held = self._party.others if self._party else self._others
        held.append(segment)

    def value(self, ended: Segment) -> RemittanceHeader:
        """The header; raises X12Refused at `ended` when BPR, TRN, payer or payee is missing."""
        payment, trace = (self._required(one, ended) for one in ("BPR", "TRN"))
        payer, payee = (self._required_party(one, ended) for one in ("PR", "PE"))
        produced = {one.qualifier: one.on for one in self._dates}
        return RemittanceHeader(
            position=payment.position,
            control_number=self._control_number,
            implementation=self._implementation,
            handling_code=payment.element(1),
            paid_cents=_money(payment),
            credit_or_debit=payment.element(3),
            method=payment.element(4),
            originator_id=payment.element(10),
            effective_on=day(payment.element(16)),
            trace_number=trace.element(2),
            trace_originator_id=trace.element(3),
            trace_supplement=trace.element(4),
            produced_on=produced.get("405"),
            references=tuple(self._references),
            payer=payer,
            payee=payee,
            others=tuple(self._others),
        )

    def _required(self, segment_id: str, ended: Segment) -> Segment:
        found = self._single.get(segment_id, _MISSING)
        if found is _MISSING:
            raise X12Refused("segment_missing", segment_id, ended.position, f"{segment_id} was not sent")
        return found

    def _required_party(self, role: str, ended: Segment) -> RemittanceParty:
        if role not in self._parties:
            raise X12Refused("segment_missing", "N1", ended.position, f"N1*{role} was not sent")
        return self._parties[role].value()


def _money(payment: Segment) -> int:
    try:
        return cents(payment.element(2))
    except NumberUnreadable as error:
        raise X12Refused("number_unreadable", payment.id, payment.position, str(error)) from error


_TAKE: dict[str, Callable[[HeaderReading, Segment], None]] = {
    "ST": HeaderReading._take_single,
    "BPR": HeaderReading._take_single,
    "TRN": HeaderReading._take_single,
    "N1": HeaderReading._take_party,
    "REF": HeaderReading._take_reference,
    "DTM": HeaderReading._take_date,
}
