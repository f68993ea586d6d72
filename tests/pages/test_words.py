"""How the pages say amounts, dates, people and places."""

import ast
import importlib
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import DeclarativeBase

import domain
from api.pages.frame import local_path
from api.pages.vocabulary import (
    CLAIM_STATES,
    CONFIRMATIONS,
    CORRECTION_STATES,
    FAMILIES,
    QUESTION_STATES,
    RISKS,
    SUGGESTION_STATES,
    WORK_KINDS,
)
from api.pages.words import Words
from billing_rules.check_catalogue import Family, Risk, Upstream
from domain.claims import suggestions
from domain.claims.check_models import ClaimCorrection
from domain.claims.events import MOVES
from domain.claims.suggestion_models import CodingSuggestion
from domain.reporting.claim_moments import EVENTS
from domain.visits.query_models import ClinicianQuery
from tests.conftest import ROOT

ANN = UUID(int=1)
SHOW = Words("America/New_York", {ANN: "Ann"})


def test_amounts_and_dates_are_readable() -> None:
    assert SHOW.dollars(123_456) == "$1,234.56"
    assert SHOW.day(date(2026, 3, 3)) == "Tue 3 Mar 2026"
    assert SHOW.days(date(2026, 3, 3), date(2026, 3, 3)) == "Tue 3 Mar 2026"
    assert SHOW.days(date(2026, 3, 3), date(2026, 3, 9)) == "Tue 3 Mar 2026 to Mon 9 Mar 2026"
    assert SHOW.moment(datetime(2026, 3, 3, 14, 5, tzinfo=UTC)) == "Tue 3 Mar 2026, 9:05 am EST"
    assert SHOW.moment(datetime(2026, 7, 4, 4, 0, tzinfo=UTC)) == "Sat 4 Jul 2026, 12:00 am EDT"
    assert SHOW.date_of(datetime(2026, 3, 3, 3, 0, tzinfo=UTC)) == "Mon 2 Mar 2026"


def test_people_are_named_or_owned_up_to() -> None:
    assert SHOW.by(ANN) == "Ann"
    assert SHOW.by("Dr Field") == "Dr Field"
    assert SHOW.by(None) == "Visitledger"
    assert SHOW.who(None) == "Nobody"
    assert SHOW.who(UUID(int=2)) == "A connected program"


def test_places_and_quantities_are_words() -> None:
    assert SHOW.place("/lines/0/duplicate_of") == "Line 1, duplicate of"
    assert SHOW.place("/member_id") == "Member id"
    assert SHOW.place("") == "The whole claim"
    assert SHOW.quantity(135, "hours") == "2.25 hours"
    assert (SHOW.amount(135, "minute"), SHOW.counted_in("minute")) == ("9", "units")
    assert (SHOW.amount(12, "visit"), SHOW.counted_in("visit")) == ("12", "visits")
    assert SHOW.count(1, "claim") == "1 claim"
    assert SHOW.count(1_200, "claim") == "1,200 claims"
    assert SHOW.account("patient_due:0190") == "patient owes"
    assert SHOW.account("write_off:small_balance") == "write-off (small balance)"


def test_every_state_of_a_claim_has_words() -> None:
    assert set(CLAIM_STATES) == set(MOVES)


def test_every_family_risk_and_state_of_a_decision_has_words() -> None:
    assert set(FAMILIES) == set(get_args(Family))
    assert set(RISKS) == set(get_args(Risk))
    assert set(CONFIRMATIONS) == set(suggestions.CONFIRMATIONS)
    assert states_of(ClinicianQuery) == set(QUESTION_STATES)
    assert states_of(CodingSuggestion) == set(SUGGESTION_STATES)
    assert states_of(ClaimCorrection) == set(CORRECTION_STATES)


def states_of(model: type[DeclarativeBase]) -> set[str]:
    """The values that the table's first check on its state or status allows."""
    checks = [str(c.sqltext) for c in model.__table__.constraints if isinstance(c, CheckConstraint)]
    listed = next(text for text in checks if re.match(r"(state|status) in ", text))
    return set(re.findall(r"'(\w+)'", listed))


def test_every_kind_of_work_and_every_event_has_words() -> None:
    """Read from the calls that open work or append to a claim's story, wherever the kind stands there."""
    opened, appended = kinds_named("open_item"), kinds_named("append")
    assert {"visit_held", "clinician_query", "claim_held", "units_differ"} <= opened
    assert opened | {f"repeated_{upstream}" for upstream in get_args(Upstream)} <= set(WORK_KINDS)
    assert {"corrected", "acknowledged", "suggestion_accepted", "released"} <= appended
    assert appended <= set(EVENTS)


def kinds_named(function: str) -> set[str]:
    """The kinds that the business names in calls of this function, or in what it hands on to one."""
    found: set[str] = set()
    for path in sorted(Path(domain.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and named(node) == function]
        if not calls:
            continue
        given = [k.value for call in calls for k in call.keywords if k.arg == "kind"]
        if any(k.arg is None for call in calls for k in call.keywords):
            given += [value for node in ast.walk(tree) for value in handed_on(node)]
        names = vars(importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
        found |= {kind for kind in (told(node, names) for node in given) if kind}
    return found


def named(call: ast.Call) -> str:
    """The plain name of what is called; a method has none here."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def handed_on(node: ast.AST) -> list[ast.expr]:
    """What a dictionary says of a kind."""
    if not isinstance(node, ast.Dict):
        return []
    pairs = zip(node.keys, node.values, strict=True)
    return [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "kind"]


def told(node: ast.expr, names: dict[str, object]) -> str:
    """A kind that stands as text or as a constant of the module; empty for what is only known later."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(node, ast.Name):
        value = names.get(node.id)
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(
    ("path", "led"),
    [
        ("/today?kind=denial", "/today?kind=denial"),
        ("//evil.test", "/home"),
        ("https://evil.test", "/home"),
        ("/\\evil.test", "/home"),
        ("/a\nb", "/home"),
        ("", "/home"),
    ],
)
def test_only_own_paths_are_followed(path: str, led: str) -> None:
    assert local_path(path, "/home") == led
