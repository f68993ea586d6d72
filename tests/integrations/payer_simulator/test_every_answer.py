"""Whatever is sent: our readers take every answer, pyx12 takes every 999 and 835, and every 835 adds up."""

import os
import time
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.payer_simulator import Outcome, Payer
from integrations.x12.professional_values import Claim
from integrations.x12.remittances import balance_problems
from tests.integrations.payer_simulator.oracle import complaints
from tests.integrations.payer_simulator.practice import (
    OTHER_PRACTICE,
    PRACTICE,
    SERVICE_ON,
    YEAR,
    Desk,
    adjustments,
    block,
    claim,
    compensation_fund,
    file_text,
    health_plan,
    injury,
    line,
)

FULL = os.environ.get("PROOF") == "full"
# Their purpose is an 835 that cannot be taken.
BROKEN = {Outcome.TRUNCATED, Outcome.PAYMENT_UNBALANCED, Outcome.CLAIM_UNBALANCED}
MEMBERS = ["W001", "W002", "NOBODY", *(f"SIM{one.value}" for one in Outcome if one not in BROKEN)]

lines = st.builds(
    lambda code, cents, units, back, authorized: line(
        code,
        cents,
        units,
        service_from_on=SERVICE_ON - timedelta(days=back),
        service_to_on=SERVICE_ON - timedelta(days=back),
        authorization_number="AUTH1" if authorized else "",
    ),
    st.sampled_from(["97110", "97140", "97530", "90837", "97032"]),
    st.integers(1, 40_000),
    st.integers(1, 12),
    st.integers(0, 60),
    st.booleans(),
)
bills = st.builds(
    lambda held, member, billing: claim(*held, member_id=member, billing=billing),
    st.lists(lines, min_size=1, max_size=5),
    st.sampled_from(MEMBERS),
    st.sampled_from([PRACTICE, OTHER_PRACTICE]),
)
plans = st.builds(
    lambda copay, percent, deductible, other: health_plan(
        terms=(
            {
                "from_on": YEAR,
                "copay_cents": copay,
                "coinsurance_percent": percent,
                "deductible_cents": deductible,
                "filing_days": 45,
                "authorization_codes": ("97530",),
                "other_codes_percent": other,
            },
        ),
        authorizations=(block(3, "visit"), block(9, "unit", "97530")),
    ),
    st.sampled_from([0, 1_500, 2_501]),
    st.sampled_from([0, 15, 20, 33]),
    st.sampled_from([0, 7_777, 50_000]),
    st.sampled_from([None, 0, 55]),
)
sent_batches = st.lists(st.lists(bills, min_size=1, max_size=6), min_size=1, max_size=3)
fixes = st.tuples(st.sampled_from(["7", "8"]), st.integers(0, 50))


@settings(max_examples=300 if FULL else 30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans, batches=sent_batches, fix=fixes)
def test_every_835_adds_up_and_every_answer_is_read(
    plan: Payer, batches: list[list[Claim]], fix: tuple[str, int]
) -> None:
    desk = Desk(plan)
    for batch in batches:
        desk.submit(*batch)
        desk.wait(15)
        known = [one.payer_control_number for one in desk.acknowledged().values()]
        known = [one for one in known if one and not one.startswith("GHOST")]
        if known:
            frequency, at = fix
            desk.submit(claim(frequency=frequency, original_reference=known[at % len(known)]))
    desk.wait(120)
    assert len(desk.syntax()) == len(desk.texts("999"))
    desk.acknowledged()
    for remittance in desk.remittances():
        assert balance_problems(remittance) == ()
        assert remittance.header.paid_cents >= 0
        for paid in remittance.claims:
            assert sum(one.paid_cents for one in paid.lines) == paid.paid_cents
            shared = [cents for group, _, cents in adjustments(paid) if group == "PR"]
            assert paid.patient_responsibility_cents == sum(shared)


def test_pyx12_accepts_every_999_and_835() -> None:
    desk = Desk(
        health_plan(authorizations=(block(3, "visit"),), pays_after_days=(9, 10)),
        compensation_fund(),
    )
    members = [one for one in MEMBERS if one != "SIMR999"]
    desk.submit(*(claim(line(), line("97140"), member_id=one) for one in members), injury())
    desk.submit(claim(line("97530"), authorization_number="AUTH1"), claim(member_id="SIMR999"))
    desk.wait(40)
    known = [one.payer_control_number for one in desk.acknowledged().values()]
    number = next(one for one in known if one)
    desk.submit(claim(frequency="8", original_reference=number))
    desk.wait(40)
    checked = desk.texts("999") + desk.texts("835")
    assert len(checked) > 8
    assert [complaints(text) for text in checked] == [""] * len(checked)
    # Its 277CA map refuses published examples, so this one is more than anybody asks for.
    assert {complaints(text) for text in desk.texts("277ca")} == {""}


def test_a_claim_is_decided_and_answered_within_a_few_milliseconds() -> None:
    desk = Desk()
    days = [SERVICE_ON - timedelta(days=back) for back in range(400)]
    sent = [
        claim(
            line("97110", service_from_on=day, service_to_on=day),
            line("97140", service_from_on=day, service_to_on=day),
        )
        for day in days
    ]
    text = file_text(*sent)
    started = time.process_time()
    desk.payer.submit(text)
    desk.payer.answers(desk.now + timedelta(days=30))
    spent = time.process_time() - started
    assert spent / len(sent) < 0.003, f"{spent / len(sent) * 1000:.2f} ms of processor time a claim"
