"""Zip archives as CMS ships them are read without being unpacked; whatever else they hold is refused."""

import gzip
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from billing_rules.packs import PackRefused
from billing_rules.packs.importers import archives, files
from tests.billing_rules.packs.made import imported, write
from tests.billing_rules.packs.test_importers import import_pairs, pair_file

CODES = "code,label,starts_on,ends_on\nG0283,Stimulation,2001-01-01,\n"


def packed(folder: Path, members: Mapping[str, str | bytes], name: str = "file.zip") -> Path:
    """An archive of members."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def test_a_quarter_as_cms_ships_it_is_the_pack_of_its_texts(tmp_path: Path) -> None:
    """Four archives of one text each, beside the same as a spreadsheet; one archive of four; the texts."""
    rows = {at: f"9250{at}\t97110\t \t20200101\t*\t1\tWhy\n" for at in range(1, 5)}
    texts = {f"ccipra-v330r0-f{at}.TXT": pair_file(tmp_path, row).read_bytes() for at, row in rows.items()}
    plain = [write(tmp_path, content, name) for name, content in texts.items()]
    apart = [
        packed(tmp_path, {name: content, name.replace("TXT", "xlsx"): b"PK\x03\x04"}, f"{name}.zip")
        for name, content in texts.items()
    ]
    together = packed(tmp_path, dict(reversed(texts.items())), "all.zip")
    shas = {import_pairs(*paths).manifest.sha256 for paths in (plain, apart, [together])}
    assert len(shas) == 1


def test_one_of_several_texts_is_named_behind_its_archive(tmp_path: Path) -> None:
    path = packed(tmp_path, {"in/PPRRVU27.csv": CODES, "in/GPCI2027.csv": "x", "read me.pdf": b"%PDF"})
    assert imported("hcpcs", path / "in" / "PPRRVU27.csv", row_count=1).manifest.row_count == 1
    for wrong, reason in (
        (path, r"several texts, name one as ARCHIVE/NAME: in/GPCI2027.csv, in/PPRRVU27.csv"),
        (path / "PPRRVU27.csv", "holds no text PPRRVU27.csv"),
        (path / ".." / "file.csv", "holds no text"),
        (packed(tmp_path, {"read me.pdf": b"%PDF"}, "other.zip"), "holds no text"),
        (packed(tmp_path, {"f1.txt": CODES, "f3.txt": CODES}, "gap.zip"), "several texts"),
    ):
        with pytest.raises(PackRefused, match=reason):
            imported("hcpcs", wrong)
    digest = files.file_checksum(path)
    assert imported("hcpcs", path / "in" / "PPRRVU27.csv", sha256=[digest]).manifest.row_count == 1


def test_a_refusal_names_the_member_and_its_line(tmp_path: Path) -> None:
    path = packed(tmp_path, {"codes.csv": CODES + "G02,Short,,\n"})
    with pytest.raises(PackRefused, match="code is malformed") as refused:
        imported("hcpcs", path)
    assert (refused.value.file, refused.value.line) == ("file.zip/codes.csv", 3)


@pytest.mark.parametrize(
    "name", ["../codes.csv", "/etc/codes.csv", "a/../../codes.csv", "a\\..\\codes.csv", "C:codes.csv"]
)
def test_a_name_that_leads_out_refuses_the_archive(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path, {"codes.csv": CODES, name: CODES})
    with pytest.raises(PackRefused, match="leads out of the archive"):
        imported("hcpcs", path)


def test_links_locks_archives_and_doubles_inside_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr("codes.csv", CODES)
        archive.writestr(link, "codes.csv")
    locked = bytearray(packed(tmp_path, {"codes.csv": CODES}, "locked.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + at] |= 1
    nested = packed(tmp_path, {"codes.csv": CODES}, "nested.zip").read_bytes()
    many = {f"{at}.pdf": b"" for at in range(501)}
    double = packed(tmp_path, {"codes.csv": CODES, "codez.csv": CODES}, "double.zip").read_bytes()
    cases = {
        "the member is a link": (tmp_path / "link.zip").read_bytes(),
        "the member is encrypted": bytes(locked),
        "an archive inside": packed(tmp_path, {"codes.csv": CODES, "f1.zip": nested}, "two.zip").read_bytes(),
        "a packed file inside": packed(tmp_path, {"codes.csv": nested}, "hidden.zip").read_bytes(),
        "inside a packed file": gzip.compress(gzip.compress(CODES.encode())),
        "more than 500 files": packed(tmp_path, many, "many.zip").read_bytes(),
        "two files of one name": double.replace(b"codez", b"codes"),
        "cannot be read": nested[:-30],
        "cannot be read: .*CRC": nested.replace(b"PK\x01\x02", b"PK\x01\x02", 1).replace(
            nested[14:18], b"\0\0\0\0"
        ),
    }
    for reason, content in cases.items():
        with pytest.raises(PackRefused, match=reason):
            imported("hcpcs", write(tmp_path, content, "case.zip"))


@pytest.mark.parametrize("form", ["zip", "gz"])
def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    text = CODES + "".join(f"G{9000 + at},{'a' * 4000},,\n" for at in range(300))
    path = packed(tmp_path, {"codes.csv": text}) if form == "zip" else write(tmp_path, text, "codes.csv.gz")
    assert imported("hcpcs", path).manifest.row_count == 301
    monkeypatch.setattr(archives, "RATIO_FROM", 100_000)
    with pytest.raises(PackRefused, match="unpacks to more than any code table"):
        imported("hcpcs", path)
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    with pytest.raises(PackRefused, match="unpacks to more than any code table"):
        imported("hcpcs", path)


def test_a_line_without_end_and_an_unknown_encoding_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, CODES + "G0284," + "a" * (files.MOST_LINE_BYTES + 1) + ",,\n")
    with pytest.raises(PackRefused, match="longer than any row") as refused:
        imported("hcpcs", path)
    assert refused.value.line == 3
    with pytest.raises(PackRefused, match="no encoding runes"):
        imported("hcpcs", write(tmp_path, CODES), encoding="runes")
    spaces = write(tmp_path, " \n" * 5000)
    with pytest.raises(PackRefused):
        imported("hcpcs", spaces)
