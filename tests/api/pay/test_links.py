"""A link reveals nothing before its second factor, dies when it should, and resists guessing."""

import asyncio
import os
import re
from datetime import date, timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select, text

from domain.patient_billing.links import KIND, NewLink
from domain.patient_billing.models import LinkSession, PaymentLink
from tenants.ids import new_id, new_token
from tenants.models import AuditEvent, DirectoryEntry, InboxEvent, OutboxRow
from tests.api.conftest import connect
from tests.api.pay.conftest import Till, answer, enter, send_bill, start
from tests.api.pay.world import BILLING_NAME, ZIP, Person, World

FEB_3 = date(2026, 2, 3)
WRONG = date(1984, 5, 18)
HIDDEN = (
    "Canary", "Wrenna", "1984", "5/17", "Thea", "xercise", "97110", "50.00", "5000", "February", "2026-02",
    "Health Plan", "deductible", "owe", "6175550142", ZIP,
)  # fmt: skip


async def billed(world: World) -> tuple[Person, NewLink]:
    """A person with one bill and its link."""
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    return person, link


def every_byte(reply: httpx.Response) -> str:
    """Status, headers and body, without what differs from request to request."""
    headers = sorted((k, v) for k, v in reply.headers.items() if k not in ("x-request-id", "date"))
    return f"{reply.status_code} {headers} {reply.text}"


def without(token: str, said: str) -> str:
    """The same without the link's own token, which the visitor has anyway."""
    return said.replace(token, "TOKEN")


async def test_before_the_second_factor_only_the_neutral_name_is_told(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person, link = await billed(world)
    replies = [
        await browser.get(f"/pay/{link.token}"),
        await browser.get(f"/pay/{link.token}/done"),
        await browser.get(f"/pay/{link.token}/verify"),
        await browser.post(f"/pay/{link.token}/checkout", data={"how_much": "full"}),
        await browser.post(f"/pay/{link.token}/dispute", data={}),
        await browser.post(
            f"/pay/{link.token}/verify", data={"month": "13", "day": "1", "year": "1", "zip": "x"}
        ),
        await answer(browser, link.token, WRONG),
        await answer(browser, link.token, person.birth_on, "02138"),
    ]
    assert [r.status_code for r in replies] == [200, 303, 303, 303, 303, 422, 422, 422]
    for reply in replies:
        told = without(link.token, every_byte(reply))
        assert [word for word in HIDDEN if word in told] == []
    assert BILLING_NAME in replies[0].text
    assert "Physical" not in replies[0].text


@pytest.mark.req("SEC-05")
async def test_used_expired_revoked_replaced_locked_and_unknown_links_look_alike(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    tokens = {"unknown": new_token("pay")}
    at = f"/v1/practices/{world.practice_id}/payment-links"
    person, revoked = await billed(world)
    assert (await staff.post(f"{at}/{revoked.id}/revoke")).json()["closed_because"] == "revoked"
    tokens["revoked"] = revoked.token
    person, replaced = await billed(world)
    await send_bill(world, person)
    tokens["replaced"] = replaced.token
    person, locked = await billed(world)
    for _ in range(5):
        await answer(browser, locked.token, WRONG)
    tokens["locked"] = locked.token
    person, paid = await billed(world)
    page = await enter(browser, paid.token, person.birth_on)
    await till.stripe.pay((await start(browser, paid.token, page)).headers["location"])
    await browser.get(f"/pay/{paid.token}/done")
    tokens["paid"] = paid.token
    _, expired = await billed(world)
    tokens["expired"] = expired.token
    till.services.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]
    for path, method in (("", "GET"), ("/done", "GET"), ("/verify", "POST"), ("/checkout", "POST")):
        async with connect(till.app) as visitor:
            form = {"month": 5, "day": 17, "year": 1984, "zip": ZIP}
            replies = {
                state: await visitor.request(
                    method, f"/pay/{token}{path}", data=form if method == "POST" else None
                )
                for state, token in tokens.items()
            }
        told = {without(tokens[s], every_byte(r)) for s, r in replies.items()}
        assert len(told) == 1, f"{method} {path}: {replies}"


@pytest.mark.req("SEC-05")
async def test_a_token_has_256_bits_and_is_kept_nowhere(
    till: Till, world: World, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    at = f"/v1/practices/{world.practice_id}"
    stated = (await staff.post(f"{at}/parties/{person.party_id}/statements")).json()
    too_long = await staff.post(f"{at}/payment-links", json={"statement_id": stated["id"], "days": 31})
    assert too_long.status_code == 422
    made = (await staff.post(f"{at}/payment-links", json={"statement_id": stated["id"]})).json()
    token = made["url"].rsplit("/", 1)[-1]
    assert re.fullmatch(r"pay_[A-Za-z0-9_-]{43}", token)
    async with world.door() as session:
        link = await session.get_one(PaymentLink, (world.practice_id, made["id"]))
        assert link.expires_at - link.created_at == timedelta(days=30)
        tables = (
            await session.execute(
                text("select table_name from information_schema.columns where column_name = 'practice_id' "
                     "and table_schema = 'public'")
            )
        ).scalars().all()  # fmt: skip
        for table in tables:
            kept = text(f"select count(*) from {table} t where t::text like '%' || :token || '%'")
            assert (await session.execute(kept, {"token": token})).scalar_one() == 0, table
        entry = (
            await session.execute(select(DirectoryEntry).where(DirectoryEntry.kind == KIND))
        ).scalar_one()
        assert entry.key_sha256 == till.services.database.key(KIND, token)


@pytest.mark.req("SEC-05")
async def test_whoever_merely_looks_changes_nothing_and_keeps_nothing(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    _, link = await billed(world)

    async def state() -> list[object]:
        async with world.door() as session:
            counted = [
                (await session.execute(select(func.count()).select_from(table))).scalar_one()
                for table in (PaymentLink, LinkSession, DirectoryEntry, OutboxRow, InboxEvent)
            ]
            row = await session.get_one(PaymentLink, (world.practice_id, link.id))
            return [*counted, row.tries, row.closed_at]

    before = await state()
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in ("", "/done", "/verify", "/checkout", "/dispute"):
            reply = await browser.request(method, f"/pay/{link.token}{path}")
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["referrer-policy"] == "no-referrer"
            assert "set-cookie" not in reply.headers
    page = await browser.get(f"/pay/{link.token}")
    assert "noindex" in page.headers["x-robots-tag"]
    assert "<script" not in page.text
    assert re.findall(r'(?:src|href|action)="(?!/)([^"]*)"', page.text) == ["#main"]
    assert await state() == before


@pytest.mark.req("SEC-06")
async def test_five_wrong_answers_lock_the_link_for_the_right_one_too(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person, link = await billed(world)
    guesses = [await answer(browser, link.token, WRONG) for _ in range(5)]
    assert [g.status_code for g in guesses] == [422, 422, 422, 422, 404]
    assert (await answer(browser, link.token, person.birth_on)).status_code == 404


@pytest.mark.req("SEC-06")
async def test_parallel_guesses_count_too(till: Till, world: World, app_of_till: Litestar) -> None:
    person, link = await billed(world)

    async def guess(day: int) -> int:
        async with connect(app_of_till) as visitor:
            return (await answer(visitor, link.token, date(1984, 6, day))).status_code

    statuses = await asyncio.gather(*(guess(day) for day in range(1, 21)))
    assert set(statuses) <= {404, 422}
    assert statuses.count(422) <= 4
    async with world.door() as session:
        row = await session.get_one(PaymentLink, (world.practice_id, link.id))
        assert (row.tries, row.closed_because) == (5, "locked")
    async with connect(app_of_till) as visitor:
        assert (await answer(visitor, link.token, person.birth_on)).status_code == 404


@pytest.mark.req("SEC-06")
@pytest.mark.parametrize(("birth_on", "zip_code"), [(date(1984, 5, 17), "10001"), (date(1984, 5, 16), ZIP)])
async def test_neither_half_alone_is_a_key(
    till: Till, world: World, browser: httpx.AsyncClient, birth_on: date, zip_code: str
) -> None:
    _, link = await billed(world)
    assert (await answer(browser, link.token, birth_on, zip_code)).status_code == 422


@pytest.mark.req("SEC-06")
async def test_one_guess_on_each_of_many_links_is_throttled(
    till: Till, world: World, app_of_till: Litestar
) -> None:
    person, link = await billed(world)
    most = 10_000 if os.environ.get("PROOF") == "full" else 200
    tokens = await many_links(world, link, most)
    seen: dict[int, int] = {}
    for token in tokens:
        async with connect(app_of_till) as visitor:  # each guess from an address of its own
            status = (await answer(visitor, token, WRONG)).status_code
        seen[status] = seen.get(status, 0) + 1
    assert set(seen) == {422, 429}
    assert seen[422] == 150
    async with connect(app_of_till) as visitor:
        assert (await answer(visitor, link.token, person.birth_on)).status_code == 429
        till.services.clock.advance(timedelta(minutes=16))  # type: ignore[attr-defined]
        assert (await answer(visitor, link.token, person.birth_on)).status_code == 303


@pytest.mark.req("SEC-06")
async def test_one_address_has_few_tries_whatever_the_link(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    statuses = [(await answer(browser, new_token("pay"), WRONG)).status_code for _ in range(25)]
    assert statuses == [404] * 20 + [429] * 5


async def many_links(world: World, link: NewLink, number: int) -> list[str]:
    """That many open links to one statement, as many parties would hold them."""
    tokens = [new_token("pay") for _ in range(number)]
    async with world.door() as session:
        for token in tokens:
            made = PaymentLink(
                practice_id=world.practice_id,
                id=new_id(),
                party_id=link.party_id,
                statement_id=link.statement_id,
                created_at=world.now,
                expires_at=link.expires_at,
                tries=0,
            )
            session.add(made)
            session.add(
                DirectoryEntry(
                    kind=KIND,
                    key_sha256=world.services.database.key(KIND, token),
                    organization_id=world.organization_id,
                    practice_id=world.practice_id,
                    subject_id=made.id,
                )
            )
    return tokens


async def test_the_session_is_of_its_link_and_ends_after_half_an_hour(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person, link = await billed(world)
    _, other = await billed(world)
    await enter(browser, link.token, person.birth_on)
    assert "confirm it is you" in (await browser.get(f"/pay/{other.token}")).text
    till.services.clock.advance(timedelta(minutes=31))  # type: ignore[attr-defined]
    assert "confirm it is you" in (await browser.get(f"/pay/{link.token}")).text


async def test_an_organization_answers_with_the_birth_date_of_whom_it_pays_for(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    agency = await world.party("State Agency", None, "10001", "agency")
    await world.share(person, {agency: 10_000}, apart=False)
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, agency)
    assert (await answer(browser, link.token, person.birth_on, ZIP)).status_code == 422
    assert "You owe $50.00" in await enter(browser, link.token, person.birth_on, "10001")


async def test_who_came_in_is_in_the_audit(till: Till, world: World, browser: httpx.AsyncClient) -> None:
    person, link = await billed(world)
    await enter(browser, link.token, person.birth_on)
    async with world.door() as session:
        wanted = select(AuditEvent).where(AuditEvent.actor_kind == "party")
        events = (await session.execute(wanted)).scalars().all()
    assert {e.actor_id for e in events} == {person.party_id}
    assert person.patient_id in events[0].patient_ids
    assert link.token not in events[0].action
