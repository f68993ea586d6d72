"""The public files as they are downloaded: read as they mean it, or refused whole with line and reason."""

import gzip
import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing_rules.packs import PackRefused
from billing_rules.packs.manifest import PackVector
from billing_rules.packs.pack import Pack
from tests.billing_rules.packs.made import QUARTER, SCOPE, imported, write

IN_FORCE = date(2027, 3, 2)

PREAMBLE = (
    "CPT only copyright American Medical Association. All rights reserved.\t\t\t\t\t\t\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\n"
    "\t\t\t\t\t\t\n"
)
ONE_CELL_HEADER = (
    'Column 1\tColumn 2\t"*=in existence\nprior to 1996"\t"Effective Date\nyyyymmdd"\t'
    '"Deletion Date\n*=none"\t"Modifier\n0=not allowed\n1=allowed\n9=not applicable"\tPTP Edit Rationale\n'
)
STACKED_HEADER = (
    "\t\t* = in existence\tEffective\tDeletion\tModifier\t\n"
    "Column 1\tColumn 2\tprior to 1996\tDate\tDate\t0=not allowed\tPTP Edit Rationale\n"
    "\t\t\tyyyymmdd\t*=none\t1=allowed\t\n"
    "\t\t\t\t\t9=not applicable\t\n"
)
RUNNING_HEADER = (
    "Column 1\tColumn 2\t* = in existence\nprior to 1996\tEffective Date\nyyyymmdd\t"
    "Deletion Date (* = none)\tModifier 0/1/9\tPTP Edit Rationale\n"
)
DATA = (
    "92507\t97110\t \t20200101\t*\t1\tMisuse of Column Two code\n"
    "97530\t97116\t*\t*\t20201001\t0\tMutually exclusive\n"
    "97530\t97116\t \t20210101\t*\t1\tMutually exclusive\n"
)


def pair_file(folder: Path, data: str = DATA, header: str = STACKED_HEADER, name: str = "f1.txt") -> Path:
    """A file of code pairs as CMS parts them."""
    return write(folder, PREAMBLE + header + data, name)


def import_pairs(*paths: Path, **changed: Any) -> Pack:
    """The pack of such files."""
    return imported("ncci_ptp", *paths, **({"scope": SCOPE} | changed))


@pytest.mark.parametrize("header", [ONE_CELL_HEADER, STACKED_HEADER, RUNNING_HEADER])
def test_the_pair_file_is_read_however_its_header_wraps(tmp_path: Path, header: str) -> None:
    pack = import_pairs(pair_file(tmp_path, header=header))
    assert pack.manifest.row_count == 3
    (row,) = pack.find("97530|97116", IN_FORCE)
    assert (row.indicator, row.starts_on, row.ends_on) == ("1", date(2021, 1, 1), None)
    (old,) = pack.find("97530|97116", date(2020, 10, 1))
    assert (old.indicator, old.starts_on) == ("0", date(1996, 1, 1))


def test_four_parts_make_one_pack(tmp_path: Path) -> None:
    parts = [
        pair_file(tmp_path, f"9250{at}\t97110\t \t20200101\t*\t1\tWhy\n", name=f"f{at}.txt")
        for at in range(4)
    ]
    assert import_pairs(*parts).manifest.row_count == 4


def test_an_edit_taken_back_on_its_first_day_was_never_in_force(tmp_path: Path) -> None:
    data = "92507\t97110\t \t20270101\t20270101\t9\tWhy\n92507\t97110\t \t20270101\t*\t1\tWhy\n"
    (row,) = import_pairs(pair_file(tmp_path, data)).find("92507|97110", QUARTER)
    assert row.indicator == "1"


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (DATA + "92507\t97110\t \t20200101\t*\t0\tOther\n", 11, "in force twice"),
        (DATA + "92507\t97110\t \t20200101\t*\t1\tMisuse of Column Two code\n", 11, "stands twice"),
        (DATA + "92507\t97113\t \t20200101\t20190101\t1\tWhy\n", 11, "ends before it starts"),
        (DATA + "9250\t97113\t \t20200101\t*\t1\tWhy\n", 11, "column1 is malformed: 9250"),
        (DATA + "92507\t9711X\t \t20200101\t*\t2\tWhy\n", 11, "indicator is malformed: 2"),
        (DATA + "92507\t97113\t \t20201301\t*\t1\tWhy\n", 11, "effective is no date: 20201301"),
        (DATA + "92507\t97113\t \t\t*\t1\tWhy\n", 11, "effective is no date"),
        (DATA + "92507\t97113\t \t20200101\t*\t1\n", 11, "6 cells under 7 columns"),
        (DATA + "92507\t97113\t \t20200101\t*\t1\tWhy\tmore\n", 11, "8 cells under 7 columns"),
        (DATA + "92507\t97113\t \t20200101\t*\t1\tWh\x07y\n", 11, "control character"),
        (DATA.replace("*\t1\tMis", "*\t1\tMi\0s"), 8, "NUL"),
    ],
)
def test_a_bad_row_refuses_the_whole_file(tmp_path: Path, data: str, line: int, reason: str) -> None:
    with pytest.raises(PackRefused) as refused:
        import_pairs(pair_file(tmp_path, data))
    assert reason in refused.value.reason
    assert (refused.value.line, refused.value.file) == (line, "f1.txt")


def test_historic_rows_may_not_share_a_day(tmp_path: Path) -> None:
    data = "92507\t97110\t \t20200101\t20271231\t1\tWhy\n92507\t97110\t \t20271231\t*\t0\tWhy\n"
    with pytest.raises(PackRefused, match="in force twice on the same days"):
        import_pairs(pair_file(tmp_path, data))
    apart = data.replace("20271231\t*", "20280101\t*")
    assert import_pairs(pair_file(tmp_path, apart)).manifest.row_count == 2


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("col1,col2,deletion_date,modifier,rationale,colour\n", "unknown column: colour"),
        ("col1,col2,deletion_date,rationale\n", "missing column: modifier"),
        ("col1,col1,col2,deletion_date,modifier,rationale\n", "a column stands twice"),
        ("one,two,three\n", "no header"),
    ],
)
def test_an_unknown_or_missing_column_refuses(tmp_path: Path, header: str, reason: str) -> None:
    with pytest.raises(PackRefused, match=reason) as refused:
        import_pairs(write(tmp_path, header + '"92507","97110","",1,"Why","x"\n'))
    assert refused.value.line == 1


def test_files_that_are_no_such_text_are_refused(tmp_path: Path) -> None:
    good = "code,label,starts_on,ends_on\nG0283,Stimulation,2001-01-01,\n"
    cases = {
        "empty": b"",
        "only spaces": b" \n\n",
        "utf-16": good.encode("utf-16"),
        "latin-1": good.replace("Stim", "Stím").encode("latin-1"),
        "cut off": gzip.compress(good.encode())[:-12],
        "no gzip after its mark": b"\x1f\x8b" + good.encode(),
        "header only": b"code,label,starts_on,ends_on\n",
        "broken quoting": good.encode() + b'G0284,"never closed,,\n',
    }
    for content in cases.values():
        with pytest.raises(PackRefused):
            imported("hcpcs", write(tmp_path, content))
    with pytest.raises(PackRefused):
        imported("hcpcs", tmp_path / "missing.csv")
    with pytest.raises(PackRefused):
        imported("hcpcs")
    with pytest.raises(PackRefused):
        imported("horoscopes", write(tmp_path, good))
    assert imported("hcpcs", write(tmp_path, good, "packed.csv.gz")).manifest.row_count == 1


def test_checksum_and_count_are_compared_when_given(tmp_path: Path) -> None:
    path = write(tmp_path, "code,label,starts_on,ends_on\nG0283,Stimulation,2001-01-01,\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert imported("hcpcs", path, sha256=[digest], row_count=1).manifest.row_count == 1
    for wrong in ({"sha256": ["0" * 64]}, {"sha256": [digest, digest]}, {"row_count": 2}):
        with pytest.raises(PackRefused):
            imported("hcpcs", path, **wrong)


def test_a_vector_that_fails_refuses_the_pack(tmp_path: Path) -> None:
    path = write(tmp_path, "code,label,starts_on,ends_on\nG0283,Stimulation,2001-01-01,\n")
    vector = PackVector(id="other", key="G0283", on=IN_FORCE, expected=({"label": "Another"},))
    with pytest.raises(PackRefused, match="vector other fails"):
        imported("hcpcs", path, vectors=(vector,))


def test_what_is_said_of_a_pack_is_judged_too(tmp_path: Path) -> None:
    path = write(tmp_path, "code,label,starts_on,ends_on\nG0283,Stimulation,2001-01-01,\n")
    for wrong in ({"ends_on": date(2026, 1, 1)}, {"source": " "}, {"version": ""}, {"scope": "mars"}):
        with pytest.raises(PackRefused):
            imported("hcpcs", path, **wrong)


def test_the_units_file_has_one_quoted_cell_before_its_header(tmp_path: Path) -> None:
    text = (
        '"Practitioner Services MUE Table\nCPT codes only are copyright American Medical Association"\n'
        "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n"
        "97110,6,3 Date of Service Edit: Clinical,Clinical: Data\n"
        "97164,1,2 Date of Service Edit: Policy,CMS Policy\n"
    )
    pack = imported("ncci_mue", write(tmp_path, text), scope=SCOPE)
    (row,) = pack.find("97110", IN_FORCE)
    assert (row.units, row.adjudication_indicator) == (6, 3)
    shared = "hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service\n97110,6,3,Data,Outpatient Hospital\n"
    with pytest.raises(PackRefused, match="outpatient hospital") as refused:
        imported("ncci_mue", write(tmp_path, shared), scope=SCOPE)
    assert refused.value.line == 2
    for bad in ("97110,six,3,Data", "97110,6,4 Other,Data", "97110,-1,3,Data"):
        with pytest.raises(PackRefused):
            imported("ncci_mue", write(tmp_path, text + bad + "\n"), scope=SCOPE)


def test_add_on_codes_keep_all_their_primaries(tmp_path: Path) -> None:
    text = '"primary_code","add_on_code","aoc_edit_type"\n"97129","97130",1\n"CCCCC","97130",2\n'
    rows = imported("ncci_addon", write(tmp_path, text)).find("97130", IN_FORCE)
    assert [(row.primary, row.edit_type) for row in rows] == [("97129", "1"), ("CCCCC", "2")]
    with pytest.raises(PackRefused, match="twice"):
        imported("ncci_addon", write(tmp_path, text + '"97129","97130",1\n'))


PFS_HEADER = (
    "2027 National Physician Fee Schedule Relative Value File,,,\nCPT codes only are copyright,,,\n\n"
    ",,,STATUS,NOT USED,WORK,NON-FAC PE,NON-FAC NA,FACILITY PE,FACILITY NA,MP,NON-FACILITY,FACILITY,PCTC,"
    "GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,ENDO,CONV,SUPERVISION,CALCULATION,IMAGING,OPPS,OPPS,OPPS\n"
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,RVU,INDICATOR,RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT\n"
)
PFS_ROW = (
    "97530,,Not ours to keep,A,,0.44,0.65,,0.65,NA,0.01,1.10,1.10,7,XXX,0,0,0,5,0,0,0,0,,"
    "33.2875,9,0,99,0,0,0\n"
)


def test_the_relative_value_file_is_known_by_the_places_of_its_columns(tmp_path: Path) -> None:
    pack = imported("fee_schedule", write(tmp_path, PFS_HEADER + PFS_ROW), scope="medicare")
    (row,) = pack.find("97530", IN_FORCE)
    values = (row.work, row.pe_nonfacility, row.pe_facility, row.mp, row.conversion_factor)
    assert values == tuple(map(Decimal, ("0.44", "0.65", "0.65", "0.01", "33.2875")))
    assert (row.status, row.multiple_procedure, row.nonfacility_price) == ("A", "5", None)
    assert not any(b"ours" in line for line in pack.lines)
    with_modifier = PFS_ROW.replace("97530,,", "97530,TC,")
    both = imported("fee_schedule", write(tmp_path, PFS_HEADER + PFS_ROW + with_modifier), scope="medicare")
    assert both.find("97530:TC", IN_FORCE)[0].modifier == "TC"


def test_a_price_list_without_conversion_factor_needs_one_said(tmp_path: Path) -> None:
    text = (
        "code,status,workRvu,totalRvu,nonFacilityPrice,facilityPrice,globalPeriod\n"
        "97530,A,.44,1.1,36.62,36.6,XXX\n"
    )
    with pytest.raises(PackRefused, match="conversion factor"):
        imported("fee_schedule", write(tmp_path, text), scope="medicare")
    pack = imported(
        "fee_schedule", write(tmp_path, text), scope="medicare", conversion_factor=Decimal("33.4009")
    )
    (row,) = pack.find("97530", IN_FORCE)
    assert (row.nonfacility_price, row.facility_price, row.pe_nonfacility) == (3662, 3660, None)


def test_locality_factors_and_counties(tmp_path: Path) -> None:
    factors = (
        "ADDENDUM E,,,,,,,\nMedicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
        "2027 PW GPCI (without 1.0 Floor),2027 PW GPCI (with 1.0 Floor),2027 PE GPCI,2027 MP GPCI\n"
        "10112,AL,0,ALABAMA*,0.98,1,0.869,0.575\n* note at the end,,,,,,,\n"
    )
    (row,) = imported("gpci", write(tmp_path, factors)).find("10112|00", IN_FORCE)
    assert (row.name, row.work, row.pe) == ("ALABAMA", Decimal(1), Decimal("0.869"))
    counties = (
        "Medicare Adminstrative Contractor,Locality Number,State,Fee Schedule Area,Counties\n"
        "05302,01,MISSOURI,ST. LOUIS,ST. LOUIS\n05302,99,,REST OF STATE,ALL OTHER COUNTIES\n"
    )
    (rest,) = imported("locality_county", write(tmp_path, counties)).find("05302|99", IN_FORCE)
    assert rest.state_name == "MISSOURI"


def order_line(number: int, code: str, billable: str, label: str) -> str:
    """A line of CMS's ICD-10-CM order file."""
    return f"{number:05d} {code:<7} {billable} {label:<60} {label} in full\n"


def test_the_order_file_tells_headings_from_codes(tmp_path: Path) -> None:
    lines = [
        order_line(1, "M54", "0", "Dorsalgia"),
        order_line(2, "M545", "0", "Low back pain"),
        order_line(3, "M5450", "1", "Low back pain, unspecified"),
        order_line(4, "QA00", "1", "A code of the newest chapter"),
    ]
    pack = imported("icd10cm", write(tmp_path, "".join(lines), "icd10cm-order-2027.txt"))
    found = {row.code: (row.billable, row.parent, row.label) for row in pack}
    assert found["M54"] == (False, None, "Dorsalgia in full")
    assert found["M5450"] == (True, "M545", "Low back pain, unspecified in full")
    assert found["QA00"][1] == "QA0"
    with pytest.raises(PackRefused) as refused:
        imported("icd10cm", write(tmp_path, "".join(lines) + "5 short\n", "order.txt"))
    assert refused.value.line == 5


def test_the_list_with_parents_is_read_packed(tmp_path: Path) -> None:
    text = "code,billable,description,parent\nA00,0,Cholera,A00-A09\nA00.0,1,Cholera due to 01,A00\n"
    pack = imported("icd10cm", write(tmp_path, text, "icd.csv.gz"))
    assert [(row.code, row.parent) for row in pack] == [("A00", None), ("A000", "A00")]


def test_supplies_leave_out_modifiers_and_keep_days(tmp_path: Path) -> None:
    text = (
        "HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,PRICE1,COV,BETOS,TOS1,"
        "ADD DT,ACT EFF DT,TERM DT,ACTION CD\n"
        "G0515,00100,3,Cognitive skills,Cog,11,C,M5D,1,20180101,20200101,20191231,D\n"
        "GP,00100,7,Plan,Plan,,,,,,,,\n"
    )
    pack = imported("hcpcs", write(tmp_path, text))
    assert pack.manifest.row_count == 1
    (row,) = pack.find("G0515", date(2019, 12, 31))
    assert (row.starts_on, row.ends_on) == (date(2018, 1, 1), date(2019, 12, 31))
    assert pack.find("G0515", date(2020, 1, 1)) == ()


def test_places_adjustment_codes_and_thresholds(tmp_path: Path) -> None:
    places = (
        "pos_code,pos_type,pos_name,pos_description\n11,Non-Facility,Office,x\n28,Unassigned,Unassigned,N/A\n"
    )
    assert [row.code for row in imported("places_of_service", write(tmp_path, places))] == ["11"]
    with pytest.raises(PackRefused, match="kind of place"):
        imported("places_of_service", write(tmp_path, places + "12,Somewhere,Home,x\n"))
    codes = "code,kind,starts_on,last_modified_on,ends_on\n"
    codes += "45,CARC,1995-01-01,,\nN19,RARC,2000-01-01,,\nCO,Group,,,\n"
    adjustments = imported("adjustment_codes", write(tmp_path, codes))
    assert adjustments.find("CARC|45", IN_FORCE)[0].kind == "CARC"
    assert adjustments.find("GROUP|CO", IN_FORCE)
    sums = "name,year,bucket,amount,confidence\nkx,2027,PT_SLP,2560.00,verified\nkx,2027,OT,,unknown\n"
    thresholds = imported("thresholds", write(tmp_path, sums))
    assert thresholds.find("kx|2027|PT_SLP", IN_FORCE)[0].amount_cents == 256000
    assert thresholds.find("kx|2027|OT", IN_FORCE)[0].amount_cents is None
    for bad in ("kx,2028,OT,12.345,verified\n", "kx,2028,OT,1.00,hearsay\n", "kx,twenty,OT,1.00,verified\n"):
        with pytest.raises(PackRefused):
            imported("thresholds", write(tmp_path, sums + bad))
