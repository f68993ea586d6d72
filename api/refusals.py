"""What is wrong with a body or a parameter, in words and pointers that cannot carry what the sender wrote."""

import re

from msgspec import Struct


class FieldFault(Struct, frozen=True, kw_only=True):
    """One field that is at fault: a JSON pointer into the body, or `query:` and the parameter's name.

    `choices` are values that may stand there instead, where the refusal knows some.
    """

    pointer: str
    detail: str
    choices: tuple[str, ...]


class MalformedRequest(Exception):
    """The request cannot be read at all: 400."""

    def __init__(self, detail: str, code: str = "malformed") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code


class BodyRefused(Exception):
    """The body can be read but does not hold what this route takes: 422."""

    def __init__(self, fault: FieldFault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def without_values(message: str) -> str:
    """What is wrong, in words that cannot carry what the sender wrote."""
    if message.startswith(("Expected", "Object missing required field", "Missing required")):
        return message.split(" - at", maxsplit=1)[0]
    if message.startswith("Object contains unknown field"):
        return "a field is not known"
    return re.sub(r"[\'\"`].*", "", message.split(" - at", maxsplit=1)[0]).strip() or "not as expected"


def body_fault(message: str) -> FieldFault:
    """The JSON pointer and the words of a msgspec validation message."""
    said, _, place = message.partition(" - at `")
    steps = re.findall(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+|\.\.\.)\]", place)
    pointer = "".join(f"/{name or index}" for name, index in steps)
    named = re.search(r"field `([a-z_][a-z0-9_]{0,40})`", said)
    if named and "field" in said:
        pointer = f"{pointer}/{named[1]}"
    return FieldFault(pointer=pointer, detail=without_values(said), choices=())
