"""How the pages say amounts, dates, people and states: always in words, the colour only repeats them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from api.pages.vocabulary import (
    ACCOUNTS,
    CONFIRMATIONS,
    DISCIPLINES,
    FAMILIES,
    METHODS,
    PACKS,
    STATES,
    WORK_KINDS,
)
from billing_rules import money
from domain.allowances import quantities

MOST_SHOWN = 160


class Chip(Struct, frozen=True):
    """A state in words and the tone that repeats it."""

    text: str
    tone: str


class Words:
    """What templates say things with: in one time zone, and with the names of who acted."""

    def __init__(self, zone: str = "UTC", names: Mapping[UUID, str] | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self._names = names or {}

    def dollars(self, cents: int) -> str:
        """An amount: $1,234.56."""
        return money.dollars(cents)

    def day(self, day: date) -> str:
        """A date: Tue 3 Mar 2026."""
        return f"{day:%a} {day.day} {day:%b} {day.year}"

    def days(self, first: date, last: date) -> str:
        """A span of dates, or the one date that it is."""
        return self.day(first) if first == last else f"{self.day(first)} to {self.day(last)}"

    def moment(self, instant: datetime) -> str:
        """An instant where the practice is: Tue 3 Mar 2026, 9:05 am EST."""
        here = instant.astimezone(self._zone)
        return f"{self.day(here.date())}, {self.clock(instant)} {here:%Z}"

    def clock(self, instant: datetime) -> str:
        """The time of day where the practice is: 9:05 am."""
        here = instant.astimezone(self._zone)
        return f"{(here.hour - 1) % 12 + 1}:{here:%M} {'am' if here.hour < 12 else 'pm'}"

    def iso(self, instant: datetime) -> str:
        """An instant for machines."""
        return instant.astimezone(UTC).isoformat(timespec="seconds")

    def who(self, actor_id: UUID | None) -> str:
        """Who acted, by name."""
        return "Nobody" if actor_id is None else self._names.get(actor_id, "A connected program")

    def by(self, who: UUID | str | None) -> str:
        """Who acted: a name that was signed with, or the name behind an id."""
        if isinstance(who, str):
            return who
        return "Visitledger" if who is None else self.who(who)

    def account(self, kind: str) -> str:
        """An account of the ledger in words; a party's own is named without the party."""
        head, colon, tail = kind.partition(":")
        if head == "write_off" and colon:
            return f"write-off ({tail.replace('_', ' ')})"
        return ACCOUNTS.get(head, head.replace("_", " "))

    def date_of(self, instant: datetime) -> str:
        """The date of an instant where the practice is."""
        return self.day(instant.astimezone(self._zone).date())

    def chip(self, family: str, state: str) -> Chip:
        """A state of a claim, visit, remittance, outcome, finding or payment, in words."""
        return Chip(*STATES[family].get(state, (self.plain(state), "idle")))

    def kind(self, kind: str) -> str:
        """A kind of work, as the name of its queue."""
        return WORK_KINDS.get(kind, self.plain(kind))

    def family(self, family: str) -> str:
        """Where a check comes from: the payer, the specialty, the record, or past answers."""
        return FAMILIES.get(family, self.plain(family))

    def confirmation(self, name: str) -> str:
        """One of the confirmations that accepting a suggestion asks for."""
        return CONFIRMATIONS.get(name, self.plain(name))

    def discipline(self, discipline: str) -> str:
        """A discipline by its name."""
        return DISCIPLINES.get(discipline.upper(), self.plain(discipline))

    def quantity(self, amount: int, shown_as: str) -> str:
        """A quantity of the ledger as people count it: 135 minutes are 9 units."""
        return quantities.words(amount, shown_as)

    def counted_in(self, unit: str) -> str:
        """What people count a limit in: minutes of the ledger are 15-minute units."""
        return quantities.SHOWN_AS[unit]

    def amount(self, amount: int, unit: str) -> str:
        """An amount of a limit as people count it, without its unit."""
        return quantities.words(amount, quantities.SHOWN_AS[unit]).partition(" ")[0]

    def explained(self, explanation: Mapping[str, Any]) -> str:
        """How minutes became units, in the words of the rule; empty when nothing is kept."""
        return self.said(str(explanation.get("why", "")))

    def source(self, explanation: Mapping[str, Any]) -> str:
        """Where the rule of a charge comes from, as an addition to its method."""
        source = explanation.get("source")
        return f", {source}" if source else ""

    def method(self, method: str) -> str:
        """A way of counting units in words."""
        return METHODS.get(method, self.plain(method))

    def pack(self, table: str) -> str:
        """A table of rule packs by its usual name."""
        return PACKS.get(table, self.plain(table))

    def value(self, value: object) -> str:
        """A rule's answer as it is kept, short enough to stand in a table."""
        if value is None:
            return "nothing"
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}…"

    def changes(self, was: Sequence[Mapping[str, Any]], becomes: Sequence[Mapping[str, Any]]) -> list[str]:
        """What parts the rows of one key: the fields that differ, or all of a row that has no pair."""
        if len(was) == len(becomes) == 1:
            old, new = was[0], becomes[0]
            return [
                f"{self.plain(name)}: {self.value(old.get(name))} → {self.value(new.get(name))}"
                for name in new
                if old.get(name) != new.get(name)
            ]
        signed = [("was", row) for row in was] + [("becomes", row) for row in becomes]
        return [f"{sign} {self._row(row)}" for sign, row in signed]

    def _row(self, row: Mapping[str, Any]) -> str:
        told = [f"{name.replace('_', ' ')} {self.value(value)}" for name, value in row.items() if value]
        return ", ".join(told)

    def said(self, text: str) -> str:
        """A sentence with its capital."""
        return f"{text[:1].upper()}{text[1:]}"

    def place(self, pointer: str) -> str:
        """Where a finding points to: /lines/0/units is "Line 1, units"."""
        steps = [step for step in pointer.split("/") if step]
        if len(steps) >= 2 and steps[0] == "lines" and steps[1].isdigit():
            rest = steps[2].replace("_", " ") if len(steps) > 2 else ""
            return f"Line {int(steps[1]) + 1}{', ' + rest if rest else ''}"
        return self.plain(" ".join(steps)) if steps else "The whole claim"

    def plain(self, key: str) -> str:
        """A key of ours as words: `no_show` is "No show"."""
        return key.replace("_", " ").capitalize()

    def count(self, number: int, noun: str) -> str:
        """A number with its noun: 1 claim, 2 claims."""
        return f"{number:,} {noun if number == 1 else noun + 's'}"

    def percent(self, part: int, whole: int) -> str:
        """A width for a picture, between 0 and 100."""
        return f"{100 * max(0, part) / whole:.2f}" if whole > 0 else "0"
