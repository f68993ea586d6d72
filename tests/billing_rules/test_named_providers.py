"""Whoever the payer wants named besides the rendering clinician is named whole, or the claim waits."""

import pytest
from msgspec.structs import replace

from billing_rules.therapy.checks import medicaid, named_providers
from tests.billing_rules.claims import LINE, SHIPPED, claim
from tests.billing_rules.complete_claim import PARTIES
from tests.billing_rules.test_rule_book import row


@pytest.mark.parametrize("role", ["supervising", "ordering"])
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("npi", None, "required.{}_npi"),
        ("last_name", "", "required.{}_last_name"),
        ("npi", "1", "identity.npi"),
    ],
)
def test_whoever_is_named_is_named_whole(role: str, field: str, value: str | None, said: str) -> None:
    check = getattr(named_providers, f"check_{role}")
    [whole] = getattr(PARTIES, role)
    assert list(check(claim(parties=PARTIES), SHIPPED)) == []
    spoiled = replace(PARTIES, **{role: (whole, replace(whole, **{field: value}))})
    [what] = check(claim(parties=spoiled), SHIPPED)
    assert (what.rule, what.subject) == (said.format(role), f"/parties/{role}/1/{field}")


@pytest.mark.parametrize(("codes", "expected"), [([], 1), (["97110"], 1), (["E0100"], 0)])
def test_an_order_that_is_to_be_sent_is_missed_on_its_codes(codes: list[str], expected: int) -> None:
    value = {"required": False, "enrolled": False, "sends_orderer": True, "sent_codes": codes}
    book = SHIPPED.with_rows([row(value, rule="ordering_provider", level="practice")])
    assert len(list(medicaid.check_ordering_provider(claim(lines=(LINE,)), book))) == expected
