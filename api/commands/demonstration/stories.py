"""What the weeks tell beside the ordinary: letters that come late, a plan that ended, a card misread."""

from datetime import date, timedelta

from api.commands.demonstration.courses import Course, covered_until
from api.commands.demonstration.registering import cover_anew, extend, permit
from api.commands.demonstration.stage import PracticeIds, Stage
from domain.patients.corrections import MemberCorrection, correct_member
from domain.patients.coverages import CoverageChange, coverages_of_case
from domain.visits.rested import retire_coverage

MISREAD_FOUND_DAYS = 8


def letter_comes(stage: Stage, key: str) -> bool:
    """Whether a payer's letter about an authorization reaches the practice today."""
    day = (stage.today - stage.play.starts_on).days
    letters = (one.authorization for one in stage.play.courses if one.practice == key and one.authorization)
    return day > 0 and any(day in (one.recorded_after_days, one.extended_after_days) for one in letters)


async def tell(stage: Stage) -> None:
    """Everything of the kind that happens today; told twice, it has happened once."""
    day = (stage.today - stage.play.starts_on).days
    for course in stage.play.courses:
        ids = stage.practices[course.practice]
        await _letters(stage, ids, course, day)
        if course.coverage_ends is not None and day == course.coverage_ends[1]:
            await _end_plan(stage, ids, course)
        if course.coverage.misread_number is not None and day == MISREAD_FOUND_DAYS:
            await _correct_number(stage, ids, course)


async def _letters(stage: Stage, ids: PracticeIds, course: Course, day: int) -> None:
    """An authorization dated back over what took place, or one that gives more."""
    permitted = course.authorization
    if permitted is None or day == 0:
        return
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        if day == permitted.recorded_after_days:
            number = next(number for number, _, is_extension in course.numbers() if not is_extension)
            await permit(session, stage, ids, course, number, permitted, stage.play.starts_on)
        if day == permitted.extended_after_days:
            await extend(session, stage, ids, course)


async def _end_plan(stage: Stage, ids: PracticeIds, course: Course) -> None:
    """We hear that the plan ended weeks ago; the next plan has covered since."""
    ends_on = covered_until(course, stage.play.starts_on)
    assert ends_on is not None, "only a plan that ends gets here"
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        held = await coverages_of_case(session, ids.id, ids.cases[course.key])
        if len(held) > 1:
            return
        change = CoverageChange(ends_on=ends_on, reason="the employer ended the plan backwards")
        now = stage.services.now()
        await retire_coverage(session, ids.id, ids.coverages[course.key], change, by=stage.actor.id, now=now)
        await cover_anew(session, stage, ids, course, _after(ends_on))


async def _correct_number(stage: Stage, ids: PracticeIds, course: Course) -> None:
    given = MemberCorrection(member_number=course.coverage.member_number)
    async with stage.services.database.practice_transaction(stage.actor, ids.id) as session:
        await correct_member(session, ids.id, ids.coverages[course.key], given)


def _after(on: date) -> date:
    return on + timedelta(days=1)
