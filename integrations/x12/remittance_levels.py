"""Which segments belong to a claim, which to a line, and which end both; each is parsed once for its text."""

from typing import Any

from integrations.x12 import remittance_parts as parts
from integrations.x12.numbers import NumberUnreadable
from integrations.x12.problems import X12Refused
from integrations.x12.remittance_values import Reference
from integrations.x12.segments import Delimiters, Segment

# The first nine number the parts of a claim or a line, in the order of the fields of their values.
ADJUSTMENTS, DATES, REFERENCES, AMOUNTS, QUANTITIES, OTHERS = range(6)
REMARKS = NAMES = 6
INPATIENT, OUTPATIENT = 7, 8
SERVICE, CLAIM, GROUP, PROVIDER, END = range(9, 14)
LINE_PARTS, CLAIM_PARTS = 7, 9

Parsed = tuple[int, tuple[Any, ...]]
# Kind, parser, and whether the same text is likely to come again.
_Table = dict[str, tuple[int, parts.Parse, bool]]

# A text that comes again costs one look-up; the bound keeps a long file from being held in memory.
_MOST_KEPT = 20_000
# Names of patients and totals of claims seldom come again; keeping them would only push out what does.
_OF_PATIENTS = frozenset({"QC", "IL", "74", "AU"})


def _nothing(row: parts.Row, _component: str) -> tuple[Any, ...]:
    return tuple(row[1:2])


_ENDS: _Table = {
    "CLP": (CLAIM, parts.claim, False),
    "LX": (GROUP, _nothing, False),
    "SE": (END, _nothing, False),
}
_SHARED: _Table = {
    **_ENDS,
    "CAS": (ADJUSTMENTS, parts.adjustments, True),
    "DTM": (DATES, parts.dates, True),
    "REF": (REFERENCES, parts.references, False),
    "AMT": (AMOUNTS, parts.amounts, True),
    "QTY": (QUANTITIES, parts.quantities, True),
    "SVC": (SERVICE, parts.service, True),
}
_CLAIM: _Table = {
    **_SHARED,
    "NM1": (NAMES, parts.names, True),
    "MIA": (INPATIENT, parts.information, True),
    "MOA": (OUTPATIENT, parts.information, True),
}
_LINE: _Table = {**_SHARED, "LQ": (REMARKS, parts.remarks, True)}


class Level:
    """How segments are read at one level; `known` holds what was parsed before, by text."""

    def __init__(self, table: _Table, delimiters: Delimiters) -> None:
        self.known: dict[str, Parsed] = {}
        self._table = table
        self._element, self._component = delimiters.element, delimiters.component

    def parse(self, raw: str, position: int) -> Parsed:
        """The kind and value of a segment; an unknown one is kept as it is; raises X12Refused."""
        row = raw.split(self._element)
        # The one kind that is neither rare nor repeated, so it gets a shorter way.
        if row[0] == "REF" and len(row) == 3 and self._table is not _ENDS:
            return REFERENCES, (Reference(row[1], row[2]),)
        entry = self._table.get(row[0])
        if entry is None:
            return self._unknown(Segment(row[0], row, position))
        kind, parse, again = entry
        try:
            parsed = kind, parse(row, self._component)
        except NumberUnreadable as error:
            raise X12Refused("number_unreadable", row[0], position, str(error)) from error
        if again and len(row) > 1 and row[1] not in _OF_PATIENTS:
            if len(self.known) >= _MOST_KEPT:
                self.known.clear()
            self.known[raw] = parsed
        return parsed

    def _unknown(self, segment: Segment) -> Parsed:
        # PLB and what only stands between claims end a claim wherever they turn up.
        if segment.id in {"PLB", "TS2", "TS3"}:
            return PROVIDER, (segment,)
        return OTHERS, (segment,) if segment.id else ()


def levels(delimiters: Delimiters) -> tuple[Level, Level, Level]:
    """The levels between claims, of a claim, and of a line."""
    return Level(_ENDS, delimiters), Level(_CLAIM, delimiters), Level(_LINE, delimiters)
