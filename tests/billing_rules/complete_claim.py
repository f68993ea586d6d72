"""A claim that names everybody a file can name, and a walk over everything it says."""

from collections.abc import Iterator
from typing import Any

import msgspec

from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.parties import AddressFacts, NamedProvider, PartyFacts, ProviderFacts
from tests.billing_rules.claims import LINE, claim

ADDRESS = AddressFacts(street="1 Main Street", city="Boston", state="MA")
PARTIES = PartyFacts(
    control_number="A00000001",
    place_of_service="11",
    payer_name="MEDICARE",
    filing_indicator="MB",
    billing=ADDRESS,
    rendering_last_name="Stone",
    rendering_is_billing=False,
    relationship="child",
    subscriber_last_name="Example",
    subscriber_first_name="Ellen",
    patient=ADDRESS,
    facility_name="Harbor Pool",
    facility=ADDRESS,
    referring_name="Dr Field",
    referring_npi="1205999992",
    accident_kind="auto",
    accident_state="MA",
    line_controls=("A00000001L01", "A00000001L02"),
    supervising=(NamedProvider(last_name="Super", npi="1366456980"),),
    ordering=(NamedProvider(last_name="Dr Field", npi="1205999992"),),
)
COMPLETE = claim(
    facility_npi="1679576722",
    facility_zip="021081234",
    parties=PARTIES,
    providers=ProviderFacts(persons=("1245319599",), organizations=("1234567893",), enrolled=True),
)
NO_ELEMENTS = frozenset(COMPLETE.__struct_fields__[COMPLETE.__struct_fields__.index("coverage") :]) - {
    "parties"
} | frozenset(LINE.__struct_fields__[LINE.__struct_fields__.index("plan_of_care") :])
"""What is no element of the file: facts about other records, which have checks of their own."""


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """The pointer of every plain value that a claim says, through its structs and lists."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name not in NO_ELEMENTS:
                yield from leaves(getattr(value, name), f"{path}/{name}")
    elif isinstance(value, tuple) and not path.endswith("/modifiers") and not path.endswith("/pointers"):
        if not path.startswith("/parties/"):
            yield path
        for at, one in enumerate(value):
            yield from leaves(one, f"{path}/{at}")
    else:
        yield path


def without(facts: ClaimFacts, pointer: str) -> ClaimFacts:
    """The claim with one value taken away."""
    changed: ClaimFacts = _without(facts, pointer.strip("/").split("/"), pointer.endswith("/minutes"))
    return changed


def _without(value: Any, steps: list[str], as_unknown: bool) -> Any:
    if not steps:
        return None if as_unknown else _nothing(value)
    first, rest = steps[0], steps[1:]
    if isinstance(value, tuple):
        return tuple(_without(v, rest, as_unknown) if at == int(first) else v for at, v in enumerate(value))
    return msgspec.structs.replace(value, **{first: _without(getattr(value, first), rest, as_unknown)})


def _nothing(value: Any) -> Any:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0
    if isinstance(value, tuple):
        return ()
    return "" if isinstance(value, str) else None
