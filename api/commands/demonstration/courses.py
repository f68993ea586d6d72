"""What is planned for one person: a course of treatment under one case, and what its payer allows."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from api.commands.demonstration.population import Person
from billing_rules.therapy.code_table import Discipline
from domain.allowances.quantities import Kind
from domain.patients.cases import CaseKind

Role = Literal["clinician", "direct", "lead"]


class Slot(Struct, frozen=True, kw_only=True):
    """A therapist's hour in every week; `direct` is a technician's, `lead` the behaviour analyst's."""

    therapist: str
    weekdays: tuple[int, ...]
    starts: tuple[int, int]
    role: Role = "clinician"

    @property
    def hour(self) -> int:
        """The hour in which it starts."""
        return self.starts[0]


class BlockPlan(Struct, frozen=True, kw_only=True):
    """A quantity of an authorization, for these codes or for any."""

    kind: Kind
    quantity: int
    codes: tuple[str, ...] | None = None
    per_week: int | None = None


class AuthorizationPlan(Struct, frozen=True, kw_only=True):
    """What the payer permits, on which day we hear of it, and on which day it gives as much again."""

    blocks: tuple[BlockPlan, ...]
    recorded_after_days: int = 0
    extended_after_days: int | None = None


class Guardian(Struct, frozen=True, kw_only=True):
    """Who answers for a child's balance, and for how much of it in basis points."""

    person: Person
    share_basis_points: int

    @classmethod
    def of(cls, parent: Person, child: Person, share_basis_points: int) -> "Guardian":
        """A person of the population as this child's parent: the family name is the child's."""
        person = replace(parent, family_name=child.family_name)
        return cls(person=person, share_basis_points=share_basis_points)


class CoveragePlan(Struct, frozen=True, kw_only=True):
    """A payer's promise; a child's is its parent's. `misread_number` is what the card was first read as."""

    payer: str
    member_number: str
    misread_number: str | None
    group_number: str | None
    subscriber: Person | None
    deductible_met_cents: int


class Course(Struct, frozen=True, kw_only=True):
    """A course of treatment; `coverage_ends` are the plan's last day and when we hear of it, in days."""

    key: str
    practice: str
    person: Person
    title: str
    kind: CaseKind = "health_plan"
    diagnoses: tuple[str, ...]
    discipline: Discipline
    slots: tuple[Slot, ...]
    coverage: CoveragePlan
    guardians: tuple[Guardian, ...] = ()
    authorization: AuthorizationPlan | None = None
    coverage_ends: tuple[int, int] | None = None

    @property
    def next_coverage(self) -> CoveragePlan | None:
        """Who pays after the plan ended: the other commercial plan."""
        if self.coverage_ends is None:
            return None
        number = f"BSM{self.coverage.member_number[3:]}"
        return replace(self.coverage, payer="baystate", member_number=number)

    def numbers(self) -> Iterator[tuple[str, AuthorizationPlan, bool]]:
        """The authorizations with their numbers; the last word says whether it is the extension."""
        if self.authorization is not None:
            stem = f"A{self.coverage.member_number[-6:]}"
            yield f"{stem}1", self.authorization, False
            if self.authorization.extended_after_days is not None:
                yield f"{stem}2", self.authorization, True


def covered_until(course: Course, starts_on: date) -> date | None:
    """The last day of the first plan, as the payer knows it from the beginning."""
    if course.coverage_ends is None:
        return None
    return date.fromordinal(starts_on.toordinal() + course.coverage_ends[0])
