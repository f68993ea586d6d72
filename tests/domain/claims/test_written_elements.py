"""What the writer of claim files would refuse, the checks have said before: no element goes unchecked."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from billing_rules.findings import blocks
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts
from domain.claims.content import (
    AccidentContent,
    Address,
    BillingContent,
    ClaimContent,
    ClinicianContent,
    FacilityContent,
    LineContent,
    OrderingContent,
    PayerContent,
    PersonContent,
    ReferringContent,
    SubscriberContent,
)
from domain.claims.facts import identity_facts
from domain.claims.party_facts import party_facts
from integrations.clearinghouse.x12_claims import x12_claim
from integrations.x12.professional_claims import ClaimNotWritable, check_claim
from tests.billing_rules.claims import CLEAN, SHIPPED

HOME = Address(street="1 Main Street", city="Boston", state="MA", zip_code="021390001")
POOL = Address(street="9 Harbor Road", city="Boston", state="MA", zip_code="021090009")
CHILD = PersonContent(
    given_name="Erin", family_name="Example", birth_on=date(2015, 5, 5), sex="F", address=HOME
)
PARENT = PersonContent(
    given_name="Ellen", family_name="Example", birth_on=date(1985, 5, 5), sex="F", address=None
)
FIRST = ClinicianContent(
    given_name="Sue", family_name="Super", npi="1366456980", taxonomy=None, legacy_id=None
)
SECOND = msgspec.structs.replace(FIRST, family_name="Deputy", npi="1023011079")
CONTENT = ClaimContent(
    control_number="A00000001",
    frequency="1",
    payer_control_number=None,
    payer_ordinal=1,
    discipline="PT",
    billing=BillingContent(
        name="Harbor Therapy",
        npi="1234567893",
        taxonomy="261QP2000X",
        tax_id="123456789",
        legacy_id=None,
        phone="6175550100",
        address=HOME,
    ),
    payer=PayerContent(name="MEDICARE", electronic_id="14112", filing_indicator="MB", address=None),
    subscriber=SubscriberContent(
        person=PARENT, member_number="1EG4TE5MK73", group_number=None, relationship="child"
    ),
    patient=CHILD,
    rendering=ClinicianContent(
        given_name="Ada", family_name="Stone", npi="1245319599", taxonomy="225100000X", legacy_id=None
    ),
    facility=FacilityContent(name="Pool", npi=None, place_of_service="11", address=POOL),
    accident=AccidentContent(kind="auto", on=date(2026, 1, 2), state="MA", claim_number="K1"),
    diagnoses=("M54.50", "M25.511"),
    lines=tuple(
        LineContent(
            number=at,
            line_control=f"A00000001L0{at}",
            code=line.code,
            modifiers=line.modifiers,
            units=line.units,
            minutes=line.minutes,
            charge_cents=line.charge_cents,
            served_on=date(2026, 3, 2),
            place_of_service="11",
            pointers=line.pointers,
            authorization_number="A123",
            supervising=SECOND if at == 2 else None,
            ordering=OrderingContent(name="Elena Field", npi="1205999992"),
        )
        for at, line in enumerate(CLEAN.lines, 1)
    ),
    referring=ReferringContent(name="Elena Field", npi="1205999992"),
    supervising=FIRST,
)


def facts_of(content: ClaimContent) -> ClaimFacts:
    """The facts that the content alone decides, over a record with nothing wrong."""
    lines = tuple(
        msgspec.structs.replace(
            behind,
            **{name: getattr(said, name) for name in ("code", "modifiers", "units", "charge_cents")},
            served_on=said.served_on,
            pointers=said.pointers,
            place_of_service=said.place_of_service,
        )
        for behind, said in zip(CLEAN.lines, content.lines, strict=False)
    )
    return msgspec.structs.replace(
        CLEAN, **identity_facts(content), lines=lines, parties=party_facts(content)
    )


def spoiled(value: Any) -> Iterator[Any]:
    """The value with one text after the other left out, at any depth."""
    if isinstance(value, str):
        yield ""
    elif isinstance(value, tuple):
        yield ()
        for at, one in enumerate(value):
            yield from ((*value[:at], other, *value[at + 1 :]) for other in spoiled(one))
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            for other in spoiled(getattr(value, name)):
                yield msgspec.structs.replace(value, **{name: other})


def writable(content: ClaimContent) -> bool:
    """Whether the file's own writer takes it."""
    try:
        check_claim(x12_claim(content))
    except ClaimNotWritable:
        return False
    except KeyError:
        return True  # an accident's kind is one of three words by its table, so none is never written
    return True


def test_the_content_is_clean_and_writable() -> None:
    assert scrub(facts_of(CONTENT), SHIPPED) == []
    assert writable(CONTENT)


def test_whatever_the_writer_refuses_was_found_before() -> None:
    unwritable = [content for content in spoiled(CONTENT) if not writable(content)]
    assert len(unwritable) > 25
    for content in unwritable:
        assert blocks(scrub(facts_of(content), SHIPPED)), msgspec.to_builtins(content)


def test_the_number_stands_in_the_claims_loop_or_where_lines_differ_in_theirs() -> None:
    """One number for all lines is the claim's (2300 REF*G1); two numbers are the lines' own (2400)."""
    one = x12_claim(CONTENT)
    assert (one.authorization_number, [line.authorization_number for line in one.lines]) == ("A123", ["", ""])
    second = msgspec.structs.replace(CONTENT.lines[1], authorization_number="B456")
    two = x12_claim(msgspec.structs.replace(CONTENT, lines=(CONTENT.lines[0], second)))
    assert two.authorization_number == ""
    assert [line.authorization_number for line in two.lines] == ["A123", "B456"]


def test_the_certifying_clinician_stands_as_referring() -> None:
    referring = x12_claim(CONTENT).referring
    assert referring is not None
    assert (referring.name.first, referring.name.last_or_organization) == ("Elena", "Field")
    assert referring.npi == "1205999992"


def test_a_supervisor_stands_on_the_claim_and_another_on_the_line_that_had_that_one() -> None:
    """2310D for the claim, 2420D where a session was another's, 2420E for who ordered; none without NPI."""
    made = x12_claim(CONTENT)
    assert made.supervising is not None
    assert (made.supervising.name.last_or_organization, made.supervising.npi) == ("Super", "1366456980")
    assert [line.supervising and line.supervising.npi for line in made.lines] == [None, "1023011079"]
    assert [line.ordering and line.ordering.name.last_or_organization for line in made.lines] == ["Field"] * 2
    nameless = msgspec.structs.replace(CONTENT, supervising=msgspec.structs.replace(FIRST, npi=None))
    assert x12_claim(nameless).supervising is None
    said = [(what.rule, what.severity) for what in scrub(facts_of(nameless), SHIPPED)]
    assert said == [("required.supervising_npi", "blocks")]


def test_what_was_frozen_before_supervisors_were_named_is_still_read() -> None:
    old = msgspec.to_builtins(CONTENT)
    del old["supervising"]
    for line in old["lines"]:
        del line["supervising"], line["ordering"]
    read = msgspec.convert(old, ClaimContent)
    assert read.supervising is None
    assert {(line.supervising, line.ordering) for line in read.lines} == {(None, None)}
    assert scrub(facts_of(read), SHIPPED) == []
    assert writable(read)
