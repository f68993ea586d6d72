"""Packs as files to hand on: a manifest and its rows as sorted text, which people can read and compare."""

import gzip
import zlib
from functools import partial
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from billing_rules.packs.lines import header
from billing_rules.packs.manifest import Manifest, PackRefused, checksum
from billing_rules.packs.pack import Pack
from billing_rules.packs.sorted_lines import SortedLines, in_memory

PLAIN_BYTES = 100_000
"""Rows of more than this are written as gzip."""


def write_pack(pack: Pack, folder: Path) -> Path:
    """Write a pack as NAME.json and its rows beside; the same pack makes the same bytes."""
    told = pack.manifest
    name = "-".join(part for part in (told.table, told.scope, told.version) if part)
    text = header(told.table) + b"".join(pack.lines.text())
    if len(text) > PLAIN_BYTES:
        (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    else:
        (folder / f"{name}.tsv").write_bytes(text)
    manifest = folder / f"{name}.json"
    manifest.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    return manifest


def read_pack(folder: Traversable, name: str) -> Pack:
    """A pack of NAME.json and NAME.tsv or NAME.tsv.gz; raises PackRefused, for its rows when opened."""
    try:
        manifest = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as wrong:
        raise PackRefused(f"the manifest cannot be read: {wrong}", file=f"{name}.json") from wrong
    return Pack(manifest, partial(_open, folder, name, manifest))


def _open(folder: Traversable, name: str, manifest: Manifest) -> SortedLines:
    text = _text(folder, name)
    named = header(manifest.table)
    if not text.startswith(named):
        raise PackRefused("the first line does not name the fields of the table", line=1, file=name)
    body = text[len(named) :]
    if body.count(b"\n") != manifest.row_count:
        raise PackRefused(f"{body.count(chr(10).encode())} rows, not {manifest.row_count}", file=name)
    told = manifest
    found = checksum(told.table, told.scope, told.version, told.starts_on, told.ends_on, (body,))
    if found != manifest.sha256:
        raise PackRefused("the rows are not those of the manifest's checksum", file=name)
    return in_memory(body)


def _text(folder: Traversable, name: str) -> bytes:
    plain, packed = folder / f"{name}.tsv", folder / f"{name}.tsv.gz"
    try:
        return plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as wrong:
        raise PackRefused(f"the rows cannot be read: {wrong}", file=name) from wrong
