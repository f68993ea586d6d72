"""`x12 check` says something true of any file and falls over none."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.x12.check import TOLERATED, check_file, check_text, main_check
from integrations.x12.professional_claims import write_837p
from tests.integrations.x12.samples import (
    DATA,
    batch,
    claim,
    file_of,
    full_claim,
    public_files,
    remittance,
    writer,
)
from tests.integrations.x12.test_remittances import CLAIM


@pytest.mark.parametrize("path", public_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_public_file_is_ok_or_has_a_placed_problem(path):
    report = check_file(path)
    refusing = [one for one in report.problems if one.code not in TOLERATED]
    assert report.ok is (not refusing)
    for problem in report.problems:
        assert problem.segment
        assert problem.position > 0
        assert problem.detail


@pytest.mark.parametrize(
    ("name", "transaction", "ok", "claims"),
    [
        ("stupidedi/X221A1_HP835_pass_multiple-claims-single-check.edi", "835", True, 9),
        ("stupidedi/X222A1_HC837_pass_ppo-repriced-claim.edi", "837P", True, 1),
        ("imsweb/837_5010_x12_999_rejected.txt", "999", True, 0),
        ("imsweb/277_5010_x12_277CA_accepted.txt", "277CA", True, 1),
        ("imsweb/837_5010_x12_many_claims.txt", "837P", False, 0),
        ("imsweb/837_5010_x223-test.txt", "837I", False, 0),
        ("pyx12/835id.res997.txt", "997,TA1", True, 0),
        ("linuxforhealth/270_005010X279A1_dependent-health-benefit-check.270", "270", False, 0),
        ("linuxforhealth/277_005010X212_provider-level-status.277", "277", False, 0),
        ("pyx12/837miss.source.txt", "837P", False, 0),
        ("badx12/err_bad_file.edi", None, False, 0),
    ],
)
def test_a_file_is_named_and_counted(name, transaction, ok, claims):
    report = check_file(DATA / name)
    assert (report.transaction, report.ok, report.claims) == (transaction, ok, claims)


def test_a_transaction_that_we_do_not_read_is_not_ok():
    (problem,) = check_text(file_of("HS", "270", "005010X279A1", [("BHT", "0022")])).problems
    assert (problem.code, problem.segment, problem.position) == ("unsupported_transaction", "ST", 3)


def test_a_charge_that_is_not_the_sum_of_its_lines_is_told():
    text = write_837p(batch(claim()), writer()).replace("CLM*C1*120.5", "CLM*C1*120")
    (problem,) = check_text(text).problems
    assert (problem.code, problem.segment) == ("claim_charge_wrong", "CLM")


SHORT = [
    remittance(CLAIM),
    write_837p(batch(full_claim()), writer()),
    (DATA / "imsweb/277_5010_x12_277CA_accepted.txt").read_text().rstrip(),
    (DATA / "imsweb/837_5010_x12_999_rejected.txt").read_text().rstrip(),
    (DATA / "stupidedi/X221_HP835_case_1.edi").read_text().rstrip(),
]


@pytest.mark.parametrize("text", SHORT, ids=["835", "837P", "277CA", "999", "835 on lines"])
def test_a_file_cut_anywhere_is_never_ok(text):
    data = text.encode()
    assert check_text(data).ok
    # The last line of a file whose segments end with its lines is whole without its line break.
    for length in range(len(data) - 1):
        report = check_text(data[:length])
        assert not report.ok, length
        assert report.problems[0].position > 0


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(SHORT), st.data())
def test_a_damaged_file_is_reported(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 20))
    damaged = text[:at] + data.draw(st.text(max_size=6)) + text[at + length :]
    report = check_text(damaged.encode("utf-8", "surrogatepass"))
    assert report.ok or report.problems


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_garbage_is_reported(data):
    assert not check_text(data).ok
    assert not check_text(b"ISA*00*          *00*" + data).ok
    assert not check_text(SHORT[0].encode()[:110] + data).ok


def test_ten_megabytes_of_anything_are_reported():
    assert not check_text(b"\x00\xff~*" * 2_500_000).ok
    assert not check_text(b"ISA*" * 2_500_000).ok
    assert not check_text(SHORT[0].encode()[:106] + b"~" * 10_000_000).ok
    assert not check_text(SHORT[0].encode()[:106] + b"ST*835*1~" * 100_000).ok


def test_each_file_gets_one_line_of_json(tmp_path):
    good, empty, gone = tmp_path / "good.835", tmp_path / "empty", tmp_path / "gone"
    good.write_text(remittance(CLAIM))
    empty.write_bytes(b"")
    out = io.StringIO()
    assert main_check([good], out) == 0
    assert main_check([good, empty, gone, tmp_path], out) == 1
    lines = [json.loads(one) for one in out.getvalue().splitlines()]
    assert [one["ok"] for one in lines] == [True, True, False, False, False]
    assert lines[0] == {"file": str(good), "transaction": "835", "ok": True, "claims": 1, "problems": []}
    assert [one["problems"][0]["code"] for one in lines[2:]] == [
        "no_interchange",
        "file_unreadable",
        "file_unreadable",
    ]
    assert set(lines[2]["problems"][0]) == {"code", "segment", "position", "detail"}
