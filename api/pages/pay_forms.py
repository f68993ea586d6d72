"""What people type on the pay page, read with patience: a date in three boxes, dollars in any way."""

import hmac
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from domain.patient_billing.disputes import Complaint
from domain.patient_billing.payments import AmountNotPayable
from domain.patient_billing.second_factor import Answer
from tenants.errors import Forbidden, Invalid

DOLLARS = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})*|\d{1,7})(?:\.(\d{2}))?", re.ASCII)
ZIP = re.compile(r"(\d{5})(?:-?\d{4})?", re.ASCII)
COMPLAINTS: tuple[Complaint, ...] = get_args(Complaint)


class FormStale(Forbidden):
    """The form is from another session; it is shown again."""

    code = "form_stale"


class NotReadable(Invalid):
    """What was typed is no date or no ZIP code; that is no guess and is not counted as one."""

    code = "not_readable"


def text(form: Mapping[str, Any], name: str) -> str:
    """A field of a form as trimmed text; files and repeats are nothing."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def read_answer(form: Mapping[str, Any]) -> Answer:
    """The second factor; raises NotReadable."""
    numbers = [text(form, name) for name in ("year", "month", "day")]
    zip_code = ZIP.fullmatch(text(form, "zip"))
    if not all(re.fullmatch(r"[0-9]{1,4}", number) for number in numbers) or zip_code is None:
        raise NotReadable("enter a date of birth and a ZIP code")
    try:
        birth_on = date(*(int(number) for number in numbers))
    except ValueError:
        raise NotReadable("enter a date of birth and a ZIP code") from None
    return Answer(birth_on=birth_on, zip_code=zip_code[1])


def read_amount(form: Mapping[str, Any]) -> int | None:
    """The cents to pay; None for all that is owed. Raises AmountNotPayable."""
    if text(form, "how_much") != "part":
        return None
    typed = DOLLARS.fullmatch(text(form, "amount"))
    if typed is None:
        raise AmountNotPayable("write the amount like 25.00", pointer="/amount")
    return int(typed[1].replace(",", "")) * 100 + int(typed[2] or 0)


def read_complaint(form: Mapping[str, Any]) -> Complaint:
    """What the payer says is wrong; the general one for anything unknown."""
    said = text(form, "complaint")
    return next((known for known in COMPLAINTS if known == said), "something_else")


def refuse_stale(form: Mapping[str, Any], csrf_token: str) -> None:
    """Raise FormStale unless the form carries its session's token."""
    if not hmac.compare_digest(text(form, "_csrf").encode(), csrf_token.encode()):
        raise FormStale("this form is from another session")
