"""Looks things up in one payer's part of the book by date of service."""

from collections import defaultdict
from datetime import date
from typing import Protocol, TypeVar

from integrations.payer_simulator.book import AuthorizedBlock, Fee, Member, Payer, PayerBook, Terms


class _Dated(Protocol):
    @property
    def from_on(self) -> date: ...
    @property
    def to_on(self) -> date | None: ...


_D = TypeVar("_D", bound=_Dated)


def _in_force(rows: list[_D], on: date) -> _D | None:
    found = [row for row in rows if row.from_on <= on and (row.to_on is None or on <= row.to_on)]
    return max(found, key=lambda row: row.from_on) if found else None


class Policy:
    """One payer's rules, indexed."""

    def __init__(self, payer: Payer) -> None:
        self.payer = payer
        self._fees: dict[str, list[Fee]] = defaultdict(list)
        self._members: dict[str, list[Member]] = defaultdict(list)
        self._blocks: dict[str, list[tuple[str, AuthorizedBlock]]] = defaultdict(list)
        self._terms = list(payer.terms)
        for fee in payer.fees:
            self._fees[fee.code].append(fee)
        for member in payer.members:
            self._members[member.member_id.upper()].append(member)
        for at, block in enumerate(payer.authorizations):
            self._blocks[block.number.upper()].append((f"{payer.id}|{block.number.upper()}|{at}", block))

    def terms(self, on: date) -> Terms | None:
        """The plan's terms for a date of service."""
        return _in_force(self._terms, on)

    def fee(self, code: str, on: date) -> Fee | None:
        """The fee schedule's row for a code; the latest start wins."""
        return _in_force(self._fees[code], on) if code in self._fees else None

    def knows(self, member_id: str) -> bool:
        """Whether the id was ever a member's."""
        return member_id in self._members

    def member(self, member_id: str, on: date) -> Member | None:
        """The stretch of coverage that holds the date."""
        return _in_force(self._members[member_id], on) if member_id in self._members else None

    def begins_after(self, member_id: str, on: date) -> bool:
        """Whether every stretch of coverage begins after the date."""
        return all(one.from_on > on for one in self._members.get(member_id, []))

    def deductible_met_elsewhere(self, member_id: str, year: int) -> int:
        """Cents of the year's deductible that the book says were met before any claim came."""
        held = self._members.get(member_id, [])
        return sum(one.deductible_met_cents for one in held if one.from_on.year == year)

    def blocks(self, number: str, member_id: str, on: date) -> list[tuple[str, AuthorizedBlock]]:
        """The blocks of an authorization number that are the member's and hold the date, with their keys."""
        return [
            (key, block)
            for key, block in self._blocks.get(number, [])
            if block.member_id.upper() == member_id and block.from_on <= on <= block.to_on
        ]


def policies(book: PayerBook) -> dict[str, Policy]:
    """The policy of each payer by its id; raises ValueError when two payers share one."""
    found = {payer.id.upper(): Policy(payer) for payer in book.payers}
    if len(found) != len(book.payers):
        raise ValueError("two payers of the book have the same id")
    return found
