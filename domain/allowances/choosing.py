"""Every line resolves, per payer and kind of limit, to exactly one limit or to a stated reason (CORE-05)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct, field

from domain.allowances.limits import (
    LIMIT_KINDS,
    Draw,
    Limit,
    LimitKind,
    Line,
    Session,
    Used,
    cap_reached,
    covers,
    draw_of,
    ranked,
)
from domain.allowances.quantities import words
from domain.ledger.limits import LimitRef

NONE_IN_SCOPE = {
    "authorization_block": "no authorization covers this code, clinician and place on this date",
    "benefit_limit": "no benefit limit is known for this discipline on this date",
}


class Choice(Struct, frozen=True, kw_only=True):
    """The answer for one line, payer and kind of limit.

    `draw` is None where there is nothing to draw on. `short` says what is missing when the chosen limit has
    too little left or a cap is reached; `reason` says why this limit, or why none.
    """

    code: str
    coverage_id: UUID
    ordinal: int
    limit_kind: LimitKind
    draw: Draw | None
    short: str | None
    reason: str


class LimitState(Struct, kw_only=True):
    """Limits under their locks: what each has left, and what stands under the keys that caps count."""

    limits: Sequence[Limit]
    available: dict[LimitRef, int]
    used: list[Used] = field(default_factory=list)

    def choose(
        self,
        session: Session,
        coverages: Iterable[tuple[UUID, int]],
        kinds: Sequence[LimitKind] = LIMIT_KINDS,
    ) -> list[Choice]:
        """Choose for each line under each (coverage, order), and take what was chosen off what is left."""
        return [
            self._choose(session, line, coverage_id, ordinal, kind)
            for coverage_id, ordinal in coverages
            for kind in kinds
            for line in session.lines
        ]

    def _choose(
        self, session: Session, line: Line, coverage_id: UUID, ordinal: int, kind: LimitKind
    ) -> Choice:
        mine = [
            limit
            for limit in self.limits
            if limit.coverage_id == coverage_id and limit.ref.kind == kind and covers(limit, session, line)
        ]
        draw, short, reason = self._best(session, line, mine) if mine else (None, None, NONE_IN_SCOPE[kind])
        if draw is not None:
            self._take(session, draw)
        return Choice(
            code=line.code,
            coverage_id=coverage_id,
            ordinal=ordinal,
            limit_kind=kind,
            draw=draw,
            short=short,
            reason=reason,
        )

    def _best(self, session: Session, line: Line, limits: list[Limit]) -> tuple[Draw | None, str | None, str]:
        draws = [draw_of(limit, session, line) for limit in ranked(limits, self.available)]
        draws = [draw for draw in draws if draw.amount > 0]
        if not draws:
            return None, None, "the line earned nothing that the limit counts"
        shorts = [self._short(draw, session) for draw in draws]
        at = next((i for i, short in enumerate(shorts) if short is None), 0)
        passed = "" if at == 0 else f", after {at} with too little left"
        why = "the only one in scope" if len(draws) == 1 else f"first of {len(draws)} in scope{passed}"
        return draws[at], shorts[at], why

    def _short(self, draw: Draw, session: Session) -> str | None:
        ref = draw.limit.ref
        if self._needed(draw) > self.available[ref]:
            return f"{words(max(0, self.available[ref]), draw.limit.shown_as)} left"
        return cap_reached(draw, session.service_on, self.used)

    def _needed(self, draw: Draw) -> int:
        standing = (u.amount for u in self.used if self._is_same(u, draw))
        return max(0, draw.amount - max(standing, default=0))

    def _take(self, session: Session, draw: Draw) -> None:
        self.available[draw.limit.ref] -= self._needed(draw)
        self.used = [u for u in self.used if not self._is_same(u, draw) or u.amount > draw.amount]
        if not any(self._is_same(u, draw) for u in self.used):
            taken = Used(
                limit=draw.limit.ref,
                counted_key=draw.counted_key,
                amount=draw.amount,
                drawn_on=session.service_on,
            )
            self.used.append(taken)

    def _is_same(self, used: Used, draw: Draw) -> bool:
        return used.limit == draw.limit.ref and used.counted_key == draw.counted_key


def refusing(choices: Iterable[Choice]) -> list[Choice]:
    """The choices that stand in the way of a booking: the first payer's hard limits that are short."""
    return [c for c in choices if c.short and c.draw and c.draw.limit.hard and c.ordinal == 1]
