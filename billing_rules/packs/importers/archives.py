"""What is named for an import: plain files, gzip, and zip archives as CMS ships them; or refused."""

import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

from msgspec import Struct

from billing_rules.packs.manifest import PackRefused

MOST_BYTES = 2**30
"""A text that unpacks to more is no code table."""

MOST_RATIO = 200
"""Code tables pack to a twentieth; what unpacks to so many times its size was made to fill a memory."""

RATIO_FROM = 2**26
"""Bytes up to which nobody minds how well a text was packed."""

MOST_MEMBERS = 500

_TEXTS = (".txt", ".csv", ".tsv")
_PACKED = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".z")
_GZIP, _ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_NUMBERED = re.compile(r"(.*?)(\d{1,2})(\.\w+)", re.DOTALL)

UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What reading a broken or foreign archive raises."""


class Part(Struct, frozen=True):
    """One text to read: a file, or a member of an archive."""

    path: Path
    member: str | None

    @property
    def name(self) -> str:
        """As refusals name it."""
        return self.path.name if self.member is None else f"{self.path.name}/{self.member}"

    @property
    def most_bytes(self) -> int:
        """The bytes it may unpack to."""
        return min(MOST_BYTES, max(RATIO_FROM, self.path.stat().st_size * MOST_RATIO))


def parts_of(path: Path) -> tuple[Part, ...]:
    """The texts that a path names; ARCHIVE/MEMBER names one of several; raises PackRefused."""
    archive = archive_of(path)
    try:
        with archive.open("rb") as stream:
            is_zip = stream.read(4) in _ZIPS
        if not is_zip:
            return (Part(path, None),)
        wanted = path.relative_to(archive).as_posix() if path != archive else None
        with zipfile.ZipFile(archive) as opened:
            members = _accepted(archive, opened.infolist())
    except UNREADABLE as wrong:
        raise PackRefused(f"the file cannot be read: {wrong}", file=path.name) from wrong
    return tuple(Part(archive, member) for member in _chosen(archive, members, wanted))


def archive_of(path: Path) -> Path:
    """The file itself, or the archive when the path goes on inside one."""
    return next((above for above in path.parents if above.is_file()), path)


@contextmanager
def opened(part: Part) -> Iterator[IO[bytes]]:
    """The bytes of a text, unpacked; reading may raise any of UNREADABLE."""
    with part.path.open("rb") as file:
        if part.member is not None:
            with zipfile.ZipFile(file) as archive, archive.open(part.member) as member:
                yield _plain(member, part)
        elif file.read(2) == _GZIP:
            file.seek(0)
            with gzip.open(file) as packed:
                yield _plain(packed, part)
        else:
            file.seek(0)
            yield file


def _plain(packed: io.BufferedIOBase | IO[bytes], part: Part) -> IO[bytes]:
    # A buffered reader asks for no more than readinto, which typing does not know.
    stream = io.BufferedReader(cast(io.RawIOBase, packed), 2**20)
    begins = stream.peek(4)[:4]
    if begins in _ZIPS or begins.startswith(_GZIP):
        raise PackRefused("a packed file inside a packed file", file=part.name)
    return stream


def _accepted(path: Path, infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of the texts; one wrong member refuses the archive, read or not."""
    if len(infos) > MOST_MEMBERS:
        raise PackRefused(f"the archive holds more than {MOST_MEMBERS} files", file=path.name)
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise PackRefused("the archive holds two files of one name", file=path.name)
    for info in infos:
        fault = _fault(info)
        if fault:
            raise PackRefused(fault, file=f"{path.name}/{info.filename}")
    return [name for name in names if name.lower().endswith(_TEXTS) and not name.startswith("__MACOSX/")]


def _fault(info: zipfile.ZipInfo) -> str | None:
    name = PurePosixPath(info.filename)
    if name.is_absolute() or ".." in name.parts or re.search(r"[\\:\x00-\x1f]", info.filename):
        return "the name leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "the member is a link"
    if info.flag_bits & 1:
        return "the member is encrypted"
    if info.filename.lower().endswith(_PACKED):
        return "an archive inside the archive: unpack it first"
    return "the member unpacks to more than any code table" if info.file_size > MOST_BYTES else None


def _chosen(path: Path, members: list[str], wanted: str | None) -> list[str]:
    if wanted is not None:
        if wanted not in members:
            raise PackRefused(f"the archive holds no text {wanted}", file=path.name)
        return [wanted]
    if not members:
        raise PackRefused("the archive holds no text", file=path.name)
    if len(members) == 1:
        return members
    numbered = [found for name in members if (found := _NUMBERED.fullmatch(name))]
    alike = len({(found[1].lower(), found[3].lower()) for found in numbered}) == 1
    in_order = sorted(numbered, key=lambda found: int(found[2]))
    if not alike or [int(found[2]) for found in in_order] != list(range(1, len(members) + 1)):
        told = ", ".join(sorted(members)[:6])
        raise PackRefused(
            f"the archive holds several texts, name one as ARCHIVE/NAME: {told}", file=path.name
        )
    return [found[0] for found in in_order]
