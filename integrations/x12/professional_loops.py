"""Sorts the segments of an 837P into its loops, so that the reader finds each value where it belongs."""

from collections.abc import Iterator

import msgspec

from integrations.x12.interchanges import Transaction
from integrations.x12.segments import Segment

_MISSING = Segment("", [], 0)
# Loops of other payers and their adjudication; our claims are primary, so their values have no place here.
_PASSED_OVER = frozenset({"2320", "2330", "2430"})


class Loop(msgspec.Struct):
    """One loop: its segments, and under their names the loops that belong to it."""

    name: str
    segments: list[Segment]
    inner: dict[str, "Loop"]
    lines: list["Loop"]

    def find(self, segment_id: str, first: str = "") -> Segment:
        """The first such segment, with that element 1 if one is given; an empty one when there is none."""
        for segment in self.segments:
            if segment.id == segment_id and (not first or segment.element(1) == first):
                return segment
        return _MISSING

    def value(self, segment_id: str, first: str) -> str:
        """Element 2 of the first such segment with that element 1: a reference, an amount, a note."""
        return self.find(segment_id, first).element(2)


def empty_loop(name: str) -> Loop:
    """A loop that holds nothing yet."""
    return Loop(name, [], {}, [])


class ClaimLoops(msgspec.Struct, frozen=True, kw_only=True):
    """The loops that one claim was sent in; those above it are shared with other claims."""

    header: Loop
    billing: Loop
    subscriber: Loop
    patient: Loop | None
    claim: Loop


class _Sorting:
    """Where the next segment goes."""

    def __init__(self) -> None:
        self.header = self.billing = self.subscriber = empty_loop("header")
        self.patient: Loop | None = None
        self.claim: Loop | None = None
        self.current = self.outer = self.header

    def take(self, segment: Segment) -> None:
        handle = _TAKE.get(segment.id)
        if handle is not None:
            handle(self, segment)
        self.current.segments.append(segment)

    def _open(self, name: str) -> Loop:
        self.current = empty_loop(name)
        return self.current

    def _on_hl(self, segment: Segment) -> None:
        self.claim, level = None, segment.element(3)
        self.outer = self._open(level)
        if level == "20":
            self.billing, self.patient = self.outer, None
        elif level == "22":
            self.subscriber, self.patient = self.outer, None
        elif level == "23":
            self.patient = self.outer

    def _on_clm(self, _segment: Segment) -> None:
        self.claim = self.outer = self._open("2300")

    def _on_lx(self, _segment: Segment) -> None:
        if self.claim is not None:
            self.outer = self._open("2400")
            self.claim.lines.append(self.outer)

    def _on_sbr(self, _segment: Segment) -> None:
        if self.claim is not None:
            self.outer = self._open("2320")

    def _on_svd(self, _segment: Segment) -> None:
        self.outer = self._open("2430")

    def _on_nm1(self, segment: Segment) -> None:
        if self.outer.name not in _PASSED_OVER:
            inner = self._open(segment.element(1))
            self.outer.inner.setdefault(inner.name, inner)

    def state(self) -> ClaimLoops | None:
        """The claim that is open, with everything around it."""
        if self.claim is None:
            return None
        return ClaimLoops(
            header=self.header,
            billing=self.billing,
            subscriber=self.subscriber,
            patient=self.patient,
            claim=self.claim,
        )


_TAKE = {
    "HL": _Sorting._on_hl,
    "CLM": _Sorting._on_clm,
    "LX": _Sorting._on_lx,
    "SBR": _Sorting._on_sbr,
    "SVD": _Sorting._on_svd,
    "NM1": _Sorting._on_nm1,
}


def claim_loops(transaction: Transaction) -> Iterator[ClaimLoops]:
    """Each claim with the loops around it, one at a time."""
    sorting = _Sorting()
    for segment in transaction.segments():
        if segment.id in {"HL", "CLM", "SE"}:
            whole = sorting.state()
            if whole is not None:
                yield whole
                sorting.claim = None
        sorting.take(segment)
