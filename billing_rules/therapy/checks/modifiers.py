"""Do the modifiers say what the record and the payer's rules say: none missing, contradicting or twice?"""

from collections.abc import Iterator

from billing_rules.findings import Correction, Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.modifiers.advice import ModifierAdvice
from billing_rules.therapy.modifiers.benefit_bucket import benefit_advice
from billing_rules.therapy.modifiers.credentials import credential_advice
from billing_rules.therapy.modifiers.discipline import is_always_therapy, only_modifier
from billing_rules.therapy.modifiers.notices import notice_advice
from billing_rules.therapy.modifiers.order import MOST, in_order
from billing_rules.therapy.modifiers.shapes import MODIFIER_ORDER, ModifierBy, ModifierOrder
from billing_rules.therapy.modifiers.table import contradictions
from billing_rules.therapy.payer_rules import DISCIPLINE_MODIFIERS, ask
from billing_rules.therapy.rulings import ruled_lines


def check_discipline_modifiers(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """GP, GO or GN by the discipline of the plan; an always-therapy code needs one with a plan or without."""
    for lines, by in ruled_lines(facts, book, DISCIPLINE_MODIFIERS):
        wanted_by = by.read(ModifierBy)
        for at, line in lines if wanted_by else ():
            yield from _discipline_of(facts, book, at, line, wanted_by, by)


def check_contradictions(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """No two modifiers of a line contradict each other, and none stands without the one it needs."""
    for at, line in enumerate(facts.lines):
        for clash in contradictions(line.modifiers):
            yield finding(
                "modifier.conflicting",
                "blocks",
                f"/lines/{at}/modifiers",
                f"{clash.why}",
                fix="Keep the one that the record supports.",
                source=clash.source,
                modifier=clash.modifier,
                other=clash.other,
                present=", ".join(line.modifiers),
            )


def check_repeated_modifiers(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """No modifier stands twice on a line."""
    for at, line in enumerate(facts.lines):
        if len(line.modifiers) < 2:
            continue
        twice = sorted({one for one in line.modifiers if line.modifiers.count(one) > 1})
        for modifier in twice:
            once = tuple(dict.fromkeys(line.modifiers))
            yield finding(
                "modifier.duplicate",
                "blocks",
                f"/lines/{at}/modifiers",
                f"Modifier {modifier} stands twice on the line.",
                fix=f"Keep {modifier} once.",
                source="005010X222A1 SV101",
                correction=_correction(at, line.modifiers, once),
                modifier=modifier,
            )


def check_recorded_modifiers(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """What the record says of credential, notice and benefit has its modifier where the payer reads it."""
    for at, line in enumerate(facts.lines):
        for advice in _recorded(facts, line, book):
            if advice.modifier not in line.modifiers:
                yield _missing(facts, at, line, advice, book)


def check_order(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Modifiers stand in the order the payer reads them."""
    for lines, by in ruled_lines(facts, book, MODIFIER_ORDER):
        order = by.read(ModifierOrder)
        for at, line in lines:
            if 2 <= len(line.modifiers) <= MOST and len(set(line.modifiers)) == len(line.modifiers):
                ordered = in_order(line.modifiers, order).kept
                if ordered != line.modifiers:
                    yield _misplaced(at, line, ordered, by)


def _discipline_of(
    facts: ClaimFacts, book: RuleBook, at: int, line: LineFacts, wanted_by: ModifierBy, by: Resolved
) -> Iterator[Finding]:
    asked, wanted = facts.asked(line.served_on), wanted_by.get(line.discipline or "")
    if wanted and wanted not in line.modifiers:
        yield _discipline_missing(line, at, wanted, by, wanted_by)
    elif wanted:
        only = only_modifier(book.shelf, line.code, asked)
        if only and only in wanted_by.values() and wanted != only:
            yield _other_discipline(line, at, only, by)
    elif is_always_therapy(book.shelf, line.code, asked) and not _names_one(line, wanted_by):
        yield _always_therapy(line, at, by, wanted_by)


def _names_one(line: LineFacts, wanted_by: ModifierBy) -> bool:
    return not set(line.modifiers).isdisjoint(wanted_by.values())


def _recorded(facts: ClaimFacts, line: LineFacts, book: RuleBook) -> list[ModifierAdvice]:
    evidence, asked = line.evidence, facts.asked(line.served_on)
    if evidence is None:
        return []
    return [
        *credential_advice(book, asked, evidence.credential, line.code),
        *notice_advice(book, asked, evidence.notice),
        *benefit_advice(book, asked, evidence.benefit),
    ]


def _misplaced(at: int, line: LineFacts, ordered: tuple[str, ...], by: Resolved) -> Finding:
    return finding(
        "modifier.order",
        "informs" if by.is_assumption else "warns",
        f"/lines/{at}/modifiers",
        "The modifiers do not stand in the payer's order.",
        fix=f"Write them as {', '.join(ordered)}.",
        source=by.row.source,
        by=by,
        correction=_correction(at, line.modifiers, ordered),
        present=", ".join(line.modifiers),
        ordered=", ".join(ordered),
    )


def _missing(facts: ClaimFacts, at: int, line: LineFacts, advice: ModifierAdvice, book: RuleBook) -> Finding:
    by = ask(book, advice.rule, facts.asked(line.served_on))
    return finding(
        "modifier.missing",
        "blocks",
        f"/lines/{at}/modifiers",
        f"The line lacks {advice.modifier}: {advice.why}",
        fix=f"Put {advice.modifier} on the line.",
        source=advice.source,
        by=by,
        correction=_added(at, line, advice.modifier, book, facts),
        wanted=advice.modifier,
        **advice.evidence,
    )


def _discipline_missing(
    line: LineFacts, at: int, wanted: str, by: Resolved, wanted_by: dict[str, str]
) -> Finding:
    others = set(wanted_by.values())
    becomes = (wanted, *(one for one in line.modifiers if one not in others))
    return finding(
        "modifier.discipline",
        "warns" if by.is_assumption else "blocks",
        f"/lines/{at}/modifiers",
        f"A {line.discipline} line needs modifier {wanted} and no other of its kind.",
        fix=f"Put {wanted} on the line: the modifier follows the plan of care, not the code.",
        source=by.row.source,
        by=by,
        correction=_correction(at, line.modifiers, becomes),
        wanted=wanted,
        present=", ".join(one for one in line.modifiers if one in others),
    )


def _always_therapy(line: LineFacts, at: int, by: Resolved, wanted_by: dict[str, str]) -> Finding:
    kinds = ", ".join(sorted(wanted_by.values()))
    return finding(
        "modifier.discipline",
        "warns" if by.is_assumption else "blocks",
        f"/lines/{at}/modifiers",
        f"{line.code} is always therapy: it needs one of {kinds}, with a plan of care or without.",
        fix="Say under which discipline's plan the service was furnished.",
        source="CMS therapy code list (always therapy)",
        by=by,
        code=line.code,
    )


def _other_discipline(line: LineFacts, at: int, only: str, by: Resolved) -> Finding:
    return finding(
        "modifier.conflicting",
        "warns" if by.is_assumption else "blocks",
        f"/lines/{at}/modifiers",
        f"{line.code} may carry only {only}.",
        fix="Bill the code of the discipline whose plan it is.",
        source="CMS therapy code list (always therapy)",
        by=by,
        code=line.code,
        modifier=only,
    )


def _added(at: int, line: LineFacts, modifier: str, book: RuleBook, facts: ClaimFacts) -> Correction | None:
    order = ask(book, MODIFIER_ORDER, facts.asked(line.served_on)).read(ModifierOrder)
    ordered = in_order((*line.modifiers, modifier), order)
    return None if ordered.left_off else _correction(at, line.modifiers, ordered.kept)


def _correction(at: int, was: tuple[str, ...], becomes: tuple[str, ...]) -> Correction:
    pointer = f"/lines/{at}/modifiers"
    return Correction(pointer=pointer, was=",".join(was), becomes=",".join(becomes))
