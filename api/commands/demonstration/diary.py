"""The diary of the weeks: every planned session, what is done in it, and what becomes of it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from api.commands.demonstration.company_plan import TIME_ZONE
from api.commands.demonstration.courses import Course, Slot
from api.commands.demonstration.population import dice
from api.commands.demonstration.sizes import Size
from billing_rules.therapy.code_table import procedure_code

Service = tuple[str, int | None]
Fate = Literal["attended", "cancelled", "no_show"]
SATURDAY = 5
# Days from service to charge entry and how often, of one behavioural-health group (see data/NOTICE.md).
LATE = ((0, 30936), (1, 3591), (2, 1708), (3, 1412), (4, 1154), (5, 1017), (6, 860), (7, 877))
ZONE = ZoneInfo(TIME_ZONE)

PHYSICAL: tuple[tuple[Service, ...], ...] = (
    (("97110", 30), ("97140", 15)),
    (("97110", 25), ("97112", 20)),
    (("97530", 24), ("97110", 15)),
    (("97110", 38),),
    (("97110", 15), ("97140", 15), ("97112", 15)),
    (("97116", 16), ("97110", 31)),
)
OCCUPATIONAL: tuple[tuple[Service, ...], ...] = (
    (("97530", 30), ("97535", 15)),
    (("97535", 25), ("97110", 20)),
    (("97530", 38),),
)
SPEECH: tuple[tuple[Service, ...], ...] = ((("92507", None),), (("97129", 45),), (("97129", 40),))
SPEECH_FROM_2027: tuple[tuple[Service, ...], ...] = ((("92526", None),), (("97129", 45),))
COUNSELING: tuple[tuple[Service, ...], ...] = (
    (("90837", 55),),
    (("90837", 58),),
    (("90834", 45),),
    (("90832", 30),),
)
FIRST: dict[str, tuple[Service, ...]] = {
    "PT": (("97161", None), ("97110", 15)),
    "OT": (("97165", None), ("97530", 15)),
    "SLP": (("92523", None),),
    "BH": (("90791", 60),),
}
TIE: tuple[Service, ...] = (("97110", 20), ("97140", 20))
"""Forty minutes are three units, and both codes have five minutes left for the third."""
THIN, TIED = "pt-1:0:02", "pt-4:0:02"
"""The session whose note lacks an item, and Medicare's session whose minutes tie."""
MINUTES_UNTIMED = {"97161": 40, "97165": 40, "92523": 60, "92507": 45, "92526": 45}


class SessionPlan(Struct, frozen=True, kw_only=True):
    """A session as it will be; days are calendar dates, `starts_at` and `ends_at` are aware.

    `signed_on` later than `documented_on` means that the note arrives unsigned first; `amended_on` brings a
    corrected note. `claimed_on` is the day on which its claim is assembled.
    """

    key: str
    course: Course
    therapist: str
    starts_at: datetime
    ends_at: datetime
    services: tuple[Service, ...]
    first_services: tuple[Service, ...]
    fate: Fate
    documented_on: date
    signed_on: date
    amended_on: date | None
    claimed_on: date

    @property
    def on(self) -> date:
        """The date of service."""
        return self.starts_at.date()


def diary(seed: int, size: Size, courses: Sequence[Course], starts_on: date) -> tuple[SessionPlan, ...]:
    """Every session of every course, in the order of time."""
    every = (
        session
        for course in courses
        for slot_number, slot in enumerate(course.slots)
        for session in _sessions(seed, size, course, slot, slot_number, starts_on)
    )
    return tuple(sorted(every, key=lambda session: (session.starts_at, session.key)))


def _sessions(
    seed: int, size: Size, course: Course, slot: Slot, slot_number: int, starts_on: date
) -> Iterator[SessionPlan]:
    number = 0
    for day in range(size.session_days):
        on = starts_on + timedelta(days=day)
        if on.weekday() in slot.weekdays:
            number += 1
            roll = dice(seed, "session", course.key, slot_number, number)
            yield _session(roll, course, slot, f"{course.key}:{slot_number}:{number:02d}", number, on)


def _session(roll: Random, course: Course, slot: Slot, key: str, number: int, on: date) -> SessionPlan:
    services = TIE if key == TIED else _services(roll, course, slot, number, on)
    fate = _fate(roll, course, number)
    late, unsigned = _days_late(roll, course, slot), _days_unsigned(roll, course)
    documented_on = working_day(on + timedelta(days=late))
    signed_on = working_day(documented_on + timedelta(days=unsigned))
    amended = unsigned == 0 and len(services) > 1 and roll.random() < 0.05
    last = signed_on
    minutes = max(30, sum(_minutes(service) for service in services))
    starts_at = datetime.combine(on, time(*slot.starts), ZONE)
    return SessionPlan(
        key=key,
        course=course,
        therapist=slot.therapist,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        services=services,
        first_services=services[:-1] if amended else services,
        fate=fate,
        documented_on=documented_on,
        signed_on=signed_on,
        amended_on=working_day(documented_on + timedelta(days=1)) if amended else None,
        claimed_on=working_day(last + timedelta(days=1)),
    )


def _services(roll: Random, course: Course, slot: Slot, number: int, on: date) -> tuple[Service, ...]:
    if slot.role == "direct":
        return (("97153", roll.choice((120, 135, 150, 143))),)
    if slot.role == "lead":
        if number == 1:
            return (("97151", 60),)
        return (("97156", 45),) if number % 3 == 0 else (("97155", 60),)
    if number == 1:
        return FIRST[course.discipline]
    return roll.choice(_usual(course.discipline, on))


def _usual(discipline: str, on: date) -> tuple[tuple[Service, ...], ...]:
    speech = SPEECH if procedure_code("92507").is_valid_on(on) else SPEECH_FROM_2027
    return {"PT": PHYSICAL, "OT": OCCUPATIONAL, "SLP": speech, "BH": COUNSELING}[discipline]


def _fate(roll: Random, course: Course, number: int) -> Fate:
    """Most people come; whoever is the subject of a story comes to the first sessions."""
    chance = roll.random()
    if number <= 2 or course.discipline == "ABA":
        return "cancelled" if course.discipline == "ABA" and number > 2 and chance < 0.03 else "attended"
    if chance < 0.05:
        return "cancelled"
    return "no_show" if chance < 0.09 else "attended"


def _days_late(roll: Random, course: Course, slot: Slot) -> int:
    """A technician's sessions of one day arrive together, so that they can become one line."""
    late: int = roll.choices([days for days, _ in LATE], [times for _, times in LATE])[0]
    return 0 if slot.role == "direct" else late


def _days_unsigned(roll: Random, course: Course) -> int:
    return roll.choice((3, 4)) if course.discipline != "ABA" and roll.random() < 0.04 else 0


def _minutes(service: Service) -> int:
    code, minutes = service
    return minutes if minutes is not None else MINUTES_UNTIMED[code]


def working_day(on: date) -> date:
    """The date itself, or the Monday after a weekend."""
    return on + timedelta(days=max(0, 7 - on.weekday())) if on.weekday() >= SATURDAY else on
