"""Who of the population is treated by whom, for what and under which coverage, by their care plans."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import cycle
from random import Random

from api.commands.demonstration.company_plan import payer_plan
from api.commands.demonstration.conditions import AUTISM, DIAGNOSES, OTHERWISE_BH, REASONS, SHOULDER
from api.commands.demonstration.courses import (
    AuthorizationPlan,
    BlockPlan,
    Course,
    CoveragePlan,
    Guardian,
    Slot,
)
from api.commands.demonstration.population import Person, care_plans, dice, in_psychotherapy, people
from api.commands.demonstration.sizes import Size
from billing_rules.therapy.code_table import Discipline

RELATED_BH = frozenset({"Psychiatry care plan", "Mental health care plan"})
MEDICARE_AGE = 65
GROWN_UP = 19
OLD_ONE_OF_FOUR = 3


def courses(seed: int, size: Size, starts_on: date) -> tuple[Course, ...]:
    """Every course of treatment, in a stable order; nobody is treated by two practices."""
    taken: set[str] = set()
    made: list[Course] = []
    for choose in (_behaviour_analysis, _counseling, _therapy):
        made.extend(choose(seed, size, starts_on, taken))
    return tuple(made)


def _therapy(seed: int, size: Size, starts_on: date, taken: set[str]) -> Iterator[Course]:
    week = {"PT": ((0, 2), (1, 3)), "OT": ((0, 3), (1, 4)), "SLP": ((2,), (4,))}
    for discipline, therapists in (("PT", ("pt-1", "pt-2")), ("OT", ("ot-1",)), ("SLP", ("slp-1",))):
        chosen = _by_reason(seed, discipline, starts_on, taken)  # type: ignore[arg-type]
        slots = _slots(therapists, week[discipline])
        for number, (person, reason) in zip(range(size.therapy[discipline]), chosen, strict=False):
            taken.add(person.source_id)
            key = f"{discipline.lower()}-{number + 1}"
            roll = dice(seed, "course", person.source_id)
            payer = _payer(roll, person, starts_on, discipline, number)
            course = Course(
                key=key,
                practice="harborside",
                person=person,
                title=reason,
                diagnoses=DIAGNOSES[reason],
                discipline=discipline,  # type: ignore[arg-type]
                slots=(next(slots),),
                coverage=_coverage(seed, person, payer, ()),
                authorization=_therapy_authorization(payer, discipline, key, size),
            )
            yield course
            if key == "pt-1":
                yield _shoulder(course, seed)


def _shoulder(knee: Course, seed: int) -> Course:
    """The same person's accident at work: another case, another payer, on the same days."""
    slot = knee.slots[0]
    return Course(
        key="pt-1-work",
        practice=knee.practice,
        person=knee.person,
        title="Shoulder injured at work",
        kind="workers_compensation",
        diagnoses=SHOULDER,
        discipline="PT",
        slots=(Slot(therapist=slot.therapist, weekdays=slot.weekdays, starts=(slot.hour + 1, 0)),),
        coverage=_coverage(seed, knee.person, "granite", ()),
        authorization=AuthorizationPlan(blocks=(BlockPlan(kind="visits", quantity=18),)),
    )


def _therapy_authorization(payer: str, discipline: str, key: str, size: Size) -> AuthorizationPlan | None:
    if payer != "harbor":
        return None
    if key == "pt-2":
        # the payer's letter comes late: the authorization is dated back over sessions that took place
        blocks = (BlockPlan(kind="visits", quantity=16),)
        return AuthorizationPlan(blocks=blocks, recorded_after_days=size.dated_back_days)
    if key == "pt-3":
        # too few visits: bookings are refused until the payer gives more
        blocks = (BlockPlan(kind="visits", quantity=size.short_visits),)
        return AuthorizationPlan(blocks=blocks, extended_after_days=size.extended_days)
    return AuthorizationPlan(blocks=(BlockPlan(kind="visits", quantity=20 if discipline == "PT" else 12),))


def _counseling(seed: int, size: Size, starts_on: date, taken: set[str]) -> Iterator[Course]:
    slots = _slots(("bh-1", "bh-2"), ((0,), (1,), (2,), (3,), (4,)))
    for number, (person, reason) in zip(range(size.counseling), _in_counseling(seed, taken), strict=False):
        taken.add(person.source_id)
        roll = dice(seed, "course", person.source_id)
        payer = _payer(roll, person, starts_on, "BH", number)
        guardians = _guardians(seed, person, starts_on, taken, (10_000,))
        yield Course(
            key=f"bh-{number + 1}",
            practice="quietwater",
            person=person,
            title=reason.removeprefix("Child ").capitalize() or "Anxiety",
            diagnoses=DIAGNOSES.get(reason, OTHERWISE_BH),
            discipline="BH",
            slots=(next(slots),),
            coverage=_coverage(seed, person, payer, guardians),
            guardians=guardians,
            coverage_ends=size.plan_ends if number == 0 else None,
        )


def _behaviour_analysis(seed: int, size: Size, starts_on: date, taken: set[str]) -> Iterator[Course]:
    children = _shuffled(seed, "ABA", (p for p in people().values() if 3 <= p.age_on(starts_on) <= 11))
    hours = iter((("rbt-1", 9), ("rbt-2", 9), ("rbt-2", 13), ("rbt-3", 9), ("rbt-3", 13)))
    payers = cycle(("baystate", "harbor", "commonwealth"))
    for number, (child, (technician, hour)) in enumerate(zip(children[: size.children], hours, strict=False)):
        taken.add(child.source_id)
        shares = (6_000, 4_000) if number == 0 else (10_000,)
        guardians = _guardians(seed, child, starts_on, taken, shares)
        starts = (9, 13) if number == 0 else (hour,)
        direct = [
            Slot(therapist=technician, weekdays=(0, 1, 2, 3), starts=(at, 0), role="direct") for at in starts
        ]
        lead = Slot(therapist="bcba-1", weekdays=(number % 5,), starts=(15, 45), role="lead")
        yield Course(
            key=f"aba-{number + 1}",
            practice="steppingstone",
            person=child,
            title="Autism spectrum disorder",
            diagnoses=AUTISM,
            discipline="ABA",
            slots=(*direct, lead),
            coverage=_coverage(seed, child, next(payers), guardians, is_misread=number == 1),
            guardians=guardians,
            authorization=AuthorizationPlan(blocks=_behaviour_blocks(len(direct), size)),
        )


def _behaviour_blocks(sessions_a_day: int, size: Size) -> tuple[BlockPlan, ...]:
    weekly = sessions_a_day * 4 * 10
    return (
        BlockPlan(kind="units", quantity=weekly * (size.weeks + 1), codes=("97153",), per_week=weekly + 8),
        BlockPlan(kind="units", quantity=4 * (size.weeks + 4), codes=("97155", "97156")),
        BlockPlan(kind="units", quantity=16, codes=("97151",)),
    )


def _by_reason(
    seed: int, discipline: Discipline, starts_on: date, taken: set[str]
) -> Iterator[tuple[Person, str]]:
    """Grown-ups whose care plan's reason this discipline treats; every fourth is of Medicare's age."""
    wanted = REASONS[discipline]
    reasons = {plan.source_id: plan.reason for plan in care_plans() if plan.reason in wanted}
    found = (people()[source_id] for source_id in sorted(reasons))
    fitting = (p for p in found if p.source_id not in taken and p.age_on(starts_on) >= GROWN_UP)
    order = _shuffled(seed, discipline, fitting)
    young = iter([p for p in order if p.age_on(starts_on) < MEDICARE_AGE])
    old = iter([p for p in order if p.age_on(starts_on) >= MEDICARE_AGE])
    for number in range(len(order)):
        person = next(old, None) if number % 4 == OLD_ONE_OF_FOUR else next(young, None)
        if person is not None:
            yield person, reasons[person.source_id]


def _in_counseling(seed: int, taken: set[str]) -> Iterator[tuple[Person, str]]:
    """Who was in cognitive behaviour therapy first, then who has a care plan for the mind."""
    reasons = {plan.source_id: plan.reason for plan in care_plans() if plan.reason in REASONS["BH"]}
    related = {plan.source_id for plan in care_plans() if plan.name.startswith(tuple(RELATED_BH))}
    therapy = sorted(in_psychotherapy())
    planned = _shuffled(seed, "BH", (people()[each] for each in sorted({*reasons, *related} - set(therapy))))
    for person in (*(people()[each] for each in therapy), *planned):
        if person.source_id not in taken:
            yield person, reasons.get(person.source_id, "")


def _payer(roll: Random, person: Person, starts_on: date, discipline: str, number: int) -> str:
    if person.age_on(starts_on) >= MEDICARE_AGE:
        return "medicare"
    if discipline in ("PT", "BH") and number < 3:
        return "harbor"  # whose stories need this payer's rules
    return roll.choices(("harbor", "baystate", "commonwealth"), (40, 40, 20))[0]


def _coverage(
    seed: int, person: Person, payer: str, guardians: tuple[Guardian, ...], *, is_misread: bool = False
) -> CoveragePlan:
    roll = dice(seed, "member", payer, person.source_id)
    number = _member_number(payer, roll)
    return CoveragePlan(
        payer=payer,
        member_number=number,
        misread_number=f"{number[:-2]}{number[-1]}{number[-2]}9" if is_misread else None,
        group_number=f"G{roll.randrange(10**5):05d}" if payer in ("harbor", "baystate") else None,
        subscriber=guardians[0].person if guardians else None,
        deductible_met_cents=roll.choice((0, 20_000, 40_000, 75_000)),
    )


def _member_number(payer: str, roll: Random) -> str:
    """Eleven characters; of Medicare in the form that its identifiers have."""
    if payer != "medicare":
        return f"{payer_plan(payer).electronic_id[:3]}{roll.randrange(10**8):08d}"
    letter, digit = "ACDEFGHJKMNPQRTUVWXY", "0123456789"
    form = ("123456789", letter, digit, digit, letter, digit, digit, letter, letter, digit, digit)
    return "".join(roll.choice(characters) for characters in form)


def _guardians(
    seed: int, child: Person, starts_on: date, taken: set[str], shares: tuple[int, ...]
) -> tuple[Guardian, ...]:
    """Grown-ups of the population, who bear the child's family name here; none for a grown-up."""
    if child.age_on(starts_on) >= GROWN_UP - 1:
        return ()
    fitting = [p for p in people().values() if p.source_id not in taken and 25 <= _gap(p, child) <= 38]
    parents = _shuffled(seed, f"guardian {child.source_id}", fitting)[: len(shares)]
    taken.update(parent.source_id for parent in parents)
    return tuple(Guardian.of(parent, child, share) for parent, share in zip(parents, shares, strict=True))


def _gap(parent: Person, child: Person) -> int:
    return child.birth_on.year - parent.birth_on.year


def _slots(therapists: Iterable[str], weekdays: Iterable[tuple[int, ...]]) -> Iterator[Slot]:
    """Hours of the therapists' weeks, each given once; every second hour stays free for a second case."""
    days, who = tuple(weekdays), tuple(therapists)
    for hour in (8, 10, 12, 14, 16):
        for each in days:
            for therapist in who:
                yield Slot(therapist=therapist, weekdays=each, starts=(hour, 0))


def _shuffled(seed: int, about: str, found: Iterable[Person]) -> list[Person]:
    key: Callable[[Person], str] = lambda person: person.source_id  # noqa: E731
    listed = sorted(found, key=key)
    dice(seed, "order", about).shuffle(listed)
    return listed
