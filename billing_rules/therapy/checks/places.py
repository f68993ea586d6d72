"""Do place of service, code, telehealth modifier and the record agree on where and how they met?"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from billing_rules.findings import Correction, Finding, finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.modifiers.order import in_order, modifier_order
from billing_rules.therapy.modifiers.shapes import (
    PLACES_OF_CODES,
    TELEHEALTH_MODIFIERS,
    PlacesOfCodes,
    TelehealthModifiers,
)
from billing_rules.therapy.modifiers.table import of_family
from billing_rules.therapy.payer_rules import (
    DISTANT_SITE_DISCIPLINES,
    TELEHEALTH_PLACES,
    DistantSite,
    TelehealthPlaces,
    ask_if_ruled,
)
from billing_rules.therapy.rulings import ruled_lines

AUDIO_MODIFIERS = frozenset({"93", "FQ"})


def check_telehealth_places(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A remote session has the payer's place for it, and a session in person has none of these."""
    for at, line in enumerate(facts.lines):
        remote, place = _is_remote(line), line.place_of_service
        if line.evidence is None or not place:
            continue
        by = _answer(facts, book, line, TELEHEALTH_PLACES)
        if by is None:
            continue
        places = by.read(TelehealthPlaces)
        right = places.home if line.evidence.patient_at_home else places.elsewhere
        if remote and place != right:
            message = f"The session was remote, which is place {right} here, and the line says {place}."
            yield _place(at, message, by, place=place, right=right)
        elif not remote and place in (places.home, places.elsewhere):
            message = f"Place {place} is for remote sessions, and the record says that they met in person."
            yield _place(at, message, by, place=place, right="where they met")


def check_telehealth_modifiers(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The payer's telehealth modifier on remote lines, the right one of its kind, and none on others."""
    kinds = of_family("telehealth")
    for lines, by in ruled_lines(facts, book, TELEHEALTH_MODIFIERS):
        rule = by.read(TelehealthModifiers)
        for at, line in lines:
            present = [one for one in line.modifiers if one in kinds]
            if _is_remote(line) or _has_remote_place(facts, book, line):
                yield from _remote(facts, book, at, line, rule, by, present)
            elif present:
                place = line.place_of_service
                message = f"{present[0]} says that the session was remote; place {place} says otherwise."
                fix = f"Take {present[0]} off, or correct the place."
                yield _modifier(at, line, (), by, message, fix)


def check_telehealth_codes(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Codes that need hands are not remote, video codes not by telephone, telephone codes by nothing else."""
    for lines, by in ruled_lines(facts, book, TELEHEALTH_MODIFIERS):
        rule = by.read(TelehealthModifiers)
        for at, line in lines:
            remote = _is_remote(line) or _has_remote_place(facts, book, line)
            audio = _is_audio(line)
            if remote and line.code in rule.hands_on_codes:
                yield _code(at, line, by, f"{line.code} needs hands: it cannot be furnished at a distance.")
            elif audio and line.code in rule.video_only_codes:
                yield _code(at, line, by, f"{line.code} may not be furnished by telephone only.")
            elif line.code in rule.audio_codes and line.evidence is not None and not audio:
                yield _code(at, line, by, f"{line.code} is for sessions by telephone only.")


def check_telehealth_disciplines(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The payer takes remote sessions of the discipline on the date of service."""
    for at, line in enumerate(facts.lines):
        if not _is_remote(line) or not line.discipline:
            continue
        by = _answer(facts, book, line, DISTANT_SITE_DISCIPLINES)
        if by is not None and line.discipline not in by.read(DistantSite).disciplines:
            yield finding(
                "telehealth.discipline",
                "warns" if by.is_assumption else "blocks",
                f"/lines/{at}/discipline",
                f"The payer takes no remote sessions of {line.discipline} on this date.",
                fix="Bill it only where the payer says otherwise; the next session needs to be in person.",
                source=by.row.source,
                by=by,
                discipline=line.discipline,
            )


def check_places_of_codes(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A code stands only with places it may be furnished at."""
    for lines, by in ruled_lines(facts, book, PLACES_OF_CODES):
        for (at, line), row in product(lines, by.read(PlacesOfCodes).rows):
            place = line.place_of_service
            wrong = place in row.never or (bool(row.only) and place not in row.only)
            if place and line.code in row.codes and wrong:
                yield finding(
                    "place.code",
                    "warns" if by.is_assumption else "blocks",
                    f"/lines/{at}/place_of_service",
                    f"{line.code} is not furnished at place {place}.",
                    fix="Correct the place or the code, whichever the note says otherwise.",
                    source=by.row.source,
                    by=by,
                    code=line.code,
                    place=place,
                )


def _remote(
    facts: ClaimFacts,
    book: RuleBook,
    at: int,
    line: LineFacts,
    rule: TelehealthModifiers,
    by: Resolved,
    present: list[str],
) -> Iterator[Finding]:
    how = line.evidence.telehealth if line.evidence else "none"
    audio = _is_audio(line)
    wanted = rule.wanted(how if how != "none" else "audio_only" if audio else "audio_video")
    if wanted and wanted not in present:
        kept = (*(one for one in line.modifiers if one not in present), wanted)
        ordered = in_order(kept, modifier_order(book, facts.asked(line.served_on)))
        message = f"The session was remote, and this payer wants {wanted} on the line."
        yield _modifier(at, line, ordered.kept, by, message, f"Put {wanted} on the line.")
    elif not wanted and present:
        kept = tuple(one for one in line.modifiers if one not in present)
        message = f"This payer reads the place of service and wants no {present[0]}."
        yield _modifier(at, line, kept, by, message, f"Take {present[0]} off.")


def _is_remote(line: LineFacts) -> bool:
    return line.evidence is not None and line.evidence.telehealth != "none"


def _is_audio(line: LineFacts) -> bool:
    if line.evidence is not None and line.evidence.telehealth != "none":
        return line.evidence.telehealth == "audio_only"
    return not AUDIO_MODIFIERS.isdisjoint(line.modifiers)


def _has_remote_place(facts: ClaimFacts, book: RuleBook, line: LineFacts) -> bool:
    """Whether only the place says that the session was remote, because nothing is recorded of it."""
    if line.evidence is not None:
        return False
    by = _answer(facts, book, line, TELEHEALTH_PLACES)
    if by is None:
        return False
    places = by.read(TelehealthPlaces)
    return line.place_of_service in (places.home, places.elsewhere)


def _answer(facts: ClaimFacts, book: RuleBook, line: LineFacts, rule: str) -> Resolved | None:
    """The payer's row, or none where nobody has said anything of this payer on this date."""
    return ask_if_ruled(book, rule, facts.asked(line.served_on))


def _place(at: int, message: str, by: Resolved, **evidence: Any) -> Finding:
    return finding(
        "telehealth.place",
        "blocks",
        f"/lines/{at}/place_of_service",
        message,
        fix="Correct the place, or what the visit says of how they met.",
        source=by.row.source,
        by=by,
        **evidence,
    )


def _modifier(
    at: int, line: LineFacts, becomes: tuple[str, ...], by: Resolved, message: str, fix: str
) -> Finding:
    pointer = f"/lines/{at}/modifiers"
    change = Correction(pointer=pointer, was=",".join(line.modifiers), becomes=",".join(becomes))
    return finding(
        "telehealth.modifier",
        "warns" if by.is_assumption else "blocks",
        pointer,
        message,
        fix=fix,
        source=by.row.source,
        by=by,
        correction=change if becomes else None,
        present=", ".join(line.modifiers),
        place=line.place_of_service or "",
    )


def _code(at: int, line: LineFacts, by: Resolved, message: str) -> Finding:
    return finding(
        "telehealth.code",
        "warns" if by.is_assumption else "blocks",
        f"/lines/{at}/code",
        message,
        fix="Bill what was furnished, at the place where the patient was.",
        source=by.row.source,
        by=by,
        code=line.code,
    )
