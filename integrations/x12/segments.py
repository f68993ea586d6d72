"""Delimiters and segments: the two things that every X12 text is made of."""

import re
from collections.abc import Iterator

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
    if f"{end} " in text or f"{end}\t" in text:
        text = re.sub(re.escape(end) + r"[ \t]+", lambda _: end, text)
    while end + end in text:
        text = text.replace(end + end, end)
    return text


def split_segments(text: str, delimiters: Delimiters, position: int) -> Iterator[Segment]:
    """The segments of a tidy text; `position` is the ordinal of its first one."""
    separator = delimiters.element
    for ordinal, raw in enumerate(text.split(delimiters.segment), position):
        if raw:
            elements = raw.split(separator)
            yield Segment(elements[0], elements, ordinal)
