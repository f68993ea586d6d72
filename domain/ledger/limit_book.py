"""One limit while its lock is held: what each step does to its accounts and draws, without a database."""

from datetime import date
from uuid import UUID

from msgspec import Struct, field

from domain.ledger.chart import STAGES
from domain.ledger.entries import Entry, JournalEntry
from domain.ledger.limits import (
    DrawMove,
    Expire,
    Grant,
    LimitRef,
    NothingLeft,
    Override,
    Reanchor,
    Shrink,
    Step,
)
from tenants.errors import Invalid

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
    def standing(self) -> tuple[str | None, int, date]:
        """The furthest stage, the greatest amount and the first date of the draws."""
        if not self.draws:
            return None, 0, date.max
        drawn = self.draws.values()
        stage = max((d.stage for d in drawn), key=STAGES.index)
        return stage, max(d.amount for d in drawn), min(d.drawn_on for d in drawn)


class LimitBook(Struct):
    """The balances and draws of one limit; `journals` collects what the steps must post."""

    ref: LimitRef
    available: int = 0
    granted: int = 0
    expired: int = 0
    expired_on: date = date.min
    counted: dict[str, Counted] = field(default_factory=dict)
    journals: list[JournalEntry] = field(default_factory=list)

    def apply(self, step: Step, draw_id: UUID) -> None:
        """Take one step; `draw_id` is the id of the draw if the step makes one.

        Raises NothingLeft for a booking that does not fit, Invalid for an amount that cannot be.
        """
        match step:
            case DrawMove():
                self._draw(step, draw_id)
            case Expire():
                self._expire(step)
            case Grant() | Override():
                self._give(step, step.amount)
            case Shrink():
                self._cut(step, step.amount)
            case Reanchor():
                (self._give if step.change > 0 else self._cut)(step, abs(step.change))

    def _give(self, step: Grant | Override | Shrink | Reanchor, amount: int) -> None:
        _refuse_nothing(amount)
        origin = "overridden" if isinstance(step, Override) else "granted"
        self.available += amount
        if origin == "granted":
            self.granted += amount
        self._post_step(step, [self._entry(origin, "available", amount, step_word(step), step.on)])
        if origin == "granted":
            self._absorb(amount, step.on)

    def _cut(self, step: Grant | Override | Shrink | Reanchor, amount: int) -> None:
        _refuse_nothing(amount)
        if amount > self.granted:
            raise Invalid(f"{self.ref.kind} {self.ref.id} has {self.granted} granted, {amount} cannot be cut")
        unused = min(amount, self.available)
        lapsed = min(amount - unused, self.expired)
        used = amount - unused - lapsed
        word = step_word(step)
        parts = (("available", unused), ("expired", lapsed), ("over_limit", used))
        self._post_step(step, [self._entry(a, "granted", n, word, step.on) for a, n in parts if n])
        self.available -= unused
        self.expired -= lapsed
        self.granted -= amount
        self._uncover(used)

    def _uncover(self, amount: int) -> None:
        """Say which uses are over the limit after a cut: bookings before facts, the latest first."""
        latest = sorted(self.counted.values(), key=_precedence, reverse=True)
        for counted in latest:
            taken = min(amount, counted.standing[1] - counted.over)
            counted.over += taken
            amount -= taken
        assert not amount, "what is neither available nor expired is drawn"

    def _expire(self, step: Expire) -> None:
        unused = self.available
        if unused:
            entry = self._entry("available", "expired", unused, "expire", step.on)
            self._post("limit.expire", f"{self.ref.id}:{self.ref.unit}", [entry], step.reason)
            self.available, self.expired = 0, self.expired + unused
        self.expired_on = max(self.expired_on, step.on)

    def _draw(self, move: DrawMove, draw_id: UUID) -> None:
        counted = self.counted.setdefault(move.counted_key, Counted(move.counted_key))
        before = counted.standing
        old = counted.draws.pop(move.subject_id, None)
        if move.stage is not None:
            _refuse_nothing(move.amount)
            known = old.id if old else draw_id
            counted.draws[move.subject_id] = Drawn(known, move.amount, move.stage, move.drawn_on)
        after = counted.standing
        if before == after:
            return
        room = self.available
        entries = self._settle(counted, before, after, fact=move.fact)
        self._post(f"limit.{_word(before, after)}", self._source(move), entries)
        freed = self.available - room
        if freed > 0:
            self._absorb(freed, min(before[2], after[2]))

    def _settle(
        self,
        counted: Counted,
        before: tuple[str | None, int, date],
        after: tuple[str | None, int, date],
        *,
        fact: bool,
    ) -> list[Entry]:
        """The entries that bring a countable from one standing to another; a new date is a new use."""
        (stage, amount, on), (next_stage, next_amount, next_on) = before, after
        kept = min(amount, next_amount) if on == next_on else 0
        entries = []
        if stage and amount > kept:
            entries += self._give_back(counted, stage, amount - kept, on)
        if kept and stage and next_stage and stage != next_stage:
            entries.append(self._entry(stage, next_stage, kept, _word(before, after), on))
        if next_stage and next_amount > kept:
            fact = fact or next_stage != "booked"
            entries += self._take(counted, next_stage, next_amount - kept, next_on, fact=fact)
        return entries

    def _take(self, counted: Counted, stage: str, amount: int, on: date, *, fact: bool) -> list[Entry]:
        entries = []
        revived = min(self.expired, max(0, amount - self.available)) if fact and on <= self.expired_on else 0
        if revived:
            entries.append(self._entry("expired", "available", revived, "revive", on))
            self.expired, self.available = self.expired - revived, self.available + revived
        covered = min(amount, self.available)
        over = amount - covered
        if over and not fact:
            raise NothingLeft(self.ref, amount, self.available)
        if covered:
            entries.append(self._entry("available", stage, covered, STEP_WORDS[stage], on))
        if over:
            entries.append(self._entry("over_limit", stage, over, "exceed", on))
        self.available -= covered
        counted.over += over
        return entries

    def _give_back(self, counted: Counted, stage: str, amount: int, on: date) -> list[Entry]:
        """Undo a use: first what exceeded the limit, the rest becomes available."""
        over = min(amount, counted.over)
        parts = (("over_limit", over), ("available", amount - over))
        counted.over -= over
        self.available += amount - over
        return [self._entry(stage, to, n, "release", on) for to, n in parts if n]

    def _absorb(self, room: int, on: date) -> None:
        """Let what became available cover what exceeded the limit, oldest use first."""
        room = min(room, self.available)
        waiting = [c for c in self.counted.values() if c.over]
        entries = []
        for counted in sorted(waiting, key=lambda c: (c.standing[2], c.key)):
            covered = min(room, counted.over)
            if covered:
                day = max(on, counted.standing[2])
                entries.append(self._entry("available", "over_limit", covered, "cover", day))
                counted.over -= covered
                self.available -= covered
                room -= covered
        if entries:
            self._post("limit.cover", f"{self.ref.id}:{self.ref.unit}", entries)

    def _entry(self, debit: str, credit: str, amount: int, kind: str, on: date) -> Entry:
        return Entry(self.ref.account(debit), self.ref.account(credit), amount, kind, on)

    def _source(self, move: DrawMove) -> str:
        return f"{move.subject_id}:{self.ref.id}:{move.counted_key}"

    def _post(self, kind: str, source: str, entries: list[Entry], reason: str | None = None) -> None:
        if entries:
            self.journals.append(JournalEntry(kind, source, entries, reason, again=True))

    def _post_step(self, step: Grant | Override | Shrink | Reanchor, entries: list[Entry]) -> None:
        kind, source = step_key(step)
        self.journals.append(JournalEntry(kind, source, entries, step.reason))


def step_word(step: Grant | Override | Shrink | Reanchor) -> str:
    """The kind of a step's entry: grant, override, shrink or reanchor."""
    return type(step).__name__.lower()


def step_key(step: Grant | Override | Shrink | Reanchor) -> tuple[str, str]:
    """The journal kind and source under which a step is posted once."""
    return f"limit.{step_word(step)}", f"{step.limit.id}:{step.limit.unit}:{step.source}"


def _precedence(counted: Counted) -> tuple[bool, date, str]:
    stage, _, on = counted.standing
    return stage == "booked", on, counted.key


def _word(before: tuple[str | None, int, date], after: tuple[str | None, int, date]) -> str:
    stage, next_stage = before[0], after[0]
    if next_stage is None:
        return "release"
    if stage == next_stage:
        return "resize"
    if stage is not None and STAGES.index(next_stage) < STAGES.index(stage):
        return "return"
    return STEP_WORDS[next_stage]


def _refuse_nothing(amount: int) -> None:
    if type(amount) is not int or amount <= 0:
        raise Invalid("an amount is a whole number above zero", pointer="/amount")
