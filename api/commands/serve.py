"""`visitledger serve` and `visitledger worker`: the processes of a production deployment."""

import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

import click
import uvicorn

from api.app import create_app
from api.commands.checks import prove_database, settings_or_refuse
from api.services import Services, compose
from api.settings import Settings
from api.worker import TaskWorkers


@click.command()
@click.option("--check", is_flag=True, help="Prove settings and database, then end.")
def serve(check: bool) -> None:
    """Serve the JSON routes and the pages; HOST, PORT and the rest come from the environment."""
    settings = settings_or_refuse()
    prove_database(settings)
    if not check:
        end_cleanly()
        serve_with(settings, partial(compose, settings))


@click.command()
@click.option("--check", is_flag=True, help="Prove settings and database, then end.")
@click.option("--threads", default=8, show_default=True, help="Tasks worked on at once.")
def worker(check: bool, threads: int) -> None:
    """Work on owed tasks until a signal ends it."""
    settings = settings_or_refuse()
    prove_database(settings)
    if check:
        return
    workers = TaskWorkers(partial(compose, settings), settings.broker_url, threads)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    workers.start()
    click.echo("Visitledger works on tasks.", err=True)
    ended.wait()
    workers.stop()


def end_cleanly() -> None:
    """Turn signals into an orderly end: the server re-raises them when it is done, before any clean-up."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def serve_with(settings: Settings, make_services: Callable[[], Services]) -> None:
    """Serve until a signal; client addresses from headers count only behind TRUSTED_PROXIES."""
    trusted = list(settings.trusted_proxies)
    config = uvicorn.Config(
        create_app(make_services()),
        host=settings.host,
        port=settings.port,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )
    uvicorn.Server(config).run()
