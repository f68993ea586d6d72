"""The shipped vectors of modifiers, sides, units of a day and discipline packs, each by the rule it names."""

import json
from typing import Any

import pytest

from billing_rules.tables import DATA
from billing_rules.therapy.discipline_packs import discipline_packs
from billing_rules.therapy.modifiers.table import all_modifiers
from billing_rules.vectors import run

VECTORS = json.loads((DATA / "coding_vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_shipped_vector_is_answered(vector: dict[str, Any]) -> None:
    assert run(vector["rule"], vector["input"]) == vector["expected"]


def test_every_modifier_that_contradicts_or_needs_another_has_its_evidence() -> None:
    known = {row.modifier for row in all_modifiers()}
    assert len(known) == len(all_modifiers())
    for row in all_modifiers():
        assert row.evidence, row.modifier
        assert row.source, row.modifier
        assert {*row.conflicts, *row.needs_one_of} <= known, row.modifier


def test_the_four_packs_have_vectors_that_pass_and_that_fail() -> None:
    assert [pack.discipline for pack in discipline_packs()] == ["PT", "OT", "SLP", "BH"]
    for pack in discipline_packs():
        assert {vector.allowed for vector in pack.vectors} == {True, False}


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("cq_co_timed_single_code", {"pt_minutes": 15, "pta_minutes": 15, "billed_units": 1}),
        ("cq_co_timed_single_code", {"pt_minutes": 8, "pta_minutes": 0, "billed_units": 3}),
        ("cq_co_timed_single_code", {"pt_minutes": -1, "pta_minutes": 0, "billed_units": 0}),
        ("cq_co_untimed_de_minimis", {"pt_only_minutes": 30}),
        ("cq_requires_gp", {"modifiers": "CQ"}),
        ("kx_bucket", {"modifier": "CQ"}),
        ("kx_threshold", {"year": "2026"}),
        ("kx_threshold", {"year": 2001}),
        (
            "kx_line_assignment",
            {"year": 2026, "bucket": "PT", "accrued_allowed_before": "1.00", "lines_allowed": []},
        ),
        ("ncci_ptp_practitioner", {"codes": ["97110"]}),
        ("ncci_mue_practitioner", {"code": None}),
        ("ncci_addon", {"add_on": "97130"}),
    ],
)
def test_what_is_no_input_is_refused(rule: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="/"):
        run(rule, given)


def test_what_no_table_covers_cannot_be_told() -> None:
    pair = {"as_of": "2024-06-30", "codes": ["97150", "97110"], "same_provider_same_dos": True}
    assert run("ncci_ptp_practitioner", pair) == {"edit": None}
    assert run("kx_threshold", {"year": 2027}) == {"pt_slp_combined": None, "ot": None}
