"""The demonstration: every file that passes is valid, it repeats, its table is true, its ledger holds."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from msgspec import Struct

from api.commands.demo import STARTS_ON, perform
from api.commands.demonstration.figures import Figures, table
from api.commands.demonstration.installing import install
from api.commands.demonstration.keeping import recall_kept
from api.commands.demonstration.playing import make_play
from api.commands.demonstration.sizes import SMALL, TINY
from api.commands.demonstration.stage import Play
from api.services import Services, compose
from api.settings import Settings
from tests.api.conftest import make_settings
from tests.conftest import Cluster
from tests.integrations.x12.oracle import verdict


class Played(Struct, frozen=True, kw_only=True):
    """A demonstration that was played to its end, with its database and files."""

    play: Play
    found: dict[str, Figures]
    broken: list[Any]
    database: str
    folder: Path


def settings_on(cluster: Cluster, database: str, folder: Path) -> Settings:
    """Settings on a database of one's own, with two free ports of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as own, socket.create_server(("127.0.0.1", 0)) as cards:
        port, cards_port = own.getsockname()[1], cards.getsockname()[1]
    url = cluster.login_url(database).replace("postgresql+asyncpg://", "postgresql://")
    changes = {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}", "VISITLEDGER_DATA": str(folder)}
    return make_settings(url, STRIPE_API_BASE=f"http://127.0.0.1:{cards_port}", **changes)


async def play_in(cluster: Cluster, name: str, play: Play, folder: Path) -> Played:
    """Play in a fresh copy of the schema."""
    database = f"{name}_{os.getpid()}"
    await cluster.clone(database)
    found, broken = await perform(settings_on(cluster, database, folder), play, folder)
    return Played(play=play, found=found, broken=broken, database=database, folder=folder)


@pytest_asyncio.fixture(scope="module")
async def played(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The small demonstration, once for all that look at it."""
    folder = tmp_path_factory.mktemp("x12")
    return await play_in(cluster, "demonstration", make_play(1, SMALL, STARTS_ON), folder)


@pytest_asyncio.fixture
async def rows(cluster: Cluster, played: Played) -> AsyncIterator[asyncpg.Connection]:
    """The database behind every door, for counting what the product cannot have told us."""
    connection = await asyncpg.connect(cluster.superuser_dsn(played.database))
    yield connection
    await connection.close()


def texts(folder: Path, kind: str) -> list[str]:
    """The files of a transaction, `837`, `999` or `835`."""
    read = (path.read_text(encoding="ascii") for path in sorted(folder.rglob("*")) if path.is_file())
    return [text for text in read if f"ST*{kind}*" in text]


@pytest.mark.parametrize("kind", ["837", "999", "835"])
def test_an_independent_validator_accepts_every_file(played: Played, kind: str) -> None:
    files = texts(played.folder, kind)
    assert files
    assert {text[:120]: said for text in files if (said := verdict(text)) != "valid"} == {}


def test_every_claim_is_in_a_file(played: Played) -> None:
    sent = "".join(texts(played.folder, "837"))
    assert sent.count("CLM*") >= sum(one.claims for one in played.found.values())


def test_the_ledgers_hold(played: Played) -> None:
    assert played.broken == []


def test_every_claim_is_decided_and_rejected_ones_were_sent_again(played: Played) -> None:
    for one in played.found.values():
        assert one.paid + one.denied == one.accepted == one.claims > 0
    assert sum(one.rejected for one in played.found.values()) > 0


async def test_the_table_is_what_the_database_says(played: Played, rows: asyncpg.Connection) -> None:
    counted = await rows.fetch("""
        select p.name,
            (select count(*) from visits v where v.practice_id = p.id and v.status <> 'void'),
            (select count(*) from claims c where c.practice_id = p.id),
            (select count(*) from claims c where c.practice_id = p.id and c.status = 'paid'),
            (select count(*) from claims c where c.practice_id = p.id and c.status = 'denied'),
            (select coalesce(sum(case when a.id = t.debit_account then t.amount else -t.amount end), 0)
                from transfers t join accounts a on a.practice_id = p.id and a.kind = 'cash'
                    and a.id in (t.debit_account, t.credit_account) where t.practice_id = p.id)
        from practices p""")
    for name, sessions, claims, paid, denied, cash in counted:
        one = played.found[name]
        assert (one.sessions, one.claims, one.paid, one.denied) == (sessions, claims, paid, denied)
        assert one.posted_cents + one.patients_paid_cents == cash


async def test_knee_and_shoulder_go_to_two_payers_on_one_day(rows: asyncpg.Connection) -> None:
    both = await rows.fetch("""
        select a.first_on from claims a
        join claims b on a.patient_id = b.patient_id and a.first_on = b.first_on
        join cases k on k.id = a.case_id and k.kind = 'workers_compensation'
        join cases h on h.id = b.case_id and h.kind = 'health_plan' where a.payer_id <> b.payer_id""")
    assert both


async def test_morning_and_afternoon_are_one_line(rows: asyncpg.Connection) -> None:
    line = await rows.fetchrow("""
        select l.code, l.units, sum(c.minutes) as minutes, count(*) as sessions from claim_lines l
        join claim_line_sources s on s.claim_line_id = l.id join charge_lines c on c.id = s.charge_line_id
        group by l.id, l.code, l.units having count(*) > 1 order by l.id limit 1""")
    assert line is not None
    assert (line["code"], line["sessions"]) == ("97153", 2)
    assert line["units"] == (line["minutes"] + 7) // 15


async def test_two_guarantors_owe_sixty_and_forty(rows: asyncpg.Connection) -> None:
    shares = await rows.fetch("""
        select a.owner_id, array_agg(a.debits order by a.debits desc) as parts from accounts a
        where a.kind like 'patient_due:%' group by a.owner_id having count(*) = 2""")
    assert shares
    assert all(abs(big * 4 - small * 6) <= 6 for big, small in (row["parts"] for row in shares))


async def test_a_plan_that_ended_backwards_is_remembered_as_it_was_believed(rows: asyncpg.Connection) -> None:
    beliefs = await rows.fetch("""
        select p.ends_on, p.superseded_at from coverage_periods p where p.coverage_id in
            (select coverage_id from coverage_periods where superseded_at is not null)
        order by p.recorded_at""")
    assert [(row["ends_on"], row["superseded_at"] is None) for row in beliefs] == [
        (None, False),
        (date(2026, 3, 6), True),
    ]


async def test_an_authorization_dated_back_frees_what_was_held(rows: asyncpg.Connection) -> None:
    freed = await rows.fetch("""
        select c.id from claims c join claim_findings f on f.claim_id = c.id and f.version = 1
        where f.rule = 'authorization.missing' and c.status in ('paid', 'denied') and c.version > 1""")
    assert freed


async def test_people_answer_settle_override_acknowledge_and_leave_a_suggestion(
    rows: asyncpg.Connection,
) -> None:
    """The held note was billed, the tie is the clinician's, the code waits, the rule has its source."""
    answered = await rows.fetchrow("""
        select q.rule, v.status, count(l.id) as lines from clinician_queries q
        join visits v on v.id = q.visit_id join claim_line_sources l on l.visit_id = v.id
        where q.status = 'answered' and v.source_id = 'pt-1:0:02' group by q.rule, v.status""")
    assert (answered["rule"], answered["status"]) == ("documentation.missing", "charged")
    assert answered["lines"] > 0
    choices = await rows.fetchval("select unit_choices::text from visits where source_id = 'pt-4:0:02'")
    assert choices == '{"PT": ["97140"]}'
    [suggestion] = await rows.fetch("select state, becomes, claim_id from coding_suggestions")
    assert (suggestion["state"], suggestion["becomes"]) == ("open", "97530")
    [override] = await rows.fetch(
        "select source, source_link, reason from payer_rules where rule = 'filing_limit_days' "
        "and source_link is not null"
    )
    assert all(override.values())
    assert await rows.fetchval("select count(*) from claim_events where kind = 'acknowledged'") > 0


async def test_the_same_seed_plays_the_same_table(cluster: Cluster, tmp_path: Path) -> None:
    first = await play_in(cluster, "tiny_one", make_play(7, TINY, STARTS_ON), tmp_path / "one")
    second = await play_in(cluster, "tiny_two", make_play(7, TINY, STARTS_ON), tmp_path / "two")
    assert table(first.found) == table(second.found)


async def test_an_interrupted_installation_goes_on_where_it_was(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"installed_{os.getpid()}"
    await cluster.clone(database)
    services = compose(settings_on(cluster, database, tmp_path))
    try:
        await interrupt(services, tmp_path)
        await install(services, "tiny")
        kept = recall_kept(tmp_path)
        assert kept is not None
        assert kept.is_ready
        capsys.readouterr()
        await install(services, "tiny")
    finally:
        await services.close()
    assert recall_kept(tmp_path) == kept
    said = capsys.readouterr().out
    assert "/o/northlight/sign-in" in said
    assert all(password in said for password in list(kept.passwords.values())[:2])
    assert await sessions_in(cluster, database) == documented(kept.starts_on)
    assert (tmp_path / "demonstration.json").stat().st_mode & 0o777 == 0o600


async def interrupt(services: Services, folder: Path) -> None:
    """Begin an installation and end it in the middle of its third day."""
    playing = asyncio.create_task(install(services, "tiny"))
    while (kept := recall_kept(folder)) is None or kept.played_days < 2:  # noqa: ASYNC110 - the file is the sign
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing


def documented(starts_on: date) -> int:
    """How many sessions have their note by the last day that an installation plays."""
    last = starts_on + timedelta(days=TINY.session_days - 1)
    play = make_play(1, TINY, starts_on)
    return sum(one.fate == "attended" and one.documented_on <= last for one in play.sessions)


async def sessions_in(cluster: Cluster, database: str) -> int:
    """The sessions that a database holds."""
    connection = await asyncpg.connect(cluster.superuser_dsn(database))
    try:
        return int(await connection.fetchval("select count(*) from visits where status <> 'void'"))
    finally:
        await connection.close()
