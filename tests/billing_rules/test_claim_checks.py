"""One thing spoiled, one finding: the scrub over a claim that is clean otherwise."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_rules.findings import blocks, finding, in_order
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import CoverageFacts
from tests.billing_rules.claims import (
    CLEAN,
    LINE,
    MANUAL,
    PLAN,
    SERVED_ON,
    SHIPPED,
    claim,
    found,
    only,
    with_line,
)
from tests.billing_rules.test_rule_book import row

REQUIRED = (
    "payer_id",
    "billing_name",
    "billing_npi",
    "billing_tax_id",
    "billing_zip",
    "rendering_npi",
    "member_id",
    "patient_last_name",
    "patient_first_name",
    "patient_born_on",
    "patient_sex",
    "patient_zip",
)


def test_a_clean_claim_has_no_finding() -> None:
    assert scrub(CLEAN, SHIPPED) == []


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("nothing", [None, ""])
def test_each_required_element_removed_gives_exactly_its_finding(field: str, nothing: Any) -> None:
    value = None if field == "patient_born_on" else nothing
    assert found(claim(**{field: value})) == [(f"required.{field}", "blocks", f"/{field}")]


@pytest.mark.parametrize(
    ("changed", "rule", "subject"),
    [
        ({"diagnoses": ()}, "required.diagnoses", "/diagnoses"),
        ({"lines": ()}, "required.lines", "/lines"),
        ({"authorizations": ()}, "authorization.missing", "/authorizations"),
        ({"coverage": None}, "coverage.missing", "/coverage"),
        ({"frequency": "7"}, "claim.payer_control_number", "/payer_control_number"),
        ({"frequency": "8"}, "claim.payer_control_number", "/payer_control_number"),
        ({"frequency": ""}, "claim.frequency", "/frequency"),
        ({"billing_npi": "1234567890"}, "identity.npi", "/billing_npi"),
        ({"rendering_npi": "1245319590"}, "identity.npi", "/rendering_npi"),
        ({"facility_npi": "12"}, "identity.npi", "/facility_npi"),
        ({"rendering_taxonomy": "225100000"}, "identity.taxonomy", "/rendering_taxonomy"),
        ({"billing_tax_id": "12-345"}, "identity.tax_id", "/billing_tax_id"),
        ({"billing_zip": "02139"}, "identity.zip9", "/billing_zip"),
        ({"patient_zip": "0213"}, "identity.zip", "/patient_zip"),
        ({"patient_sex": "X"}, "patient.sex", "/patient_sex"),
        ({"diagnoses": ("M54", "M25.511")}, "diagnosis.not_specific", "/diagnoses/0"),
        ({"diagnoses": ("M54.50", "U99.9")}, "diagnosis.unknown", "/diagnoses/1"),
        ({"diagnoses": ("back", "M25.511")}, "diagnosis.malformed", "/diagnoses/0"),
        ({"sent_on": date(2027, 3, 10)}, "filing_limit.passed", "/sent_on"),
    ],
)
def test_each_fault_of_the_claim_gives_exactly_its_finding(
    changed: dict[str, Any], rule: str, subject: str
) -> None:
    assert found(claim(**changed)) == [(rule, "blocks", subject)]


@pytest.mark.parametrize(
    ("changed", "rule", "field"),
    [
        ({"served_on": None}, "required.served_on", "served_on"),
        ({"code": ""}, "required.code", "code"),
        ({"place_of_service": None}, "required.place_of_service", "place_of_service"),
        ({"units": 0}, "line.units", "units"),
        ({"charge_cents": 0}, "line.charge", "charge_cents"),
        ({"minutes": None}, "units.minutes", "minutes"),
        ({"minutes": -1}, "units.minutes", "minutes"),
        ({"pointers": ()}, "line.pointers", "pointers"),
        ({"pointers": (3,)}, "line.pointers", "pointers"),
        ({"pointers": (1, 1)}, "line.pointers", "pointers"),
        ({"place_of_service": "28"}, "line.place_of_service", "place_of_service"),
        ({"modifiers": ()}, "modifier.discipline", "modifiers"),
        ({"modifiers": ("GO",)}, "modifier.discipline", "modifiers"),
        ({"modifiers": ("GP", "GO")}, "modifier.conflicting", "modifiers"),
        ({"modifiers": ("GP", "KXX")}, "line.modifiers", "modifiers"),
        ({"session_signed": False}, "session.unsigned", "session_signed"),
        ({"plan_of_care": None}, "plan_of_care.missing", "plan_of_care"),
        ({"duplicate_of": "claim 7, line 2"}, "line.duplicate", "duplicate_of"),
        ({"units": 3}, "units.differ", "units"),
    ],
)
def test_each_fault_of_a_line_gives_exactly_its_finding(
    changed: dict[str, Any], rule: str, field: str
) -> None:
    assert found(with_line(**changed)) == [(rule, "blocks", f"/lines/0/{field}")]


def test_a_line_without_discipline_says_so() -> None:
    assert ("required.discipline", "blocks", "/lines/0/discipline") in found(with_line(discipline=None))


def test_an_unknown_code_is_one_finding_and_says_which() -> None:
    open_authorization = (msgspec.structs.replace(CLEAN.authorizations[0], codes=()),)
    unknown = only(msgspec.structs.replace(with_line(code="99999"), authorizations=open_authorization))
    assert (unknown.rule, unknown.evidence) == ("procedure.unknown", {"code": "99999"})


def test_a_code_of_another_year_is_refused_by_its_dates() -> None:
    facts = claim(
        lines=(msgspec.structs.replace(LINE, code="98985", minutes=None, units=1),),
        authorization_required=False,
    )
    assert found(facts) == []
    last_year = date(2025, 12, 30)
    facts = msgspec.structs.replace(
        facts,
        lines=(
            msgspec.structs.replace(
                facts.lines[0],
                served_on=last_year,
                plan_of_care=msgspec.structs.replace(PLAN, starts_on=last_year),
            ),
        ),
        coverage=CoverageFacts(starts_on=date(2025, 1, 1), ends_on=None),
    )
    assert ("procedure.not_on_date", "blocks", "/lines/0/code") in found(facts)


def test_a_diagnosis_after_our_lists_only_warns() -> None:
    on = date(2026, 10, 5)
    plan = msgspec.structs.replace(PLAN, starts_on=date(2026, 9, 10), ends_on=date(2026, 12, 1))
    late = msgspec.structs.replace(LINE, served_on=on, plan_of_care=plan, units=2)
    facts = claim(lines=(late,), sent_on=on, diagnoses=("M54.50", "U99.9"), authorization_required=False)
    assert found(facts) == [("diagnosis.not_loaded", "warns", "/diagnoses/1")]


def test_too_many_lines_and_diagnoses_are_told() -> None:
    diagnoses = tuple(f"M25.51{side}" for side in "129") * 4 + ("M54.50",)
    rules = [rule for rule, _, _ in found(claim(diagnoses=diagnoses, lines=(LINE,) * 51))]
    assert "claim.max_lines" in rules
    assert "claim.max_diagnoses" in rules
    most = tuple(f"M25.5{joint}{side}" for joint in "1234" for side in "129")
    assert found(claim(diagnoses=most)) == []


def test_a_diagnosis_twice_is_told_once() -> None:
    assert found(claim(diagnoses=("M54.50", "M5450"))) == [("diagnosis.repeated", "blocks", "/diagnoses/1")]


def test_a_repeated_line_warns() -> None:
    twice = msgspec.structs.replace(LINE, units=1, minutes=16)
    facts = claim(lines=(twice, msgspec.structs.replace(twice, minutes=17), MANUAL))
    assert found(facts) == [("line.repeated", "warns", "/lines/1/code")]


def test_a_missing_rule_is_a_finding_and_not_a_crash() -> None:
    bare = RuleBook(one for one in SHIPPED.rows if one.rule != "filing_limit_days")
    nowhere = only(CLEAN, bare)
    assert (nowhere.rule, nowhere.severity) == ("rule.not_in_force", "blocks")
    assert "filing_limit_days" in nowhere.message


def test_a_rule_of_the_wrong_shape_is_a_finding_that_names_its_row() -> None:
    wrong = row("soon", rule="filing_limit_days", payer="medicare", level="practice")
    refused = only(CLEAN, SHIPPED.with_rows([wrong]))
    assert refused.rule == "rule.value_refused"
    assert "practice filing_limit_days for medicare" in refused.message


SPOILED = st.fixed_dictionaries(
    {},
    optional={
        **{field: st.none() for field in REQUIRED},
        "lines": st.lists(
            st.builds(
                msgspec.structs.replace,
                st.just(LINE),
                code=st.sampled_from(["97110", "97140", "97129", "97130", "90834", "nonsense", ""]),
                minutes=st.none() | st.integers(-5, 90),
                units=st.integers(-1, 4),
                discipline=st.sampled_from(["PT", "OT", None]),
                served_on=st.sampled_from([SERVED_ON, SERVED_ON - timedelta(days=1), None]),
            ),
            max_size=4,
        ).map(tuple),
        "payer": st.sampled_from(["medicare", "va", "new", None]),
        "diagnoses": st.lists(st.sampled_from(["M54.50", "M54", "x"]), max_size=3).map(tuple),
    },
)


@given(SPOILED)
def test_whatever_is_spoiled_the_scrub_answers_the_same_twice_and_speaks_of_no_patient(
    changed: dict[str, Any],
) -> None:
    facts = claim(**changed)
    first = scrub(facts, SHIPPED)
    assert first == scrub(facts, SHIPPED)
    secrets = (CLEAN.member_id, CLEAN.patient_last_name, CLEAN.patient_first_name, str(CLEAN.patient_born_on))
    for what in first:
        said = " ".join((what.message, what.fix, *what.evidence.values()))
        assert not any(secret in said for secret in secrets if secret)


def test_findings_are_ordered_by_weight_then_field_then_rule() -> None:
    def one(severity: Any, subject: str) -> Any:
        return finding("line.units", severity, subject, "m", fix="f", source="s")

    ordered = [
        one("blocks", "/lines"),
        one("blocks", "/lines/2/units"),
        one("blocks", "/lines/10/units"),
        one("warns", "/billing_npi"),
        one("informs", "/a"),
    ]
    assert in_order(reversed(ordered)) == ordered
    assert blocks(ordered)
    assert not blocks(ordered[3:])
