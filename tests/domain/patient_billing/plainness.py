"""How plain a text is: its school grade, and the words that nobody should have to know."""

import re

JARGON = (
    "adjudicat",
    "adjustment",
    "allowed amount",
    "billed",
    "carc",
    "rarc",
    "claim",
    "contractual",
    "cpt",
    "denial",
    "denied",
    "eob",
    "era",
    "modality",
    "modifier",
    "patient responsibility",
    "payer",
    "pending",
    "procedure",
    "provider",
    "remit",
    "rendered",
    "therapeutic",
    "units",
    "write-off",
)
CODE = re.compile(r"\b(?:\d{5}|[A-Z]\d{4}|(?:CO|PR|OA|PI)-?\d+)\b")
WORD = re.compile(r"[A-Za-z$'-][\w$'.,-]*|\d[\d.,]*")


def school_grade(text: str) -> float:
    """The Flesch-Kincaid grade; only full stops end a sentence, so long ones count in full."""
    sentences = max(1, len(re.findall(r"[.!?](?=\s|$)", text)))
    words = WORD.findall(text)
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    word = word.lower().strip(".,'-")
    if any(c.isdigit() for c in word):
        return 1
    count = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith("le") and count > 1:
        count -= 1
    return max(1, count)


def faults(text: str) -> list[str]:
    """What keeps a text from being plain: codes, jargon, a grade above eight."""
    found = [f"code {code}" for code in CODE.findall(re.sub(r"\$[\d,.]+", "", text))]
    found += [f"jargon {word}" for word in JARGON if re.search(rf"\b{word}", text.lower())]
    grade = school_grade(text)
    return found + ([f"grade {grade:.1f}"] if grade > 8 else [])
