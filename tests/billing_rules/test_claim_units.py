"""Billed units and codes against the documented minutes."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from billing_rules.therapy.claim_facts import ClaimFacts, ElsewhereFacts
from tests.billing_rules.claims import (
    CLEAN,
    LINE,
    MANUAL,
    SERVED_ON,
    SHIPPED,
    claim,
    found,
    only,
    with_line,
)
from tests.billing_rules.test_rule_book import row


def test_fewer_units_than_computed_warn_and_nothing_is_corrected() -> None:
    facts = with_line(units=1)
    fewer = only(facts)
    assert (fewer.rule, fewer.severity, fewer.subject) == ("units.differ", "warns", "/lines/0/units")
    assert fewer.evidence["computed"] == "2"
    assert fewer.evidence["method"] == "cms_total_time"
    assert "40 timed minutes make 3 units" in fewer.evidence["explanation"]
    assert facts.lines[0].units == 1


def tied(first: int, second: int) -> ClaimFacts:
    """Two codes of twenty minutes: three units, of which the clinician places one."""
    lines = (
        msgspec.structs.replace(LINE, minutes=20, units=first),
        msgspec.structs.replace(MANUAL, minutes=20, units=second),
    )
    return claim(lines=lines)


def test_in_a_tie_either_choice_is_right_and_a_unit_more_is_not() -> None:
    assert found(tied(2, 1)) == found(tied(1, 2)) == []
    assert ("units.differ", "blocks", "/lines/1/units") in found(tied(2, 2))


def test_the_method_is_the_payers_on_the_date_of_service() -> None:
    midpoint = row("ama_per_code", rule="unit_method", payer="medicare", level="organization")
    assert found(CLEAN, SHIPPED.with_rows([midpoint])) == [("units.differ", "blocks", "/lines/1/units")]
    later = msgspec.structs.replace(midpoint, starts_on=SERVED_ON + timedelta(days=1))
    assert found(CLEAN, SHIPPED.with_rows([later])) == []


def test_minutes_on_another_claim_of_the_day_enter_the_pool() -> None:
    other = ElsewhereFacts(served_on=SERVED_ON, code="97140", discipline="PT", minutes=7, units=1)
    alone = claim(lines=(LINE,), elsewhere=())
    assert found(claim(lines=(LINE,), elsewhere=(other,))) == found(alone) == []
    longer = msgspec.structs.replace(other, code="97530", minutes=14, units=1)
    assert found(claim(lines=(msgspec.structs.replace(LINE, units=3),), elsewhere=(longer,)))


def therapy_of_the_mind(code: str, minutes: int | None, **changed: Any) -> ClaimFacts:
    """One line of behavioral health for a payer that wants no authorization."""
    mind = msgspec.structs.replace(
        LINE, code=code, minutes=minutes, units=1, modifiers=(), discipline="BH", plan_of_care=None
    )
    return claim(lines=(mind,), authorization_required=False, **changed)


@pytest.mark.parametrize(("code", "minutes"), [("90834", 45), ("90837", 53), ("90847", 26), ("90791", None)])
def test_psychotherapy_whose_minutes_fit_its_code_is_clean(code: str, minutes: int | None) -> None:
    assert found(therapy_of_the_mind(code, minutes)) == []


@pytest.mark.parametrize(("code", "minutes", "earned"), [("90837", 52, "90834"), ("90847", 25, "none")])
def test_psychotherapy_whose_minutes_earn_another_code_is_asked_about(
    code: str, minutes: int, earned: str
) -> None:
    assert only(therapy_of_the_mind(code, minutes)).evidence == {"code": code, "earned": earned}


def test_an_add_on_that_was_earned_and_not_billed_is_shown_on_its_base() -> None:
    facts = therapy_of_the_mind("96130", 100)
    assert found(facts) == [("units.differ", "warns", "/lines/0/units")]
    for minutes in (None, 100):
        addon = msgspec.structs.replace(facts.lines[0], code="96131", minutes=minutes)
        assert found(msgspec.structs.replace(facts, lines=(*facts.lines, addon))) == []
