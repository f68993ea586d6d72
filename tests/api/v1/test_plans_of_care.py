"""Plans of care: the link by discipline and date, and what holds or warns by the rule of the day."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.conftest import MutableClock
from tests.api.v1.clinic import Clinic

OVERDUE = {"plan_of_care.certification_overdue": "blocks"}
CERTIFIED = {"certified_on": "2026-01-05", "certified_by": "Dr Field"}


class Care:
    """One case of a payer that wants plans certified within 30 days, and short ways to its claims."""

    def __init__(self, clinic: Clinic, patient_id: str, case_id: str) -> None:
        self.clinic = clinic
        self.patient_id = patient_id
        self.case_id = case_id

    @classmethod
    async def begin(cls, clinic: Clinic) -> "Care":
        """A payer with the terms of Medicare, and a patient covered since 2024."""
        patient_id = await clinic.patient()
        case_id = await clinic.case(patient_id, opened_on="2024-01-02")
        await clinic.coverage(case_id, payer_id=await clinic.add_payer("medicare"), starts_on="2024-01-01")
        return cls(clinic, patient_id, case_id)

    async def plan(self, **changes: Any) -> str:
        """A plan of physical therapy for a quarter."""
        body = {"case_id": self.case_id, "discipline": "PT", "provider_id": self.clinic.ids["provider"]}
        dates = {"starts_on": "2026-01-05", "ends_on": "2026-04-04"}
        return await self.clinic.made("/plans-of-care", body | dates | changes)

    async def visit(self, day: str, **changes: Any) -> Any:
        """A session of the case."""
        return await self.clinic.document(self.patient_id, self.case_id, day, **changes)

    async def claim(self, *visits: Any) -> str:
        """The one claim of some sessions."""
        body = {"visit_ids": [visit["id"] for visit in visits]}
        (claim_id,) = (await self.clinic.send("/claims/assemble", body))["claim_ids"]
        return str(claim_id)

    async def found(self, claim_id: str) -> dict[str, str]:
        """What a fresh check says of the claim's plans, by rule; a claim with a blocking one is held."""
        claim = await self.clinic.send(f"/claims/{claim_id}/check", {}, status=200)
        found = {f["rule"]: f["severity"] for f in claim["findings"] if f["rule"].startswith("plan_of_care")}
        if "blocks" in found.values():
            assert claim["status"] == "held"
        return found


@pytest.mark.req("CORE-09")
async def test_a_visit_links_to_the_plan_of_its_discipline_that_covers_the_day(clinic: Clinic) -> None:
    """Physical and occupational therapy each have their own; the first and the last day count."""
    care = await Care.begin(clinic)
    physical = await care.plan()
    following = await care.plan(starts_on="2026-04-05", ends_on="2026-07-03")
    occupational = await care.plan(discipline="OT")
    services = [{"code": "97530", "minutes": 30}]
    ot = await care.visit("2026-01-07", discipline="OT", services=services)
    linked = [
        (await care.visit(day))["plan_of_care_id"] for day in ("2026-01-05", "2026-04-04", "2026-04-05")
    ]
    assert linked == [physical, physical, following]
    assert ot["plan_of_care_id"] == occupational
    assert (await care.visit("2026-07-06"))["plan_of_care_id"] is None
    assert (await care.visit("2026-01-02"))["plan_of_care_id"] is None


@pytest.mark.req("CORE-09")
@pytest.mark.parametrize("day", ["2026-01-02", "2026-04-06"])
async def test_a_day_outside_every_period_holds_the_claim(clinic: Clinic, day: str) -> None:
    """The claim names the rule; a plan that covers the day lets the checked-again claim pass."""
    care = await Care.begin(clinic)
    await care.plan(**CERTIFIED)
    visit = await care.visit(day)
    claim_id = await care.claim(visit)
    assert await care.found(claim_id) == {"plan_of_care.missing": "blocks"}
    await care.plan(starts_on=day, ends_on=day, certified_on=day, certified_by="Dr Field")
    assert await care.found(claim_id) == {}
    assert (await clinic.read(f"/visits/{visit['id']}"))["plan_of_care_id"] is not None


@pytest.mark.req("CORE-09")
async def test_a_certificate_that_is_not_yet_due_warns_and_an_overdue_one_holds(
    clinic: Clinic, app_clock: MutableClock
) -> None:
    """Until day 30 it warns; from day 31 it holds; a late certificate needs the reason for its delay."""
    care = await Care.begin(clinic)
    plan_id = await care.plan()
    claim_id = await care.claim(await care.visit("2026-01-08"))
    app_clock.put(datetime(2026, 2, 4, 15, tzinfo=UTC))
    assert await care.found(claim_id) == {"plan_of_care.certification_due": "warns"}
    app_clock.put(datetime(2026, 2, 5, 15, tzinfo=UTC))
    assert await care.found(claim_id) == {"plan_of_care.certification_overdue": "blocks"}
    late = {"certified_on": "2026-02-05", "certified_by": "Dr Field"}
    path = f"/plans-of-care/{plan_id}/certify"
    await clinic.send(path, late | {"delay_reason": "The physician was away."}, status=204)
    assert await care.found(claim_id) == {}
    duties = await clinic.read(f"/plans-of-care/{plan_id}/duties")
    assert (duties["certification_due_on"], duties["delay_reason"]) == (
        "2026-02-04",
        "The physician was away.",
    )
    await clinic.send(path, late, status=409)


@pytest.mark.req("CORE-09")
async def test_a_late_certificate_without_a_reason_holds(clinic: Clinic) -> None:
    """Delayed certification is allowed at any time, with its reason."""
    care = await Care.begin(clinic)
    await care.plan(certified_on="2026-02-20", certified_by="Dr Field")
    assert await care.found(await care.claim(await care.visit("2026-01-08"))) == {
        "plan_of_care.delay_unexplained": "blocks"
    }


@pytest.mark.req("CORE-09")
@pytest.mark.parametrize(
    ("year", "found"), [("2024", {"plan_of_care.certification_overdue": "blocks"}), ("2025", {})]
)
async def test_a_signed_order_stands_for_the_signature_from_2025_on(
    clinic: Clinic, year: str, found: dict[str, str]
) -> None:
    """The rule in force on the date of service decides: the same papers hold in 2024 and pass in 2025."""
    care = await Care.begin(clinic)
    plan_id = await care.plan(starts_on=f"{year}-01-08", ends_on=f"{year}-03-31")
    order = {"order_signed_on": f"{year}-01-04", "sent_to_orderer_on": f"{year}-01-20"}
    await clinic.send(f"/plans-of-care/{plan_id}/order", order, status=204)
    assert await care.found(await care.claim(await care.visit(f"{year}-01-10"))) == found


@pytest.mark.req("CORE-09")
async def test_a_verbal_order_is_signed_within_fourteen_days(clinic: Clinic, app_clock: MutableClock) -> None:
    """In time it certifies: until its own deadline it warns, after that it holds, signed it passes."""
    care = await Care.begin(clinic)
    plan_id = await care.plan()
    claim_id = await care.claim(await care.visit("2026-01-08"))
    verbal = {"verbal_order_on": "2026-02-01"}
    await clinic.send(f"/plans-of-care/{plan_id}/order", verbal, status=204)
    app_clock.put(datetime(2026, 2, 15, 15, tzinfo=UTC))
    assert await care.found(claim_id) == {"plan_of_care.verbal_signature_due": "warns"}
    app_clock.put(datetime(2026, 2, 16, 15, tzinfo=UTC))
    assert await care.found(claim_id) == {"plan_of_care.verbal_signature_overdue": "blocks"}
    signed = {"certified_on": "2026-02-16", "certified_by": "Dr Field"}
    await clinic.send(f"/plans-of-care/{plan_id}/certify", signed, status=204)
    assert await care.found(claim_id) == {}


@pytest.mark.req("CORE-09")
async def test_a_plan_counts_ninety_days_at_most(clinic: Clinic) -> None:
    """Day 90 passes; from day 91 on the claim waits for a recertified plan."""
    care = await Care.begin(clinic)
    plan_id = await care.plan(ends_on="2026-06-30", **CERTIFIED)
    last, after = await care.visit("2026-04-04"), await care.visit("2026-04-06")
    assert await care.found(await care.claim(last)) == {}
    assert await care.found(await care.claim(after)) == {"plan_of_care.too_long": "blocks"}
    duties = await clinic.read(f"/plans-of-care/{plan_id}/duties")
    assert duties["recertification_due_on"] == "2026-04-04"
    recertified = {"starts_on": "2026-04-05", "certified_on": "2026-04-05", "certified_by": "Dr Field"}
    await care.plan(ends_on="2026-07-03", **recertified)
    assert await care.found(await care.claim(await care.visit("2026-04-07"))) == {}


@pytest.mark.req("CORE-09")
async def test_progress_is_reported_every_ten_treatment_days(clinic: Clinic) -> None:
    """On day 10 the report is due, on day 11 overdue; once written the next period begins."""
    care = await Care.begin(clinic)
    plan_id = await care.plan(**CERTIFIED)
    days = [await care.visit(f"2026-01-{day:02}") for day in range(6, 17)]
    assert await care.found(await care.claim(days[8])) == {}
    assert await care.found(await care.claim(days[9])) == {"plan_of_care.progress_report_due": "warns"}
    eleventh = await care.claim(days[10])
    assert await care.found(eleventh) == {"plan_of_care.progress_report_overdue": "warns"}
    duties = await clinic.read(f"/plans-of-care/{plan_id}/duties")
    assert (duties["treatment_days"], duties["progress_report_overdue"]) == (11, True)
    report = {"written_on": "2026-01-15", "provider_id": clinic.ids["provider"]}
    await clinic.send(f"/plans-of-care/{plan_id}/progress-reports", report, status=204)
    assert await care.found(eleventh) == {}
    duties = await clinic.read(f"/plans-of-care/{plan_id}/duties")
    assert (duties["progress_report_due_by_day"], duties["progress_report_overdue"]) == (20, False)


@pytest.mark.req("CORE-09", "CD-10")
async def test_an_overdue_report_holds_where_the_payers_row_says_so_and_the_clinician_is_asked(
    clinic: Clinic,
) -> None:
    """The claim's own check puts the question to whoever gave the session; the report settles it."""
    care = await Care.begin(clinic)
    plan_id = await care.plan(**CERTIFIED)
    days = [await care.visit(f"2026-01-{day:02}") for day in range(6, 17)]
    late = await care.claim(days[10])
    assert await care.found(late) == {"plan_of_care.progress_report_overdue": "warns"}
    assert await clinic.read(f"/queries?visit_id={days[10]['id']}") == []
    await clinic.add_rule("progress_report_overdue", "holds")
    assert await care.found(late) == {"plan_of_care.progress_report_overdue": "blocks"}
    (query,) = await clinic.read(f"/queries?visit_id={days[10]['id']}")
    assert (query["rule"], query["asked_by"]) == ("plan_of_care.progress_report_overdue", None)
    assert (query["claim_id"], query["provider_id"]) == (late, clinic.ids["provider"])
    await care.found(late)
    assert len(await clinic.read(f"/queries?visit_id={days[10]['id']}")) == 1
    report = {"written_on": "2026-01-15", "provider_id": clinic.ids["provider"]}
    await clinic.send(f"/plans-of-care/{plan_id}/progress-reports", report, status=204)
    assert await care.found(late) == {}
    (settled,) = await clinic.read(f"/queries?visit_id={days[10]['id']}")
    assert settled["status"] == "settled"


@pytest.mark.req("CORE-09")
async def test_the_practice_s_policy_releases_what_only_warns(clinic: Clinic) -> None:
    """A certificate not yet due waits for a person, unless the practice's own row lets it go."""
    payer_id = clinic.ids["payer"]
    rule = {"disciplines": ["PT", "OT", "SLP"], "certification_due_days": 3000}
    await clinic.add_rule("plan_of_care", rule, payer_id=payer_id)
    await clinic.add_rule("authorization_required", {"answer": "not_required", "exempt_codes": []})
    patient_id, case_id, _ = await clinic.admit()
    care = Care(clinic, patient_id, case_id)
    await care.plan()
    claim_id = await care.claim(await care.visit("2026-01-08"))
    claim = await clinic.read(f"/claims/{claim_id}")
    assert claim["status"] == "ready"
    warnings = {f["rule"] for f in claim["findings"] if f["severity"] == "warns"}
    assert "plan_of_care.certification_due" in warnings
    waits = await submit(clinic, claim_id)
    assert waits["code"] == "warnings_not_acknowledged"
    policy = {"required": True, "exempt_rules": sorted(warnings)}
    await clinic.add_rule("warning_acknowledgement", policy)
    assert (await submit(clinic, claim_id)).get("code") != "warnings_not_acknowledged"


async def submit(clinic: Clinic, claim_id: str) -> Any:
    """Ask for a claim to be sent."""
    path = f"{clinic.path}/claims/submit"
    key = {"Idempotency-Key": f"submit-{claim_id}-{clinic._next()}"}
    return (await clinic.caller.post(path, json={"claim_ids": [claim_id]}, headers=key)).json()
