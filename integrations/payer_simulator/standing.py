"""What has been used so far: deductibles, copays, authorizations, services; derived from standing claims."""

from collections import Counter
from datetime import date

from integrations.payer_simulator.settlements import SettledLine


class Standing:
    """Counts over every line that was allowed and not reversed since."""

    def __init__(self) -> None:
        self._deductible: Counter[tuple[str, int]] = Counter()
        self._copay: Counter[tuple[str, date]] = Counter()
        self._units: Counter[str] = Counter()
        self._dates: dict[str, Counter[date]] = {}
        self._services: Counter[str] = Counter()

    def add(self, person: str, line: SettledLine) -> None:
        """Count a line."""
        self._count(person, line, 1)

    def remove(self, person: str, line: SettledLine) -> None:
        """Take a line out again because its claim was reversed."""
        self._count(person, line, -1)

    def _count(self, person: str, line: SettledLine, sign: int) -> None:
        if line.denied:
            return
        self._deductible[person, line.from_on.year] += sign * line.taken("1")
        self._copay[person, line.from_on] += sign * line.taken("3")
        self._services[line.duplicate_key] += sign
        for block in line.blocks:
            self._units[block] += sign * whole_units(line.units)
            self._dates.setdefault(block, Counter())[line.from_on] += sign

    def deductible_met(self, person: str, year: int) -> int:
        """Cents of the year's deductible that claims have met."""
        return self._deductible[person, year]

    def copay_taken(self, person: str, on: date) -> int:
        """Cents of copay already taken for a date of service."""
        return self._copay[person, on]

    def was_paid(self, duplicate_key: str) -> bool:
        """Whether the same service stands allowed already."""
        return self._services[duplicate_key] > 0

    def units_used(self, block: str) -> int:
        """Units drawn on a block."""
        return self._units[block]

    def dates_used(self, block: str) -> set[date]:
        """Dates of service drawn on a block."""
        return {on for on, lines in self._dates.get(block, Counter()).items() if lines > 0}


def whole_units(units: str) -> int:
    """Units as a block counts them: a started unit is a unit."""
    whole, _, fraction = units.partition(".")
    return int(whole or "0") + bool(fraction.strip("0"))
