"""Documentation checklists: what the record of a session must hold, by discipline or procedure, as data.

A checklist carries vectors, notes that pass and notes that fail, and is refused unless they come out as it
says: so a practice may add a specialty's own as a rule row, and no release is needed.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from billing_rules.days import within
from billing_rules.tables import read_table

Answered: TypeAlias = Literal[
    "attested",
    "session_type",
    "purpose",
    "minutes",
    "times",
    "minutes_or_times",
    "attested_or_minutes",
    "diagnosis",
    "plan_of_care",
    "signature",
]
"""How an item is answered: by the signer's attestation of it, or by what the record itself holds."""

ItemSeverity: TypeAlias = Literal["holds", "warns"]
ItemId = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{1,39}$")]


class ChecklistItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing the note must say; `holds` keeps the charges back until it does."""

    id: ItemId
    question: Annotated[str, Meta(min_length=1, max_length=200)]
    answered: Answered
    severity: ItemSeverity
    source: Annotated[str, Meta(min_length=1)]


class NoteFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the record of one session holds; `items` are the signer's attestations by item id.

    `minutes` and `times` say whether every procedure has its minutes, or its start and stop.
    """

    discipline: str
    codes: tuple[str, ...]
    items: dict[str, str | bool] = {}
    session_type: str | None = None
    purpose: str | None = None
    minutes: bool = False
    times: bool = False
    diagnosis: bool = False
    plan_of_care: bool = False
    signature: bool = True


class NoteVector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note and the items that it lacks; none means that it passes."""

    given: NoteFacts
    missing: tuple[str, ...]


class Checklist(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What notes of some disciplines or procedures must hold; an empty list of either means any.

    A session of nothing but `except_codes` is none of its business.
    """

    name: ItemId
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    disciplines: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    except_codes: tuple[str, ...] = ()
    items: Annotated[tuple[ChecklistItem, ...], Meta(min_length=1, max_length=40)]
    vectors: tuple[NoteVector, ...]
    starts_on: date | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for an item that stands twice, or for vectors that are missing or fail."""
        ids = [item.id for item in self.items]
        if len(set(ids)) != len(ids):
            raise ValueError(f"an item of {self.name} stands twice")
        if {bool(vector.missing) for vector in self.vectors} != {True, False}:
            raise ValueError(f"{self.name} needs a vector that passes and one that fails")
        for at, vector in enumerate(self.vectors):
            self._prove(vector, at)

    def _prove(self, vector: NoteVector, at: int) -> None:
        if not self.applies(vector.given):
            raise ValueError(f"vector {at} of {self.name} is not of its kind")
        got = [item.id for item in self.lacking(vector.given)]
        if sorted(got) != sorted(vector.missing):
            raise ValueError(f"vector {at} of {self.name} lacks {', '.join(got) or 'nothing'}")

    def applies(self, note: NoteFacts) -> bool:
        """Whether the note is of the checklist's disciplines and procedures."""
        if self.disciplines and note.discipline not in self.disciplines:
            return False
        concerned = [code for code in note.codes if code not in self.except_codes]
        return any(not self.codes or code in self.codes for code in concerned)

    def is_in_force(self, on: date) -> bool:
        """Whether the checklist is asked for on a date of service."""
        return within(on, self.starts_on, self.ends_on)

    def lacking(self, note: NoteFacts) -> Iterator[ChecklistItem]:
        """The items that the note does not answer, in the order of the list."""
        return (item for item in self.items if not is_answered(item, note))


class Checklists(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row's own checklists (rule documentation_checklist), beside or instead of those that ship.

    Rows are laid over each other: of two checklists of one name the more specific row's is asked.
    """

    with_shipped: bool = True
    checklists: tuple[Checklist, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for two checklists of one name."""
        names = [checklist.name for checklist in self.checklists]
        if len(set(names)) != len(names):
            raise ValueError("a checklist stands twice")


def shipped_checklists() -> tuple[Checklist, ...]:
    """The checklists of the product, from billing_rules/therapy/data/checklists.json."""
    return read_table("checklists.json", Checklist).rows


def lay_over(rows: Iterable[Checklists], on: date) -> list[Checklist]:
    """The checklists asked for on a date: the most specific row first, one of each name, by name."""
    found: dict[str, Checklist] = {}
    shipped = True
    for row in rows:
        for checklist in row.checklists:
            found.setdefault(checklist.name, checklist)
        shipped = shipped and row.with_shipped
    for checklist in shipped_checklists() if shipped else ():
        if checklist.is_in_force(on):
            found.setdefault(checklist.name, checklist)
    return [found[name] for name in sorted(found) if found[name].is_in_force(on)]


def is_answered(item: ChecklistItem, note: NoteFacts) -> bool:
    """Whether the record answers an item; an attestation answers any item but time and signature."""
    if item.answered in ("minutes", "times", "minutes_or_times"):
        return (note.minutes and item.answered != "times") or (note.times and item.answered != "minutes")
    if item.answered == "signature":
        return note.signature
    if _is_told(note.items.get(item.id)):
        return True
    return {
        "session_type": _is_told(note.session_type),
        "purpose": _is_told(note.purpose),
        "attested_or_minutes": note.minutes or note.times,
        "diagnosis": note.diagnosis,
        "plan_of_care": note.plan_of_care,
    }.get(item.answered, False)


def _is_told(answer: str | bool | None) -> bool:
    return answer is True or (isinstance(answer, str) and bool(answer.strip()))
