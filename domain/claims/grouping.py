"""Which charges stand on one claim: the payer's assembly policy over chargeable lines, without a database."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from billing_rules.therapy.payer_rules import ClaimAssembly

# What an 837P holds, whatever a payer's row says.
MOST_LINES = 50


class Chargeable(Struct, frozen=True, kw_only=True):
    """One open charge of a signed visit, with what decides where it goes."""

    charge_line_id: UUID
    visit_id: UUID
    case_id: UUID
    rendering_provider_id: UUID
    location_id: UUID
    place_of_service: str
    discipline: str
    served_on: date
    started: str
    code: str
    modifiers: tuple[str, ...]
    units: int
    minutes: int | None
    charge_cents: int
    authorization_id: UUID | None
    telehealth: str = "none"
    patient_at_home: bool = False


class DraftLine(Struct, frozen=True, kw_only=True):
    """A claim line to be, and the charges behind it."""

    charges: tuple[Chargeable, ...]

    @property
    def first(self) -> Chargeable:
        """The charge that speaks for the line."""
        return self.charges[0]

    @property
    def minutes(self) -> int | None:
        """All documented minutes of the line, or None where the code is not timed."""
        timed = [c.minutes for c in self.charges if c.minutes is not None]
        return sum(timed) if timed else None


class Draft(Struct, frozen=True, kw_only=True):
    """A claim to be; its key is the same for the same set of charges, whoever assembles it."""

    lines: tuple[DraftLine, ...]
    authorization_id: UUID | None

    @property
    def first(self) -> Chargeable:
        """The charge that speaks for the claim."""
        return self.lines[0].first

    @property
    def assembly_key(self) -> str:
        """SHA-256 over the set of charges (BC-05: a repeated call gives the same claims)."""
        ids = sorted(str(c.charge_line_id) for line in self.lines for c in line.charges)
        return hashlib.sha256(",".join(ids).encode()).hexdigest()


def drafts(charges: Iterable[Chargeable], policy: ClaimAssembly) -> list[Draft]:
    """Split charges of one case and payer into claims, in a stable order."""
    groups: dict[tuple[str, ...], list[Chargeable]] = defaultdict(list)
    for charge in sorted(charges, key=_order):
        groups[_group_key(charge, policy)].append(charge)
    return [draft for key in sorted(groups) for draft in _split(groups[key], policy)]


def _order(charge: Chargeable) -> tuple[date, str, str]:
    return charge.served_on, charge.started, str(charge.charge_line_id)


def _group_key(charge: Chargeable, policy: ClaimAssembly) -> tuple[str, ...]:
    day = charge.served_on
    span = day if policy.per_day else day - timedelta(days=day.weekday())
    return (
        str(charge.case_id),
        span.isoformat(),
        charge.discipline if policy.split_by_discipline else "",
        str(charge.rendering_provider_id) if policy.split_by_rendering else "",
        str(charge.location_id),
    )


def _split(charges: Sequence[Chargeable], policy: ClaimAssembly) -> Iterator[Draft]:
    """A claim carries one authorization; charges that need none go with the first."""
    numbers = list(dict.fromkeys(c.authorization_id for c in charges if c.authorization_id))
    for at, number in enumerate(numbers or [None]):
        mine = [
            c for c in charges if c.authorization_id == number or (at == 0 and c.authorization_id is None)
        ]
        lines = _lines(mine, policy)
        most = max(1, min(policy.max_lines, MOST_LINES))
        for start in range(0, len(lines), most):
            yield Draft(lines=tuple(lines[start : start + most]), authorization_id=number)


def _lines(charges: Sequence[Chargeable], policy: ClaimAssembly) -> list[DraftLine]:
    if not policy.merge_same_code_same_day:
        return [DraftLine(charges=(c,)) for c in charges]
    same: dict[tuple[object, ...], list[Chargeable]] = defaultdict(list)
    for charge in charges:
        same[charge.served_on, charge.code, charge.modifiers, charge.place_of_service].append(charge)
    return [DraftLine(charges=tuple(group)) for group in same.values()]
