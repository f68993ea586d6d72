"""Where it is played: the product's services on a moved clock, and what is known of its ids."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from api.commands.demonstration.company_plan import TIME_ZONE
from api.commands.demonstration.courses import Course
from api.commands.demonstration.diary import SessionPlan
from api.commands.demonstration.sizes import Size
from api.services import Services
from integrations.stripe.simulator import StripeSimulator
from tenants.access import Actor, Role, Scope
from tenants.clock import MovedClock

ZONE = ZoneInfo(TIME_ZONE)


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """What is played: everything in it follows from the seed, the size and the first day."""

    seed: int
    size: Size
    starts_on: date
    courses: tuple[Course, ...]
    sessions: tuple[SessionPlan, ...]


@dataclass(frozen=True, kw_only=True)
class PracticeIds:
    """The ids of a practice's rows, by the keys of the plan; filled as they are made or found."""

    id: UUID
    location_id: UUID
    therapists: dict[str, UUID] = field(default_factory=dict)
    payers: dict[str, UUID] = field(default_factory=dict)
    patients: dict[str, UUID] = field(default_factory=dict)
    cases: dict[str, UUID] = field(default_factory=dict)
    coverages: dict[str, UUID] = field(default_factory=dict)
    appointments: dict[str, UUID] = field(default_factory=dict)
    visits: dict[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that a scene needs: the services, their clock, the card processor, and who acts."""

    play: Play
    services: Services
    clock: MovedClock
    cards: StripeSimulator
    actor: Actor
    practices: dict[str, PracticeIds]
    passwords: dict[str, str]

    @property
    def today(self) -> date:
        """The date where the practices are."""
        return self.clock.now().astimezone(ZONE).date()

    def sessions_of(self, practice: str) -> list[SessionPlan]:
        """A practice's sessions in the order of time."""
        return [one for one in self.play.sessions if one.course.practice == practice]


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """An instant of the practices' day."""
    return datetime.combine(on, time(hour, minute), ZONE)


def member_acting(
    organization_id: UUID, member_id: UUID, name: str, practice_ids: frozenset[UUID], role: Role
) -> Actor:
    """A member with one grant in every practice, as a request of theirs would act."""
    return Actor(
        kind="member",
        id=member_id,
        organization_id=organization_id,
        name=name,
        scopes=(Scope(role=role, practice_id=None),),
        practice_ids=practice_ids,
        action="demonstration",
        request_id="demonstration",
    )
