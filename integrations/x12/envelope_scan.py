"""Walks the envelope of one interchange: what belongs together, and what is wrong with it."""

from integrations.x12.envelope_marks import Mark, Marked
from integrations.x12.interchanges import GroupHeader, InterchangeAcknowledgement, Transaction
from integrations.x12.problems import Problem
from integrations.x12.segments import Delimiters


class EnvelopeScan:
    """Collects the transactions of one interchange and everything wrong with its envelope."""

    def __init__(self, marked: Marked, delimiters: Delimiters, position: int, control_number: str) -> None:
        self.text, self.delimiters, self.position = marked.text, delimiters, position
        self._marked = marked
        self.control_number = control_number
        self.transactions: list[Transaction] = []
        self.announced: list[tuple[str, str]] = []
        self.acknowledgements: list[InterchangeAcknowledgement] = []
        self.problems: list[Problem] = []
        self._group: Mark | None = None
        self._open: Mark | None = None
        self._groups = self._in_group = 0
        self._closed = False
        self._reached = marked.begin

    def run(self) -> None:
        """Read to the end; what was never closed becomes a problem of the interchange."""
        for mark in self._marked.marks:
            self._check_gap(mark)
            _ON_MARK[mark.id](self, mark)
            self._reached = mark.end + 1
        self._finish()

    def last(self) -> tuple[str, int]:
        """Id and position of the last segment, whole or cut."""
        terminator = self.delimiters.segment
        whole = self.text[self._marked.begin - 1 : self._marked.end]
        body = whole.rstrip("\r\n \t\x00\x1a").rstrip(terminator)
        start = body.rfind(terminator) + 1
        if not body:
            return "ISA", self.position
        segment_id = body[start:].strip(" \t\r\n").split(self.delimiters.element)[0][:3]
        return segment_id, self.position + body.count(terminator)

    def last_position(self) -> int:
        """Position of the last segment; cheap when the interchange is whole."""
        return self._marked.marks[-1].position if self._closed else self.last()[1]

    def _say(self, code: str, segment: str, position: int, detail: str) -> None:
        self.problems.append(Problem(code=code, segment=segment, position=position, detail=detail))

    def _check_gap(self, mark: Mark) -> None:
        if self._open is not None or mark.start <= self._reached:
            return
        stray = self.text[self._reached : mark.start].strip(" \t\r\n")
        if stray:
            segment_id = stray.split(self.delimiters.element)[0][:3]
            position = mark.position - stray.count(self.delimiters.segment)
            detail = "stands in no transaction"
            self._say("segment_outside_transaction", segment_id, position, detail)

    def _on_gs(self, mark: Mark) -> None:
        self._close_group(mark)
        self._group, self._in_group = mark, 0
        self._groups += 1

    def _on_st(self, mark: Mark) -> None:
        self._drop_open(mark)
        if self._group is None:
            self._say("transaction_outside_group", "ST", mark.position, "no GS opens a group before it")
        self._open = mark
        self._in_group += 1
        self.announced.append((mark.element(1), mark.element(3) or self._group_header().version))

    def _on_se(self, mark: Mark) -> None:
        if self._open is None:
            self._say("transaction_not_opened", "SE", mark.position, "no ST stands before it")
            return
        opened, self._open = self._open, None
        self.transactions.append(self._transaction(opened, mark))

    def _transaction(self, opened: Mark, closed: Mark) -> Transaction:
        group = self._group_header()
        return Transaction(
            set_id=opened.element(1),
            control_number=opened.element(2),
            implementation=opened.element(3) or group.version,
            group=group,
            delimiters=self.delimiters,
            position=opened.position,
            text=_without_breaks(self.text[opened.start : closed.end], self.delimiters),
            problems=_trailer_problems(opened, closed),
        )

    def _group_header(self) -> GroupHeader:
        held = self._group.element if self._group else lambda _number: ""
        return GroupHeader(
            functional_id=held(1), sender=held(2), receiver=held(3), control_number=held(6), version=held(8)
        )

    def _on_ge(self, mark: Mark) -> None:
        self._drop_open(mark)
        if self._group is None:
            self._say("group_not_opened", "GE", mark.position, "no GS stands before it")
            return
        self._check_count("transaction_count_wrong", mark, self._in_group, "transactions")
        self._check_control(mark, self._group.element(6), "GS06")
        self._group = None

    def _on_ta1(self, mark: Mark) -> None:
        self.acknowledgements.append(
            InterchangeAcknowledgement(
                control_number=mark.element(1),
                date_text=mark.element(2),
                time_text=mark.element(3),
                code=mark.element(4),
                note_code=mark.element(5),
                position=mark.position,
            )
        )

    def _on_iea(self, mark: Mark) -> None:
        self._close_group(mark)
        self._check_count("group_count_wrong", mark, self._groups, "groups")
        self._check_control(mark, self.control_number, "ISA13")
        self._closed = True

    def _check_count(self, code: str, mark: Mark, counted: int, what: str) -> None:
        if not same_number(mark.element(1), str(counted)):
            detail = f"{mark.id}01 says {mark.element(1) or 'nothing'}, counted {counted} {what}"
            self._say(code, mark.id, mark.position, detail)

    def _check_control(self, mark: Mark, opened: str, name: str) -> None:
        if not same_number(mark.element(2), opened):
            detail = f"{mark.id}02 {mark.element(2) or 'is empty'} is not {name} {opened}"
            self._say("control_number_mismatch", mark.id, mark.position, detail)

    def _close_group(self, mark: Mark) -> None:
        self._drop_open(mark)
        if self._group is not None:
            self._say("group_truncated", mark.id, mark.position, "comes before the GE of the open group")
            self._group = None

    def _drop_open(self, mark: Mark) -> None:
        if self._open is not None:
            detail = f"comes before the SE of transaction {self._open.element(2)}"
            self._say("transaction_truncated", mark.id, mark.position, detail)
            self._open = None

    def _finish(self) -> None:
        if self._closed:
            return
        segment, position = self.last()
        if self._open is not None:
            detail = f"the text ends before the SE of transaction {self._open.element(2)}"
            self._say("transaction_truncated", segment, position, detail)
        elif self._group is not None:
            self._say("group_truncated", segment, position, "the text ends before GE")
        self._say("interchange_truncated", segment, position, "the text ends before IEA")


_ON_MARK = {
    "GS": EnvelopeScan._on_gs,
    "ST": EnvelopeScan._on_st,
    "SE": EnvelopeScan._on_se,
    "GE": EnvelopeScan._on_ge,
    "TA1": EnvelopeScan._on_ta1,
    "IEA": EnvelopeScan._on_iea,
}


def same_number(one: str, other: str) -> bool:
    """Whether two control numbers or counts agree; leading zeros and blanks do not count."""
    one, other = one.strip(), other.strip()
    return bool(one) and (one == other or (one.lstrip("0") == other.lstrip("0") and one.isdigit()))


def _without_breaks(text: str, delimiters: Delimiters) -> str:
    for one in "\r\n":
        if one in text and one != delimiters.segment:
            text = text.replace(one, "")
    return text


def _trailer_problems(opened: Mark, closed: Mark) -> tuple[Problem, ...]:
    found = []
    counted = closed.position - opened.position + 1
    if not same_number(closed.element(1), str(counted)):
        detail = f"SE01 says {closed.element(1) or 'nothing'}, counted {counted} segments"
        found.append(
            Problem(code="segment_count_wrong", segment="SE", position=closed.position, detail=detail)
        )
    if not same_number(closed.element(2), opened.element(2)):
        detail = f"SE02 {closed.element(2) or 'is empty'} is not ST02 {opened.element(2)}"
        found.append(
            Problem(code="control_number_mismatch", segment="SE", position=closed.position, detail=detail)
        )
    return tuple(found)
