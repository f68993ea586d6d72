"""The pay page: one account, explained, behind a second factor, paid once (CORE-11)."""

import asyncio
import re
from datetime import date, timedelta

import httpx
import pytest

from domain.ledger.invariants import verify
from domain.work.queries import open_items_of
from tests.api.pay.conftest import Till, enter, form_token, notify, send_bill, start, work_off
from tests.api.pay.world import BILLING_NAME, World
from tests.domain.patient_billing.plainness import CODE

FEB_3, FEB_10 = date(2026, 2, 3), date(2026, 2, 10)
CLINICAL = ("Canary", "Wrenna", "Thea", "97110", "97140", "M25", "xercise", "physical", "2026-02", "1984")


def amounts(page: str, heading: str) -> list[int]:
    """Every amount of the sentences between this heading and the next, in cents."""
    part = page.split(heading, 1)[1].split("<h2", 1)[0]
    return [
        int(re.sub(r"\D", "", said)) for said in re.findall(r"(?:you owe|your part is) \$([\d,.]+\d)", part)
    ]


@pytest.mark.req("CORE-11")
async def test_a_guarantor_of_two_pays_what_the_page_explains_once(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    mother = await world.person("Wrenna")
    child = await world.person("Pip", date(2015, 1, 9))
    stranger = await world.person("Zebulon", date(1950, 3, 3))
    await world.share(child, {mother.party_id: 10_000}, apart=False)
    await world.visit(mother, FEB_3, 5_000)
    await world.visit(child, FEB_10, 2_550, code="97140")
    await world.visit(stranger, FEB_10, 7_777)
    _, link = await send_bill(world, mother)
    before = len(till.stripe.requests)

    page = await enter(browser, link.token, mother.birth_on)
    assert "You owe $75.50 because" in page
    assert "Wrenna&#39;s exercise on Feb 3, 2026" in page
    assert "Pip&#39;s hands-on care on Feb 10, 2026" in page
    assert amounts(page, "What this is for") == [5_000, 2_550]
    assert "Zebulon" not in page
    assert "77.77" not in page

    sent = await start(browser, link.token, page)
    await till.stripe.pay(sent.headers["location"])
    notices = [w.event_id for w in till.stripe.undelivered()]
    assert await notify(till, notices * 50) == [200] * 100
    assert await work_off(till, world) == 2
    assert await work_off(till, world) == 0
    done = await browser.get(f"/pay/{link.token}/done")
    assert "$75.50" in done.text
    assert "Left to pay</dt><dd>$0.00" in done.text

    paid = (await staff.get(f"/v1/practices/{world.practice_id}/parties/{mother.party_id}/payments")).json()
    assert [(p["amount_cents"], p["status"]) for p in paid] == [(7_550, "paid")]
    async with world.door() as session:
        assert await verify(session, world.practice_id) == []
    told = b"\n".join(request.raw for request in till.stripe.requests[before:]).decode()
    assert [word for word in CLINICAL if word in told] == []
    assert till.stripe.requests[before:] != []


async def test_a_part_is_paid_to_the_oldest_line_first(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_10, 2_000)
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    sent = await start(browser, link.token, page, "55.00")
    await till.stripe.pay(sent.headers["location"])
    page = (await browser.get(f"/pay/{link.token}/done")).text
    assert "Left to pay</dt><dd>$15.00" in page, "known at once, though the notice is late"
    page = (await browser.get(f"/pay/{link.token}")).text
    assert "you owe $15.00 after the $5.00 you paid" in page
    assert "Feb 3" not in page.split("What you paid")[0]
    assert "You paid $55.00 on Mar 2, 2026." in page
    assert await notify(till) == [200, 200]
    await work_off(till, world)
    balance = await staff.get(f"/v1/practices/{world.practice_id}/parties/{person.party_id}/balance")
    assert balance.json()["total_cents"] == 1_500


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0.99", "the least to pay is $1.00"),
        ("50.01", "the most to pay is $50.00"),
        ("-5", "write the amount like 25.00"),
        ("1e3", "write the amount like 25.00"),
        ("ten", "write the amount like 25.00"),
        ("٥٠", "write the amount like 25.00"),
        ("1.005", "write the amount like 25.00"),
    ],
)
async def test_an_amount_that_cannot_be_is_refused_in_words(
    till: Till, world: World, browser: httpx.AsyncClient, typed: str, said: str
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    before = len(till.stripe.requests)
    page = await enter(browser, link.token, person.birth_on)
    refused = await start(browser, link.token, page, typed)
    assert refused.status_code == 422
    assert said in refused.text
    assert till.stripe.requests[before:] == []


async def test_a_balance_under_a_dollar_is_paid_whole(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 75)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    assert "A part of it" not in page
    assert (await start(browser, link.token, page)).status_code == 303


async def test_pressing_again_leads_to_the_same_card_page(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    before = len(till.stripe.requests)
    page = await enter(browser, link.token, person.birth_on)
    sent = await asyncio.gather(*(start(browser, link.token, page) for _ in range(5)))
    assert {s.headers.get("location") for s in sent if s.status_code == 303} == {
        (await start(browser, link.token, page)).headers["location"]
    }
    paid = (await staff.get(f"/v1/practices/{world.practice_id}/parties/{person.party_id}/payments")).json()
    assert [p["status"] for p in paid] == ["opened"]
    keys = {r.headers["idempotency-key"] for r in till.stripe.requests[before:] if r.method == "POST"}
    assert keys == {f"checkout:{paid[0]['id']}"}


async def test_another_amount_ends_the_earlier_card_page(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    first = (await start(browser, link.token, page)).headers["location"]
    second = (await start(browser, link.token, page, "20.00")).headers["location"]
    assert first != second
    assert await till.stripe.pay(first) == "", "nobody can pay the earlier page any more"
    await till.stripe.pay(second)
    assert "Left to pay</dt><dd>$30.00" in (await browser.get(f"/pay/{link.token}/done")).text


async def test_who_paid_on_an_earlier_page_does_not_pay_twice(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    first = (await start(browser, link.token, page)).headers["location"]
    await till.stripe.pay(first)
    again = await start(browser, link.token, page, "20.00")
    assert again.headers["location"] == f"/pay/{link.token}/done"
    assert "Left to pay</dt><dd>$0.00" in (await browser.get(again.headers["location"])).text


async def test_a_card_page_that_ran_out_is_opened_anew(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    first = (await start(browser, link.token, page)).headers["location"]
    till.services.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]
    page = await enter(browser, link.token, person.birth_on)
    second = (await start(browser, link.token, page)).headers["location"]
    assert first != second


async def test_no_answer_from_the_processor_charges_nobody_and_repeats_the_key(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    before = len(till.stripe.requests)
    till.stripe.fail_next("error_before", times=3)
    failed = await start(browser, link.token, page)
    assert failed.status_code == 422
    assert "You were not charged" in failed.text
    assert (await start(browser, link.token, page)).status_code == 303
    keys = [r.headers["idempotency-key"] for r in till.stripe.requests[before:]]
    assert len(keys) > 1
    assert len(set(keys)) == 1


async def test_money_beyond_the_balance_stays_visible_and_becomes_work(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    line = await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    card_page = (await start(browser, link.token, page)).headers["location"]
    await world.adjudicate(person, line, 3_000, FEB_10, PR_1=-3_000)
    await till.stripe.pay(card_page)
    await notify(till)
    await work_off(till, world)
    at = f"/v1/practices/{world.practice_id}/parties/{person.party_id}/balance"
    balance = (await staff.get(at)).json()
    assert (balance["credit_cents"], balance["total_cents"]) == (3_000, -3_000)
    assert balance["headline"] == "You have paid $30.00 more than you owe."
    await world.visit(person, date(2026, 2, 24), 4_500)
    stated, _ = await send_bill(world, person)
    assert stated.total_cents == 1_500, "held money is set against what became due next"
    async with world.door() as session:
        assert await verify(session, world.practice_id) == []


async def test_this_looks_wrong_becomes_work_once(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    stated, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    form = {"_csrf": form_token(page), "complaint": "not_my_visit"}
    for _ in range(2):
        assert (await browser.post(f"/pay/{link.token}/dispute", data=form)).status_code == 303
    page = (await browser.get(f"/pay/{link.token}")).text
    assert "You told us that this looks wrong" in page
    async with world.door() as session:
        items = await open_items_of(
            session,
            world.practice_id,
            subject_kind="statement",
            subject_id=stated.id,
            today=world.now.date(),
        )
    assert [(i.kind, i.repeats, i.value_cents) for i in items] == [("statement_disputed", 1, 5_000)]


async def test_a_form_from_elsewhere_changes_nothing(
    till: Till, world: World, browser: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    await enter(browser, link.token, person.birth_on)
    before = len(till.stripe.requests)
    stale = await browser.post(f"/pay/{link.token}/checkout", data={"how_much": "full"})
    assert stale.status_code == 422
    assert (await browser.post(f"/pay/{link.token}/dispute", data={})).status_code == 403
    foreign = await browser.post(
        f"/pay/{link.token}/checkout", data={}, headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert till.stripe.requests[before:] == []


async def test_no_page_shows_a_code(till: Till, world: World, browser: httpx.AsyncClient) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    words = re.sub(r"<[^>]+>", " ", page)
    assert CODE.findall(words) == []
    assert BILLING_NAME in words
