"""What is wrong with a file is said in a TA1, a 999 or a 277CA, and nothing else happens to it."""

import re

import pytest

from integrations.x12.tokenizer import read_interchanges
from tests.integrations.payer_simulator.oracle import complaints
from tests.integrations.payer_simulator.practice import Desk, claim, file_text, line


def sent(text: str) -> Desk:
    """A desk three weeks after that text went out."""
    desk = Desk()
    desk.payer.submit(text)
    desk.wait()
    return desk


def segment_count_fixed(text: str) -> str:
    """The text with SE01 counted anew."""
    body = text[text.index("ST*") : text.index("SE*")]
    return re.sub(r"SE\*\d+", f"SE*{body.count('~') + 1}", text)


def test_a_sound_file_is_accepted_and_every_claim_gets_a_number() -> None:
    desk = Desk()
    one, two = claim(), claim(member_id="W002", clearinghouse_number="CH77")
    text = file_text(one, two)
    desk.payer.submit(text)
    desk.wait()
    [group] = desk.syntax()
    interchange = next(iter(read_interchanges(text)))
    assert group.group_control_number == interchange.transactions[0].group.control_number
    assert (group.code, group.included, group.accepted) == ("A", 1, 1)
    got = desk.acknowledged()
    assert set(got) == {one.control_number, two.control_number}
    assert got[one.control_number].payer_control_number != got[two.control_number].payer_control_number
    assert got[two.control_number].clearinghouse_number == "CH77"
    assert desk.statuses() == dict.fromkeys(got, ("A2", "20"))


def test_answers_come_in_their_time_and_go_back_the_way_the_file_came() -> None:
    desk = Desk()
    desk.submit(claim())
    kinds = []
    for days in (0, 0.02, 1, 8, 6):
        desk.wait(days)
        kinds.append([name.rpartition(".")[2] for name, _ in desk.files])
    assert kinds == [[], ["999"], ["999", "277ca"], ["999", "277ca"], ["999", "277ca", "835"]]
    for _, text in desk.files:
        header = next(iter(read_interchanges(text))).header
        assert (header.sender, header.receiver, header.usage) == ("CLEARPAY", "HARBORBILL", "T")


@pytest.mark.parametrize(
    ("wrong", "segment", "element", "code"),
    [
        (("CLM*{0}*50*", "CLM*{0}*FIFTY*"), "CLM", 2, "6"),
        (("DTP*472*D8*20260223", "DTP*472*D8*20260231"), "DTP", 3, "8"),
        (("SV1*HC:97110", "SV1*HC:"), "SV1", 1, "1"),
        (("*UN*1*", "*UN**"), "SV1", 4, "1"),
    ],
)
def test_a_bad_element_rejects_the_set_and_is_named(
    wrong: tuple[str, str], segment: str, element: int, code: str
) -> None:
    bill = claim()
    text = file_text(bill)
    old, new = (one.format(bill.control_number) for one in wrong)
    assert old in text
    desk = sent(text.replace(old, new))
    [group] = desk.syntax()
    errors = group.transactions[0].errors
    found = [(one.segment_id, held.element, held.code) for one in errors for held in one.elements]
    assert (segment, element, code) in found
    assert group.code == "R"
    assert desk.statuses() == {}
    assert complaints(desk.texts("999")[0]) == ""


@pytest.mark.parametrize(
    ("pattern", "segment", "code"),
    [
        (r"HI\*[^~]*~", "HI", "3"),
        (r"DTP\*472[^~]*~", "DTP", "3"),
        (r"SV1\*[^~]*~", "SV1", "3"),
        (r"SBR\*[^~]*~", "SBR", "3"),
        (r"NM1\*85[^~]*~", "NM1", "3"),
        (r"LX\*[^~]*~", "LX", "3"),
        (r"BHT\*[^~]*~", "BHT", "3"),
    ],
)
def test_a_missing_segment_rejects_the_set(pattern: str, segment: str, code: str) -> None:
    desk = sent(segment_count_fixed(re.sub(pattern, "", file_text(claim()))))
    [group] = desk.syntax()
    assert (segment, code) in [(one.segment_id, one.code) for one in group.transactions[0].errors]
    assert (group.code, desk.statuses()) == ("R", {})
    assert complaints(desk.texts("999")[0]) == ""


def test_an_unknown_segment_is_named_with_its_place() -> None:
    text = file_text(claim())
    desk = sent(segment_count_fixed(text.replace("HI*", "XYZ*1~HI*")))
    [error] = desk.syntax()[0].transactions[0].errors
    assert (error.segment_id, error.code) == ("XYZ", "1")
    body = text[text.index("ST*") : text.index("HI*")]
    assert error.segment_position == body.count("~") + 1


@pytest.mark.parametrize(("pattern", "code"), [(r"SE\*\d+", "4"), (r"(SE\*\d+)\*\d+", "3")])
def test_a_wrong_trailer_rejects_the_set(pattern: str, code: str) -> None:
    replaced = r"SE*999" if code == "4" else r"\1*9999"
    desk = sent(re.sub(pattern, replaced, file_text(claim())))
    [group] = desk.syntax()
    assert group.transactions[0].error_codes == (code,)


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (lambda text: text[: text.index("SE*") + 4], "023"),
        (lambda text: text.replace("IEA*1*", "IEA*7*"), "021"),
        (lambda text: re.sub(r"IEA\*1\*\d+", "IEA*1*000000007", text), "001"),
    ],
)
def test_a_broken_envelope_is_refused_whole(damage: object, note: str) -> None:
    desk = sent(damage(file_text(claim())))  # type: ignore[operator]
    [answer] = desk.texts("ta1")
    [acknowledgement] = next(iter(read_interchanges(answer))).acknowledgements
    assert (acknowledgement.code, acknowledgement.note_code) == ("R", note)
    assert len(desk.files) == 1


def test_an_interchange_number_may_not_come_again() -> None:
    desk = Desk()
    text = file_text(claim())
    desk.payer.submit(text)
    desk.payer.submit(text)
    desk.wait()
    [answer] = desk.texts("ta1")
    assert next(iter(read_interchanges(answer))).acknowledgements[0].note_code == "025"
    assert len(desk.paid()) == 1


@pytest.mark.parametrize("text", ["", "hello", "ISA*00*", "\x00\x01", "ST*837*0001~SE*2*0001~"])
def test_what_is_no_x12_crashes_nothing(text: str) -> None:
    desk = Desk()
    desk.payer.submit(text)
    desk.payer.submit(text, mailbox="HARBORBILL")
    desk.submit(claim())
    desk.payer.submit(text, mailbox="HARBORBILL")
    desk.wait()
    assert len(desk.paid()) == 1
    assert len(desk.texts("ta1")) == 1


def test_another_transaction_set_is_not_supported() -> None:
    desk = sent(file_text(claim()).replace("ST*837*", "ST*270*"))
    [group] = desk.syntax()
    assert (group.code, group.transactions[0].error_codes) == ("R", ("1",))


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("*XX*1234567893", "*XX*1234567890", ("A7", "562")),
        ("*XX*1679576722", "*XX*1679576720", ("A7", "562")),
        ("CLM*{0}*50*", "CLM*{0}*51*", ("A7", "400")),
        ("SV1*HC:97110", "SV1*HC:9711", ("A7", "507")),
        ("*UN*1*", "*UN*0*", ("A7", "476")),
        ("***1~DTP", "***9~DTP", ("A7", "477")),
        ("D8*20260223", "D8*20260423", ("A7", "187")),
        ("11:B:1", "11:B:9", ("A7", "535")),
        ("11:B:1", "11:B:7", ("A6", "464")),
        ("*PI*60054", "*PI*NOBODY", ("A3", "26")),
    ],
)
def test_a_claim_that_makes_no_sense_is_rejected(old: str, new: str, status: tuple[str, str]) -> None:
    bill = claim(line())
    text, old = file_text(bill), old.format(bill.control_number)
    assert old in text
    desk = sent(text.replace(old, new.format(bill.control_number)))
    assert desk.statuses() == {bill.control_number: status}
    assert desk.remittances() == []
