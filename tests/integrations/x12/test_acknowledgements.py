"""999, 277CA and TA1: what was said about which of our transactions, segments and claims."""

import pytest

from integrations.x12.acknowledgements import read_277ca, read_999
from integrations.x12.tokenizer import X12Refused
from tests.integrations.x12.oracle import verdict
from tests.integrations.x12.samples import DATA, NPI, file_of

_999 = [
    ("AK1", "HC", "77", "005010X222A1"),
    ("AK2", "837", "0001", "005010X222A1"),
    ("IK3", "CLM", "22", "2300", "8"),
    ("CTX", ("CLM01", "C1")),
    ("IK4", ("5", "3"), "1325", "7", "Q"),
    ("CTX", "SITUATIONAL TRIGGER", "CLM", "22", "", "5"),
    ("IK3", "REF", "30", "", "3"),
    ("IK5", "R", "5", "I5"),
    ("AK2", "837", "0002", "005010X222A1"),
    ("IK5", "A"),
    ("AK9", "P", "2", "2", "1"),
]


def acknowledgement(body):
    return file_of("FA", "999", "005010X231A1", body)


def test_a_999_names_segment_and_element_of_what_we_sent():
    (group,) = read_999(acknowledgement(_999))
    assert (group.group_control_number, group.code) == ("77", "P")
    assert (group.included, group.received, group.accepted) == (2, 2, 1)
    refused, taken = group.transactions
    assert (refused.control_number, refused.code, refused.error_codes) == ("0001", "R", ("5", "I5"))
    assert (refused.accepted, taken.accepted) == (False, True)
    first, second = refused.errors
    assert (first.segment_id, first.segment_position, first.loop, first.code) == ("CLM", 22, "2300", "8")
    assert first.contexts == ("CLM01 C1",)
    (element,) = first.elements
    assert (element.element, element.component, element.code, element.bad_value) == (5, 3, "7", "Q")
    assert element.contexts == ("SITUATIONAL TRIGGER CLM 22 5",)
    assert (second.segment_id, second.segment_position, second.elements) == ("REF", 30, ())


@pytest.mark.parametrize(("gone", "segment"), [(-1, "AK9"), (0, "AK9"), (7, "AK2"), (2, "IK4"), (1, "IK5")])
def test_a_999_with_a_hole_is_refused(gone, segment):
    body = [*_999]
    del body[gone]
    if gone == 2:
        del body[2]
    with pytest.raises(X12Refused) as refused:
        list(read_999(acknowledgement(body)))
    assert (refused.value.problem.code, refused.value.problem.segment) == ("segment_missing", segment)


def test_a_count_that_is_none_is_refused():
    with pytest.raises(X12Refused) as refused:
        list(read_999(acknowledgement([*_999[:-1], ("AK9", "A", "X")])))
    assert refused.value.problem.segment == "AK9"


def test_public_acknowledgements_are_read():
    rejected = next(read_999((DATA / "imsweb/837_5010_x12_999_rejected.txt").read_bytes()))
    assert [one.segment_id for one in rejected.transactions[0].errors] == ["NM"]
    groups = list(read_999((DATA / "pyx12/834_lui_id_5010.999.txt").read_bytes()))
    assert [one.group_control_number for one in groups] == ["13360001"] * 4
    for path in sorted((DATA / "pyx12-generated-999").iterdir()):
        assert all(one.transactions for one in read_999(path.read_bytes())), path.name


def _status(*rows, level="PT", **_ignored):
    body = [
        ("BHT", "0085", "08", "R1", "20260303", "1200", "TH"),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", "EXAMPLE HEALTH", "", "", "", "", "PI", "12345"),
        ("TRN", "1", "T1"),
        ("DTP", "050", "D8", "20260302"),
        ("DTP", "009", "D8", "20260303"),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "41", "2", "EXAMPLE BILLING", "", "", "", "", "46", "BILLER01"),
        ("TRN", "2", "BATCH1"),
        ("STC", ("A1", "19", "PR"), "20260303", "WQ", "240.5"),
        ("QTY", "90", "1"),
        ("AMT", "YU", "240.5"),
        ("HL", "3", "2", "19", "1"),
        ("NM1", "85", "2", "EXAMPLE THERAPY", "", "", "", "", "XX", NPI),
        ("TRN", "1", "P1"),
        ("STC", ("A1", "19", "PR"), "20260303", "WQ", "240.5"),
        ("HL", "4", "3", level),
        ("NM1", "QC", "1", "DOE", "JANE", "", "", "", "MI", "W1"),
        *rows,
    ]
    return file_of("HN", "277", "005010X214", body)


CLAIM_ROWS = [
    ("TRN", "2", "C1"),
    ("STC", ("A2", "20", "PR"), "20260303", "WQ", "120.5"),
    ("REF", "1K", "ICN1"),
    ("REF", "D9", "CH1"),
    ("DTP", "472", "RD8", "20260216-20260217"),
    ("TRN", "2", "C2"),
    ("STC", ("A7", "562", "85"), "20260303", "U", "120", "", "", "", "", "",
     ("A6", "500", "IL"), ("A8", "1"), "BAD NPI"),
    ("SVC", ("HC", "97110"), "120"),
    ("STC", ("A7", "507"), "20260303", "U"),
    ("REF", "FJ", "L1"),
]  # fmt: skip


def test_a_277ca_tells_what_became_of_each_claim():
    (report,) = read_277ca(_status(*CLAIM_ROWS))
    assert (report.source_id, report.receiver_id, report.batch_reference) == ("12345", "BILLER01", "BATCH1")
    assert [one.outcome for one in report.statuses] == ["received"]
    (provider,) = report.providers
    assert (provider.id, provider.statuses[0].outcome) == (NPI, "received")
    accepted, rejected = report.claims
    assert (accepted.patient_control_number, accepted.outcome) == ("C1", "accepted")
    assert (accepted.payer_control_number, accepted.clearinghouse_number) == ("ICN1", "CH1")
    assert (accepted.member_id, accepted.statuses[0].charge_cents) == ("W1", 12_050)
    assert (str(accepted.service_from_on), str(accepted.service_to_on)) == ("2026-02-16", "2026-02-17")
    assert (rejected.patient_control_number, rejected.outcome) == ("C2", "rejected")
    assert [(one.category, one.status, one.entity) for one in rejected.statuses[0].codes] == [
        ("A7", "562", "85"),
        ("A6", "500", "IL"),
        ("A8", "1", ""),
    ]
    assert rejected.statuses[0].message == "BAD NPI"
    (line,) = rejected.lines
    assert (line.procedure, line.line_control_number, line.statuses[0].codes[0].status) == (
        "HC:97110",
        "L1",
        "507",
    )


@pytest.mark.parametrize(
    ("codes", "action", "outcome"),
    [
        (["A2"], "WQ", "accepted"),
        (["A5"], "WQ", "accepted"),
        (["A0"], "WQ", "forwarded"),
        (["A1"], "WQ", "received"),
        (["A4"], "WQ", "not_found"),
        (["A3"], "U", "rejected"),
        (["A2", "A8"], "WQ", "rejected"),
        (["A2", "A1"], "WQ", "received"),
        (["A2", "Z9"], "WQ", "unknown"),
        (["A2"], "U", "rejected"),
    ],
)
def test_the_worst_status_wins(codes, action, outcome):
    rows = [("STC", (code, "20"), "20260303", action) for code in codes]
    (report,) = read_277ca(_status(("TRN", "2", "C1"), *rows))
    assert report.claims[0].outcome == outcome


@pytest.mark.parametrize("level", ["PT", "22", "23"])
def test_any_patient_level_is_a_claim(level):
    (report,) = read_277ca(_status(*CLAIM_ROWS, level=level))
    assert len(report.claims) == 2


def test_the_public_277ca_is_read():
    (report,) = read_277ca((DATA / "imsweb/277_5010_x12_277CA_accepted.txt").read_bytes())
    (claim,) = report.claims
    assert (claim.patient_control_number, claim.payer_control_number) == ("5781", "1107000000014420")
    assert (claim.outcome, claim.statuses[0].charge_cents) == ("accepted", 12_500)
    assert report.batch_reference == "000000674"


def test_a_277ca_without_its_levels_and_other_transactions_are_refused():
    with pytest.raises(X12Refused):
        list(read_277ca(file_of("HN", "277", "005010X214", [("BHT", "0085")])))
    with pytest.raises(X12Refused):
        list(read_277ca(file_of("HN", "277", "005010X212", [("BHT", "0085")])))
    with pytest.raises(X12Refused):
        list(read_999(_status()))


def test_pyx12_takes_the_999_of_this_test():
    assert verdict(acknowledgement([*_999[:2], ("IK5", "A"), ("AK9", "A", "1", "1", "1")])) == "valid"
