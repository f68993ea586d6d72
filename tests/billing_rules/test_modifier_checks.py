"""What the checks say of modifiers: missing, contradicting, twice, and what record and place say of them."""

from datetime import date
from typing import Any

import msgspec
import pytest

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts, ServiceEvidence
from billing_rules.therapy.facts.thresholds import AllowedLine, TherapyAccrual
from tests.billing_rules.claims import LINE, PLAN, SERVED_ON, SHIPPED, claim, found, only, with_line
from tests.billing_rules.test_rule_book import row

VIDEO: dict[str, Any] = {"telehealth": "audio_video", "patient_at_home": True}
PHONE: dict[str, Any] = {"telehealth": "audio_only", "patient_at_home": True}
MODIFIER, PLACE = "telehealth.modifier", "telehealth.place"


def line(code: str, *modifiers: str, **more: Any) -> LineFacts:
    changed: dict[str, Any] = {
        "code": code,
        "modifiers": modifiers,
        "units": 1,
        "minutes": 15,
        "pointers": (1,),
    }
    return msgspec.structs.replace(LINE, **(changed | {"pointers": (1,)} | more))


def of_mind(*modifiers: str, place: str = "11", **evidence: Any) -> ClaimFacts:
    """A clean line of psychotherapy with evidence."""
    told = line(
        "90834",
        *modifiers,
        minutes=45,
        discipline="BH",
        plan_of_care=None,
        place_of_service=place,
        evidence=ServiceEvidence(**evidence) if evidence else None,
    )
    return claim(lines=(told,), authorizations=(), authorization_required=False, state="MA")


def rules(facts: ClaimFacts, book: RuleBook = SHIPPED) -> list[str]:
    return [f.rule for f in scrub(facts, book) if f.rule.split(".")[0] in ("modifier", "telehealth", "place")]


def test_missing_conflicting_and_duplicate_are_three_findings() -> None:
    assert found(with_line(modifiers=())) == [("modifier.discipline", "blocks", "/lines/0/modifiers")]
    assert found(with_line(modifiers=("GP", "GO"))) == [
        ("modifier.conflicting", "blocks", "/lines/0/modifiers")
    ]
    twice = only(with_line(modifiers=("GP", "GP")))
    assert (twice.rule, twice.risk) == ("modifier.duplicate", "low")
    assert twice.correction is not None
    assert twice.correction.becomes == "GP"


def test_always_therapy_needs_a_disciplines_modifier_even_without_a_plan() -> None:
    facts = claim(lines=(line("97110", discipline="BH", plan_of_care=None),))
    assert "modifier.discipline" in rules(facts)


def test_a_code_of_one_discipline_carries_only_its_modifier() -> None:
    plan = msgspec.structs.replace(PLAN, discipline="OT")
    facts = claim(lines=(line("97161", "GO", discipline="OT", minutes=None, plan_of_care=plan),))
    assert "modifier.conflicting" in rules(facts)


def test_cq_stands_on_the_units_that_the_minutes_make() -> None:
    """PTA 23 and PT 13 of 97110: one unit without, one with; all on one line is told."""
    shown = ServiceEvidence(assistant_minutes=23)
    together = claim(lines=(line("97110", "GP", "CQ", units=2, minutes=36, evidence=shown),))
    assert "modifier.assistant" in rules(together)
    apart = claim(
        lines=(
            line("97110", "GP", minutes=13, evidence=shown),
            line("97110", "GP", "CQ", minutes=23, evidence=shown),
        )
    )
    assert rules(apart) == []
    assert "modifier.assistant" in rules(
        claim(lines=(line("97110", "GP", "CQ", evidence=ServiceEvidence()),))
    )


def accrual(before: int, *allowed: int | None, **more: Any) -> TherapyAccrual:
    lines = tuple(
        AllowedLine(line=at, allowed_cents=cents, at_most_cents=10_000) for at, cents in enumerate(allowed)
    )
    told: dict[str, Any] = {
        "year": 2026,
        "bucket": "PT_SLP",
        "accrued_cents": before,
        "looked_up_on": date(2026, 3, 1),
        "unknown_lines": 0,
        "unknown_at_most_cents": 0,
        "lines": lines,
    }
    return TherapyAccrual(**(told | more))


def three(*kx: int) -> tuple[LineFacts, ...]:
    codes = (("97530", 1), ("97110", 2), ("97140", 1))
    return tuple(
        line(code, "GP", *(("KX",) if at in kx else ()), units=units, minutes=15 * units)
        for at, (code, units) in enumerate(codes)
    )


def test_kx_from_the_crossing_line_on() -> None:
    """Worked example 12: 2,430.00 accrued; 36.62 stays below 2,480, 44.60 crosses, 20.80 is above."""
    tally = accrual(243_000, 3_662, 4_460, 2_080)
    facts = claim(lines=three(), therapy_accruals=(tally,), authorization_required=False)
    assert found(facts) == [
        ("modifier.threshold_missing", "blocks", "/lines/1/modifiers"),
        ("modifier.threshold_missing", "blocks", "/lines/2/modifiers"),
    ]
    right = claim(lines=three(1, 2), therapy_accruals=(tally,), authorization_required=False)
    assert found(right) == []
    early = claim(lines=three(0, 1, 2), therapy_accruals=(tally,), authorization_required=False)
    assert found(early) == [("modifier.threshold_unneeded", "warns", "/lines/0/modifiers")]


def test_exactly_the_threshold_needs_no_kx_and_review_is_told() -> None:
    at_limit = claim(lines=(LINE,), therapy_accruals=(accrual(248_000 - 1_000, 1_000),))
    assert found(at_limit) == []
    above = claim(
        lines=(line("97110", "GP", "KX", units=2, minutes=33),), therapy_accruals=(accrual(300_000, 1),)
    )
    assert found(above) == [("threshold.review", "informs", "/lines")]


@pytest.mark.parametrize(("before", "severity"), [(0, "informs"), (247_000, "warns")])
def test_what_nobody_knows_to_be_allowed_is_told_and_the_charge_is_not_taken_for_it(
    before: int, severity: str
) -> None:
    facts = claim(lines=(LINE,), therapy_accruals=(accrual(before, None),))
    assert found(facts) == [("threshold.allowed_unknown", severity, "/lines")]


def test_a_year_without_its_own_sum_runs_on_the_last_one_and_says_so() -> None:
    day = SERVED_ON.replace(year=2027)
    plan = msgspec.structs.replace(PLAN, starts_on=day, ends_on=day, certified_on=day)
    tally = accrual(248_000, 1, year=2027)
    facts = claim(
        lines=(line("97110", "GP", "KX", served_on=day, plan_of_care=plan),),
        sent_on=day,
        therapy_accruals=(tally,),
        authorization_required=False,
    )
    assert ("threshold.provisional", "warns", "/lines") in found(facts)


def test_kx_means_nothing_to_payers_that_do_not_count() -> None:
    facts = claim(payer="new", lines=(LINE,), therapy_accruals=(accrual(300_000, 1),))
    assert not [rule for rule in rules(facts) if "threshold" in rule]


def test_a_notice_and_kx_contradict() -> None:
    assert "modifier.conflicting" in rules(claim(lines=(line("97110", "GP", "KX", "GA"),)))


def test_what_the_record_says_has_its_modifier_where_the_payer_reads_it() -> None:
    noticed = line("97110", "GP", evidence=ServiceEvidence(notice="required_on_file"))
    assert rules(claim(lines=(noticed,))) == ["modifier.missing"]
    assert rules(claim(payer="new", lines=(noticed,))) == []
    table = {"rows": [{"credential": "LCSW", "codes": [], "modifier": "AJ"}]}
    book = SHIPPED.with_rows([row(table, rule="credential_modifiers", level="practice")])
    assert rules(of_mind(credential="LCSW"), book) == ["modifier.missing"]
    assert rules(of_mind("AJ", credential="LCSW"), book) == []


@pytest.mark.parametrize(
    ("payer", "modifiers", "place", "evidence", "expected"),
    [
        ("new", ("95",), "10", VIDEO, []),
        ("new", (), "10", VIDEO, [MODIFIER]),
        ("new", ("95",), "11", VIDEO, [PLACE]),
        ("new", ("95",), "02", VIDEO, [PLACE]),
        ("new", ("95",), "11", {"telehealth": "none"}, [MODIFIER]),
        ("new", (), "10", {"telehealth": "none"}, [PLACE]),
        ("new", (), "02", {}, [MODIFIER]),
        ("new", ("95",), "11", {}, [MODIFIER]),
        ("new", ("95",), "10", PHONE, [MODIFIER]),
        ("new", ("93",), "10", PHONE, []),
        ("medicare", (), "10", VIDEO, []),
        ("medicare", ("95",), "10", VIDEO, [MODIFIER]),
        ("medicare", ("93",), "10", PHONE, []),
    ],
)  # fmt: skip
def test_place_and_modifier_agree_with_how_they_met(
    payer: str, modifiers: tuple[str, ...], place: str, evidence: dict[str, Any], expected: list[str]
) -> None:
    facts = msgspec.structs.replace(of_mind(*modifiers, place=place, **evidence), payer=payer)
    assert rules(facts) == expected


def test_codes_and_disciplines_that_cannot_be_remote() -> None:
    remote = ServiceEvidence(telehealth="audio_video", patient_at_home=True)
    hands = claim(lines=(line("97140", "GP", place_of_service="10", evidence=remote),))
    assert rules(hands) == ["telehealth.code"]
    later = SERVED_ON.replace(year=2028)
    lapsed = claim(
        lines=(line("97110", "GP", place_of_service="10", served_on=later, evidence=remote),), sent_on=later
    )
    assert "telehealth.discipline" in rules(lapsed)


def test_a_code_for_other_places_is_not_the_offices() -> None:
    facts = of_mind()
    office = msgspec.structs.replace(facts, lines=(msgspec.structs.replace(facts.lines[0], code="G0017"),))
    assert "place.code" in rules(office)
    only_there = {"rows": [{"codes": ["90834"], "only": ["12"], "never": []}]}
    book = SHIPPED.with_rows([row(only_there, rule="places_of_codes", level="practice")])
    assert "place.code" in rules(of_mind(), book)


@pytest.mark.parametrize(
    ("modifiers", "site", "diagnosis", "expected"),
    [
        (("RT", "GP"), None, "M25.511", []),
        (("LT", "GP"), None, "M25.511", ["laterality.diagnosis"]),
        (("GP",), "left shoulder", "M25.511", ["laterality.diagnosis"]),
        (("GP",), "right shoulder", "M25.511", []),
        (("RT", "GP"), "left shoulder", "M54.50", ["laterality.diagnosis"]),
        (("50", "GP"), None, "M25.511", []),
    ],
)
def test_the_side_is_one_side(
    modifiers: tuple[str, ...], site: str | None, diagnosis: str, expected: list[str]
) -> None:
    shown = ServiceEvidence(body_site=site) if site else None
    facts = claim(diagnoses=(diagnosis,), lines=(line("97110", *modifiers, evidence=shown),))
    assert [f.rule for f in scrub(facts, SHIPPED) if f.rule.startswith("laterality")] == expected


def test_a_code_that_must_name_its_side_does() -> None:
    wants = row({"codes": ["97110"], "both_sides": "50"}, rule="sides_of_codes", level="practice")
    facts = claim(lines=(line("97110", "GP"),))
    told = [f.rule for f in scrub(facts, SHIPPED.with_rows([wants]))]
    assert told == ["laterality.missing"]


def test_the_payers_order_is_told_and_offered() -> None:
    order = row({"first": ["KX", "GP"]}, rule="modifier_order", level="practice")
    facts = claim(payer="new", lines=(line("97110", "GP", "KX"),))
    [told] = [f for f in scrub(facts, SHIPPED.with_rows([order])) if f.rule == "modifier.order"]
    assert told.correction is not None
    assert told.correction.becomes == "KX,GP"
