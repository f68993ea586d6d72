"""From one code of a signed session to its charge lines: modifiers with why, and assistants' units apart."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.assistants import AssistantUnits, split_units
from billing_rules.therapy.modifiers.benefit_bucket import benefit_advice
from billing_rules.therapy.modifiers.credentials import credential_advice
from billing_rules.therapy.modifiers.discipline import discipline_advice
from billing_rules.therapy.modifiers.notices import notice_advice
from billing_rules.therapy.modifiers.order import in_order, modifier_order
from billing_rules.therapy.modifiers.shapes import ASSISTANT_MODIFIERS, AssistantRule
from billing_rules.therapy.modifiers.table import modifier_row
from billing_rules.therapy.modifiers.telehealth import telehealth_advice
from billing_rules.therapy.payer_rules import Asked, ask

COMPUTED = frozenset(
    {"discipline", "assistant", "threshold", "telehealth", "credential", "notice", "benefit"}
)
"""Families that the record and the payer's rules decide, whatever a note's template put there."""

NOTED = "signed note"


class ServiceRecord(Struct, frozen=True, kw_only=True):
    """What the signed note says of one code: units earned, minutes, who worked them, how and under what.

    `assistant_minutes` are those an assistant worked alone and part of the minutes; joint ones are not in it.
    """

    code: str
    discipline: str
    units: int
    minutes: int
    assistant_minutes: int = 0
    credential: str | None = None
    telehealth: str = "none"
    notice: str = "none"
    benefit: str | None = None
    in_note: tuple[str, ...] = ()


class LineToCharge(Struct, frozen=True, kw_only=True):
    """One charge line to be: its modifiers in the payer's order, why each, and what found no room."""

    code: str
    units: int
    minutes: int
    modifiers: tuple[str, ...]
    left_off: tuple[str, ...]
    why: tuple[ModifierAdvice, ...]
    split: str | None


def lines_to_charge(record: ServiceRecord, book: RuleBook, asked: Asked) -> list[LineToCharge]:
    """One line, or two where an assistant furnished some of the units: without the modifier and with it.

    Raises NoRuleInForce, and UnitsTooFew where the units do not fit the minutes.
    """
    said = _said(record, book, asked)
    by = ask(book, ASSISTANT_MODIFIERS, asked)
    rule = by.read(AssistantRule)
    modifier = rule.modifiers.get(record.discipline)
    if modifier is None or not record.assistant_minutes:
        return [_line(record, book, asked, said, record.units, record.minutes, None)]
    split = _split(record, rule)
    minutes = _minutes(record, split)
    helped = advise(
        modifier,
        f"Furnished in whole or part by an assistant. {split.explanation}",
        by,
        assistant_minutes=record.assistant_minutes,
        minutes=record.minutes,
    )
    lines = [
        (said, split.plain, minutes[0]),
        ([*said, helped], split.assisted, minutes[1]),
    ]
    return [
        _line(record, book, asked, why, units, own, split.explanation) for why, units, own in lines if units
    ]


def _said(record: ServiceRecord, book: RuleBook, asked: Asked) -> list[ModifierAdvice]:
    """What discipline, credential, telehealth, notice and benefit say, and the note itself."""
    return [
        *discipline_advice(book, asked, record.discipline),
        *credential_advice(book, asked, record.credential, record.code),
        *telehealth_advice(book, asked, record.telehealth),
        *notice_advice(book, asked, record.notice),
        *benefit_advice(book, asked, record.benefit),
        *_noted(record.in_note),
    ]


def _noted(in_note: Sequence[str]) -> Iterator[ModifierAdvice]:
    for modifier in dict.fromkeys(in_note):
        row = modifier_row(modifier)
        if row is None or row.family not in COMPUTED:
            yield ModifierAdvice(
                line=0,
                modifier=modifier,
                why="The signed note names it.",
                rule=NOTED,
                row=NOTED,
                source="The clinician's signed note",
                evidence={},
                certain=True,
            )


def _split(record: ServiceRecord, rule: AssistantRule) -> AssistantUnits:
    alone = max(0, record.minutes - record.assistant_minutes)
    return split_units(record.code, alone, record.assistant_minutes, record.units, rule)


def _minutes(record: ServiceRecord, split: AssistantUnits) -> tuple[int, int]:
    """The minutes of each line: whose they were, or all on the only line."""
    if not split.plain:
        return 0, record.minutes
    if not split.assisted:
        return record.minutes, 0
    helped = min(record.minutes, record.assistant_minutes)
    return record.minutes - helped, helped


def _line(
    record: ServiceRecord,
    book: RuleBook,
    asked: Asked,
    why: Sequence[ModifierAdvice],
    units: int,
    minutes: int,
    split: str | None,
) -> LineToCharge:
    ordered = in_order((advice.modifier for advice in why), modifier_order(book, asked))
    return LineToCharge(
        code=record.code,
        units=units,
        minutes=minutes,
        modifiers=ordered.kept,
        left_off=ordered.left_off,
        why=tuple(why),
        split=split,
    )
