"""The style sheet and the templates without a browser: contrast, labels, and nothing inline."""

import re
from pathlib import Path

import pytest

from api import pages

FOLDER = Path(pages.__file__).parent
SHEET = (FOLDER / "static" / "style.css").read_text()
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
TEXT_PAIRS = [
    ("--ink", "--paper"),
    ("--ink", "--surface"),
    ("--ink", "--sunken"),
    ("--muted", "--paper"),
    ("--muted", "--surface"),
    ("--muted", "--sunken"),
    ("--accent", "--paper"),
    ("--accent", "--surface"),
    ("--accent-strong", "--sunken"),
    ("--on-accent", "--accent"),
    ("--on-accent", "--accent-strong"),
    ("--on-bar", "--bar"),
    ("--on-bar-muted", "--bar"),
    ("--bad", "--surface"),
    *[(f"--{tone}", f"--{tone}-soft") for tone in ("good", "warn", "bad", "info", "idle")],
]
SHAPE_PAIRS = [
    ("--edge", "--surface"),
    ("--edge", "--paper"),
    ("--focus", "--paper"),
    ("--focus", "--surface"),
    *[(f"--part-{part}", "--surface") for part in ("paid", "adjusted", "insurer", "waiting", "due")],
]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme; the dark one overrides the light one."""
    blocks = re.findall(r":root \{(.*?)\}", SHEET, flags=re.DOTALL)
    light = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", blocks[0]))
    if scheme == "light":
        return light
    return light | dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", blocks[1]))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out(scheme: str) -> None:
    found = tokens(scheme)
    poor = {(a, b): round(contrast(found[a], found[b]), 2) for a, b in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shapes_that_mean_something_stand_out(scheme: str) -> None:
    found = tokens(scheme)
    poor = {(a, b): round(contrast(found[a], found[b]), 2) for a, b in SHAPE_PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 3} == {}


def test_every_colour_is_a_token() -> None:
    rules = re.sub(r":root \{.*?\}", "", SHEET, flags=re.DOTALL)
    loose = set(re.findall(r"(?<!: )#[0-9a-f]{3,6}\b", re.sub(r"--practice: #[0-9a-f]{6}", "", rules)))
    assert loose <= {"#000000"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_nothing_is_inline_and_everything_is_named(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text), "the policy forbids it"
    assert "| safe" not in text
    for table in re.findall(r"<table.*?</table>", text, flags=re.DOTALL):
        assert "<th" in table
        assert re.search(r'<th scope="(col|row)"', table)
    for picture in re.findall(r"<svg[^>]*>", text):
        assert "aria-label=" in picture or 'aria-hidden="true"' in picture
    assert not re.search(r"</label>\s*<input(?![^>]*type=\"hidden\")", text) or "for=" in text
