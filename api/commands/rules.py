"""`visitledger rules`: prove the rules, run vectors, load and compare packs, publish a company's rules."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from api.commands import CommandRefused
from api.commands.checks import prove_database, settings_or_refuse
from api.commands.vector_file import VectorsUnreadable, read_vectors, run_vectors
from api.services import Services, compose
from api.settings import pack_folder
from billing_rules.packs import PackRefused, Shelf
from billing_rules.packs.differences import MOST_EXAMPLES, Differences, KeyChange, changes, differences
from billing_rules.packs.importers import KINDS, import_file
from billing_rules.packs.manifest import PackVector
from billing_rules.packs.pack import Pack
from billing_rules.packs.proving import PackProof, prove_all
from billing_rules.packs.store import PackStore, refuse_overlap
from billing_rules.rule_book import RuleBook
from billing_rules.rule_vectors import rows_beaten_at_home
from domain import tables
from domain.practices.publishing import publish_rules
from domain.practices.shelf import shipped_rules, use_packs

UNREADABLE = 2
DAY = click.DateTime(formats=["%Y-%m-%d"])


class FileUnreadable(click.ClickException):
    """The file is not what the command reads."""

    exit_code = UNREADABLE


def _factor(told: str) -> Decimal:
    """Dollars of a relative value unit; a ValueError becomes the command's own sentence."""
    try:
        factor = Decimal(told)
    except ArithmeticError as wrong:
        raise ValueError(told) from wrong
    if not factor.is_finite() or factor <= 0:
        raise ValueError(told)
    return factor


@click.group()
@click.option(
    "--packs",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where loaded packs are kept; by default RULE_PACKS, or rules beside the other data.",
)
@click.pass_context
def rules(context: click.Context, folder: Path | None) -> None:
    """Questions to the rules, and what is loaded beside them."""
    context.obj = folder or pack_folder()
    use_packs(context.obj)


@rules.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
def check(as_json: bool) -> None:
    """Prove every rule and every pack against its vectors; exits with 1 when one fails."""
    book = _refusing(shipped_rules)
    proofs = prove_all(book.shelf, rules=book)
    if as_json:
        click.echo(msgspec.json.encode({"book": book.version, "packs": [_proven(proof) for proof in proofs]}))
    else:
        click.echo(f"book {book.version}: {len(book.rows)} rules, {len(proofs) - 1} packs")
        for proof in proofs:
            _say(proof)
    silent = rows_beaten_at_home(book)
    for sentence in silent:
        click.echo(sentence, err=True)
    if silent or not all(proof.holds for proof in proofs):
        raise SystemExit(1)


def _say(proof: PackProof) -> None:
    overdue = ", review overdue" if proof.manifest.is_due(_today()) else ""
    failed = f", {len(proof.failures)} fail" if proof.failures else ""
    click.echo(f"{proof.manifest}: {proof.passed} vectors hold{failed}{overdue}")
    for failure in proof.failures:
        click.echo(f"  {failure.id}: expected {failure.expected}, got {failure.got}")


def _proven(proof: PackProof) -> dict[str, Any]:
    told = proof.manifest
    return {
        "table": told.table,
        "scope": told.scope,
        "version": told.version,
        "checksum": told.sha256,
        "overdue": told.is_due(_today()),
        "passed": proof.passed,
        "failures": proof.failures,
    }


@rules.command("vectors")
@click.argument("file", type=click.Path(path_type=Path))
def vectors(file: Path) -> None:
    """Run the vectors of FILE; exits with 1 for any that fails or that no rule answers."""
    try:
        wanted = read_vectors(file)
    except VectorsUnreadable as unreadable:
        raise FileUnreadable(str(unreadable)) from unreadable
    book = _refusing(shipped_rules)
    click.echo(f"book {book.version}", err=True)
    report = run_vectors(wanted, book)
    click.echo(msgspec.json.encode(report))
    if not report.holds:
        raise SystemExit(1)


@rules.command("list")
def list_packs() -> None:
    """Every pack on the shelf, by table, scope and first day."""
    shelf, today = _refusing(shipped_rules).shelf, _today()
    for told in shelf.manifests:
        answers = shelf.in_force(told.table, on=today, scope=told.scope) == told
        standing = "in force" if answers else "to come" if told.starts_on > today else "past"
        overdue = ", review overdue" if answers and told.is_due(today) else ""
        click.echo(f"{told.sha256[:12]}  {told}  {told.row_count} rows  {standing}{overdue}  ({told.source})")


@rules.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--all", "everything", is_flag=True, help="Every key, not only the first ones.")
def diff(old: str, new: str, everything: bool) -> None:
    """What parts two packs of one table, each named by the beginning of its checksum."""
    shelf = _refusing(shipped_rules).shelf
    before, after = _named(shelf, old), _named(shelf, new)
    try:
        told = differences(before, after, most=0 if everything else MOST_EXAMPLES)
    except ValueError as apart:
        raise CommandRefused(str(apart)) from apart
    _show(told, changes(before, after) if everything else told.examples)


def _named(shelf: Shelf, beginning: str) -> Pack:
    found = [pack for pack in shelf.packs if pack.manifest.sha256.startswith(beginning.lower())]
    if len(found) != 1:
        raise CommandRefused(f"{len(found) or 'No'} packs have a checksum that begins with {beginning}.")
    return found[0]


def _show(told: Differences, shown: Iterable[KeyChange]) -> None:
    click.echo(f"{told.added} added, {told.removed} removed, {told.changed} changed, {told.same} the same")
    for change in shown:
        was = ", ".join(map(_row, change.was)) or "-"
        becomes = ", ".join(map(_row, change.becomes)) or "-"
        click.echo(f"  {change.change} {change.key}: {was} -> {becomes}")


def _row(row: Any) -> str:
    return msgspec.json.encode(row).decode()


@rules.command("import")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--scope", default="", help="Which edit set or program; none for a table with one scope.")
@click.option("--version", required=True, help="What its publisher calls it, such as 2026Q1.")
@click.option("--starts-on", type=DAY, required=True, help="The first day of service it answers for.")
@click.option("--ends-on", type=DAY, help="The last one; open until a later pack when left out.")
@click.option("--source", required=True, help="Who published it, and where.")
@click.option("--terms", default="as the source states", help="Under which terms it may be used.")
@click.option("--checked-on", type=DAY, help="When somebody compared it with the source; today by default.")
@click.option("--review-on", type=DAY, help="The day from which it is due to be replaced.")
@click.option("--supersedes", help="The version of the same first day that it corrects.")
@click.option("--sha256", multiple=True, help="The checksum of each file as published, in their order.")
@click.option("--row-count", type=int, help="How many rows the files must hold.")
@click.option("--conversion-factor", type=_factor, help="Dollars of one relative value unit.")
@click.option("--encoding", default="utf-8", help="How the files are written.")
@click.option(
    "--vectors", "proof", type=click.Path(path_type=Path), help="Questions it must answer, as JSON."
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and load nothing.")
@click.pass_obj
def import_pack(folder: Path, /, kind: str, files: tuple[Path, ...], dry_run: bool, **said: Any) -> None:
    """Read FILES into a pack, show what it changes, and load it beside the others, whole or not at all.

    A file is a text, plain, gzip or zip as its publisher packs it; ARCHIVE/NAME names one text of several.
    """
    store = PackStore(folder)
    try:
        pack = import_file(kind, files, folder=store.workroom(), **_headings(said))
        shelf, told = store.shelf(), pack.manifest
        if any(held.sha256 == told.sha256 for held in shelf.manifests):
            click.echo(f"{told} is loaded already.")
            return
        refuse_overlap(shelf, pack)
        before = shelf.pack(told.table, on=told.starts_on, scope=told.scope)
        click.echo(f"{told}, against {before.manifest if before else 'nothing'}")
        found = differences(before, pack)
        _show(found, found.examples)
        if dry_run:
            click.echo("Nothing was loaded.")
            return
        click.echo(f"Loaded {store.add(pack).sha256}.")
    except PackRefused as refused:
        raise CommandRefused(f"Refused whole: {refused}.") from refused


def _headings(said: dict[str, Any]) -> dict[str, Any]:
    """The options as the importer takes them: days without a time, vectors read from their file."""
    proof: Path | None = said.pop("proof")
    days = {name: given.date() for name, given in said.items() if isinstance(given, datetime)}
    return said | days | {"checked_on": days.get("checked_on", _today()), "vectors": _pack_vectors(proof)}


def _pack_vectors(path: Path | None) -> tuple[PackVector, ...]:
    if path is None:
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[PackVector, ...])
    except (OSError, msgspec.MsgspecError) as wrong:
        raise PackRefused(f"the vectors cannot be read: {wrong}", file=path.name) from wrong


@rules.command("publish")
@click.option("--organization", "slug", required=True, help="The billing company's name in its addresses.")
def publish(slug: str) -> None:
    """Bring every practice of a billing company up to date with its rules; repeating does nothing."""
    assert tables.ALL, "the practice's own tables register themselves"
    settings = settings_or_refuse()
    prove_database(settings)
    failed = asyncio.run(_publish(partial(compose, settings), slug))
    click.echo(f"{failed} practices could not be reached." if failed else "Every practice has the rules.")
    if failed:
        raise SystemExit(1)


async def _publish(make_services: partial[Services], slug: str) -> int:
    services = make_services()
    try:
        company = await services.database.directory_lookup("slug", slug)
        if company is None:
            raise CommandRefused(f"There is no billing company {slug}.")
        return await publish_rules(services.database, company.organization_id, everything=True)
    finally:
        await services.close()


def _refusing(read: Callable[[], RuleBook]) -> RuleBook:
    try:
        return read()
    except PackRefused as refused:
        raise CommandRefused(f"The loaded packs cannot be read: {refused}.") from refused


def _today() -> date:
    return datetime.now(UTC).date()
