"""Statements and balances: in plain words, one party at a time, to the cent."""

from datetime import date
from typing import Any

import httpx
import pytest

from domain.patients.coverages import NewCoverage, add_coverage
from tenants.access import Role
from tests.api.conftest import connect
from tests.api.pay.conftest import Till, enter, key_of, send_bill, start
from tests.api.pay.world import Person, World
from tests.domain.patient_billing.plainness import faults

FEB_3, FEB_10, FEB_17 = date(2026, 2, 3), date(2026, 2, 10), date(2026, 2, 17)


async def balance(staff: httpx.AsyncClient, world: World, party_id: Any) -> dict[str, Any]:
    """What staff read of a party's account."""
    reply = await staff.get(f"/v1/practices/{world.practice_id}/parties/{party_id}/balance")
    assert reply.status_code == 200, reply.text
    account: dict[str, Any] = reply.json()
    return account


def figures(line: dict[str, Any]) -> dict[str, int]:
    """The amounts of a line by their words."""
    return {row["words"]: row["cents"] for row in line["figures"]}


@pytest.mark.req("PB-01", "PB-02", "PB-03", "PB-04", "PB-05")
async def test_each_line_says_what_was_done_paid_taken_off_and_left(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    line = await world.bill(person, FEB_3, 15_000)
    await world.adjudicate(person, line, 5_000, FEB_10, CO_45=4_000, PR_1=3_000, PR_2=1_500, PR_3=1_500)
    _, link = await send_bill(world, person)
    page = await enter(browser, link.token, person.birth_on)
    sent = await start(browser, link.token, page, "15.00")
    await till.stripe.pay(sent.headers["location"])
    page = (await browser.get(f"/pay/{link.token}/done")).text
    account = await balance(staff, world, person.party_id)
    assert figures(account["lines"][0]) == {
        "Charge": 15_000,
        "Canary Health Plan paid": -5_000,
        "Discount your plan's contract requires": -4_000,
        "Your deductible": 3_000,
        "Your coinsurance": 1_500,
        "Your copay": 1_500,
        "You paid before": -1_500,
        "You owe": 4_500,
    }
    assert account["lines"][0]["sentence"].startswith("Exercise on Feb 3, 2026: your plan paid $50.00")
    page = (await browser.get(f"/pay/{link.token}")).text
    for words in ("Canary Health Plan paid", "Discount your plan&#39;s contract requires", "Your copay"):
        assert words in page
    assert "97110" not in page


@pytest.mark.req("PB-06", "PB-07")
async def test_what_waits_for_a_plan_is_told_apart_and_never_counted(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    await world.bill(person, FEB_10, 15_000)
    refused = await world.bill(person, FEB_17, 15_000)
    await world.adjudicate(person, refused, 0, FEB_17, CO_16=15_000)
    second = await world.person("Secunda")
    await second_plan(world, second)
    await world.share(second, {person.party_id: 10_000}, apart=False)
    twice = await world.bill(second, FEB_17, 15_000)
    await world.adjudicate(second, twice, 6_000, FEB_17, last_payer=False, CO_45=4_000, PR_2=5_000)
    await world.bill(person, date(2026, 2, 24), 15_000, status="ready")
    _, link = await send_bill(world, person)
    account = await balance(staff, world, person.party_id)
    assert account["total_cents"] == 5_000
    assert [line["sentence"] for line in account["not_due_yet"]] == [
        "Wrenna's visit on Feb 10, 2026: your plan has not finished with it.",
        "Wrenna's visit on Feb 17, 2026: your plan did not pay it all, and we are asking your plan why.",
        "Secunda's visit on Feb 17, 2026: your first plan has paid its part, "
        "and your next plan has not finished with it.",
        "Wrenna's visit on Feb 24, 2026: we have not sent it to your plan yet.",
    ]
    page = await enter(browser, link.token, person.birth_on)
    assert "You owe $50.00 because" in page
    later = page.split("Not due yet")[1].split("</section>")[0]
    assert later.count("<li>") == 4
    assert "$" not in later


async def second_plan(world: World, person: Person) -> None:
    """Give the person's case a plan after the first."""
    coverage = NewCoverage(
        case_id=person.case_id,
        payer_id=world.payer_id,
        ordinal=2,
        member_number="SECOND1",
        relationship="self",
        subscriber_given_name="Secunda",
        subscriber_family_name="Canaryfield",
        starts_on=date(2026, 1, 1),
    )
    async with world.door() as session:
        await add_coverage(session, world.practice_id, coverage, by=world.actor.id, now=world.now)


@pytest.mark.req("PB-10")
async def test_everything_a_payer_reads_is_plain(till: Till, world: World, staff: httpx.AsyncClient) -> None:
    person = await world.person()
    for day, (code, left) in enumerate(
        [("97110", {"PR_1": 2_000}), ("97153", {"PR_2": 2_000}), ("90837", {"PR_3": 2_000}),
         ("92507", {"PR_1": 1_000, "PR_3": 1_000})], 1,
    ):  # fmt: skip
        line = await world.bill(person, date(2026, 2, day), 10_000, code=code)
        await world.adjudicate(person, line, 4_000, FEB_10, CO_45=4_000, **left)
    for day, denial in enumerate(("CO_16", "CO_197", "PR_96", "PI_50", "OA_18", "CO_999"), 10):
        line = await world.bill(person, date(2026, 2, day), 10_000)
        await world.adjudicate(person, line, 0, FEB_17, **{denial: 10_000})
    account = await balance(staff, world, person.party_id)
    said = [account["headline"], *account["meanings"]]
    said += [line["sentence"] for line in (*account["lines"], *account["not_due_yet"])]
    assert len(said) == 1 + 3 + 4 + 6
    assert {text: faults(text) for text in said if faults(text)} == {}


async def test_two_guarantors_apart_owe_the_whole_between_them_and_learn_nothing_of_each_other(
    till: Till, world: World, staff: httpx.AsyncClient
) -> None:
    child = await world.person("Pip", date(2015, 1, 9))
    mother = await world.party("Morwenna Motherly", date(1980, 7, 1), "02139")
    father = await world.party("Fenwick Fatherly", date(1979, 8, 2), "10001")
    await world.share(child, {mother: 6_000, father: 4_000}, apart=True)
    await world.visit(child, FEB_3, 5_003)
    await world.visit(child, FEB_10, 3_111)
    totals, links = {}, {}
    for party in (mother, father):
        stated, links[party] = await send_bill(world, party)
        totals[party] = stated.total_cents
        assert stated.total_cents == sum(line.amount_cents for line in stated.lines)
    assert totals == {mother: 3_002 + 1_867, father: 2_001 + 1_244}
    assert sum(totals.values()) == 5_003 + 3_111

    whole = ("50.03", "31.11", "81.14", "150.00", "%", "Canary", "Health Plan")
    of_mother = ("Morwenna", "Motherly", str(mother), "30.02", "18.67", "48.69", "3002", "1867", "4869")
    of_father = ("Fenwick", "Fatherly", str(father), "20.01", "12.44", "32.45", "2001", "1244", "3245")
    for party, born, zip_code, hidden in (
        (mother, date(1980, 7, 1), "02139", of_father),
        (father, date(1979, 8, 2), "10001", of_mother),
    ):
        async with connect(till.app) as browser:
            page = await enter(browser, links[party].token, born, zip_code)
        assert [word for word in (*hidden, *whole) if word in page.split("<main")[1]] == []
        at = f"/v1/practices/{world.practice_id}/parties/{party}"
        for told in (f"{at}/balance", f"{at}/statements", f"{at}/payments", f"{at}/payment-links"):
            answered = (await staff.get(told)).text
            assert [word for word in hidden if f'"{word}"' in answered or f":{word}" in answered] == [], told


async def test_one_party_pays_and_the_other_still_owes(
    till: Till, world: World, browser: httpx.AsyncClient, staff: httpx.AsyncClient
) -> None:
    child = await world.person("Pip", date(2015, 1, 9))
    mother = await world.party("Morwenna Motherly", date(1980, 7, 1), "02139")
    father = await world.party("Fenwick Fatherly", date(1979, 8, 2), "10001")
    await world.share(child, {mother: 6_000, father: 4_000}, apart=True)
    await world.visit(child, FEB_3, 5_000)
    _, link = await send_bill(world, mother)
    page = await enter(browser, link.token, date(1980, 7, 1))
    await till.stripe.pay((await start(browser, link.token, page)).headers["location"])
    await browser.get(f"/pay/{link.token}/done")
    assert (await balance(staff, world, mother))["total_cents"] == 0
    assert (await balance(staff, world, father))["total_cents"] == 2_000


async def test_a_statement_is_frozen_and_repeats_by_key(
    till: Till, world: World, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    await world.visit(person, FEB_3, 5_000)
    at = f"/v1/practices/{world.practice_id}/parties/{person.party_id}/statements"
    first = await staff.post(at, headers={"idempotency-key": "one"})
    again = await staff.post(at, headers={"idempotency-key": "one"})
    assert first.status_code == 201
    assert again.json() == first.json()
    await world.visit(person, FEB_10, 2_500)
    kept = await staff.get(f"/v1/practices/{world.practice_id}/statements/{first.json()['id']}")
    assert kept.json() == first.json()
    assert kept.json()["total_cents"] == 5_000
    second = (await staff.post(at)).json()
    assert second["content_sha256"] != first.json()["content_sha256"]
    assert [s["total_cents"] for s in (await staff.get(at)).json()] == [7_500, 5_000]


async def test_who_owes_nothing_gets_no_statement(till: Till, world: World, staff: httpx.AsyncClient) -> None:
    person = await world.person()
    at = f"/v1/practices/{world.practice_id}/parties/{person.party_id}/statements"
    refused = await staff.post(at)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_due")


async def test_a_therapist_reads_no_money_and_a_merchant_has_one_practice(
    till: Till, world: World, staff: httpx.AsyncClient
) -> None:
    person = await world.person()
    key = await key_of(till, world, Role.FRONT_DESK)
    async with connect(till.app, {"Authorization": f"Bearer {key}"}) as desk:
        reply = await desk.get(f"/v1/practices/{world.practice_id}/parties/{person.party_id}/balance")
    assert reply.status_code == 403
    at = f"/v1/practices/{world.practice_id}/merchant-account"
    assert (await staff.put(at, json={"merchant_account": world.merchant})).status_code == 204
    assert (await staff.put(at, json={"merchant_account": "sk_live_no"})).status_code == 422
    await till.services.database.directory_lookup("stripe_account", world.merchant)


async def test_a_merchant_of_another_practice_is_refused(till: Till, world: World) -> None:
    from domain.patient_billing.merchants import MerchantTaken, connect_merchant
    from tests.api.conftest import make_company

    other = await make_company(till.services)
    elsewhere = await World(till.services, other.organization_id, other.practice_id).furnish()
    with pytest.raises(MerchantTaken):
        async with elsewhere.door() as session:
            await connect_merchant(
                session, till.services.database, elsewhere.actor, elsewhere.practice_id, world.merchant
            )
