"""What goes wrong with made-up claims: one fault each, of kinds that a file can still be written with."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from billing_rules.therapy.claim_facts import ClaimFacts

Fault = Callable[[ClaimFacts], ClaimFacts]


def spoiled(facts: ClaimFacts, chance: random.Random) -> ClaimFacts:
    """The claim with one fault of those that there are."""
    return chance.choice(FAULTS)(facts)


def _of_line(**changed: Any) -> Fault:
    """A fault of the first line only."""

    def spoil(facts: ClaimFacts) -> ClaimFacts:
        return replace(facts, lines=(replace(facts.lines[0], **changed), *facts.lines[1:]))

    return spoil


def _late(facts: ClaimFacts) -> ClaimFacts:
    return replace(facts, sent_on=facts.sent_on + timedelta(days=500))


def _overbilled(facts: ClaimFacts) -> ClaimFacts:
    return _of_line(units=facts.lines[0].units + 7)(facts)


FAULTS: tuple[Fault, ...] = (
    _late,
    _overbilled,
    _of_line(modifiers=()),
    _of_line(modifiers=("GP", "GO", "59")),
    _of_line(session_signed=False),
    _of_line(place_of_service="02"),
    _of_line(plan_of_care=None, minutes=None),
    _of_line(code="99999"),
    lambda facts: replace(facts, authorizations=(), authorization_required=True),
    lambda facts: replace(facts, billing_npi="1234567890"),
    lambda facts: replace(facts, diagnoses=(*facts.diagnoses, "M54.5")),
    lambda facts: replace(facts, member_id="A1"),
)
