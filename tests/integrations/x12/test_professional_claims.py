"""Our 837P: accepted by pyx12, read back as it was, and refused when no payer could take it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from integrations.x12.professional_claims import (
    AccidentInfo,
    ClaimBatch,
    ClaimNotWritable,
    OrderingProvider,
    PartyName,
    RenderingProvider,
    ServiceFacility,
    SupervisingProvider,
    check_claim,
    claim_spans,
    npi_is_valid,
    read_837p,
    transaction_number,
    write_837p,
)
from integrations.x12.tokenizer import read_interchanges
from tests.integrations.x12.oracle import verdict
from tests.integrations.x12.samples import ADDRESS, NPI, THERAPIST, batch, claim, full_claim, line, writer

SUPERVISING = SupervisingProvider(name=THERAPIST, npi=NPI)
ORDERING = OrderingProvider(name=THERAPIST, npi=NPI)


def written(*claims):
    return write_837p(batch(*claims), writer())


@pytest.mark.parametrize(
    "claims",
    [
        (claim(),),
        (full_claim(),),
        (claim(1), full_claim(2), claim(3)),
        (claim(rendering=None, lines=(line(unit_basis="MJ", units=Decimal(53)),)),),
        (replace(full_claim(), frequency="8"),),
        (claim(diagnosis_codes=(*[f"F84{n}" for n in range(10)], "M25.511", "M25.512")),),
        (claim(charge_cents=50, lines=tuple(line(n, charge_cents=1) for n in range(1, 51))),),
        (claim(accident=AccidentInfo(causes=("OA",), occurred_on=date(2026, 1, 1))),),
        (claim(supervising=SUPERVISING),),
        (claim(lines=(line(supervising=SUPERVISING),)),),
        (claim(lines=(line(ordering=ORDERING),)),),
    ],
)
def test_pyx12_accepts_what_we_write(claims):
    assert verdict(written(*claims)) == "valid"


@pytest.mark.parametrize("code", ["QA0.0101", "QA00101", "QA0", "M54.50", "S83.511A"])
def test_a_diagnosis_may_have_a_letter_in_its_second_place(code):
    """Since October 2025 (QA0); with or without its dot, and read back without."""
    text = written(claim(diagnosis_codes=(code, "M25.511")))
    plain = code.replace(".", "")
    assert f"HI*ABK:{plain}*ABF:M25511~" in text
    assert verdict(text) == "valid"
    (read,) = read_837p(text)
    assert read.claims[0].diagnosis_codes == (plain, "M25511")


@pytest.mark.parametrize("code", ["1A0.0101", "QA", "QA0.01011", "Q-0", "qa0.0101", "QA00.101"])
def test_what_is_not_shaped_like_a_diagnosis_is_refused(code):
    """By the field's name, before anything is written."""
    with pytest.raises(ClaimNotWritable) as refused:
        check_claim(claim(diagnosis_codes=(code,)))
    assert refused.value.field == "claim.diagnosis_codes[0]"


def test_everybody_stands_in_the_order_of_the_guide():
    """2310A referring, B rendering, C facility, D supervising; 2420A rendering, D supervising, E ordering."""
    facility = ServiceFacility(name="POOL", address=ADDRESS)
    text = written(replace(full_claim(), facility=facility))
    named = [one.split("*")[1] for one in text.split("~") if one.startswith("NM1*")]
    assert named == ["41", "40", "85", "87", "IL", "PR", "QC", "DN", "82", "77", "DQ", "82", "DQ", "DK"]


def test_the_oracle_knows_the_supervisors_loop():
    text = written(claim(supervising=SUPERVISING))
    assert verdict(text) == "valid"
    assert verdict(text.replace("NM1*DQ*1*", "NM1*DQ*2*")) != "valid", "a supervisor is a person"
    assert verdict(text.replace("NM1*DQ*", "NM1*DY*")) != "valid"


def test_the_oracle_does_refuse():
    text = written(claim())
    assert verdict(text.replace("SBR*P*18", "SBR*Q*18")) != "valid"
    assert verdict(text.replace("DMG*D8*19800102*F~", "DMG*D8*19800132*F~")) != "valid"


_plain = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'&-", min_size=1, max_size=20)
_names = st.builds(
    PartyName,
    last_or_organization=_plain,
    first=st.one_of(st.just(""), _plain),
    middle=st.just(""),
    suffix=st.just(""),
    is_person=st.just(True),
)
_days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
_modifiers = st.lists(st.sampled_from(["GP", "GO", "KX", "59", "95"]), max_size=4, unique=True)


@st.composite
def _lines(draw, number):
    from_on = draw(_days)
    return line(
        number,
        modifiers=tuple(draw(_modifiers)),
        charge_cents=draw(st.integers(0, 10_000_000)),
        units=draw(st.decimals(Decimal("0.5"), Decimal(96), places=1)),
        pointers=tuple(draw(st.lists(st.integers(1, 2), min_size=1, max_size=4))),
        service_from_on=from_on,
        service_to_on=draw(st.sampled_from([from_on, date(2027, 1, 1)])),
        authorization_number=draw(st.sampled_from(["", "A1"])),
        note=draw(st.sampled_from(["", "A NOTE"])),
    )


@st.composite
def _claims(draw, number):
    lines = tuple(draw(_lines(at)) for at in range(1, draw(st.integers(1, 4)) + 1))
    base = draw(st.sampled_from([claim(number), full_claim(number)]))
    return replace(
        base,
        lines=lines,
        charge_cents=sum(one.charge_cents for one in lines),
        subscriber=replace(base.subscriber, name=draw(_names), member_id=draw(_plain)),
        frequency=draw(st.sampled_from(["1", "7", "8"])),
        original_reference=draw(_plain),
        authorization_number=draw(st.sampled_from(["", "AUTH9"])),
        medical_record_number=draw(st.one_of(st.just(""), _plain)),
        patient_paid_cents=draw(st.integers(0, 5_000)),
        onset_on=draw(st.one_of(st.none(), _days)),
    )


@settings(deadline=None)
@given(st.data())
def test_what_is_written_is_read_back(data):
    claims = [data.draw(_claims(number)) for number in range(1, data.draw(st.integers(1, 3)) + 1)]
    (read,) = read_837p(written(*claims))
    assert read == replace(batch(), claims=tuple(claims))


def test_more_than_five_thousand_claims_take_a_second_transaction():
    claims = [claim(number) for number in range(5_001)]
    text = write_837p(batch(*claims), writer())
    read = list(read_837p(text))
    assert [len(one.claims) for one in read] == [5_000, 1]
    (interchange,) = read_interchanges(text)
    assert [one.control_number for one in interchange.transactions] == [
        transaction_number(0),
        transaction_number(5_000),
    ]


def test_a_segment_of_what_was_sent_leads_back_to_its_claim():
    (interchange,) = read_interchanges(written(claim(1), full_claim(2), claim(3)))
    (sent,) = interchange.transactions
    segments = list(sent.segments())
    spans = list(claim_spans(sent))
    assert [span.control_number for span in spans] == ["C1", "C2", "C3"]
    for span in spans:
        held = segments[span.first - 1 : span.last]
        assert [one.element(1) for one in held if one.id == "CLM"] == [span.control_number]
        assert held[0].id == "HL"
    assert spans[0].last + 1 <= spans[1].first
    assert segments[spans[-1].last].id == "SE"


def test_claims_of_one_billing_provider_share_its_loop():
    text = written(claim(1), claim(2), replace(claim(3), billing=replace(claim().billing, npi="1000000004")))
    assert text.count("*20*1~") == 2


@pytest.mark.parametrize(
    ("npi", "valid"),
    [
        ("1234567893", True),
        ("1000000004", True),
        ("1234567890", False),
        ("123456789", False),
        ("١٢٣٤٥٦٧٨٩٣", False),
    ],
)
def test_npi_check_digit(npi, valid):
    assert npi_is_valid(npi) is valid


BILLING, SUBSCRIBER = claim().billing, claim().subscriber
NAMELESS = PartyName(last_or_organization="A")


def at(**changes):
    return {"billing": replace(BILLING, address=replace(ADDRESS, **changes))}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("control_number", {"control_number": ""}),
        ("control_number", {"control_number": "X" * 21}),
        ("control_number", {"control_number": "A*1"}),
        ("control_number", {"control_number": "lower"}),
        ("billing.npi", {"billing": replace(BILLING, npi="1234567890")}),
        ("billing.taxonomy", {"billing": replace(BILLING, taxonomy="PT")}),
        ("billing.tax_id", {"billing": replace(BILLING, tax_id="12-3456789")}),
        ("billing.address.state", at(state="ZZ")),
        (
            "billing.address.postal_code",
            {"billing": replace(BILLING, address=replace(ADDRESS, postal_code="0211"))},
        ),
        ("billing.address.line_1", at(line_1="X" * 56)),
        (
            "rendering.npi",
            {"rendering": RenderingProvider(name=NAMELESS, npi="1")},
        ),
        ("supervising.npi", {"supervising": replace(SUPERVISING, npi="")}),
        ("lines[0].supervising.npi", {"lines": (line(supervising=replace(SUPERVISING, npi="1")),)}),
        ("lines[0].ordering.npi", {"lines": (line(ordering=replace(ORDERING, npi="1234567890")),)}),
        (
            "lines[0].ordering.name.last_or_organization",
            {"lines": (line(ordering=replace(ORDERING, name=PartyName(last_or_organization=""))),)},
        ),
        ("subscriber.birth_on", {"subscriber": replace(SUBSCRIBER, birth_on=None)}),
        ("subscriber.member_id", {"subscriber": replace(SUBSCRIBER, member_id="")}),
        ("subscriber.gender", {"subscriber": replace(SUBSCRIBER, gender="X")}),
        ("frequency", {"frequency": "9"}),
        ("original_reference", {"frequency": "7"}),
        ("original_reference", {"frequency": "8"}),
        ("place_of_service", {"place_of_service": "1"}),
        ("charge_cents", {"charge_cents": 12_051}),
        ("diagnosis_codes", {"diagnosis_codes": ()}),
        ("diagnosis_codes", {"diagnosis_codes": tuple(f"M54{n:02d}" for n in range(13))}),
        ("diagnosis_codes", {"diagnosis_codes": ("M54.50", "M5450")}),
        ("diagnosis_codes[0]", {"diagnosis_codes": ("724.2",)}),
        ("lines", {"lines": (), "charge_cents": 0}),
        ("lines", {"lines": (line(1), line(1)), "charge_cents": 24_100}),
        ("lines", {"lines": tuple(line(n, charge_cents=0) for n in range(51)), "charge_cents": 0}),
        ("lines[0].pointers", {"lines": (line(pointers=(3,)),)}),
        ("lines[0].pointers", {"lines": (line(pointers=(0,)),)}),
        ("lines[0].pointers", {"lines": (line(pointers=()),)}),
        ("lines[0].modifiers", {"lines": (line(modifiers=("A1", "A2", "A3", "A4", "A5")),)}),
        ("lines[0].modifiers", {"lines": (line(modifiers=("GPX",)),)}),
        ("lines[0].code", {"lines": (line(code="9711"),)}),
        ("lines[0].units", {"lines": (line(units=Decimal(0)),)}),
        ("lines[0].control_number", {"lines": (line(control_number=""),)}),
        ("lines[0].service_to_on", {"lines": (line(service_to_on=date(2026, 1, 1)),)}),
        ("lines[0].note", {"lines": (line(note="X" * 81),)}),
        ("accident.occurred_on", {"accident": AccidentInfo(causes=("EM",))}),
        ("accident.state", {"accident": AccidentInfo(causes=("AA",), occurred_on=date(2026, 1, 1))}),
        ("accident.causes", {"accident": AccidentInfo(causes=("XX",), occurred_on=date(2026, 1, 1))}),
    ],
)
def test_a_claim_that_no_payer_could_take_is_refused_by_field(field, changes):
    with pytest.raises(ClaimNotWritable) as refused:
        check_claim(claim(**changes))
    assert refused.value.field == f"claim.{field}"


def test_a_batch_is_refused_before_anything_is_written():
    with pytest.raises(ClaimNotWritable) as refused:
        written(claim(1), claim(1))
    assert refused.value.field == "claims[1].control_number"
    empty: ClaimBatch = batch()
    with pytest.raises(ClaimNotWritable) as refused:
        write_837p(empty, writer())
    assert refused.value.field == "claims"


def test_names_are_sent_in_plain_letters_and_refusals_hold_no_patient_data():
    named = replace(SUBSCRIBER, name=PartyName(last_or_organization="Núñez*O'Brien", first="Zoë"))
    text = written(claim(subscriber=named))
    assert "NM1*IL*1*NUNEZ O'BRIEN*ZOE****MI*W123456789~" in text
    with pytest.raises(ClaimNotWritable) as refused:
        check_claim(claim(subscriber=replace(SUBSCRIBER, member_id="SECRET~1")))
    assert "SECRET" not in str(refused.value)
    assert NPI in text
