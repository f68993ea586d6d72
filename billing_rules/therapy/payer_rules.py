"""What this product asks the rule book: the names of the rules and the shape of each answer."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from billing_rules.rule_book import Answers, NoRuleInForce, Resolved, RuleBook, RuleRow, RuleValueRefused
from billing_rules.therapy.concurrency import ConcurrentSessions
from billing_rules.therapy.deadlines import DEADLINE_SHAPES, Within
from billing_rules.therapy.documentation.policies import DOCUMENTATION_SHAPES
from billing_rules.therapy.modifiers.shapes import MODIFIER_SHAPES, ModifierBy
from billing_rules.therapy.payment_rules import SHAPES as PAYMENT_SHAPES
from billing_rules.therapy.scrub_rules import SCRUB_SHAPES
from billing_rules.therapy.staffing_rules import STAFFING_SHAPES
from billing_rules.therapy.timed_units import Rounding, UnitMethod

UNIT_METHOD = "unit_method"
TOTAL_TIME_PER_DISCIPLINE = "total_time_per_discipline"
DISCIPLINE_MODIFIERS = "discipline_modifiers"
CLAIM_ASSEMBLY = "claim_assembly"
FILING_LIMIT_DAYS = "filing_limit_days"
NO_SHOW_RELEASES = "no_show_releases"
AUTHORIZATION_REQUIRED = "authorization_required"
PLAN_OF_CARE = "plan_of_care"
CRISIS_ADDON_FIRST_MINUTE = "crisis_addon_first_minute"
CONCURRENT_SESSIONS = "concurrent_sessions"
AUTHORIZATION_LEAD_DAYS = "authorization_lead_days"
STATE_ROUNDING = "state_rounding"
TELEHEALTH_PLACES = "telehealth_places"
DISTANT_SITE_DISCIPLINES = "distant_site_disciplines"
COTREATMENT_TIME = "cotreatment_time"

Days: TypeAlias = Annotated[int, Meta(ge=0, le=3660)]
"""A span that a payer may ask for: no more than ten years, so that every date it leads to exists."""

_Span: TypeAlias = int | Within

CotreatmentTime: TypeAlias = Literal["once", "each"]
"""Whether minutes that two disciplines share are billed once by all together, or by each in full."""


class Asked(Struct, frozen=True, kw_only=True, dict=True):
    """For whom and when: the payer's rule key, perhaps plan and state, and the date of service.

    It remembers what a book has answered, for one claim asks a hundred times.
    """

    payer: str | None
    plan: str | None = None
    state: str | None = None
    on: date


class ClaimAssembly(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a payer wants visits made into claims (rule claim_assembly)."""

    per_day: bool
    split_by_discipline: bool
    split_by_rendering: bool
    merge_same_code_same_day: bool
    max_lines: Annotated[int, Meta(ge=1, le=999)]
    max_diagnoses: Annotated[int, Meta(ge=1, le=999)]


class AuthorizationRequired(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a payer wants authorization (rule authorization_required), and for which codes never."""

    answer: Literal["required", "not_required", "unknown"]
    exempt_codes: tuple[str, ...]


class OrderException(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands for the signature of an initial certification: an order, and the plan sent in time."""

    signed_order: bool
    sent_within_days: Days


class PlanOfCareRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which disciplines need a plan of care, and days from its start until certified; null asks for none.

    `order_exception` is null where only a signature certifies.
    """

    disciplines: tuple[str, ...]
    certification_due_days: Days | None
    order_exception: OrderException | None = None


class DistantSite(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The disciplines whose telehealth a payer takes (rule distant_site_disciplines)."""

    disciplines: tuple[str, ...]


class TelehealthPlaces(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The place of service of a telehealth visit: with the patient at home, and anywhere else."""

    home: str
    elsewhere: str


SHAPES: dict[str, Any] = {
    UNIT_METHOD: UnitMethod,
    TOTAL_TIME_PER_DISCIPLINE: bool,
    DISCIPLINE_MODIFIERS: ModifierBy,
    CLAIM_ASSEMBLY: ClaimAssembly,
    FILING_LIMIT_DAYS: Days | Within,
    NO_SHOW_RELEASES: bool,
    AUTHORIZATION_REQUIRED: AuthorizationRequired,
    PLAN_OF_CARE: PlanOfCareRule,
    CRISIS_ADDON_FIRST_MINUTE: Annotated[int, Meta(ge=1, le=600)],
    CONCURRENT_SESSIONS: ConcurrentSessions,
    AUTHORIZATION_LEAD_DAYS: Days,
    STATE_ROUNDING: Rounding,
    TELEHEALTH_PLACES: TelehealthPlaces,
    DISTANT_SITE_DISCIPLINES: DistantSite,
    COTREATMENT_TIME: CotreatmentTime,
    **DEADLINE_SHAPES,
    **DOCUMENTATION_SHAPES,
    **STAFFING_SHAPES,
    **PAYMENT_SHAPES,
    **MODIFIER_SHAPES,
    **SCRUB_SHAPES,
}
"""The type of each rule's value."""


def accept_row(row: RuleRow) -> RuleRow:
    """The row as given, before it is stored; raises RuleValueRefused for an unknown rule or value."""
    if row.rule not in SHAPES:
        raise RuleValueRefused(f"{row}: there is no such rule.")
    Resolved(row=row, value=row.value, considered=(row,)).read(SHAPES[row.rule])
    return row


def ask(book: RuleBook, rule: str, asked: Asked) -> Resolved:
    """The winning row for whoever asks, for when the answer must be explained; raises NoRuleInForce."""
    # Not by answers_to: this is called more often than anything else, and a call costs as much as the look.
    known: dict[Any, Answers] = asked.__dict__
    answers = known.get(book)
    if answers is None:
        answers = answers_to(book, asked)
    return answers.get(rule) or book.answer(rule, asked.payer, asked.plan, asked.state, asked.on)


def ask_if_ruled(book: RuleBook, rule: str, asked: Asked) -> Resolved | None:
    """The winning row, or none where nobody has said anything of this payer on this date."""
    answers = answers_to(book, asked)
    if rule in answers:
        return answers[rule]
    try:
        return book.answer(rule, asked.payer, asked.plan, asked.state, asked.on)
    except NoRuleInForce:
        return None


def answers_to(book: RuleBook, asked: Asked) -> Answers:
    """What the book has answered so far to whoever asks so; the same for all days of no change."""
    known: dict[Any, Answers] = asked.__dict__
    answers = known.get(book)
    if answers is None:
        answers = known[book] = book.answers(asked.payer, asked.plan, asked.state, asked.on)
    return answers


def unit_method(book: RuleBook, asked: Asked) -> UnitMethod:
    """How the payer turns minutes into units on the date of service; raises NoRuleInForce."""
    method: UnitMethod = ask(book, UNIT_METHOD, asked).read(UnitMethod)  # type: ignore[arg-type]
    return method


def state_rounding(book: RuleBook, asked: Asked) -> Rounding:
    """How the state rounds minutes where the payer's method is its own rounding; raises NoRuleInForce."""
    return ask(book, STATE_ROUNDING, asked).read(Rounding)


def total_time_per_discipline(book: RuleBook, asked: Asked) -> bool:
    """Whether the CMS total is counted for each discipline apart; raises NoRuleInForce."""
    return ask(book, TOTAL_TIME_PER_DISCIPLINE, asked).read(bool)


def discipline_modifiers(book: RuleBook, asked: Asked) -> dict[str, str]:
    """The modifier of each discipline (GP, GO, GN); empty when the payer wants none."""
    return ask(book, DISCIPLINE_MODIFIERS, asked).read(ModifierBy)


def claim_assembly(book: RuleBook, asked: Asked) -> ClaimAssembly:
    """How the payer wants visits made into claims; raises NoRuleInForce."""
    return ask(book, CLAIM_ASSEMBLY, asked).read(ClaimAssembly)


def filing_deadline(book: RuleBook, asked: Asked) -> date:
    """The last day for the payer to have a claim of the date of service asked for; raises NoRuleInForce.

    The rule says days, or a span such as a calendar year, of which the leap day's ends on 28 February.
    """
    return last_filing_day(ask(book, FILING_LIMIT_DAYS, asked), asked.on)


def last_filing_day(resolved: Resolved, served_on: date) -> date:
    """The last day that an answered filing limit gives a date of service; raises RuleValueRefused."""
    span: _Span = resolved.read(_Span)  # type: ignore[arg-type]
    return span.after(served_on) if isinstance(span, Within) else served_on + timedelta(days=span)


def no_show_releases(book: RuleBook, asked: Asked) -> bool:
    """Whether a no-show gives its reservation back; raises NoRuleInForce."""
    return ask(book, NO_SHOW_RELEASES, asked).read(bool)


def authorization_required(book: RuleBook, asked: Asked) -> AuthorizationRequired:
    """Whether the payer wants authorization; raises NoRuleInForce."""
    return ask(book, AUTHORIZATION_REQUIRED, asked).read(AuthorizationRequired)


def crisis_addon_first_minute(book: RuleBook, asked: Asked) -> int:
    """The minute at which crisis psychotherapy's add-on begins; raises NoRuleInForce."""
    return ask(book, CRISIS_ADDON_FIRST_MINUTE, asked).read(int)


def concurrent_sessions(book: RuleBook, asked: Asked) -> ConcurrentSessions:
    """Which sessions of one clinician may share their minutes; raises NoRuleInForce."""
    return ask(book, CONCURRENT_SESSIONS, asked).read(ConcurrentSessions)


def authorization_lead_days(book: RuleBook, asked: Asked) -> int:
    """Days before the run-out by which more must be asked for; raises NoRuleInForce."""
    return ask(book, AUTHORIZATION_LEAD_DAYS, asked).read(int)
