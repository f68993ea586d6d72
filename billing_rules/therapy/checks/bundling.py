"""Are services of a day paid beside each other: pairs, most units, add-ons, on this claim and the others?"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from billing_rules.findings import Finding, Severity, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.bundling import add_ons, most_units, pairs
from billing_rules.therapy.bundling.day import Placed, days, services_of_day
from billing_rules.therapy.bundling.most_units import MostUnits
from billing_rules.therapy.bundling.pairs import DISTINCT
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.modifiers.distinct_services import (
    NO_EDITS,
    PairOfDay,
    active_pairs,
    edit_set,
    preferred,
)


def check_pairs(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """An active pair is paid only with indicator 1, a modifier on column 2, and a record that shows why."""
    told: set[tuple[str, str]] = set()
    for pair in active_pairs(facts, book):
        for what in _of_pair(facts, book, pair):
            if (what.rule, what.subject + what.message) not in told:
                told.add((what.rule, what.subject + what.message))
                yield what


def check_distinct_unneeded(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """59 or an X without an active pair; says nothing until the edits of that very quarter are loaded."""
    needed = {at for pair in active_pairs(facts, book) for at in (pair.column1.at, pair.column2.at)}
    for at, line in enumerate(facts.lines):
        marks = [m for m in line.modifiers if m in DISTINCT]
        if not marks or at in needed or line.served_on is None:
            continue
        by, followed = edit_set(facts, book, line.served_on)
        if followed != NO_EDITS and pairs.covers_quarter(book.shelf, followed, line.served_on):
            yield finding(
                "modifier.distinct_unneeded",
                "warns",
                f"/lines/{at}/modifiers",
                f"{marks[0]} on {line.code} answers no active pair of the day.",
                fix="Take it off, unless the payer has an edit of its own.",
                source="CMS NCCI policy manual ch. 1",
                by=by,
                code=line.code,
                modifier=marks[0],
            )


def check_edits_known(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Where the payer follows edits and none are in force on the day, nothing can be told."""
    for day in days(facts):
        on = day.on
        by, followed = edit_set(facts, book, on)
        if followed == NO_EDITS or not day.pairs or book.shelf.in_force(pairs.TABLE, on=on, scope=followed):
            continue
        yield finding(
            "bundling.cannot_tell",
            "informs",
            "/lines",
            f"No table of {followed.replace('_', ' ')} edits is held for {on}: whether codes are paid beside "
            "each other cannot be told.",
            fix="Load the edits of that quarter.",
            source=by.row.source,
            by=by,
            edit_set=followed,
        )


def check_most_units(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """No more units of a code than the payer takes on a line or a day, summed over the day's claims."""
    for day in days(facts):
        by, followed = edit_set(facts, book, day.on)
        if followed == NO_EDITS:
            continue
        for code in sorted({one.code for one in day.services if one.at is not None}):
            edit = most_units.most_units(book.shelf, followed, code, day.on)
            if edit.units is not None:
                same = [one for one in day.services if one.code == code]
                yield from _of_units(code, edit, edit.units, same, by)


def check_add_ons(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """An add-on code stands beside one of its primaries, on this claim or another of the day."""
    for at, line in enumerate(facts.lines):
        if line.served_on is None or not line.code:
            continue
        needed = add_ons.primaries(book.shelf, line.code, line.served_on)
        if needed.basis == "no_add_on" or add_ons.is_supported(needed, _beside(facts, at, line.served_on)):
            continue
        listed = ", ".join(needed.codes[:8])
        yield finding(
            "add_on.primary_missing",
            "blocks" if needed.basis == "listed" else "warns",
            f"/lines/{at}/code",
            f"{line.code} is an add-on and none of its primaries is billed beside it: {listed}.",
            fix="Bill the primary that was furnished, or take the add-on off.",
            source=needed.source,
            code=line.code,
            primaries=listed,
        )


def _of_pair(facts: ClaimFacts, book: RuleBook, pair: PairOfDay) -> Iterator[Finding]:
    if pair.edit.indicator == "0":
        yield _never(pair)
    elif pair.marked is None:
        yield _unmarked(facts, book, pair)
    else:
        yield from _marked(pair)


def _never(pair: PairOfDay) -> Finding:
    return _pair_finding(
        pair,
        "pair.never_together",
        f"{pair.column2.code} is never paid beside {pair.column1.code} on one day; no modifier helps.",
        "Bill only what the payer pays; a modifier changes nothing.",
    )


def _unmarked(facts: ClaimFacts, book: RuleBook, pair: PairOfDay) -> Finding:
    shown = pair.shown
    if shown.overlap:
        fix = "Their times overlap: bill the one that was furnished, or have the note corrected."
    elif shown.kind:
        modifier = preferred(facts, book, pair)
        fix = f"The record shows that it was distinct: {modifier} on {pair.column2.code} may be right."
    else:
        fix = "Ask the clinician whether it was distinct; without times nothing shows it."
    return _pair_finding(
        pair,
        "pair.distinct_needed",
        f"{pair.column2.code} is paid beside {pair.column1.code} only when it was distinct.",
        fix,
    )


def _marked(pair: PairOfDay) -> Iterator[Finding]:
    known = pair.column1.known and pair.column2.known
    if pair.shown.overlap or (known and pair.shown.kind is None):
        how = "their times overlap" if pair.shown.overlap else "the record does not show it"
        yield _pair_finding(
            pair,
            "modifier.distinct_unproven",
            f"{pair.marked} says that {pair.column2.code} was distinct from {pair.column1.code}; {how}.",
            "Ask the clinician for the times; without them take the modifier off.",
        )
    if not set(pair.column2.modifiers) & set(DISTINCT):
        yield _pair_finding(
            pair,
            "modifier.distinct_on_column_1",
            f"{pair.marked} stands on {pair.column1.code}; it belongs on {pair.column2.code}, column 2.",
            f"Move it to {pair.column2.code}.",
            least="warns",
        )


def _pair_finding(
    pair: PairOfDay, rule: str, message: str, fix: str, *, least: Severity | None = None
) -> Finding:
    here = pair.column2 if pair.column2.at is not None else pair.column1
    unsure = pair.by.is_assumption or pair.column2.at is None
    return finding(
        rule,
        least or ("warns" if unsure else "blocks"),
        f"/lines/{here.at}/{'code' if rule.startswith('pair') else 'modifiers'}",
        message,
        fix=fix,
        source=f"CMS NCCI, {pair.edit.pack}",
        by=pair.by,
        column1=pair.column1.code,
        column2=pair.column2.code,
        indicator=pair.edit.indicator,
        rationale=pair.edit.rationale,
        distinct=pair.shown.kind or "not shown",
        **_shown(pair),
    )


def _shown(pair: PairOfDay) -> dict[str, Any]:
    """The record's evidence, and on which other claim of the day one of the two stands."""
    elsewhere = pair.column2.claim or pair.column1.claim
    return {**pair.shown.evidence, **({"other_claim": elsewhere} if elsewhere else {})}


def _of_units(
    code: str, edit: MostUnits, most: int, same: Sequence[Placed], by: Resolved
) -> Iterator[Finding]:
    mine = [one for one in same if one.at is not None]
    if edit.span == "line":
        for one in mine:
            if one.units > most:
                fix = "Put further units on a line of their own with the modifier that the record supports."
                yield _units_finding("units.most_on_line", "blocks", code, edit, one, one.units, by, fix)
        return
    total = sum(one.units for one in same)
    if total <= most:
        return
    if edit.span == "day_by_policy" or most == 0:
        fix = "The payer never pays more on a day; the patient may not be billed for the rest."
        yield _units_finding("units.most_on_day", "blocks", code, edit, mine[-1], total, by, fix)
    else:
        fix = "Check the minutes; send the records with the claim, or expect to appeal with them."
        yield _units_finding("units.most_by_records", "warns", code, edit, mine[-1], total, by, fix)


def _units_finding(
    rule: str,
    severity: Severity,
    code: str,
    edit: MostUnits,
    one: Placed,
    units: int,
    by: Resolved,
    fix: str,
) -> Finding:
    span = "a line" if edit.span == "line" else "a day"
    return finding(
        rule,
        "warns" if by.is_assumption else severity,
        f"/lines/{one.at}/units",
        f"{code} has {units} units; the payer's most on {span} is {edit.units}.",
        fix=fix,
        source=f"CMS NCCI, {edit.pack}",
        by=by,
        code=code,
        units=units,
        most=edit.units,
        indicator=edit.indicator,
    )


def _beside(facts: ClaimFacts, at: int, on: date) -> list[str]:
    """Codes of the day, or of the whole claim for what is counted by month."""
    row = find_code(facts.lines[at].code)
    if row is not None and row.period == "month":
        return [line.code for line in facts.lines] + [line.code for line in facts.same_day]
    return [one.code for one in services_of_day(facts, on) if one.at != at]
