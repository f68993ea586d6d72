"""CQ and CO: which units of a code an assistant furnished in whole or part (CMS Pub 100-04 ch. 5 §20.1)."""

from collections.abc import Sequence

from msgspec import Struct

from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.minutes import accept_minutes
from billing_rules.therapy.modifiers.shapes import AssistantRule
from billing_rules.therapy.timed_units import BLOCK_MINUTES

MIDPOINT = 8
PAIRED = {"CQ": "GP", "CO": "GO"}


class AssistantUnits(Struct, frozen=True, kw_only=True):
    """Units of one code without and with the assistant's modifier, and the sentence that explains them."""

    plain: int
    assisted: int
    explanation: str


class UnitsTooFew(ValueError):
    """Raised for fewer units than whole blocks of time were worked, or more than there is time."""


DE_MINIMIS = AssistantRule(modifiers={"PT": "CQ", "OT": "CO"}, midpoint_exception=True, share_percent=10)


def timed_split(
    therapist: object, assistant: object, units: int, rule: AssistantRule = DE_MINIMIS
) -> AssistantUnits:
    """Split the units of one 15-minute code; joint minutes are the therapist's.

    Raises MinutesRefused for minutes that are none, and UnitsTooFew for units that do not fit the time.
    """
    alone = accept_minutes(therapist, "/pt_minutes")
    helped = accept_minutes(assistant, "/pta_minutes")
    full_alone, rest_alone = divmod(alone, BLOCK_MINUTES)
    full_helped, rest_helped = divmod(helped, BLOCK_MINUTES)
    left = _left(units, full_alone + full_helped, rest_alone + rest_helped)
    plain, assisted, why = _rest(rest_alone, rest_helped, left, rule)
    return AssistantUnits(
        plain=full_alone + plain,
        assisted=full_helped + assisted,
        explanation=f"Therapist {alone} min, {full_alone} whole; assistant {helped} min, {full_helped}{why}.",
    )


def is_assisted(therapist: object, assistant: object, rule: AssistantRule = DE_MINIMIS) -> bool:
    """Whether an assistant's share of an untimed service is above the payer's, to the minute."""
    alone = accept_minutes(therapist, "/pt_only_minutes")
    helped = accept_minutes(assistant, "/pta_only_minutes")
    return _above(helped, alone + helped, rule)


def split_units(
    code: str, therapist: int, assistant: int, units: int, rule: AssistantRule = DE_MINIMIS
) -> AssistantUnits:
    """Split the units of any code: 15-minute codes by unit, all others whole by the assistant's share.

    Minutes are those of the code and its add-ons. Raises UnitsTooFew.
    """
    row = find_code(code)
    if row is not None and row.basis == "timed" and row.block_minutes == BLOCK_MINUTES:
        return timed_split(therapist, assistant, units, rule)
    helped = is_assisted(therapist, assistant, rule)
    than = "more than" if helped else "at most"
    return AssistantUnits(
        plain=0 if helped else units,
        assisted=units if helped else 0,
        explanation=f"Assistant {assistant} of {therapist + assistant} min: {than} {rule.share_percent} %.",
    )


def is_paired(modifiers: Sequence[str]) -> bool:
    """Whether each assistant's modifier stands with its own discipline's: CQ with GP, CO with GO."""
    return all(PAIRED[one] in modifiers for one in modifiers if one in PAIRED)


def _left(units: object, whole: int, rest: int) -> int:
    if isinstance(units, bool) or not isinstance(units, int) or units < whole:
        raise UnitsTooFew(f"/billed_units: {units} units do not hold {whole} whole blocks of time.")
    left = units - whole
    if left > -(-rest // BLOCK_MINUTES):
        raise UnitsTooFew(f"/billed_units: {units} units are more than the minutes can make.")
    return left


def _rest(alone: int, helped: int, left: int, rule: AssistantRule) -> tuple[int, int, str]:
    """The units that are left after whole blocks: without, with, and why."""
    if not left:
        return 0, 0, ""
    said = f"; {left} more from {alone} and {helped} min left"
    if left == 2 and alone >= MIDPOINT and helped:
        return 1, 1, f"{said}, one each"
    if left == 1 and alone >= MIDPOINT and rule.midpoint_exception:
        return 1, 0, f"{said}, the therapist's by the midpoint"
    if _above(helped, alone + helped, rule):
        return 0, left, f"{said}, the assistant's share is above {rule.share_percent} %"
    return left, 0, f"{said}, the assistant's share is at most {rule.share_percent} %"


def _above(helped: int, total: int, rule: AssistantRule) -> bool:
    return helped * 100 > total * rule.share_percent
