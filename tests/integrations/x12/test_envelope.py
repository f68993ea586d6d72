"""What is written is within the character set, never holds a delimiter, and is read back as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.x12.characters import plain
from integrations.x12.envelope import EnvelopeNotWritable, InterchangeWriter, TradingPartner
from integrations.x12.tokenizer import read_interchanges
from tests.integrations.x12.samples import AT, writer


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Müller-Łódź", "MULLER-LODZ"),
        ("Straße", "STRASSE"),
        ("Æther’s “x” – y", 'AETHER\'S "X" - Y'),
        (" a*b:c~d^e ", "A B C D E"),
        ("tab\tline\n", "TAB LINE"),
        ("日本", "??"),
        ("½", "1?2"),
        ("ﬁ：x", "FI X"),
    ],
)
def test_any_text_is_sent_as_plain_upper_case(text, sent):
    assert plain(text) == sent


@given(st.text())
def test_plain_text_holds_no_delimiter_and_stays_as_it_is(text):
    sent = plain(text)
    assert sent.isascii()
    assert not set(sent) & set("*:^~\r\n\x00")
    assert sent == sent.upper().strip()
    assert plain(sent) == sent


_elements = st.lists(st.text(max_size=12), max_size=6)


@given(st.lists(st.tuples(st.sampled_from(["REF", "NTE", "NM1"]), _elements), max_size=8))
def test_what_is_written_is_read_back_with_right_counts(segments):
    envelope = writer()
    envelope.begin_group("HC", "005010X222A1")
    envelope.add_transaction("837", "005010X222A1", [(name, *held) for name, held in segments])
    (interchange,) = read_interchanges(envelope.text())
    assert interchange.all_problems() == ()
    read = [one.elements for one in interchange.transactions[0].segments()][1:-1]
    assert len(read) == len(segments)
    for row, (name, held) in zip(read, segments, strict=True):
        sent = [name, *map(plain, held)]
        assert row == sent[: len(row)]
        assert not any(sent[len(row) :])


def test_empty_tails_of_elements_and_components_are_not_sent():
    assert writer().segment(("SV1", ("HC", "97110", "", ""), "1", "", ("",), "")) == "SV1*HC:97110*1"
    assert writer().segment(("EB", "1", ["30", "98"], [("A", "B", ""), ""])) == "EB*1*30^98*A:B^"


def test_control_numbers_agree_and_transactions_are_numbered_within_the_group():
    envelope = writer(123)
    envelope.begin_group("HC", "005010X222A1")
    assert envelope.add_transaction("837", "005010X222A1", []) == "0001"
    assert envelope.add_transaction("837", "005010X222A1", []) == "0002"
    text = envelope.text()
    assert len(text.split("~")[0]) == 105
    assert "GS*HC*BILLER01*CLEAR01*20260302*1430*123*X*005010X222A1~" in text
    assert text.endswith("SE*2*0002~GE*2*123~IEA*1*000000123~")


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("control_number", lambda: writer(0)),
        ("control_number", lambda: writer(1_000_000_000)),
        ("sender.id", lambda: _from(TradingPartner(id="X" * 16))),
        ("sender.id", lambda: _from(TradingPartner(id="A*B"))),
        ("sender.qualifier", lambda: _from(TradingPartner(id="ABC", qualifier="Z"))),
        ("group", lambda: writer().add_transaction("837", "X", [])),
    ],
)
def test_an_impossible_envelope_is_refused(field, make):
    with pytest.raises(EnvelopeNotWritable) as refused:
        make()
    assert refused.value.field == field


def test_a_second_group_needs_a_number_of_its_own():
    envelope = writer()
    envelope.begin_group("HC", "005010X222A1")
    with pytest.raises(EnvelopeNotWritable):
        envelope.begin_group("FA", "005010X231A1")


def _from(sender: TradingPartner) -> InterchangeWriter:
    return InterchangeWriter(
        sender=sender,
        receiver=TradingPartner(id="CLEAR"),
        control_number=1,
        at=AT,
        usage="T",
    )
