"""Packs that were loaded beside the shipped ones: a folder of files, changed whole or not at all.

A pack is `SHA256.rows` (compiled) and `SHA256.json` (manifest); `index.json` names the packs that count and
is replaced last. Nothing is deleted, so that a claim can be judged again by what was known on its day.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from billing_rules.packs.compiled import SUFFIX, open_compiled, write_compiled
from billing_rules.packs.manifest import Manifest, PackRefused
from billing_rules.packs.pack import Pack
from billing_rules.packs.proving import prove
from billing_rules.packs.shelf import Shelf, in_succession
from billing_rules.packs.shipped import shipped_shelf

INDEX = "index.json"

_Stamp: TypeAlias = tuple[int, int, int]
"""Inode, size and time of change of the index: a new index is a new file, so it always differs."""


class _Index(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    packs: tuple[str, ...]


class PackStore:
    """A folder of loaded packs; whoever reads it sees the packs of before or of after, never of between."""

    def __init__(self, directory: Path) -> None:
        """The folder is made when the first pack is added."""
        self._directory = directory

    def add(self, pack: Pack) -> Manifest:
        """Keep a pack beside the others; adding the same pack again changes nothing.

        Raises PackRefused when it does not hold by its own vectors, or contradicts a pack of the shelf.
        """
        failures = prove(pack).failures
        if failures:
            raise PackRefused(f"vector {failures[0].id} fails: got {failures[0].got}")
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._alone():
            held, name = _names(self._directory), pack.manifest.sha256
            self._clear()
            if name not in held:
                refuse_overlap(self.shelf(), pack)
                self._write(pack)
                _replace(self._directory / INDEX, msgspec.json.encode(_Index(packs=(*held, name))))
        return pack.manifest

    def workroom(self) -> Path:
        """Where an importer may keep files without names: the folder, cleared of what a killed one left.

        Where there is no folder yet, what it will stand in: a refused import makes none.
        """
        if not self._directory.is_dir():
            return next(above for above in self._directory.absolute().parents if above.is_dir())
        with self._alone():
            self._clear()
        return self._directory

    def packs(self) -> tuple[Pack, ...]:
        """The loaded packs, in the order they were added; raises PackRefused for one that cannot be read."""
        return tuple(_read(self._directory, name) for name in _names(self._directory))

    def shelf(self) -> Shelf:
        """The shipped packs and the loaded ones."""
        return shelf_of(self._directory)

    def _write(self, pack: Pack) -> None:
        stem = self._directory / pack.manifest.sha256
        write_compiled(pack.lines, stem.with_suffix(SUFFIX))
        _replace(stem.with_suffix(".json"), msgspec.json.encode(pack.manifest))

    def _clear(self) -> None:
        """Whatever is written beside is written under the lock: who holds it finds only what was left."""
        for left in self._directory.glob(f".*{SUFFIX}.*"):
            left.unlink()
        for left in self._directory.glob(".*.json.*"):
            left.unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock, which the kernel lets go when its process dies, however it dies."""
        descriptor = os.open(self._directory / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def shelf_of(directory: Path) -> Shelf:
    """The shipped packs and those loaded into a folder, read anew when its index has changed."""
    try:
        found = (directory / INDEX).stat()
    except FileNotFoundError:
        return shipped_shelf()
    return _shelf_at(directory, (found.st_ino, found.st_size, found.st_mtime_ns))


def refuse_overlap(shelf: Shelf, pack: Pack) -> None:
    """Raise PackRefused for a pack sharing days with another of its table and scope, unless it supersedes.

    A pack that begins later supersedes from its first day on; one of the same first day must say that it
    does; one that begins earlier must end before the other begins.
    """
    new = pack.manifest
    place = (new.table, new.scope)
    beside = [one for one in shelf.packs if (one.manifest.table, one.manifest.scope) == place]
    for other in (one.manifest for one in beside):
        if other.version == new.version and other.starts_on == new.starts_on:
            raise PackRefused(f"{other} is held already, with other rows")
        if new.starts_on < other.starts_on and (new.ends_on is None or other.starts_on <= new.ends_on):
            raise PackRefused(f"{new} shares days with {other}, which begins later: say when it ends")
    in_succession([*beside, pack])


@lru_cache(maxsize=8)
def _shelf_at(directory: Path, stamp: _Stamp) -> Shelf:
    del stamp
    return beside_shipped(shipped_shelf().packs, [_read(directory, name) for name in _names(directory)])


def beside_shipped(shipped: Iterable[Pack], loaded: Sequence[Pack]) -> Shelf:
    """The shelf of a release and of what was loaded, without shipped packs that somebody had loaded before.

    A pack loaded for the same table, scope and first day, which corrects none, came before the release: it
    has judged claims and the shipped one has not, so it goes on answering.
    """
    taken = {_first_day(pack.manifest) for pack in loaded if pack.manifest.supersedes is None}
    return Shelf((*(pack for pack in shipped if _first_day(pack.manifest) not in taken), *loaded))


def _first_day(manifest: Manifest) -> tuple[str, str, date]:
    return manifest.table, manifest.scope, manifest.starts_on


def _names(directory: Path) -> tuple[str, ...]:
    try:
        return msgspec.json.decode((directory / INDEX).read_bytes(), type=_Index).packs
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as wrong:
        raise PackRefused(f"the index of packs cannot be read: {wrong}", file=INDEX) from wrong


def _read(directory: Path, name: str) -> Pack:
    stem = directory / name
    try:
        manifest = msgspec.json.decode(stem.with_suffix(".json").read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as wrong:
        raise PackRefused(f"the manifest cannot be read: {wrong}", file=f"{name}.json") from wrong
    return Pack(manifest, partial(open_compiled, stem.with_suffix(SUFFIX)))


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
