"""Signing in: fresh tokens, limits by the clock, revocation, throttles, and requests of other sites."""

import asyncio
import time
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy import select, update

from api.app import create_app
from api.services import Services, compose
from tenants import provisioning
from tenants.access import system_actor
from tenants.models import Member
from tenants.sign_in import TRIES_PER_MEMBER
from tests.api.conftest import PASSWORD, Company, MutableClock, connect, make_company, make_settings, sign_in

HOME = "http://127.0.0.1:8000"


async def status(caller: httpx.AsyncClient) -> int:
    """Who am I, as a status."""
    return (await caller.get("/v1/me")).status_code


@pytest.mark.req("AUTH-04")
async def test_a_sign_in_gives_a_new_token_and_keeps_none(
    client: httpx.AsyncClient, company: Company, app_services: Services
) -> None:
    """A planted cookie never becomes a sign-in; each has its own token, out of scripts' reach."""
    client.cookies.set("visitledger", "attacker-chosen", domain="127.0.0.1")
    first = await sign_in(client, company)
    assert first.status_code == 200
    cookie = first.headers["set-cookie"]
    assert "attacker-chosen" not in cookie
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    token = cookie.split(";")[0].removeprefix("visitledger=")
    assert len(token) >= 43
    second = await sign_in(client, company)
    assert second.headers["set-cookie"].split(";")[0] != f"visitledger={token}"
    for chosen, expected in (("attacker-chosen", 401), (token, 200)):
        answer = await client.get("/v1/me", headers={"Cookie": f"visitledger={chosen}"})
        assert answer.status_code == expected
    assert await app_services.database.directory_lookup("sign_in", token) is not None


async def test_over_https_the_cookie_is_bound_to_the_host(app_services: Services, company: Company) -> None:
    """Over https the cookie is `__Host-` and Secure, and browsers are told to stay on https."""
    settings = make_settings(app_services.settings.database_url, PUBLIC_URL="https://ledger.example.org")
    services = compose(settings, clock=app_services.clock)
    other = await make_company(services)
    async with connect(create_app(services)) as caller:
        caller.base_url = httpx.URL("https://ledger.example.org")
        answer = await sign_in(caller, other)
    assert answer.headers["set-cookie"].startswith("__Host-visitledger=vs_")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    await services.close()


async def test_a_sign_in_ends_when_idle_and_when_old(
    client: httpx.AsyncClient, company: Company, app_clock: MutableClock
) -> None:
    """Thirty idle minutes or twelve hours of work end it, with the cookie still there."""
    await sign_in(client, company)
    app_clock.advance(timedelta(minutes=29))
    assert await status(client) == 200
    app_clock.advance(timedelta(minutes=29))
    assert await status(client) == 200
    app_clock.advance(timedelta(minutes=30))
    assert await status(client) == 401
    await sign_in(client, company)
    for _ in range(35):
        app_clock.advance(timedelta(minutes=20))
        assert await status(client) == 200
    app_clock.advance(timedelta(minutes=20))
    assert await status(client) == 401


async def test_access_ends_with_the_next_request(
    app: Litestar, client: httpx.AsyncClient, company: Company, app_services: Services
) -> None:
    """Signing out, locking out, and taking a grant away hold at once on every process."""
    await sign_in(client, company)
    other_process = compose(app_services.settings, clock=app_services.clock)
    async with connect(
        create_app(other_process), {"Cookie": f"visitledger={client.cookies['visitledger']}"}
    ) as copy:
        assert await status(copy) == 200
        assert (await client.post("/v1/sign-out")).status_code == 204
        assert await status(copy) == 401
    await sign_in(client, company)
    granted = (await client.get("/v1/organization/grants")).json()[0]["id"]
    assert (await client.post(f"/v1/organization/grants/{granted}/end")).status_code == 204
    assert (await client.get("/v1/organization/grants")).status_code == 403
    actor = system_actor(company.organization_id, "test")
    async with app_services.database.organization_transaction(actor) as session:
        await provisioning.set_member_status(
            session, company.organization_id, company.member_id, "disabled", app_services.now()
        )
    assert await status(client) == 401
    assert (await sign_in(client, company)).status_code == 401
    await other_process.close()


@pytest.mark.req("AUTH-02")
async def test_passwords_are_kept_as_slow_hashes(
    app: Litestar, client: httpx.AsyncClient, company: Company, app_services: Services
) -> None:
    """Argon2id of 19 MiB, two passes; an older hash is renewed at sign-in; fifty at once block nobody."""
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    actor, mine = system_actor(company.organization_id, "test"), Member.id == company.member_id
    async with app_services.database.organization_transaction(actor) as session:
        await session.execute(update(Member).where(mine).values(password_hash=weak))
    assert (await sign_in(client, company)).status_code == 200
    async with app_services.database.organization_transaction(actor) as session:
        kept = (await session.execute(select(Member.password_hash).where(mine))).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    others = [await make_company(app_services) for _ in range(5)]
    signing = [asyncio.create_task(sign_in(client, others[n % 5])) for n in range(50)]
    waits = []
    async with connect(app) as caller:
        while not all(task.done() for task in signing):
            started = time.perf_counter()
            await caller.get("/health/live")
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(0.01)
    assert all(task.result().status_code == 200 for task in signing)
    assert sorted(waits)[int(len(waits) * 0.95)] < 1


async def test_a_short_password_is_refused(owner: httpx.AsyncClient) -> None:
    """A single factor needs fifteen characters; the refusal names the field and not the value."""
    wanted = {"email": "new@one.test", "name": "New", "password": "fourteen chars"}
    refused = await owner.post("/v1/organization/members", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (422, "password_too_weak")
    assert refused.json()["errors"][0]["pointer"] == "/password"
    assert "fourteen" not in refused.text


async def test_every_wrong_guess_gets_the_same_answer(client: httpx.AsyncClient, company: Company) -> None:
    """Unknown company, unknown address and wrong password differ in nothing but the request id."""
    answers = []
    for slug, email in (
        (company.slug, company.email),
        (company.slug, "no@one.test"),
        ("nobody", company.email),
    ):
        answer = await client.post(
            f"/o/{slug}/sign-in/token", json={"email": email, "password": "wrong but long enough"}
        )
        answers.append((answer.status_code, answer.json() | {"request_id": ""}, sorted(answer.headers)))
    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]


async def test_parallel_guesses_reach_the_verifier_a_few_times_only(
    app: Litestar, company: Company, app_services: Services, app_clock: MutableClock
) -> None:
    """Two hundred at once from made-up addresses, over two processes: the limit holds, and passes."""
    second = compose(app_services.settings, clock=app_services.clock)
    apps = (app, create_app(second))
    before = app_services.passwords.checks

    async def guess(number: int) -> int:
        async with connect(apps[number % 2], {"X-Forwarded-For": f"10.0.0.{number}"}) as caller:
            return (await sign_in(caller, company, f"guess number {number:08}")).status_code

    answers = await asyncio.gather(*(guess(number) for number in range(200)))
    reached = app_services.passwords.checks - before + second.passwords.checks
    assert reached <= TRIES_PER_MEMBER
    assert set(answers) == {401, 429}
    async with connect(app) as caller:
        refused = await sign_in(caller, company)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
        app_clock.advance(timedelta(minutes=16))
        assert (await sign_in(caller, company)).status_code == 200
    await second.close()


@pytest.mark.req("SEC-13")
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 204),
        ({"Origin": HOME, "Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": ""}, 403),
        ({"X-CSRF-Token": "another"}, 403),
    ],
)
async def test_requests_of_other_sites_change_nothing(
    client: httpx.AsyncClient, company: Company, headers: dict[str, str], expected: int
) -> None:
    """An unsafe request with a cookie needs our own origin and the token of its sign-in."""
    await sign_in(client, company)
    assert (await client.post("/v1/sign-out", headers=headers)).status_code == expected
    assert await status(client) == (401 if expected == 204 else 200)


async def test_an_api_key_ends_by_date_and_by_hand(
    app: Litestar, owner: httpx.AsyncClient, app_clock: MutableClock
) -> None:
    """A key acts as itself until it expires or is revoked; it may hold no cookie's rights."""
    expires_at = (app_clock.now() + timedelta(days=1)).isoformat()
    made = (
        await owner.post("/v1/organization/api-keys", json={"name": "k", "expires_at": expires_at})
    ).json()
    async with connect(app, {"Authorization": f"Bearer {made['key']}"}) as caller:
        mine = (await caller.get("/v1/me")).json()
        assert (mine["kind"], mine["id"], mine["csrf_token"]) == ("api_key", made["id"], "")
        assert (await caller.get("/v1/organization/practices")).status_code == 403
        app_clock.advance(timedelta(days=1))
        assert await status(caller) == 401
        app_clock.put(app_clock.now() - timedelta(days=1))
        assert await status(caller) == 200
        assert (await owner.post(f"/v1/organization/api-keys/{made['id']}/revoke")).status_code == 204
        assert await status(caller) == 401
