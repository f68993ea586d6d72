"""The discipline packs: of each discipline its codes, how time counts, and its modifiers, on a date."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.tables import read_table
from billing_rules.therapy.bundling.disciplines import may_bill
from billing_rules.therapy.bundling.most_units import most_units
from billing_rules.therapy.code_table import Basis, ProcedureCode, all_codes
from billing_rules.therapy.modifiers.discipline import is_always_therapy
from billing_rules.therapy.modifiers.distinct_services import NO_EDITS
from billing_rules.therapy.modifiers.shapes import (
    DISCIPLINE_CODES,
    NCCI_EDIT_SET,
    DisciplineCodes,
    EditSet,
)
from billing_rules.therapy.modifiers.table import ModifierFamily, ModifierRow, all_modifiers
from billing_rules.therapy.payer_rules import Asked, ask

_BASES: dict[Basis, str] = {
    "timed": "blocks of {block} minutes",
    "untimed": "once for each time documented",
    "base": "the first {block} minutes",
    "addon": "each further {block} minutes",
    "range": "by the minutes of the session, which choose the code",
    "crisis": "by the minutes of the crisis, the first and further blocks",
    "varies": "as the payer says",
}


class PackVector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question to a pack: may the discipline bill a code on a day, and which modifier follows."""

    id: str
    code: str
    on: date
    allowed: bool
    modifier: str | None


class DisciplinePack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A discipline: the rules that make its units and modifiers, and the vectors that prove the pack.

    `covers` are the code table's disciplines that belong to it: behavioral health includes behavior analysis.
    """

    discipline: str
    label: str
    covers: tuple[str, ...]
    time_rules: tuple[str, ...]
    modifier_rules: tuple[str, ...]
    modifier_families: tuple[ModifierFamily, ...]
    vectors: tuple[PackVector, ...]


class CodeOfPack(Struct, frozen=True, kw_only=True):
    """One code that the discipline may bill on the date; the most units are those of the payer's edits."""

    code: str
    label: str
    discipline: str
    basis: str
    block_minutes: int | None
    counts: str
    always_therapy: bool
    most_units: int | None
    most_units_indicator: int | None


class RuleOfPack(Struct, frozen=True, kw_only=True):
    """A rule of the pack as the book answers it on the date, with the row that won."""

    rule: str
    value: object
    row: str
    source: str
    starts_on: date
    ends_on: date | None
    is_assumption: bool


class ModifierOfPack(Struct, frozen=True, kw_only=True):
    """A modifier that lines of the discipline may carry, what it contradicts, and what must be recorded."""

    modifier: str
    label: str
    family: str
    conflicts: tuple[str, ...]
    needs_one_of: tuple[str, ...]
    evidence: str
    source: str


class DisciplineRules(Struct, frozen=True, kw_only=True):
    """A discipline's pack as it stands on a date for one payer."""

    discipline: str
    label: str
    on: date
    codes: tuple[CodeOfPack, ...]
    time_rules: tuple[RuleOfPack, ...]
    modifier_rules: tuple[RuleOfPack, ...]
    modifiers: tuple[ModifierOfPack, ...]
    version: str
    source: str


class DisciplineUnknown(LookupError):
    """Raised for a discipline that has no pack."""


def discipline_packs() -> tuple[DisciplinePack, ...]:
    """Every pack, in the order of the table."""
    return read_table("disciplines.json", DisciplinePack).rows


def discipline_pack(discipline: str) -> DisciplinePack:
    """The pack of a discipline, or of one that it covers; raises DisciplineUnknown."""
    for pack in discipline_packs():
        if discipline == pack.discipline or discipline in pack.covers:
            return pack
    raise DisciplineUnknown(f"There is no pack of discipline {discipline}.")


def discipline_rules(book: RuleBook, discipline: str, asked: Asked) -> DisciplineRules:
    """What a discipline may bill a payer on a date, how its time counts, which modifiers it may carry.

    Raises DisciplineUnknown and NoRuleInForce.
    """
    pack = discipline_pack(discipline)
    table = read_table("disciplines.json", DisciplinePack)
    covers = pack.covers if discipline == pack.discipline else (discipline,)
    return DisciplineRules(
        discipline=discipline,
        label=pack.label,
        on=asked.on,
        codes=tuple(_codes(book, covers, asked)),
        time_rules=tuple(_rule(book, rule, asked) for rule in pack.time_rules),
        modifier_rules=tuple(_rule(book, rule, asked) for rule in pack.modifier_rules),
        modifiers=tuple(_modifier(row) for row in all_modifiers() if row.family in pack.modifier_families),
        version=table.version,
        source=table.source,
    )


def _codes(book: RuleBook, covers: tuple[str, ...], asked: Asked) -> Iterator[CodeOfPack]:
    rule = ask(book, DISCIPLINE_CODES, asked).read(DisciplineCodes)
    edits: EditSet = ask(book, NCCI_EDIT_SET, asked).read(EditSet)  # type: ignore[arg-type]
    for row in all_codes():
        mine = next((one for one in covers if may_bill(one, row.code, rule)), None)
        if mine is not None and row.is_valid_on(asked.on):
            yield _code(book, row, mine, edits, asked)


def _code(book: RuleBook, row: ProcedureCode, discipline: str, edits: EditSet, asked: Asked) -> CodeOfPack:
    most = None if edits == NO_EDITS else most_units(book.shelf, edits, row.code, asked.on)
    return CodeOfPack(
        code=row.code,
        label=row.label,
        discipline=discipline,
        basis=row.basis,
        block_minutes=row.block_minutes,
        counts=_BASES[row.basis].format(block=row.block_minutes),
        always_therapy=is_always_therapy(book.shelf, row.code, asked),
        most_units=most.units if most else None,
        most_units_indicator=most.indicator if most else None,
    )


def _rule(book: RuleBook, rule: str, asked: Asked) -> RuleOfPack:
    found: Resolved = ask(book, rule, asked)
    return RuleOfPack(
        rule=rule,
        value=found.value,
        row=str(found.row),
        source=found.row.source,
        starts_on=found.row.starts_on,
        ends_on=found.row.ends_on,
        is_assumption=found.is_assumption,
    )


def _modifier(row: ModifierRow) -> ModifierOfPack:
    return ModifierOfPack(
        modifier=row.modifier,
        label=row.label,
        family=row.family,
        conflicts=row.conflicts,
        needs_one_of=row.needs_one_of,
        evidence=row.evidence,
        source=row.source,
    )
