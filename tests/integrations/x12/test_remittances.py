"""835: every public sample is read or refused for a named segment; sums are checked at three levels."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.x12.numbers import amount_text
from integrations.x12.remittances import (
    Adjustment,
    balance_problems,
    read_remittances,
    stream_remittances,
)
from integrations.x12.tokenizer import X12Refused
from tests.integrations.x12.oracle import verdict
from tests.integrations.x12.samples import DATA, NPI, remittance

CLAIM = [
    ("CLP", "C1", "1", "150", "100", "20", "12", "ICN1", "11", "1"),
    ("CAS", "OA", "23", "5"),
    ("NM1", "QC", "1", "DOE", "JANE", "A", "", "JR", "MI", "W1"),
    ("NM1", "74", "1", "DOE", "JANET"),
    ("NM1", "82", "1", "RIVERA", "ANA", "", "", "", "XX", NPI),
    ("MOA", "", "", "MA01", "MA02"),
    ("REF", "EA", "MR1"),
    ("DTM", "232", "20260216"),
    ("DTM", "233", "20260217"),
    ("PER", "CX", "CLAIMS", "TE", "8005550101"),
    ("AMT", "AU", "120"),
    ("QTY", "PS", "2"),
    ("SVC", ("HC", "97110", "GP", "KX"), "100", "80.5", "", "2", ("HC", "97112"), "3"),
    ("DTM", "472", "20260216"),
    ("CAS", "CO", "45", "9.5", "", "97", ".5", "1"),
    ("CAS", "PR", "3", "10", "", "ZZ9", "-.5"),
    ("REF", "6R", "L1"),
    ("REF", "1B", "X"),
    ("AMT", "B6", "90"),
    ("LQ", "HE", "N130"),
    ("XYZ", "UNHEARD", "OF"),
    ("SVC", ("HC", "97140"), "50", "24.5"),
    ("DTM", "150", "20260216"),
    ("DTM", "151", "20260217"),
    ("CAS", "CO", "45", "25.5"),
]


def only(text):
    (one,) = read_remittances(text)
    return one


def test_everything_that_is_said_is_there():
    held = only(remittance(CLAIM, "90", [("PLB", NPI, "20261231", ("WO", "ICN0"), "12", ("L6", ""), "-2")]))
    header, (claim,) = held.header, held.claims
    assert (header.paid_cents, header.method, header.trace_number, header.originator_id) == (
        9_000, "ACH", "EFT1", "1512345678")  # fmt: skip
    assert (header.effective_on, header.produced_on) == (date(2026, 3, 1), date(2026, 3, 1))
    assert (header.payer.name, header.payee.npi, header.payee.tax_id) == (
        "EXAMPLE HEALTH", NPI, "123456789")  # fmt: skip
    assert [one.id for one in header.payer.others] == ["N3", "N4", "PER"]
    assert (claim.patient_control_number, claim.status, claim.payer_control_number) == ("C1", "1", "ICN1")
    assert (claim.charge_cents, claim.paid_cents, claim.patient_responsibility_cents) == (
        15_000,
        10_000,
        2_000,
    )
    assert (claim.group_number, claim.filing_indicator, claim.frequency_code) == ("1", "12", "1")
    assert claim.name("74").first == "JANET"
    assert (claim.name("QC").suffix, claim.name("82").id, claim.name("TT")) == ("JR", NPI, None)
    assert claim.remark_codes == ("MA01", "MA02")
    assert claim.service_from_on == date(2026, 2, 16)
    assert [one.id for one in claim.others] == ["PER"]
    assert [(one.reason, one.amount_cents) for one in held.provider_adjustments] == [
        ("WO", 1_200),
        ("L6", -200),
    ]
    assert held.provider_adjustments[0].reference == "ICN0"
    assert balance_problems(held) == ()


def test_a_line_keeps_every_code_it_was_sent_with():
    (claim,) = only(remittance(CLAIM)).claims
    first, second = claim.lines
    assert (first.procedure.code, first.procedure.modifiers, first.units) == ("97110", ("GP", "KX"), 2)
    assert (first.original_procedure.code, first.original_units) == ("97112", 3)
    assert (first.line_control_number, first.allowed_cents) == ("L1", 9_000)
    assert first.adjustments == (
        Adjustment("CO", "45", 950, None),
        Adjustment("CO", "97", 50, Decimal(1)),
        Adjustment("PR", "3", 1_000, None),
        Adjustment("PR", "ZZ9", -50, None),
    )
    assert [(one.qualifier, one.code) for one in first.remarks] == [("HE", "N130")]
    assert [one.elements for one in first.others] == [["XYZ", "UNHEARD", "OF"]]
    assert (second.units, second.original_procedure, second.line_control_number) == (1, None, None)
    assert (second.service_from_on, second.service_to_on) == (date(2026, 2, 16), date(2026, 2, 17))
    assert (first.position, second.position) == (26, 35)


def test_the_made_up_remittance_is_one_that_pyx12_takes():
    plain = [row for row in CLAIM if row[0] != "XYZ" and "ZZ9" not in row and row[:2] != ("NM1", "74")]
    assert verdict(remittance(plain)) == "valid"


def test_a_reversal_keeps_its_signs():
    reversed_claim = [
        ("CLP", "C1", "22", "-150", "-100", "", "12", "ICN1"),
        ("SVC", ("HC", "97110"), "-150", "-100"),
        ("CAS", "CO", "45", "-50"),
    ]
    held = only(remittance([*reversed_claim, *CLAIM], "0"))
    assert held.claims[0].is_reversal
    assert held.claims[0].lines[0].adjustments[0].amount_cents == -5_000
    assert balance_problems(held) == ()


@pytest.mark.parametrize(
    ("old", "new", "level", "segment", "position", "difference_cents"),
    [
        ("BPR*I*100", "BPR*I*100.01", "transaction", "BPR", 4, 1),
        ("*150*100*20*", "*150*99*20*", "transaction", "BPR", 4, 100),
        ("CAS*OA*23*5", "CAS*OA*23*6", "claim", "CLP", 14, 100),
        ("50*24.5~", "50*24.49~", "line", "SVC", 35, -1),
    ],
)
def test_what_does_not_add_up_is_told_in_cents(old, new, level, segment, position, difference_cents):
    text = remittance(CLAIM)
    assert old in text
    found = balance_problems(only(text.replace(old, new)))
    first = found[0]
    assert (first.level, first.segment, first.position) == (level, segment, position)
    assert first.difference_cents == difference_cents
    assert first.problem.code == f"{level}_unbalanced"


@pytest.mark.parametrize(
    ("old", "new", "code", "segment", "position"),
    [
        ("CAS*OA*23*5", "CAS*OA*23*5X", "number_unreadable", "CAS", 15),
        ("SVC*HC:97140*50*24.5", "SVC*HC:97140*50*1.234", "number_unreadable", "SVC", 35),
        ("CLP*C1*1*150*100", "CLP*C1*1**100", "number_unreadable", "CLP", 14),
        ("AMT*AU*120", "AMT*AU*12O", "number_unreadable", "AMT", 24),
        ("BPR*I*100", "BPR*I*ten", "number_unreadable", "BPR", 4),
        ("TRN*1*EFT1*1512345678~", "", "segment_count_wrong", "SE", 38),
        ("TRN*", "TRX*", "segment_missing", "TRN", 13),
        ("N1*PE*", "N1*PX*", "segment_missing", "N1", 13),
        ("ST*835", "ST*837", "not_a_remittance", "ST", 3),
    ],
)
def test_a_remittance_that_cannot_be_read_names_the_segment(old, new, code, segment, position):
    text = remittance(CLAIM)
    assert old in text
    with pytest.raises(X12Refused) as refused:
        only(text.replace(old, new))
    problem = refused.value.problem
    assert (problem.code, problem.segment, problem.position) == (code, segment, position)


def test_segments_between_claims_are_kept_and_end_the_claim():
    reader = next(
        stream_remittances(remittance([*CLAIM, ("LX", "2"), ("TS3", NPI, "11"), ("QQ", "1"), *CLAIM], "200"))
    )
    claims = list(reader.claims())
    assert [claim.group_number for claim in claims] == ["1", "2"]
    assert [one.id for one in reader.others] == ["TS3", "QQ"]


_amounts = st.integers(-1_000_000, 1_000_000)


@given(st.lists(st.tuples(_amounts, st.lists(_amounts, max_size=8)), min_size=1, max_size=6))
def test_any_claim_built_to_balance_balances(lines):
    body, charge, paid = [], 0, 0
    for paid_cents, adjusted in lines:
        charge_cents = paid_cents + sum(adjusted)
        body.append(("SVC", ("HC", "97110"), amount_text(charge_cents), amount_text(paid_cents)))
        body.extend(("CAS", "CO", "45", amount_text(one)) for one in adjusted)
        charge, paid = charge + charge_cents, paid + paid_cents
    opening = ("CLP", "C1", "1", amount_text(charge), amount_text(paid), "", "12", "ICN1")
    held = only(remittance([opening, *body], amount_text(paid)))
    assert balance_problems(held) == ()
    assert [line.paid_cents for line in held.claims[0].lines] == [one for one, _ in lines]


PUBLIC = {
    "badx12/err_error_validation.edi": ("segment_count_wrong", "SE"),
    "linuxforhealth/835_005010X221A1_cob-contractural-adjustment.835": 1,
    "linuxforhealth/835_005010X221A1_managed-care.835": 2,
    "linuxforhealth/835_005010X221A1_medicare-part-a.835": 2,
    "linuxforhealth/835_005010X221A1_secondary-payment.835": 2,
    "linuxforhealth/835_005010X221A1_tertiary-payment.835": ("line_unbalanced", "SVC"),
    "pyx12/835_mult_loops.txt": 1,
    "pyx12/835id.source.txt": ("transaction_unbalanced", "BPR"),
    "pyx12/bad_header_looping.source.txt": ("segment_count_wrong", "SE"),
    "pyx12/hist_835_simple.txt": ("transaction_unbalanced", "BPR"),
    "pyx12/hist_bad_header_looping.txt": ("segment_count_wrong", "SE"),
    "stupidedi/X221A1_HP835_pass_dollars-and-data-sent-separate.edi": 2,
    "stupidedi/X221A1_HP835_pass_dollars-and-data-sent-together.edi": 2,
    "stupidedi/X221A1_HP835_pass_era-sample.edi": 1,
    "stupidedi/X221A1_HP835_pass_multiple-claims-single-check.edi": 9,
    "stupidedi/X221A1_HP835_pass_secondary-payments.edi": 2,
    "stupidedi/X221A1_HP835_pass_tertiary-payments.edi": 1,
    "stupidedi/X221_HP835_case_1.edi": 2,
    "stupidedi/X221_HP835_case_2.edi": 2,
    "stupidedi/X221_HP835_case_3a.edi": ("segment_count_wrong", "SE"),
}


@pytest.mark.parametrize(("name", "expected"), PUBLIC.items())
def test_each_public_remittance_can_be_posted_or_is_refused_with_a_reason(name, expected):
    data = (DATA / name).read_bytes()
    try:
        held = only(data)
        found = [one.problem for one in balance_problems(held)]
    except X12Refused as refused:
        held, found = None, [refused.problem]
    if isinstance(expected, int):
        assert found == []
        assert len(held.claims) == expected
    else:
        assert (found[0].code, found[0].segment) == expected
        assert found[0].position > 0
