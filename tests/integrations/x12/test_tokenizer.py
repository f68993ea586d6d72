"""The envelope is read whatever its delimiters, line breaks and neighbours, and broken ones are told."""

import pytest

from integrations.x12.segments import Delimiters
from integrations.x12.tokenizer import Interchange, X12Refused, read_interchanges
from tests.integrations.x12.samples import file_of, writer

BODY = [("BHT", "0019", "00", "X", "20260302", "1430", "CH"), ("HL", "1", "", "20", ("A", "", "B"))]


def sample(**options: object) -> str:
    return file_of("HC", "837", "005010X222A1", BODY, **options)


def only(source: str | bytes) -> Interchange:
    (interchange,) = read_interchanges(source)
    return interchange


def rows(interchange: Interchange) -> list[list[str]]:
    return [segment.elements for held in interchange.transactions for segment in held.segments()]


def codes(interchange: Interchange) -> list[str]:
    return [problem.code for problem in interchange.all_problems()]


EXPECTED = [
    ["ST", "837", "0001", "005010X222A1"],
    ["BHT", "0019", "00", "X", "20260302", "1430", "CH"],
    ["HL", "1", "", "20", "A::B"],
    ["SE", "4", "0001"],
]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: "\r\n  \t" + text + "\r\n\x1a",
        lambda text: text.replace("~", "~\n"),
        lambda text: text.replace("~", "~\r\n"),
        lambda text: text.replace("~", "~\r\n    "),
        lambda text: text.replace("~", "~~\n"),
        lambda text: text.replace("~", "\n"),
        lambda text: text.replace("~", "\r\n"),
        lambda text: text.replace("~", "\n").rstrip(),
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: "\n".join(text[at : at + 80] for at in range(0, len(text), 80)),
    ],
)
def test_line_breaks_marks_and_blanks_change_nothing(change):
    interchange = only(change(sample()))
    assert codes(interchange) == []
    assert rows(interchange) == EXPECTED
    assert interchange.header.control_number == "000000077"
    assert (interchange.header.sender, interchange.header.receiver) == ("BILLER01", "CLEAR01")


@pytest.mark.parametrize(
    "delimiters",
    [
        Delimiters(element="|", component=">", repetition="!", segment="\x1c"),
        Delimiters(element="\x1d", component="\x1f", repetition="^", segment="'"),
        Delimiters(element="+", component="~", repetition="*", segment="\r"),
        Delimiters(element="^", component="]", repetition="[", segment="\\"),
        Delimiters(element=".", component="$", repetition="(", segment="?"),
    ],
)
def test_delimiters_are_those_of_the_isa(delimiters):
    interchange = only(sample(delimiters=delimiters))
    assert interchange.delimiters == delimiters
    assert codes(interchange) == []
    (held,) = interchange.transactions
    segment = list(held.segments())[2]
    assert segment.components(4, delimiters) == ["A", "", "B"]


def test_positions_count_over_the_whole_file():
    text = sample() + "\n" + sample(control_number=78, delimiters=Delimiters(
        element="|", component=">", repetition="!", segment="^"))  # fmt: skip
    first, second = read_interchanges(text)
    assert (first.position, first.transactions[0].position) == (1, 3)
    assert (second.position, second.transactions[0].position) == (9, 11)
    assert [one.position for one in second.transactions[0].segments()] == [11, 12, 13, 14]
    assert second.header.control_number == "000000078"


def test_several_groups_and_transactions_keep_their_own_headers():
    envelope = writer()
    envelope.begin_group("HC", "005010X222A1")
    envelope.add_transaction("837", "005010X222A1", BODY)
    envelope.add_transaction("837", "005010X222A1", BODY)
    envelope.begin_group("FA", "005010X231A1", 78)
    envelope.add_transaction("999", "005010X231A1", [("AK1", "HC", "1")])
    interchange = only(envelope.text())
    assert codes(interchange) == []
    held = [(one.set_id, one.control_number, one.group.control_number) for one in interchange.transactions]
    assert held == [("837", "0001", "77"), ("837", "0002", "77"), ("999", "0001", "78")]


def test_an_isa_of_the_wrong_length_is_read_by_its_separators_and_noted():
    interchange = only(sample().replace("BILLER01       ", "BILLER01"))
    assert codes(interchange) == []
    assert [note.code for note in interchange.notes] == ["isa_length_wrong"]
    assert rows(interchange) == EXPECTED


def test_text_before_the_isa_is_skipped_and_noted():
    interchange = only("A letter about ISA numbers\r\n\r\n" + sample())
    assert [note.code for note in interchange.notes] == ["text_before_interchange"]
    assert codes(interchange) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "segment", "position"),
    [
        ("SE*4*", "SE*5*", "segment_count_wrong", "SE", 6),
        ("SE*4*", "SE**", "segment_count_wrong", "SE", 6),
        ("SE*4*0001", "SE*4*0002", "control_number_mismatch", "SE", 6),
        ("GE*1*77", "GE*2*77", "transaction_count_wrong", "GE", 7),
        ("GE*1*77", "GE*1*78", "control_number_mismatch", "GE", 7),
        ("IEA*1*", "IEA*3*", "group_count_wrong", "IEA", 8),
        ("IEA*1*000000077", "IEA*1*000000078", "control_number_mismatch", "IEA", 8),
        ("SE*4*0001~", "", "transaction_truncated", "GE", 6),
        ("GE*1*77~", "", "group_truncated", "IEA", 7),
        ("IEA*1*000000077~", "", "interchange_truncated", "GE", 7),
        ("GE*1*77~", "ZZZ*1~GE*1*77~", "segment_outside_transaction", "ZZZ", 7),
        ("ST*837", "SX*837", "segment_outside_transaction", "SX", 3),
        ("IEA*1*000000077~", "IEA*1*000000077", "interchange_truncated", "IEA", 8),
    ],
)
def test_a_broken_envelope_names_segment_and_position(old, new, code, segment, position):
    interchange = only(sample().replace(old, new))
    problem = interchange.all_problems()[0]
    assert (problem.code, problem.segment, problem.position) == (code, segment, position)
    with pytest.raises(X12Refused) as refused:
        interchange.refuse_if_broken()
    assert refused.value.problem == problem


def test_a_cut_interchange_does_not_swallow_the_next_one():
    cut = sample()[: sample().index("GE*")]
    first, second = read_interchanges(cut + sample(control_number=78))
    assert "interchange_truncated" in codes(first)
    assert codes(second) == []


def test_leading_zeros_do_not_make_control_numbers_differ():
    assert codes(only(sample().replace("IEA*1*000000077", "IEA*1*77"))) == []


@pytest.mark.parametrize("text", ["", " \r\n", "nothing", "ISA", "ISA*00*", "ISA" * 50, "GS*HC~ST*837~"])
def test_no_interchange_is_refused(text):
    with pytest.raises(X12Refused) as refused:
        list(read_interchanges(text))
    assert refused.value.problem.code == "no_interchange"
    assert refused.value.problem.position == 1


def test_text_after_the_last_interchange_is_refused():
    with pytest.raises(X12Refused) as refused:
        list(read_interchanges(sample() + "ST*835*0001~"))
    problem = refused.value.problem
    assert (problem.code, problem.position) == ("text_after_interchange", 9)


def test_no_part_of_a_file_passes_for_the_whole():
    text = sample().replace("~", "~\n")
    for length in range(len(text) - 2):
        try:
            broken = any(one.all_problems() for one in read_interchanges(text[:length]))
        except X12Refused:
            broken = True
        assert broken, length


def test_an_interchange_acknowledgement_is_read_from_the_envelope():
    envelope = writer()
    envelope.acknowledge_interchange("000000012", "260301", "1200", "R", "025")
    (told,) = only(envelope.text()).acknowledgements
    assert (told.control_number, told.code, told.note_code, told.position) == ("000000012", "R", "025", 2)
