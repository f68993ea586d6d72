"""A plan ended backwards: what we believed stays answerable, and everything that rested on it is listed."""

from datetime import date
from typing import Any

import pytest

from domain.patient_billing.models import Payment
from domain.patient_billing.ports import CheckoutState
from domain.patient_billing.settlement import settle
from tenants.ids import new_id
from tests.api.back.conftest import Office, Opener


async def pay(office: Office, cents: int) -> None:
    """The guarantor's card payment, as the processor tells us of it."""
    actor, practice_id, now = office.world.tenant.actor, office.world.practice_id, office.services.now()
    async with office.services.database.practice_transaction(actor, practice_id) as session:
        payment = Payment(
            practice_id=practice_id,
            id=new_id(),
            party_id=office.world.party_id,
            link_id=None,
            amount_cents=cents,
            status="opened",
            merchant_account="acct_1",
            session_id="cs_1",
            checkout_url=None,
            payment_reference=None,
            created_at=now,
            paid_at=None,
        )
        session.add(payment)
        await session.flush()
        state = CheckoutState(
            session_id="cs_1",
            status="complete",
            payment_status="paid",
            amount_cents=cents,
            payment_reference="pi_1",
            reference=str(payment.id),
        )
        await settle(session, actor, payment, state, now)


async def book(office: Office, day: str) -> str:
    """An appointment."""
    body = {
        "case_id": str(office.world.case_id),
        "provider_id": str(office.world.therapist_id),
        "location_id": str(office.world.location_id),
        "discipline": "PT",
        "starts_at": f"{day}T15:00:00Z",
        "ends_at": f"{day}T16:00:00Z",
        "planned_codes": ["97110"],
        "source_system": "test",
        "source_id": f"appointment-{day}",
    }
    answer = await office.post("/appointments", body)
    assert answer.status_code == 201, answer.text
    booked: str = answer.json()["id"]
    return booked


@pytest.mark.req("BC-02")
async def test_everything_that_rested_on_a_coverage(open_office: Opener) -> None:
    """Booked, seen, sent, paid by the plan and by the patient, from the first day lost on."""
    office = await open_office()
    early = await office.visit([("97110", 2, 30)], on=date(2026, 2, 20))
    late = await office.visit([("97110", 2, 30)], on=date(2026, 2, 25))
    await office.send(early)
    [claim_id] = await office.send(late)
    appointment = await book(office, "2026-04-21")
    await office.pass_time(days=35)
    await pay(office, 4_000)
    believed_at = office.services.now()
    await office.pass_time(days=60)
    coverage = f"/coverages/{office.world.coverage_id}"
    ended = await office.post(f"{coverage}/end", {"ends_on": "2026-02-24", "reason": "the employer's file"})
    assert ended.json()["lost_from"] == "2026-02-25"
    listed: list[dict[str, Any]] = (await office.get(f"{coverage}/reliance?from_on=2026-02-25")).json()
    assert [(one["kind"], one["subject_id"], one["amount_cents"]) for one in listed] == [
        ("booked", appointment, 0),
        ("seen", str(late), 0),
        ("sent", claim_id, 10_000),
        ("paid", claim_id, 4_000),
        ("paid_by_patient", claim_id, 2_000),
    ]
    then = believed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await office.get(f"{coverage}?known_at={then}")).json()["ends_on"] is None
    assert (await office.get(coverage)).json()["ends_on"] == "2026-02-24"
    work = (await office.get("/work")).json()
    assert "1 bookings and 1 sessions rested on it" in {item["reason"] for item in work}
