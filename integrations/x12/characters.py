"""Brings any text into the X12 character set that every receiver takes: basic, upper case, no delimiter."""

import unicodedata
from functools import lru_cache

from integrations.x12.segments import STANDARD, Delimiters

# Letters that do not fall apart into a base letter and an accent.
_SPELLED = str.maketrans(
    {
        "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ẞ": "SS", "Ħ": "H",
        "Ŧ": "T", "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-",
        "…": "...", "\u00a0": " ", "`": "'",
    }
)  # fmt: skip


@lru_cache(maxsize=16)
def _blanked(delimiters: Delimiters) -> dict[int, str]:
    held = [delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment]
    table = dict.fromkeys((*range(32), 127), " ")
    table.update({ord(one): " " for one in held if one})
    table[ord("`")] = "'"
    return table


def plain(text: str, delimiters: Delimiters = STANDARD) -> str:
    """Upper case ASCII without delimiters, control characters or outer blanks; '?' for unknown letters."""
    text = text.upper()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_SPELLED))
        text = "".join(one for one in text if not unicodedata.combining(one))
        text = text.encode("ascii", errors="replace").decode("ascii").upper()
    return text.translate(_blanked(delimiters)).strip()


def is_plain(text: str, delimiters: Delimiters = STANDARD) -> bool:
    """Whether `plain` would leave the text as it is, which an identifier must be."""
    return text == plain(text, delimiters)
