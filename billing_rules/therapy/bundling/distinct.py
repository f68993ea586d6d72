"""What the record shows of two services being distinct, and which modifier says so."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["XE", "XP", "XS", "XU"]


class Recorded(Protocol):
    """What is known of a service, of this claim or another."""

    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def clinician(self) -> str | None: ...
    @property
    def body_site(self) -> str | None: ...
    @property
    def separate_encounter(self) -> bool: ...


class Distinctness(Struct, frozen=True, kw_only=True):
    """How two services differ, with the fields of the record that show it; `overlap` denies it."""

    kind: Kind | None
    overlap: bool
    evidence: dict[str, str]


def distinctness(first: Recorded | None, second: Recorded | None) -> Distinctness:
    """What sets two services apart: encounter, clinician, structure or time, in this order.

    Services whose times overlap are not distinct, whatever else is recorded.
    """
    if first is None or second is None:
        return Distinctness(kind=None, overlap=False, evidence={})
    times = _times(first, second)
    if times is not None and _overlap(first, second):
        return Distinctness(kind=None, overlap=True, evidence=times)
    for kind, evidence in _kinds(first, second, times):
        return Distinctness(kind=kind, overlap=False, evidence=evidence | (times or {}))
    return Distinctness(kind=None, overlap=False, evidence={})


def _kinds(
    first: Recorded, second: Recorded, times: dict[str, str] | None
) -> Iterator[tuple[Kind, dict[str, str]]]:
    if first.separate_encounter or second.separate_encounter:
        yield "XE", {"separate_encounter": "the note says so"}
    if first.clinician and second.clinician and first.clinician != second.clinician:
        yield "XP", {"clinicians": f"{first.clinician}, {second.clinician}"}
    if first.body_site and second.body_site and first.body_site != second.body_site:
        yield "XS", {"body_sites": f"{first.body_site}, {second.body_site}"}
    if times is not None:
        yield "XU", {}


def _times(first: Recorded, second: Recorded) -> dict[str, str] | None:
    if not (first.starts_at and first.ends_at and second.starts_at and second.ends_at):
        return None
    return {
        "first": f"{first.starts_at.isoformat()} to {first.ends_at.isoformat()}",
        "second": f"{second.starts_at.isoformat()} to {second.ends_at.isoformat()}",
    }


def _overlap(first: Recorded, second: Recorded) -> bool:
    assert first.starts_at, "both have times"
    assert first.ends_at, "both have times"
    assert second.starts_at, "both have times"
    assert second.ends_at, "both have times"
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at
