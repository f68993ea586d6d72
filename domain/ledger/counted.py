"""What a payer counts once: a set of draws under one key, at its furthest stage, with its greatest amount."""

from datetime import date
from uuid import UUID

from msgspec import Struct, field

from domain.ledger.chart import STAGES

Standing = tuple[str | None, int, date]
STEP_WORDS = dict(zip(STAGES, ("book", "attend", "document", "bill", "adjudicate"), strict=True))


class Drawn(Struct, frozen=True):
    """One subject's draw."""

    id: UUID
    amount: int
    stage: str
    drawn_on: date


class Counted(Struct):
    """What the payer counts once: a set of draws under one key."""

    key: str
    draws: dict[UUID, Drawn] = field(default_factory=dict)
    over: int = 0

    @property
    def standing(self) -> Standing:
        """The furthest stage, the greatest amount and the first date of the draws."""
        if not self.draws:
            return None, 0, date.max
        drawn = self.draws.values()
        stage = max((d.stage for d in drawn), key=STAGES.index)
        return stage, max(d.amount for d in drawn), min(d.drawn_on for d in drawn)


def precedence(counted: Counted) -> tuple[bool, date, str]:
    """What keeps its place in a cut: facts before bookings, then the earliest."""
    stage, _, on = counted.standing
    return stage == "booked", on, counted.key


def word(before: Standing, after: Standing) -> str:
    """What the change is called in journals and entries."""
    stage, next_stage = before[0], after[0]
    if next_stage is None:
        return "release"
    if stage == next_stage:
        return "resize"
    if stage is not None and STAGES.index(next_stage) < STAGES.index(stage):
        return "return"
    return STEP_WORDS[next_stage]
