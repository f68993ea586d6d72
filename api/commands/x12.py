"""`visitledger x12 check`: what any EDI file is worth, one JSON line each."""

import sys

import click

from integrations.x12.check import main_check


@click.group()
def x12() -> None:
    """Questions to EDI files."""


@x12.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path())
def check(files: tuple[str, ...]) -> None:
    """Read FILES; exits with 1 unless every one can be used."""
    raise SystemExit(main_check(files, sys.stdout))
