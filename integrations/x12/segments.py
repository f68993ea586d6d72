"""Delimiters and segments: the two things that every X12 text is made of."""

import re

import msgspec


class Delimiters(msgspec.Struct, frozen=True, kw_only=True):
    """The four separators of one interchange; `repetition` is empty before version 00402."""

    element: str
    component: str
    repetition: str
    segment: str


STANDARD = Delimiters(element="*", component=":", repetition="^", segment="~")


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One segment: `elements[0]` is its id, so `elements[n]` is element n of the guide."""

    id: str
    elements: list[str]
    position: int

    def element(self, number: int) -> str:
        """Element `number` as the guide counts it, or an empty string when it was not sent."""
        return self.elements[number] if number < len(self.elements) else ""

    def components(self, number: int, delimiters: Delimiters) -> list[str]:
        """The components of a composite element; one empty string when it was not sent."""
        return self.element(number).split(delimiters.component)

    def repetitions(self, number: int, delimiters: Delimiters) -> list[str]:
        """The repetitions of an element; the whole element where the version has no repetition."""
        value = self.element(number)
        return value.split(delimiters.repetition) if delimiters.repetition else [value]


def tidy(text: str, delimiters: Delimiters) -> str:
    """The text without line breaks, indentation and empty segments around its terminators."""
    end = delimiters.segment
    for blank in "\r\n":
        if blank != end and blank in text:
            text = text.replace(blank, "")
    ended = re.escape(end)
    if re.search(f"{ended}[ \t{ended}]", text):
        text = re.sub(f"{ended}[ \t{ended}]+", lambda _: end, text)
    return text
