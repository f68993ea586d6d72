"""Writes interchanges: counts, control numbers and padding are right by construction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from integrations.x12.characters import plain
from integrations.x12.segments import STANDARD, Delimiters

# A composite is a tuple of components; a repeated element is a list of strings or composites.
Composite = tuple[str, ...]
Element = str | Composite | list[str | Composite]
Written = Sequence[Element]

_MOST_KEPT = 20_000


class EnvelopeNotWritable(ValueError):
    """The envelope itself cannot be written; `field` names what is wrong."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


class TradingPartner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who stands in ISA and GS; `application_id` (GS02, GS03) is the ISA id when it is None."""

    id: str
    qualifier: str = "ZZ"
    application_id: str | None = None


class _Cleaned(dict[str, str]):
    """Plain forms by text: most elements of a file come again, and looking up is ten times faster."""

    def __init__(self, delimiters: Delimiters) -> None:
        super().__init__({"": ""})
        self._delimiters = delimiters

    def __missing__(self, text: str) -> str:
        if len(self) > _MOST_KEPT:
            self.clear()
        self[text] = cleaned = plain(text, self._delimiters)
        return cleaned


class InterchangeWriter:
    """Builds one interchange; data never holds a delimiter, empty tails are never sent."""

    def __init__(
        self,
        *,
        sender: TradingPartner,
        receiver: TradingPartner,
        control_number: int,
        at: datetime,
        usage: Literal["T", "P"],
        delimiters: Delimiters = STANDARD,
        acknowledgement_requested: bool = False,
    ) -> None:
        if not 0 < control_number <= 999_999_999:
            raise EnvelopeNotWritable("control_number", "must have one to nine digits")
        for field, partner in (("sender", sender), ("receiver", receiver)):
            _check_partner(field, partner, delimiters)
        self.delimiters, self._cleaned = delimiters, _Cleaned(delimiters)
        self._sender, self._receiver, self._at = sender, receiver, at
        self._control_number, self._usage = control_number, usage
        self._acknowledgement = "1" if acknowledgement_requested else "0"
        self._written: list[str] = []
        self._loose: list[str] = []
        self._group: tuple[str, str, int] | None = None
        self._groups = self._in_group = 0

    def begin_group(self, functional_id: str, version: str, control_number: int | None = None) -> None:
        """Open a group (GS); its number is that of the interchange unless one is given."""
        if control_number is None:
            if self._groups:
                raise EnvelopeNotWritable("group", "a second group needs a control number of its own")
            control_number = self._control_number
        self._end_group()
        self._group, self._in_group = (functional_id, version, control_number), 0
        self._groups += 1
        sender, receiver = (one.application_id or one.id for one in (self._sender, self._receiver))
        opened = ("GS", functional_id, sender, receiver, f"{self._at:%Y%m%d}", f"{self._at:%H%M}")
        self._written.append(self.segment((*opened, str(control_number), "X", version)))

    def add_transaction(self, set_id: str, implementation: str, body: Iterable[Written]) -> str:
        """Write ST, `body` and SE into the open group; returns ST02; an 835 has no `implementation`."""
        if self._group is None:
            raise EnvelopeNotWritable("group", "no group is open")
        self._in_group += 1
        control_number = f"{self._in_group:04d}"
        before = len(self._written)
        self._written.append(self.segment(("ST", set_id, control_number, implementation)))
        self._written.extend(map(self.segment, body))
        count = len(self._written) - before + 1
        self._written.append(self.segment(("SE", str(count), control_number)))
        return control_number

    def acknowledge_interchange(
        self, control_number: str, date_text: str, time_text: str, code: str, note_code: str
    ) -> None:
        """Add a TA1 for an interchange that was received; it stands before the groups."""
        self._loose.append(self.segment(("TA1", control_number, date_text, time_text, code, note_code)))

    def segment(self, elements: Written) -> str:
        """One segment as text without its terminator, cleaned and without an empty tail."""
        cleaned = self._cleaned
        parts = [cleaned[one] if isinstance(one, str) else self._nested(one) for one in elements]
        while parts and not parts[-1]:
            parts.pop()
        return self.delimiters.element.join(parts)

    def text(self, *, line_breaks: bool = False) -> str:
        """The whole interchange; may be asked for once everything was added."""
        self._end_group()
        trailer = self.segment(("IEA", str(self._groups), f"{self._control_number:09d}"))
        end = self.delimiters.segment + ("\n" if line_breaks else "")
        return end.join([self._isa(), *self._loose, *self._written, trailer, ""])

    def _nested(self, element: Composite | list[str | Composite]) -> str:
        cleaned = self._cleaned
        if isinstance(element, list):
            parts = [cleaned[one] if isinstance(one, str) else self._nested(one) for one in element]
            return self.delimiters.repetition.join(parts)
        joined = self.delimiters.component.join([cleaned[one] for one in element])
        return joined.rstrip(self.delimiters.component)

    def _end_group(self) -> None:
        if self._group is not None:
            number = str(self._group[2])
            self._written.append(self.segment(("GE", str(self._in_group), number)))
            self._group = None

    def _isa(self) -> str:
        held = self.delimiters
        parts = ["ISA", "00", " " * 10, "00", " " * 10]
        for partner in (self._sender, self._receiver):
            parts += [partner.qualifier, partner.id.ljust(15)]
        parts += [f"{self._at:%y%m%d}", f"{self._at:%H%M}", held.repetition, "00501"]
        parts += [f"{self._control_number:09d}", self._acknowledgement, self._usage, held.component]
        return held.element.join(parts)


def _check_partner(field: str, partner: TradingPartner, delimiters: Delimiters) -> None:
    if len(partner.qualifier) != 2:
        raise EnvelopeNotWritable(f"{field}.qualifier", "must have two characters")
    if not 2 <= len(partner.id) <= 15 or plain(partner.id, delimiters) != partner.id:
        raise EnvelopeNotWritable(f"{field}.id", "must be 2 to 15 plain upper case characters")
    application_id = partner.application_id
    if application_id is not None and not 2 <= len(application_id) <= 15:
        raise EnvelopeNotWritable(f"{field}.application_id", "must be 2 to 15 characters")
