"""What can be wrong with an X12 file, said with the segment and its place in the file."""

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong; `position` is the 1-based ordinal of the segment within the file."""

    code: str
    segment: str
    position: int
    detail: str


class X12Refused(Exception):
    """The text cannot be taken as it stands; nothing of it may be used."""

    def __init__(self, code: str, segment: str, position: int, detail: str) -> None:
        super().__init__(f"{code} at {segment} (segment {position}): {detail}")
        self.problem = Problem(code=code, segment=segment, position=position, detail=detail)

    @classmethod
    def because_of(cls, problem: Problem) -> "X12Refused":
        """The refusal that carries an already known problem."""
        return cls(problem.code, problem.segment, problem.position, problem.detail)
