"""The examples of therapy_rules.md §13, end to end: what was documented, and the lines each payer is sent."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from msgspec import Struct

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts, ElsewhereFacts, LineFacts, ServiceEvidence
from billing_rules.therapy.concurrency import ConcurrentSessions
from billing_rules.therapy.cotreatment import cotreatment
from billing_rules.therapy.modifiers.charge_lines import ServiceRecord, lines_to_charge
from billing_rules.therapy.modifiers.distinct_services import distinct_service_advice
from billing_rules.therapy.modifiers.order import in_order, modifier_order
from billing_rules.therapy.modifiers.thresholds import lines_above
from billing_rules.therapy.payer_rules import CONCURRENT_SESSIONS, Asked, ask
from billing_rules.therapy.remote_monitoring import device_code, management_units
from billing_rules.therapy.session_units import Documented, counting, session_units
from tests.billing_rules.claims import LINE, SHIPPED, claim
from tests.billing_rules.test_rule_book import row

ON = date(2026, 3, 2)
BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
Lines = list[tuple[str, str, int]]


class Service(Struct, frozen=True):
    """One service of a note, in the order given: nothing of a session runs at once."""

    code: str
    minutes: int
    discipline: str = "PT"
    assistant_minutes: int = 0
    credential: str | None = None
    telehealth: str = "none"


def sent(services: Sequence[Service], asked: Asked, book: RuleBook, choice: Sequence[str] | None) -> Lines:
    """Code, modifiers and units of each line, as units, assistants, payer and pairs decide them."""
    facts = drafted(services, asked, book, choice)
    advised = {one.line: one.modifier for one in distinct_service_advice(facts, book)}
    order = modifier_order(book, asked)
    told = []
    for at, line in enumerate(facts.lines):
        more = (advised[at],) if at in advised else ()
        told.append((line.code, " ".join(in_order((*line.modifiers, *more), order).kept), line.units))
    return sorted(told)


def drafted(
    services: Sequence[Service], asked: Asked, book: RuleBook, choice: Sequence[str] | None
) -> ClaimFacts:
    notes = [Documented(code=one.code, discipline=one.discipline, minutes=one.minutes) for one in services]
    choices: Mapping[str, Sequence[str]] = {services[0].discipline: choice} if choice else {}
    earned = session_units(notes, counting(book, asked), choices).units
    lines = [
        line
        for unit in earned
        if unit.units
        for line in charged(unit.code, unit.discipline, unit.units, unit.minutes, services, book, asked)
    ]
    unbilled = tuple(
        ElsewhereFacts(
            served_on=ON, code=unit.code, discipline=unit.discipline, minutes=unit.minutes, units=0
        )
        for unit in earned
        if not unit.units and unit.code in {one.code for one in services}
    )
    return claim(payer=asked.payer, lines=tuple(lines), elsewhere=unbilled)


def charged(
    code: str,
    discipline: str,
    units: int,
    minutes: int,
    services: Sequence[Service],
    book: RuleBook,
    asked: Asked,
) -> list[LineFacts]:
    at = next((at for at, one in enumerate(services) if (one.code, one.discipline) == (code, discipline)), 0)
    service = services[at]
    record = ServiceRecord(
        code=code,
        discipline=discipline,
        units=units,
        minutes=minutes,
        assistant_minutes=service.assistant_minutes,
        credential=service.credential,
        telehealth=service.telehealth,
    )
    starts_at = BEGINS + timedelta(minutes=sum(one.minutes for one in services[:at]))
    evidence = ServiceEvidence(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=service.minutes), clinician=discipline
    )
    return [
        msgspec.structs.replace(
            LINE,
            code=code,
            units=line.units,
            minutes=line.minutes,
            modifiers=line.modifiers,
            discipline=discipline,
            evidence=evidence,
        )
        for line in lines_to_charge(record, book, asked)
    ]


def pt(**minutes: int) -> list[Service]:
    """Services of a physical therapist by code, written c97110=20."""
    return [Service(code.removeprefix("c"), spent) for code, spent in minutes.items()]


EXAMPLES: list[tuple[str, list[Service], list[str] | None, Lines, Lines]] = [
    (
        "1 an evaluation's minutes stay out",
        pt(c97161=30, c97110=20, c97140=10),
        None,
        [("97110", "GP", 1), ("97140", "GP", 1), ("97161", "GP", 1)],
        [("97110", "GP", 1), ("97140", "GP", 1), ("97161", "GP", 1)],
    ),
    (
        "2 a remainder of 7 wins under CMS only",
        pt(c97110=33, c97140=7),
        None,
        [("97110", "GP", 2), ("97140", "GP", 1)],
        [("97110", "GP", 2)],
    ),
    (
        "3 the clinician picks two of three",
        pt(c97110=8, c97112=8, c97530=8),
        ["97110", "97530"],
        [("97110", "GP", 1), ("97530", "GP", 1)],
        [("97110", "GP", 1), ("97112", "GP", 1), ("97530", "GP", 1)],
    ),
    (
        "4 the second left-over goes to the next code",
        pt(c97530=44, c97110=9),
        None,
        [("97110", "GP", 1), ("97530", "GP", 3)],
        [("97110", "GP", 1), ("97530", "GP", 3)],
    ),
    (
        "5 eight minutes do not guarantee a unit",
        pt(c97110=24, c97140=8),
        None,
        [("97110", "GP", 2)],
        [("97110", "GP", 2), ("97140", "GP", 1)],
    ),
    (
        "6 untimed minutes are not pooled",
        pt(cG0283=15, c97012=10, c97110=15),
        None,
        [("97012", "GP", 1), ("97110", "GP", 1), ("G0283", "GP", 1)],
        [("97012", "GP", 1), ("97110", "GP", 1), ("G0283", "GP", 1)],
    ),
    (
        "7 group, then individual: 59 on column 2",
        pt(c97150=40, c97110=25),
        None,
        [("97110", "GP 59", 2), ("97150", "GP", 1)],
        [("97110", "GP 59", 2), ("97150", "GP", 1)],
    ),
    (
        "8 a re-evaluation is column 2 of self-care",
        [Service("97168", 20, "OT"), Service("97535", 23, "OT")],
        None,
        [("97168", "GO 59", 1), ("97535", "GO", 2)],
        [("97168", "GO 59", 1), ("97535", "GO", 2)],
    ),
    (
        "9 the assistant's units on a line of their own",
        [Service("97110", 36, assistant_minutes=23), Service("97140", 30)],
        None,
        [("97110", "GP", 1), ("97110", "GP CQ", 1), ("97140", "GP", 2)],
        [("97110", "GP", 2), ("97140", "GP", 2)],
    ),
    (
        "10 the two-unit exception",
        [Service("97530", 26, assistant_minutes=14)],
        None,
        [("97530", "GP", 1), ("97530", "GP CQ", 1)],
        [("97530", "GP", 2)],
    ),
    (
        "11 the midpoint exception",
        [Service("97110", 22, assistant_minutes=14)],
        None,
        [("97110", "GP", 1)],
        [("97110", "GP", 1)],
    ),
    (
        "15 speech therapy and cognition apart",
        [Service("92507", 45, "SLP"), Service("97129", 20, "SLP")],
        None,
        [("92507", "GN", 1), ("97129", "GN 59", 1)],
        [("92507", "GN", 1), ("97129", "GN 59", 1)],
    ),
    (
        "16 by video: the place says it, or 95",
        [Service("90834", 45, "BH", telehealth="audio_video")],
        None,
        [("90834", "", 1)],
        [("90834", "95", 1)],
    ),
    (
        "17 psychotherapy and complexity beside a visit",
        [Service("99213", 20, "BH"), Service("90833", 25, "BH"), Service("90785", 0, "BH")],
        None,
        [("90785", "", 1), ("90833", "", 1), ("99213", "", 1)],
        [("90785", "", 1), ("90833", "", 1), ("99213", "", 1)],
    ),
    (
        "18 a crisis of 95 minutes",
        [Service("90839", 95, "BH")],
        None,
        [("90839", "", 1), ("90840", "", 1)],
        [("90839", "", 1), ("90840", "", 1)],
    ),
    (
        "19 individual is column 2 of family",
        [Service("90837", 53, "BH"), Service("90847", 50, "BH")],
        None,
        [("90837", "59", 1), ("90847", "", 1)],
        [("90837", "59", 1), ("90847", "", 1)],
    ),
    (
        "21 interpretation and administration of tests",
        [Service("96130", 100, "BH"), Service("96136", 80, "BH")],
        None,
        [("96130", "", 1), ("96131", "", 1), ("96136", "", 1), ("96137", "", 2)],
        [("96130", "", 1), ("96131", "", 1), ("96136", "", 1), ("96137", "", 2)],
    ),
    (
        "22 caregiver training",
        [Service("97550", 40, "OT")],
        None,
        [("97550", "GO", 1), ("97551", "GO", 1)],
        [("97550", "GO", 1), ("97551", "GO", 1)],
    ),
]
"""Name, services, the clinician's choice, Medicare's lines and those of a payer that counts by the midpoint.

The second payer takes no assistant modifiers: *CQ if payer uses it*.
"""


@pytest.mark.req("CORE-08")
@pytest.mark.parametrize(
    ("services", "choice", "cms", "ama"), [one[1:] for one in EXAMPLES], ids=[one[0] for one in EXAMPLES]
)
def test_the_lines_of_a_worked_example(
    services: list[Service], choice: list[str] | None, cms: Lines, ama: Lines
) -> None:
    assert sent(services, Asked(payer="medicare", on=ON), SHIPPED, choice) == cms
    assert sent(services, Asked(payer="some commercial payer", on=ON), SHIPPED, None) == ama


@pytest.mark.parametrize(
    ("services", "choice"), [one[1:3] for one in EXAMPLES], ids=[one[0] for one in EXAMPLES]
)
def test_the_units_of_a_worked_example_are_those_of_its_minutes(
    services: list[Service], choice: list[str] | None
) -> None:
    facts = drafted(services, Asked(payer="medicare", on=ON), SHIPPED, choice)
    told = {what.rule for what in scrub(facts, SHIPPED)}
    assert told.isdisjoint({"units.differ", "units.minutes", "procedure.by_time", "add_on.primary_missing"})


def test_12_the_crossing_line_and_later_ones_are_above_the_threshold() -> None:
    crossing = lines_above(2_480_00, 2_430_00, [36_62, 44_60, 20_80])
    assert (crossing.kx, crossing.after_cents) == ((False, True, True), 2_532_02)


def test_13_each_discipline_counts_its_own_minutes() -> None:
    """The money of the example, 101.19 over both disciplines, is with the published vectors."""
    day = [Service("97110", 30), Service("97535", 30, "OT")]
    medicare = Asked(payer="medicare", on=ON)
    assert sent(day, medicare, SHIPPED, None) == [("97110", "GP", 2), ("97535", "GO", 2)]


def test_14_shared_minutes_make_two_units_in_all() -> None:
    both = cotreatment(SHIPPED, Asked(payer="medicare", on=ON), "97530", 30, ["PT", "OT"])
    assert (both.most_units, both.each_bills_all) == (2, False)


@pytest.mark.parametrize("code", ["90837", "90785"])
def test_18_nothing_else_stands_beside_a_crisis(code: str) -> None:
    """Indicator 0: no modifier opens the pair."""
    day = [Service("90839", 95, "BH"), Service(code, 60, "BH")]
    facts = drafted(day, Asked(payer="medicare", on=ON), SHIPPED, None)
    assert distinct_service_advice(facts, SHIPPED) == []
    assert "pair.never_together" in {what.rule for what in scrub(facts, SHIPPED)}


def test_20_a_technician_and_the_analyst_who_joins() -> None:
    """Both in full where the payer takes both; the analyst's 32 minutes off the technician's where not."""
    table = {
        "rows": [
            {"credential": "RBT", "codes": [], "modifier": "HM"},
            {"credential": "BCBA", "codes": [], "modifier": "HO"},
        ]
    }
    book = SHIPPED.with_rows([row(table, rule="credential_modifiers", level="practice")])
    asked = Asked(payer="medicaid", on=ON)
    for technician, units in ((130, 9), (130 - 32, 7)):
        day = [Service("97153", technician, "ABA", 0, "RBT"), Service("97155", 32, "ABA", 0, "BCBA")]
        assert sent(day, asked, book, None) == [("97153", "HM", units), ("97155", "HO", 2)]
    tricare = ask(SHIPPED, CONCURRENT_SESSIONS, Asked(payer="tricare", on=ON)).read(ConcurrentSessions)
    barred = tricare.for_patient("97155", "97153")
    assert barred is not None
    assert (barred.effect, barred.subtract_from) == ("subtract_overlap", "97153")


def test_23_monitoring_of_twelve_days_is_billable_from_2026_on() -> None:
    assert device_code(ON, "musculoskeletal", 12) == "98985"
    assert management_units(ON, 18, had_contact=True) == {"98979": 1}
    before = date(2025, 12, 31)
    assert device_code(before, "musculoskeletal", 12) is None
    assert management_units(before, 18, had_contact=True) == {}
    record = ServiceRecord(code="98979", discipline="PT", units=1, minutes=18)
    (line,) = lines_to_charge(record, SHIPPED, Asked(payer="medicare", on=ON))
    assert line.modifiers == ("GP",)
