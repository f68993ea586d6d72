"""The public synthetic population: who there is, and for what they were in therapy (see data/NOTICE.md)."""

import csv
from datetime import date
from functools import cache
from importlib.resources import files
from random import Random
from typing import Literal

from msgspec import Struct

STATE = "MA"


class Person(Struct, frozen=True, kw_only=True):
    """A synthetic person; `source_id` is the population's own."""

    source_id: str
    given_name: str
    family_name: str
    sex: Literal["F", "M"]
    birth_on: date
    street: str
    city: str
    zip_code: str
    phone: str

    def age_on(self, on: date) -> int:
        """Whole years on a date."""
        return on.year - self.birth_on.year - ((on.month, on.day) < (self.birth_on.month, self.birth_on.day))


class CarePlan(Struct, frozen=True, kw_only=True):
    """A care plan of a person, with the reason for it; an empty reason was not recorded."""

    source_id: str
    name: str
    reason: str


class Fee(Struct, frozen=True, kw_only=True):
    """What a practice charges and what each payer allows for one unit of a code, in cents."""

    code: str
    charge_cents: int
    allowed_cents: dict[str, int]


@cache
def people() -> dict[str, Person]:
    """Everybody, by the population's id."""
    return {row["synthea_id"]: _person(row) for row in _rows("patients.csv")}


@cache
def care_plans() -> tuple[CarePlan, ...]:
    """Every therapy-type care plan, in the population's order."""
    return tuple(
        CarePlan(source_id=row["synthea_id"], name=row["careplan"], reason=row["reason"])
        for row in _rows("careplans.csv")
    )


@cache
def in_psychotherapy() -> dict[str, int]:
    """How many sessions of cognitive behaviour therapy each person had."""
    counted: dict[str, int] = {}
    for row in _rows("cbt_sessions.csv"):
        counted[row["synthea_id"]] = counted.get(row["synthea_id"], 0) + 1
    return counted


@cache
def fees() -> tuple[Fee, ...]:
    """The chargemaster and the payers' fee schedules."""
    return tuple(
        Fee(
            code=row.pop("code"),
            charge_cents=int(row.pop("charge_cents")),
            allowed_cents={payer: int(cents) for payer, cents in row.items() if payer != "source"},
        )
        for row in _rows("fees.csv")
    )


def dice(seed: int, *about: object) -> Random:
    """Chances that depend on the seed and on what they are about, and on nothing that happened before."""
    return Random("|".join(map(str, (seed, *about))))  # noqa: S311 - it plays people, it guards nothing


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _person(row: dict[str, str]) -> Person:
    return Person(
        source_id=row["synthea_id"],
        given_name=row["given"],
        family_name=row["family"],
        sex="F" if row["gender"] == "female" else "M",
        birth_on=date.fromisoformat(row["birth_date"]),
        street=row["line1"],
        city=row["city"],
        zip_code=row["zip"],
        phone="".join(c for c in row["phone"] if c.isdigit()),
    )
