"""The published examples, further ones from the same rules, and table A-V of the requirements."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from billing_rules.rule_book import load_shipped
from billing_rules.therapy.minutes import MinutesRefused
from billing_rules.therapy.payer_rules import Asked
from billing_rules.therapy.psychotherapy import psychotherapy_code
from billing_rules.therapy.session_units import Counting, Documented, SessionUnits, counting, session_units
from billing_rules.therapy.timed_units import timed_units
from billing_rules.vectors import RuleNotRunnable, run

HERE = Path(__file__).parent / "vectors"
PUBLISHED = json.loads((HERE / "published.json").read_text())["vectors"]
FURTHER = json.loads((HERE / "further.json").read_text())["vectors"]
TABLE_A_V = json.loads((HERE / "table_a_v.json").read_text())["rows"]
PAYER_OF_METHOD = {"cms_total_time": "medicare", "ama_per_code": "some commercial payer"}
ON = date(2026, 3, 2)


@pytest.mark.req("CORE-08")
@pytest.mark.parametrize("vector", [*PUBLISHED, *FURTHER], ids=lambda vector: vector["id"])
def test_vector_is_answered(vector: dict[str, Any]) -> None:
    assert run(vector["rule"], vector["input"]) == vector["expected"]


HOSTILE = [None, [], {}, "", -1, 1.5, True, 10**30, "x", [None], {"a": None}, "2026-02-30", "1e999999", "NaN"]


@pytest.mark.parametrize("vector", {v["rule"]: v for v in PUBLISHED}.values(), ids=lambda one: one["rule"])
def test_every_rule_answers_or_refuses_whatever_stands_in_a_field(vector: dict[str, Any]) -> None:
    """Never another error than a sentence about the input, and a missing field is one too."""
    given: dict[str, Any] = vector["input"]
    inputs = [given | {name: odd} for name in given for odd in HOSTILE]
    inputs += [{name: kept for name, kept in given.items() if name != lost} for lost in given]
    said = [answer_or_sentence(vector["rule"], odd) for odd in inputs]
    assert all(isinstance(one, dict) or one.endswith(".") for one in said), said


def answer_or_sentence(rule: str, given: dict[str, Any]) -> dict[str, Any] | str:
    try:
        return run(rule, given)
    except (ValueError, LookupError) as refused:
        return str(refused)


def test_vector_of_an_unbuilt_rule_is_refused() -> None:
    with pytest.raises(RuleNotRunnable):
        run("no_such_rule", {})


def by_payers_rule(method: str) -> Counting:
    """The method is looked up: the payer's row on the date of service decides it."""
    resolved = counting(load_shipped(), Asked(payer=PAYER_OF_METHOD[method], on=ON))
    assert resolved.method == method
    return resolved


def day_of(minutes: dict[str, int], method: str) -> SessionUnits:
    notes = [Documented(code=code, discipline="PT", minutes=spent) for code, spent in minutes.items()]
    return session_units(notes, by_payers_rule(method))


@pytest.mark.req("CORE-08")
@pytest.mark.parametrize("method", PAYER_OF_METHOD)
@pytest.mark.parametrize("row", TABLE_A_V, ids=lambda row: f"A-V-{row['row']}")
def test_table_a_v(row: dict[str, Any], method: str) -> None:
    answer = day_of(row["minutes"], method)
    units = {earned.code: earned.units for earned in answer.units}
    expected = row[method]
    if "among" not in expected:
        assert units == expected
        return
    tie = answer.pools["PT"].tie
    assert tie is not None
    assert sum(units.values()) == expected["total"]
    assert list(tie.among) == expected["among"]
    assert tie.proposed == tuple(expected["among"][: tie.pick])


@pytest.mark.req("CORE-08")
@pytest.mark.parametrize(
    ("minutes", "code"),
    [(15, None), (16, "90832"), (37, "90832"), (38, "90834"), (52, "90834"), (53, "90837")],
)
def test_table_a_v_13_psychotherapy(minutes: int, code: str | None) -> None:
    assert psychotherapy_code(minutes) == code


@pytest.mark.req("CORE-08")
@pytest.mark.parametrize("wrong", [-1, None, True, 7.5, "15"])
@pytest.mark.parametrize("method", PAYER_OF_METHOD)
def test_table_a_v_14_refuses_and_names_the_field(wrong: Any, method: Any) -> None:
    with pytest.raises(MinutesRefused) as refused:
        timed_units({"97110": 15, "97140": wrong}, method=method)
    assert refused.value.field == "/minutes/97140"
    day = [Documented(code="97110", discipline="PT", minutes=15)]
    day.append(Documented(code="97140", discipline="PT", minutes=wrong))
    with pytest.raises(MinutesRefused) as refused:
        session_units(day, by_payers_rule(method))
    assert refused.value.field == "/1/minutes"
