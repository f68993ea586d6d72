"""What the simulated payers know: their prices, terms, members and permissions, from the same plan."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from api.commands.demonstration.company_plan import (
    BEHAVIOUR_ANALYSIS,
    PAYERS,
    REHABILITATION,
    PayerPlan,
)
from api.commands.demonstration.courses import AuthorizationPlan, Course, CoveragePlan, covered_until
from api.commands.demonstration.population import fees
from integrations.payer_simulator import (
    AuthorizedBlock,
    Fee,
    Member,
    Mishap,
    Outcome,
    Payer,
    PayerBook,
    Terms,
)

YEAR_BEFORE = timedelta(days=365)
HALF_A_YEAR = timedelta(days=182)
# The payer wants a number for 97530; nobody has asked it yet, so these are denied and then fixed by asking.
SURPRISING = "97530"
TERMS: dict[str, dict[str, object]] = {
    "medicare": {"coinsurance_percent": 20, "deductible_cents": 28_300, "filing_days": 365},
    "harbor": {"copay_cents": 3_000, "authorization_codes": (*REHABILITATION, *BEHAVIOUR_ANALYSIS)},
    "baystate": {
        "coinsurance_percent": 20,
        "deductible_cents": 75_000,
        "authorization_codes": BEHAVIOUR_ANALYSIS,
    },
    "commonwealth": {"authorization_codes": (SURPRISING, *BEHAVIOUR_ANALYSIS)},
    "granite": {"authorization_codes": ("*",)},
}
MISHAPS: dict[str, tuple[Mishap, ...]] = {
    "medicare": (Mishap(outcome=Outcome.REJECTED_MISSING, one_in=25),),
    "harbor": (
        Mishap(outcome=Outcome.REJECTED_INVALID, one_in=40),
        Mishap(outcome=Outcome.DENIED_NECESSITY, one_in=60),
        Mishap(outcome=Outcome.REVERSED, one_in=70),
    ),
    "baystate": (
        Mishap(outcome=Outcome.DENIED_INFORMATION, one_in=50),
        Mishap(outcome=Outcome.UNDERPAID, one_in=60),
        Mishap(outcome=Outcome.CLAIM_UNBALANCED, one_in=120),
        Mishap(outcome=Outcome.REPEATED, one_in=120),
    ),
    "commonwealth": (Mishap(outcome=Outcome.TAKEN_BACK, one_in=80),),
    "granite": (),
}


def payer_book(courses: Sequence[Course], starts_on: date) -> PayerBook:
    """The book of every payer for these courses."""
    return PayerBook(payers=tuple(_payer(plan, courses, starts_on) for plan in PAYERS))


def _payer(plan: PayerPlan, courses: Sequence[Course], starts_on: date) -> Payer:
    since = starts_on - YEAR_BEFORE
    return Payer(
        id=plan.electronic_id,
        name=plan.name.upper(),
        fees=tuple(
            Fee(code=fee.code, allowed_cents=fee.allowed_cents[plan.key], from_on=since) for fee in fees()
        ),
        terms=(Terms(from_on=since, **TERMS[plan.key]),),  # type: ignore[arg-type]
        members=tuple(_members(plan.key, courses, starts_on)),
        authorizations=tuple(_blocks(plan.key, courses, starts_on)),
        mishaps=MISHAPS[plan.key],
        workers_compensation=plan.kind == "workers_compensation",
        filing_indicator=plan.filing_indicator,
    )


def _members(payer: str, courses: Sequence[Course], starts_on: date) -> Iterator[Member]:
    for course in courses:
        ends_on = covered_until(course, starts_on)
        if course.coverage.payer == payer:
            yield _member(course.coverage, covered_from(starts_on), ends_on)
        following = course.next_coverage
        if following is not None and ends_on is not None and following.payer == payer:
            yield _member(following, ends_on + timedelta(days=1), None)


def _member(coverage: CoveragePlan, from_on: date, to_on: date | None) -> Member:
    return Member(
        member_id=coverage.member_number,
        from_on=from_on,
        to_on=to_on,
        deductible_met_cents=coverage.deductible_met_cents,
    )


def _blocks(payer: str, courses: Sequence[Course], starts_on: date) -> Iterator[AuthorizedBlock]:
    for course in courses:
        if course.coverage.payer == payer:
            for number, plan, is_extension in course.numbers():
                from_on = extension_starts(plan, starts_on) if is_extension else starts_on
                yield from _blocks_of(course, number, plan, from_on, starts_on)


def _blocks_of(
    course: Course, number: str, plan: AuthorizationPlan, from_on: date, starts_on: date
) -> Iterator[AuthorizedBlock]:
    for block in plan.blocks:
        yield AuthorizedBlock(
            number=number,
            member_id=course.coverage.member_number,
            granted=block.quantity,
            counted_in="visit" if block.kind == "visits" else "unit",
            from_on=from_on,
            to_on=authorization_ends(starts_on),
            codes=block.codes or (),
        )


def covered_from(starts_on: date) -> date:
    """The first day of every coverage: plans run by calendar years."""
    return date(starts_on.year, 1, 1)


def extension_starts(plan: AuthorizationPlan, starts_on: date) -> date:
    """The first day of what a payer gave in addition: the day on which it was recorded."""
    return starts_on + timedelta(days=plan.extended_after_days or 0)


def authorization_ends(starts_on: date) -> date:
    """The last day of every authorization of the demonstration."""
    return starts_on + HALF_A_YEAR
