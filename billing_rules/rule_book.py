"""Dated rules: which row answers for a payer, plan, state and date of service, and which rows it beat."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from billing_rules.days import within
from billing_rules.packs.shelf import Shelf
from billing_rules.packs.shipped import shipped_shelf
from billing_rules.rule_calendars import Calendars, applies
from billing_rules.tables import read_table

Level: TypeAlias = Literal["shipped", "organization", "practice"]
"""Who set a row: the product, the billing company, or one practice."""

RuleValue: TypeAlias = str | int | bool | dict[str, Any]

_Kind = TypeVar("_Kind")
_RANK: dict[Level, int] = {"shipped": 0, "organization": 1, "practice": 2}


class RuleRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dated answer; a null payer, plan or state means any, a null end means still in force."""

    rule: str
    value: RuleValue
    payer: str | None = None
    plan: str | None = None
    state: str | None = None
    starts_on: date
    ends_on: date | None = None
    source: str
    version: str
    checked_on: date
    level: Level
    author: str
    reason: str

    @property
    def names_a_payer(self) -> bool:
        """Whether the row speaks of one payer or plan rather than of everybody."""
        return self.payer is not None or self.plan is not None

    def __str__(self) -> str:
        """Name the row for people: rule, whom it is for, since when, who set it."""
        whom = "/".join(part or "any" for part in (self.payer, self.plan, self.state))
        until = "on" if self.ends_on is None else f"to {self.ends_on}"
        return f"{self.level} {self.rule} for {whom} from {self.starts_on} {until} (version {self.version})"


class OverlappingRules(ValueError):
    """Raised when two rows of one level and key are in force on the same day, so that neither could win."""

    def __init__(self, first: RuleRow, second: RuleRow) -> None:
        """Name both rows."""
        super().__init__(f"Two rules are in force on the same days: {first}; {second}.")
        self.first = first
        self.second = second


class NoRuleInForce(LookupError):
    """Raised when no row answers for the payer on the date of service."""

    def __init__(self, rule: str, on: date, payer: str | None) -> None:
        """Name the rule, the date and the payer asked for."""
        super().__init__(f"No rule {rule} is in force for payer {payer or 'any'} on {on}.")
        self.rule = rule
        self.on = on
        self.payer = payer


class RuleValueRefused(ValueError):
    """Raised when the winning row's value is not what the rule needs; names the row."""


class Resolved(Struct, frozen=True, kw_only=True, dict=True):
    """The answer: the winning row, its value, and every row that was in force and applied, winner first."""

    row: RuleRow
    value: RuleValue
    considered: tuple[RuleRow, ...]

    @property
    def is_assumption(self) -> bool:
        """Whether the answer is the product's default for everybody, not something known of this payer."""
        return self.row.level == "shipped" and not self.row.names_a_payer and self.row.state is None

    def read(self, kind: type[_Kind]) -> _Kind:
        """The value as the type the rule needs, converted once; raises RuleValueRefused naming the row."""
        # A rule is read as one type, which is compared by identity: hashing a type can cost more than this.
        kept: tuple[object, _Kind] | None = self.__dict__.get("converted")
        if kept is None or kept[0] is not kind:
            kept = self.__dict__["converted"] = (kind, self._convert(kind))
        return kept[1]

    def _convert(self, kind: type[_Kind]) -> _Kind:
        try:
            return msgspec.convert(self.value, kind)
        except msgspec.ValidationError as wrong:
            raise RuleValueRefused(f"{self.row}: {wrong}.") from wrong


Answers: TypeAlias = dict[str, Resolved | None]
"""What a book has said so far, by rule; null where no row is in force."""


class ShippedRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row as the data file has it; version and date of checking are the file's own."""

    rule: str
    value: RuleValue
    payer: str | None
    state: str | None
    starts_on: date
    ends_on: date | None
    source: str
    reason: str


class RuleBook:
    """The rows that apply to one practice: the shipped ones, its organization's and its own.

    Of the rows in force on the date of service the most specific wins: first by who set it (practice over
    organization over shipped), then a row that names the plan, then one that names the payer, then one that
    names the state, then the default for everybody. Beside the rows stands the shelf of packs: code sets,
    edits and fee schedules, the same for everybody.
    """

    def __init__(self, rows: Iterable[RuleRow], shelf: Shelf | None = None) -> None:
        """No shelf means the shipped one; raises OverlappingRules when two rows of one key share a day."""
        self.rows = tuple(rows)
        self.shelf = shipped_shelf() if shelf is None else shelf
        self._calendars: Calendars[Resolved | None] = Calendars(self.rows)
        self._resolved: dict[tuple[int, ...], Resolved] = {}
        self._by_rule: dict[str, list[RuleRow]] = defaultdict(list)
        for row in self.rows:
            self._by_rule[row.rule].append(row)
        for same_rule in self._by_rule.values():
            same_rule.sort(key=_specificity, reverse=True)
        _refuse_overlaps(self.rows)

    @cached_property
    def version(self) -> str:
        """A fingerprint of every row and pack: what a run of checks is recorded with."""
        encoded = sorted(msgspec.json.encode(row, order="deterministic") for row in self.rows)
        encoded.append(self.shelf.version.encode())
        return hashlib.sha256(b"\n".join(encoded)).hexdigest()[:12]

    def with_rows(self, rows: Iterable[RuleRow]) -> "RuleBook":
        """A new book with rows added, such as an organization's and a practice's overrides."""
        return RuleBook((*self.rows, *rows), self.shelf)

    def resolve(
        self, rule: str, *, payer: str | None, plan: str | None = None, state: str | None = None, on: date
    ) -> Resolved:
        """The winning row for a payer on a date of service; raises NoRuleInForce."""
        return self.answer(rule, payer, plan, state, on)

    def answer(self, rule: str, payer: str | None, plan: str | None, state: str | None, on: date) -> Resolved:
        """What `resolve` says, asked by place: a scrub asks a hundred times; raises NoRuleInForce."""
        answers = self.answers(payer, plan, state, on)
        if rule not in answers:
            answers[rule] = self._look_up(rule, payer, plan, state, on)
        answer = answers[rule]
        if answer is None:
            raise NoRuleInForce(rule, on, payer)
        return answer

    def answers(self, payer: str | None, plan: str | None, state: str | None, on: date) -> Answers:
        """What was answered so far to whoever asks so, on all days on which no row of theirs changes."""
        return self._calendars.answers(payer, plan, state, on)

    def _look_up(
        self, rule: str, payer: str | None, plan: str | None, state: str | None, on: date
    ) -> Resolved | None:
        considered = tuple(
            row
            for row in self._by_rule.get(rule, ())
            if _in_force(row, on) and applies(row, payer, plan, state)
        )
        if not considered:
            return None
        # The same rows answer for many days and payers: one answer for all of them is read only once.
        known = tuple(map(id, considered))
        if known not in self._resolved:
            self._resolved[known] = Resolved(
                row=considered[0], value=considered[0].value, considered=considered
            )
        return self._resolved[known]


def load_shipped() -> RuleBook:
    """The book that comes with the product, read from billing_rules/therapy/data/rules.json."""
    table = read_table("rules.json", ShippedRule)
    return RuleBook(
        RuleRow(
            rule=row.rule,
            value=row.value,
            payer=row.payer,
            state=row.state,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            source=row.source,
            version=table.version,
            checked_on=table.checked_on,
            level="shipped",
            author="Visitledger",
            reason=row.reason,
        )
        for row in table.rows
    )


def _specificity(row: RuleRow) -> tuple[int, bool, bool, bool]:
    return (_RANK[row.level], row.plan is not None, row.payer is not None, row.state is not None)


def _in_force(row: RuleRow, on: date) -> bool:
    return within(on, row.starts_on, row.ends_on)


def _refuse_overlaps(rows: Iterable[RuleRow]) -> None:
    keyed: dict[tuple[str | None, ...], list[RuleRow]] = defaultdict(list)
    for row in rows:
        if row.ends_on is not None and row.ends_on < row.starts_on:
            raise RuleValueRefused(f"{row} ends before it starts.")
        keyed[row.level, row.rule, row.payer, row.plan, row.state].append(row)
    for same_key in keyed.values():
        same_key.sort(key=lambda row: row.starts_on)
        for first, second in pairwise(same_key):
            if first.ends_on is None or second.starts_on <= first.ends_on:
                raise OverlappingRules(first, second)
