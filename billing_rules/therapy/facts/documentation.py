"""What stands behind a claim line besides its evidence: open questions, review of its codes, copied notes."""

from typing import Literal, TypeAlias

from msgspec import Struct

CodingState: TypeAlias = Literal["proposed", "accepted", "reviewed"]
"""As a source proposed them, let stand by the practice's policy, or seen by a coder."""


class NoteStanding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The notes behind one line: the least reviewed coding of several, the highest likeness to a note before.

    A null `coding` was never judged: the session was recorded before codes were proposed.
    """

    open_queries: int = 0
    coding: CodingState | None = None
    near_copy_percent: int | None = None
