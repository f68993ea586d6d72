"""Do billed units and codes follow from the documented minutes by the payer's method?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from billing_rules.findings import Finding, finding
from billing_rules.packs import Shelf
from billing_rules.rule_book import Answers, RuleBook
from billing_rules.therapy.bundling.day import days
from billing_rules.therapy.claim_facts import ClaimFacts, ElsewhereFacts, LineFacts
from billing_rules.therapy.code_table import ProcedureCode, find_code
from billing_rules.therapy.payer_rules import answers_to
from billing_rules.therapy.psychotherapy import BY_TIME, FAMILY_CODES, code_by_time, family_reportable
from billing_rules.therapy.session_units import (
    EVERY_DISCIPLINE,
    Counting,
    Documented,
    EarnedUnits,
    SessionUnits,
    counting,
    session_units,
)
from billing_rules.therapy.timed_units import SOURCES, fits

ASK_THE_CLINICIAN = "Ask the clinician; the units of a signed note are never changed silently."
_Billed = Mapping[tuple[str, str], int]
_Note = LineFacts | ElsewhereFacts


def check_minutes(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Timed codes have documented minutes; an add-on's may stand on the line of its base."""
    for at, line in enumerate(facts.lines):
        row = find_code(line.code)
        if row and row.is_timed and not _has_minutes(line, row, facts):
            yield finding(
                "units.minutes",
                "blocks",
                f"/lines/{at}/minutes",
                f"The minutes of {line.code} are missing or negative.",
                fix="Take the minutes over from the signed note.",
                source="CMS Pub 100-02 ch. 15 §220.3.E",
                code=line.code,
            )


def check_units(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Billed units equal those computed, day by day; in a tie every choice open to the clinician is right."""
    answers: Answers | None = None
    for day in days(facts):
        if _is_countable(facts, day.on, book.shelf):
            asked = facts.asked(day.on)
            if answers is not answers_to(book, asked):
                answers, by = answers_to(book, asked), counting(book, asked)
            notes = _notes(facts, day.on)
            # Only timed codes are judged, and most days of some disciplines have none.
            if any(row.is_timed for note in notes if (row := find_code(note.code))):
                yield from _differences(facts, day.on, notes, by)


def check_codes_by_time(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """Psychotherapy codes are chosen by minutes; family psychotherapy needs half its time."""
    for at, line in enumerate(facts.lines):
        if line.minutes is None or line.minutes < 0:
            continue
        earned = code_by_time(line.code, line.minutes) if line.code in BY_TIME else line.code
        if line.code in FAMILY_CODES and not family_reportable(line.minutes):
            earned = None
        if earned != line.code:
            yield finding(
                "procedure.by_time",
                "blocks",
                f"/lines/{at}/code",
                f"{line.minutes} minutes are {earned or 'too few to report'}, not {line.code}.",
                fix=ASK_THE_CLINICIAN,
                source="AMA CPT psychotherapy time ranges",
                code=line.code,
                earned=earned or "none",
            )


def _has_minutes(line: LineFacts, row: ProcedureCode, facts: ClaimFacts) -> bool:
    if line.minutes is not None:
        return line.minutes >= 0
    return any(
        base.served_on == line.served_on and base.code in row.primary and base.minutes is not None
        for base in facts.lines
        if row.basis in ("addon", "crisis")
    )


def _is_countable(facts: ClaimFacts, on: date, shelf: Shelf) -> bool:
    """Whether the day is complete enough to count; what is missing has findings of its own.

    Codes are those that the book knows, whatever was loaded since: a claim judged again is judged as then.
    """
    for line in facts.lines:
        if line.served_on is None:
            return False
        if line.served_on != on:
            continue
        row = find_code(line.code, shelf)
        if row is None or not line.discipline or line.units < 1:
            return False
        if row.is_timed and not _has_minutes(line, row, facts):
            return False
    return all(find_code(other.code, shelf) for other in facts.elsewhere)


def _notes(facts: ClaimFacts, on: date) -> list[_Note]:
    notes: list[_Note] = [line for line in facts.lines if line.served_on == on]
    return notes + [other for other in facts.elsewhere if other.served_on == on]


def _differences(facts: ClaimFacts, on: date, notes: list[_Note], by: Counting) -> Iterator[Finding]:
    computed = session_units(_one_stretch([_documented(note) for note in notes]), by)
    billed: dict[tuple[str, str], int] = defaultdict(int)
    for note in notes:
        billed[note.discipline or "", note.code] += note.units
    settled = _pools_that_fit(computed, billed, by)
    for earned in computed.units:
        key = (earned.discipline, earned.code)
        if _is_judged(earned) and key not in settled and billed.get(key, 0) != earned.units:
            yield from _difference(facts, on, earned, billed.get(key, 0), by)


def _documented(note: _Note) -> Documented:
    """The note's minutes; an add-on's without minutes are on its base's line, which was checked."""
    return Documented(code=note.code, discipline=note.discipline or "", minutes=max(0, note.minutes or 0))


def _one_stretch(documented: Sequence[Documented]) -> list[Documented]:
    """Charges state the whole stretch on the base and on its add-on: where both do, it counts once."""
    spent: dict[tuple[str, str], int] = defaultdict(int)
    for note in documented:
        spent[note.discipline, note.code] += note.minutes or 0
    return [replace(note, minutes=0) if _repeats_its_base(note, spent) else note for note in documented]


def _repeats_its_base(note: Documented, spent: Mapping[tuple[str, str], int]) -> bool:
    row = find_code(note.code)
    if row is None or row.basis not in ("addon", "crisis"):
        return False
    mine = spent[note.discipline, note.code]
    return any(spent.get((note.discipline, base)) == mine for base in row.primary)


def _is_judged(earned: EarnedUnits) -> bool:
    row = find_code(earned.code)
    return row is not None and row.is_timed and row.period == "day"


def _pools_that_fit(computed: SessionUnits, billed: _Billed, by: Counting) -> set[tuple[str, str]]:
    """Codes of pools that were billed as the method or, in a tie, a clinician could."""
    settled: set[tuple[str, str]] = set()
    for pool, answer in computed.pools.items():
        keys = {
            name: (pool, name) if pool != EVERY_DISCIPLINE else (name.split("/")[0], name.split("/")[1])
            for name in answer.units
        }
        if fits(answer, {name: billed.get(key, 0) for name, key in keys.items()}):
            settled.update(keys.values())
    return settled


def _difference(
    facts: ClaimFacts, on: date, earned: EarnedUnits, billed: int, by: Counting
) -> Iterator[Finding]:
    at = _line_of(facts, on, earned)
    if at is None:
        return
    yield finding(
        "units.differ",
        "blocks" if billed > earned.units else "warns",
        f"/lines/{at}/units",
        f"{earned.code} is billed with {billed} units; its minutes make {earned.units}.",
        fix=ASK_THE_CLINICIAN,
        source=SOURCES[by.method],
        code=earned.code,
        billed=billed,
        computed=earned.units,
        minutes=earned.minutes,
        method=by.method,
        explanation=earned.explanation,
    )


def _line_of(facts: ClaimFacts, on: date, earned: EarnedUnits) -> int | None:
    """The line to show the difference on: the code's own, or its base's when the add-on is not billed."""
    row = find_code(earned.code)
    codes = (earned.code, *(row.primary if row else ()))
    places = {
        line.code: at
        for at, line in reversed(list(enumerate(facts.lines)))
        if line.served_on == on and line.discipline == earned.discipline
    }
    return next((places[code] for code in codes if code in places), None)
