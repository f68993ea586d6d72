"""Shapes of the identifiers on a claim: NPI, taxonomy, tax id, ZIP."""

import re
from functools import lru_cache

NPI_PREFIX = "80840"

NUMBERS_KEPT = 4_096
"""Numbers whose check digit stays known: those of a company's own clinicians come with every claim."""

_NPI = re.compile(r"[12]\d{9}")
_TAXONOMY = re.compile(r"[0-9]{3}[0-9A-Z]{6}X")
_TAX_ID = re.compile(r"\d{9}")
_ZIP = re.compile(r"\d{5}(\d{4})?")
_FILLERS = ("0000", "9999")


@lru_cache(NUMBERS_KEPT)
def npi_is_valid(value: str) -> bool:
    """Ten digits whose check digit holds behind the prefix 80840 (45 CFR 162.406, Luhn)."""
    return bool(_NPI.fullmatch(value)) and _luhn_holds(NPI_PREFIX + value)


def is_taxonomy(value: str) -> bool:
    """Ten characters of the NUCC shape ending in X; whether the code is assigned is not asked."""
    return bool(_TAXONOMY.fullmatch(value))


def is_tax_id(value: str) -> bool:
    """Nine digits, a dash allowed where an EIN or a social security number has it."""
    return bool(_TAX_ID.fullmatch(value.replace("-", "")))


def is_zip(value: str) -> bool:
    """Five or nine digits, with or without the dash."""
    return bool(_ZIP.fullmatch(value.replace("-", "")))


def is_full_zip(value: str) -> bool:
    """Nine digits with a real last four, as 005010X222A1 wants for billing provider and facility."""
    plain = value.replace("-", "")
    return is_zip(value) and len(plain) == 9 and plain[5:] not in _FILLERS


def _luhn_holds(digits: str) -> bool:
    total = 0
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + at % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
