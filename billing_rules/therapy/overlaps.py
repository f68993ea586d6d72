"""Sessions that share minutes, per patient and per clinician, minute by minute, and what each pair means."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Literal, TypeAlias

from msgspec import Struct

from billing_rules.therapy.concurrency import ConcurrentPair, ConcurrentSessions

COTREATING = frozenset({"PT", "OT", "SLP"})

Shared: TypeAlias = Literal["patient", "clinician"]
Verdict: TypeAlias = Literal["allowed", "subtract", "split", "billed_twice", "barred"]
"""Allowed as it is; minutes come off one code; co-treatment whose time is split, or is billed by both;
or not allowed at all."""


class SessionFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stretch of documented work: a service with times of its own, or a session with all its codes.

    Instants are aware; ids are opaque. `timed_minutes` are those that its timed codes bill. Whoever only
    supervises is not in it: supervision shares minutes with anything. `is_own` tells a claim's own sessions.
    """

    visit: str
    patient: str
    clinicians: tuple[str, ...]
    discipline: str
    codes: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    timed_minutes: int
    is_own: bool = False


class Overlap(Struct, frozen=True, kw_only=True):
    """Two sessions that share minutes; visits in the order of their start."""

    shared: Shared
    first: SessionFacts
    second: SessionFacts
    minutes: int
    verdict: Verdict
    codes: tuple[str, str]
    subtract_from: str | None
    condition: str


def overlaps(
    sessions: Iterable[SessionFacts], allowed: ConcurrentSessions, *, shared_time_once: bool = True
) -> list[Overlap]:
    """Every two sessions of different visits that share a patient or a clinician for a minute or more.

    `shared_time_once` says whether disciplines that treat together bill the shared minutes once.
    """
    found = []
    for first, second, minutes in _at_once(sessions):
        if first.patient == second.patient:
            found.append(_of_patient(first, second, minutes, allowed, shared_time_once=shared_time_once))
        if set(first.clinicians) & set(second.clinicians):
            found.append(_of_clinician(first, second, minutes, allowed))
    return found


def shared_minutes(first: SessionFacts, second: SessionFacts) -> int:
    """Whole minutes that two sessions have in common."""
    span = min(first.ends_at, second.ends_at) - max(first.starts_at, second.starts_at)
    return max(0, int(span.total_seconds()) // 60)


def minutes_to_subtract(found: Iterable[Overlap], visit: str, code: str) -> int:
    """Minutes that come off a code of a visit because the payer pays the session beside it instead."""
    return sum(
        overlap.minutes
        for overlap in found
        if overlap.verdict == "subtract"
        and overlap.subtract_from == code
        and visit in (overlap.first.visit, overlap.second.visit)
        and code in _side(overlap, visit).codes
    )


def _side(overlap: Overlap, visit: str) -> SessionFacts:
    return overlap.first if overlap.first.visit == visit else overlap.second


def _at_once(sessions: Iterable[SessionFacts]) -> Iterator[tuple[SessionFacts, SessionFacts, int]]:
    """Sweep by start: only sessions still running are compared."""
    running: list[SessionFacts] = []
    for session in sorted(sessions, key=lambda one: (one.starts_at, one.ends_at, one.visit, one.codes)):
        running = [one for one in running if one.ends_at > session.starts_at]
        for other in running:
            minutes = shared_minutes(other, session)
            if other.visit != session.visit and minutes:
                yield other, session, minutes
        running.append(session)


def _of_patient(
    first: SessionFacts,
    second: SessionFacts,
    minutes: int,
    allowed: ConcurrentSessions,
    *,
    shared_time_once: bool,
) -> Overlap:
    disciplines = (first.discipline, second.discipline)
    named = {pair: allowed.for_patient(*pair, disciplines) for pair in product(first.codes, second.codes)}
    if all(named.values()):
        return _worst(first, second, minutes, named)
    if set(disciplines) <= COTREATING and disciplines[0] != disciplines[1]:
        verdict = _cotreated(first, second, minutes) if shared_time_once else "allowed"
        return _overlap("patient", first, second, minutes, verdict, next(iter(named)))
    barred = next(pair for pair, answer in named.items() if answer is None)
    return _overlap("patient", first, second, minutes, "barred", barred)


def _worst(
    first: SessionFacts,
    second: SessionFacts,
    minutes: int,
    named: dict[tuple[str, str], ConcurrentPair | None],
) -> Overlap:
    """The pair that takes minutes off a code, if there is one, else any of the pairs that both bill."""
    answers = [(codes, pair) for codes, pair in named.items() if pair is not None]
    codes, pair = next((one for one in answers if one[1].effect == "subtract_overlap"), answers[0])
    verdict: Verdict = "subtract" if pair.effect == "subtract_overlap" else "allowed"
    return _overlap("patient", first, second, minutes, verdict, codes, pair)


def _cotreated(first: SessionFacts, second: SessionFacts, minutes: int) -> Verdict:
    """Billed twice when both together bill more minutes than the clock had."""
    length = sum(int((one.ends_at - one.starts_at).total_seconds()) // 60 for one in (first, second))
    billed = first.timed_minutes + second.timed_minutes
    return "billed_twice" if billed > length - minutes else "split"


def _of_clinician(
    first: SessionFacts, second: SessionFacts, minutes: int, allowed: ConcurrentSessions
) -> Overlap:
    pairs: Sequence[tuple[str, str]] = list(product(first.codes, second.codes))
    barred = next((pair for pair in pairs if not allowed.allow(*pair)), None)
    return _overlap(
        "clinician", first, second, minutes, "barred" if barred else "allowed", barred or pairs[0]
    )


def _overlap(
    shared: Shared,
    first: SessionFacts,
    second: SessionFacts,
    minutes: int,
    verdict: Verdict,
    codes: tuple[str, str],
    pair: ConcurrentPair | None = None,
) -> Overlap:
    return Overlap(
        shared=shared,
        first=first,
        second=second,
        minutes=minutes,
        verdict=verdict,
        codes=codes,
        subtract_from=pair.subtract_from if pair else None,
        condition=pair.condition if pair else "",
    )
