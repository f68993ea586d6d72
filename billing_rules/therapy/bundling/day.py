"""The services of one day under one billing provider: this claim's lines and the patient's other claims'."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import combinations
from typing import Any

from msgspec import Struct

from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts


class Placed(Struct, frozen=True, kw_only=True):
    """A service of the day; `at` is its line on this claim, none on another, which `claim` names."""

    at: int | None
    code: str
    modifiers: tuple[str, ...]
    units: int
    claim: str | None
    known: bool
    starts_at: datetime | None
    ends_at: datetime | None
    clinician: str | None
    body_site: str | None
    separate_encounter: bool


class ClaimDay(Struct, frozen=True, kw_only=True):
    """A day of the claim: its services, this claim's lines first, and which of them stand in pairs.

    Pairs are every two services with different codes, at least one of them on this claim.
    """

    on: date
    services: tuple[Placed, ...]
    pairs: tuple[tuple[Placed, Placed], ...]


def days(facts: ClaimFacts) -> tuple[ClaimDay, ...]:
    """The days of service of the claim, in order; looked through once for all checks that ask."""
    known: dict[Any, Any] = facts.__dict__
    if "days" not in known:
        own = _own(facts)
        known["days"] = tuple(_day(facts, on, own[on]) for on in sorted(own))
    held: tuple[ClaimDay, ...] = known["days"]
    return held


def services_of_day(facts: ClaimFacts, on: date) -> tuple[Placed, ...]:
    """This claim's lines of one of its days first, then the other claims'."""
    return next((day.services for day in days(facts) if day.on == on), ())


def _day(facts: ClaimFacts, on: date, own: list[Placed]) -> ClaimDay:
    services = (*own, *_elsewhere(facts, on)) if facts.same_day else tuple(own)
    pairs = tuple(
        (first, second)
        for first, second in combinations(services, 2)
        if first.code != second.code and (first.at is not None or second.at is not None)
    )
    return ClaimDay(on=on, services=services, pairs=pairs)


def _own(facts: ClaimFacts) -> dict[date, list[Placed]]:
    """The claim's lines by day; one without a code has a day and is no service."""
    found: dict[date, list[Placed]] = {}
    for at, line in enumerate(facts.lines):
        if not line.served_on:
            continue
        day = found.setdefault(line.served_on, [])
        if line.code:
            day.append(_placed(at, line))
    return found


def _placed(at: int, line: LineFacts) -> Placed:
    shown = line.evidence
    return Placed(
        at=at,
        code=line.code,
        modifiers=line.modifiers,
        units=line.units,
        claim=None,
        known=shown is not None,
        starts_at=shown.starts_at if shown else None,
        ends_at=shown.ends_at if shown else None,
        clinician=shown.clinician if shown else None,
        body_site=shown.body_site if shown else None,
        separate_encounter=shown.separate_encounter if shown else False,
    )


def _elsewhere(facts: ClaimFacts, on: date) -> Iterator[Placed]:
    for line in facts.same_day:
        if line.served_on == on:
            yield Placed(
                at=None,
                code=line.code,
                modifiers=line.modifiers,
                units=line.units,
                claim=line.claim,
                known=True,
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                clinician=line.clinician,
                body_site=line.body_site,
                separate_encounter=line.separate_encounter,
            )
