"""The command `visitledger`; each sub-command is imported when it is called, so none waits for another."""

import importlib
import logging
import sys

import click

COMMANDS = {
    "run": "api.commands.run:run",
    "serve": "api.commands.serve:serve",
    "worker": "api.commands.serve:worker",
    "migrate": "api.commands.migrate:migrate",
    "demo": "api.commands.demo:demo",
    "ledger": "api.commands.ledger:ledger",
    "x12": "api.commands.x12:x12",
    "rules": "api.commands.rules:rules",
}


class CommandRefused(click.ClickException):
    """The command cannot or must not be carried out; its sentence is all that is shown."""


class LazyCommands(click.Group):
    """Finds a sub-command by its name and imports it then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None for an unknown name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyCommands)
@click.version_option(package_name="visitledger")
def main() -> None:
    """The back office of companies that bill insurance for many therapy practices at once."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for chatty in ("alembic", "dramatiq", "httpx", "stripe"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
