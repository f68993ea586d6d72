"""One limit while its lock is held: what each step does to its accounts and draws, without a database."""

from datetime import date
from uuid import UUID

from msgspec import Struct, field

from domain.ledger.counted import STEP_WORDS, Counted, Drawn, Standing, precedence, word
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
        latest = sorted(self.counted.values(), key=precedence, reverse=True)
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
        self._post(f"limit.{word(before, after)}", self._source(move), entries)
        freed = self.available - room
        if freed > 0:
            self._absorb(freed, min(before[2], after[2]))

    def _settle(
        self,
        counted: Counted,
        before: Standing,
        after: Standing,
        *,
        fact: bool,
    ) -> list[Entry]:
        """The entries that bring a countable from one standing to another; only growth can be refused."""
        (stage, amount, on), (next_stage, next_amount, next_on) = before, after
        kept = min(amount, next_amount)
        entries = []
        if stage and amount > kept:
            entries += self._give_back(counted, stage, amount - kept, on)
        if kept and stage and next_stage and on != next_on:
            entries += self._redate(counted, (stage, on), (next_stage, next_on), kept)
        elif kept and stage and next_stage and stage != next_stage:
            entries.append(self._entry(stage, next_stage, kept, word(before, after), on))
        if next_stage:
            fact = fact or next_stage != "booked"
            entries += self._take(counted, next_stage, next_amount - kept, next_on, fact=fact)
        return entries

    def _take(self, counted: Counted, stage: str, amount: int, on: date, *, fact: bool) -> list[Entry]:
        covered = min(amount, self.available)
        over = amount - covered
        if over and not fact:
            raise NothingLeft(self.ref, amount, self.available)
        counted.over += over
        in_time = fact and on <= self.expired_on
        revived = min(self.expired, counted.over) if in_time else 0
        self.available -= covered
        self.expired -= revived
        counted.over -= revived
        parts = (
            ("available", stage, covered, STEP_WORDS[stage]),
            ("over_limit", stage, over, "exceed"),
            ("expired", "over_limit", revived, "revive"),
        )
        return [self._entry(debit, credit, n, kind, on) for debit, credit, n, kind in parts if n]

    def _redate(
        self, counted: Counted, before: tuple[str, date], after: tuple[str, date], amount: int
    ) -> list[Entry]:
        """Move a use to another day: what was covered stays covered, what was over stays over."""
        parts = (("available", amount - counted.over), ("over_limit", counted.over))
        (stage, on), (next_stage, next_on) = before, after
        out = [self._entry(stage, part, n, "release", on) for part, n in parts if n]
        return out + [
            self._entry(part, next_stage, n, STEP_WORDS[next_stage], next_on) for part, n in parts if n
        ]

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


def _refuse_nothing(amount: int) -> None:
    if type(amount) is not int or amount <= 0:
        raise Invalid("an amount is a whole number above zero", pointer="/amount")
