"""Versions that a source system gives its records: numbers by size, anything else by its letters."""

from enum import Enum


class Arrival(Enum):
    """How a record that arrives stands to the one we have."""

    SAME = "same"
    NEWER = "newer"
    OLDER = "older"


def compare(arriving: str, known: str) -> Arrival:
    """How the arriving version stands to the known one; ISO instants compare as they read."""
    if arriving == known:
        return Arrival.SAME
    if arriving.isdecimal() and known.isdecimal():
        return Arrival.NEWER if int(arriving) > int(known) else Arrival.OLDER
    return Arrival.NEWER if arriving > known else Arrival.OLDER
