"""The envelope as it was received: interchange, groups and transactions, and what is wrong with them."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from integrations.x12.problems import Problem, X12Refused
from integrations.x12.segments import Delimiters, Segment

_PIECE = 32_768


class InterchangeHeader(msgspec.Struct, frozen=True, kw_only=True):
    """ISA, blanks around its ids removed; date (YYMMDD) and time (HHMM) stay as sent."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    date_text: str
    time_text: str
    version: str
    control_number: str
    usage: str


class GroupHeader(msgspec.Struct, frozen=True, kw_only=True):
    """GS; `version` (GS08) may disagree with ST03, which is to be believed first."""

    functional_id: str
    sender: str
    receiver: str
    control_number: str
    version: str


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """One ST to SE, its segments split only when asked for; `problems` refuse the whole of it."""

    set_id: str
    control_number: str
    implementation: str
    group: GroupHeader
    delimiters: Delimiters
    position: int
    text: str
    problems: tuple[Problem, ...]

    def segments(self) -> Iterator[Segment]:
        """Its segments, ST and SE included, one at a time."""
        for ordinal, raw in enumerate(self.raw_segments(), self.position):
            elements = raw.split(self.delimiters.element)
            yield Segment(elements[0], elements, ordinal)

    def raw_segments(self) -> Iterator[str]:
        """Its segments as plain text, the first at `position`."""
        return chain.from_iterable(_pieces(self.text, self.delimiters.segment))


def _pieces(text: str, terminator: str) -> Iterator[list[str]]:
    # Splitting all of a long text at once is slower: its segments fall out of the processor's cache.
    start = 0
    while start < len(text):
        end = text.find(terminator, start + _PIECE)
        end = len(text) if end < 0 else end
        yield text[start:end].split(terminator)
        start = end + 1


class InterchangeAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """TA1: what became of an interchange that we sent; `code` is A, E or R."""

    control_number: str
    date_text: str
    time_text: str
    code: str
    note_code: str
    position: int


class Interchange(msgspec.Struct, frozen=True, kw_only=True):
    """One ISA to IEA; `problems` refuse all of it, `notes` were tolerated.

    `announced` has ST01 and the implementation of every ST, those that never end included.
    """

    header: InterchangeHeader
    delimiters: Delimiters
    position: int
    announced: tuple[tuple[str, str], ...]
    transactions: tuple[Transaction, ...]
    acknowledgements: tuple[InterchangeAcknowledgement, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def all_problems(self) -> tuple[Problem, ...]:
        """Those of the interchange and of each transaction, in the order of the file."""
        found = [*self.problems, *(one for held in self.transactions for one in held.problems)]
        return tuple(sorted(found, key=lambda problem: problem.position))

    def refuse_if_broken(self) -> None:
        """Raise X12Refused for the first problem of the envelope, if there is any."""
        found = self.all_problems()
        if found:
            raise X12Refused.because_of(found[0])
