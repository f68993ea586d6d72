"""What an adjustment means: the group code decides who pays, the reason code only what to do next.

Source: `reference/therapy_rules.md` §10; the tables are `data/adjustments.json`, of amounts that are no
denial, and `data/adjustment_reasons.json`, of what each reason asks for.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct, convert

from billing_rules.therapy.adjustment_reasons import adjustment_reason

Effect = Literal["patient", "contractual", "informational", "denied"]


class Meaning(Struct, frozen=True, kw_only=True):
    """What one adjustment does to a line.

    `patient` moves the amount to the patient in its `bucket`; `contractual` writes it off; `informational`
    moves nothing; `denied` leaves it with the payer and asks a person for the `next_action`.
    """

    effect: Effect
    bucket: str
    category: str
    words: str
    next_action: str


class _Patient(Struct, frozen=True):
    bucket: str
    words: str


class _Table(Struct, frozen=True):
    source: str
    version: str
    patient: dict[str, _Patient]
    contractual: dict[str, str]
    informational: list[str]
    other_denial: tuple[str, str]


@cache
def _table() -> _Table:
    text = (files("billing_rules.therapy.data") / "adjustments.json").read_text("utf-8")
    return convert(json.loads(text), _Table)


def meaning(group_code: str, reason_code: str) -> Meaning:
    """The meaning of a group and reason code (CAS); an unknown code is a denial to look at.

    PR moves to the patient for deductible, coinsurance, copay and Medicaid's monthly share only: every other
    PR denial needs evidence that a person has seen (PO-08).
    """
    table = _table()
    if group_code == "PR" and reason_code in table.patient:
        row = table.patient[reason_code]
        return Meaning(effect="patient", bucket=row.bucket, category="", words=row.words, next_action="")
    if group_code == "CO" and reason_code in table.contractual:
        words = table.contractual[reason_code]
        return Meaning(effect="contractual", bucket="contractual", category="", words=words, next_action="")
    if group_code == "OA" and reason_code in table.informational:
        return Meaning(effect="informational", bucket="", category="", words="", next_action="")
    category, action = _denial(reason_code) or table.other_denial
    return Meaning(effect="denied", bucket="", category=category, words="", next_action=action)


def _denial(reason_code: str) -> tuple[str, str] | None:
    """Category and next action; what is the patient's by its reason is odd under any other group."""
    row = adjustment_reason(reason_code)
    if row is None or row.category == "patient_responsibility":
        return None
    return row.category_words, row.next_action
