"""Deadlines, duties and meanings beyond the published examples: leap days, other years, refusals."""

from typing import Any

import pytest

from billing_rules.therapy.adjustment_reasons import adjustment_reason
from billing_rules.therapy.denials import meaning
from billing_rules.vectors import run

JAN_5 = "2026-01-05"


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        ("medicare_timely_filing", {"dos": "2024-02-29"}, {"last_receipt_date": "2025-02-28"}),
        ("medicare_timely_filing", {"dos": "2023-03-01"}, {"last_receipt_date": "2024-03-01"}),
        (
            "poc_initial_cert_due",
            {"initial_treatment_date": "2024-01-30"},
            {"timely_if_signed_by": "2024-02-29"},
        ),
        (
            "poc_verbal_order_signature_due",
            {"verbal_cert_date": "2025-12-20"},
            {"signature_due": "2026-01-03"},
        ),
        ("medicare_reconsideration_due", {"redetermination_received": "2023-09-01"}, {"due": "2024-02-28"}),
        ("medicare_alj_due", {"reconsideration_received": "2024-01-01"}, {"due": "2024-03-01"}),
        ("overpayment_60day", {"identified_knowingly": "2023-12-31"}, {"report_and_return_by": "2024-02-29"}),
        (
            "overpayment_60day",
            {
                "identified_knowingly": "2026-05-01",
                "good_faith_investigation": True,
                "investigation_completed": "2026-06-10",
            },
            {"report_and_return_by": "2026-08-09"},
        ),
        (
            "overpayment_suspension_end",
            {"identified_knowingly": "2024-05-01", "good_faith_investigation": True},
            {"suspension_ends_no_later_than": None},
        ),
    ],
)
def test_dates_run_over_month_ends_and_leap_days(rule: str, given: Any, expected: Any) -> None:
    assert run(rule, given) == expected


@pytest.mark.parametrize(
    ("planned", "served_on", "covered"),
    [
        (90, JAN_5, True),
        (90, "2026-04-04", True),
        (90, "2026-04-05", False),
        (120, "2026-04-04", True),
        (42, "2026-02-15", True),
        (42, "2026-02-16", False),
        (42, "2026-01-04", False),
    ],
)
def test_a_plan_counts_its_first_day_as_day_one(planned: int, served_on: str, covered: bool) -> None:
    given = {"initial_treatment_date": JAN_5, "certified_duration_days": planned, "dos": served_on}
    assert run("poc_covered", given) == {"covered": covered}


@pytest.mark.parametrize(("days", "stands"), [(0, True), (30, True), (31, False), (None, False)])
@pytest.mark.parametrize("on", ["2024-12-31", "2025-01-01"])
def test_the_order_exception_began_in_2025(on: str, days: int | None, stands: bool) -> None:
    given = {
        "dos": on,
        "signed_dated_order_on_file": True,
        "poc_transmitted_days_after_eval": days,
        "type": "initial",
    }
    expected = stands and on >= "2025-01-01"
    assert run("poc_order_exception", given) == {"certified_without_signature": expected}


@pytest.mark.parametrize(
    ("treated", "reports", "due", "overdue"),
    [
        (9, [], 10, False),
        (11, [], 10, True),
        (17, [7], 17, False),
        (18, [7], 17, True),
        (25, [8, 16], 26, False),
    ],
)
def test_a_progress_report_every_ten_treatment_days(
    treated: int, reports: list[int], due: int, overdue: bool
) -> None:
    given = {"treatment_days_in_episode": treated, "reports_completed_at": reports}
    assert run("progress_report_due", given) == {"overdue": overdue, "due_by_treatment_day": due}


@pytest.mark.parametrize(
    ("year", "minutes", "contact", "units"),
    [
        (2026, 10, True, {"98979": 1}),
        (2026, 19, True, {"98979": 1}),
        (2026, 20, False, {}),
        (2026, 79, True, {"98980": 1, "98981": 2}),
        (2026, 80, True, {"98980": 1, "98981": 3}),
        (2025, 19, True, {}),
        (2025, 40, True, {"98980": 1, "98981": 1}),
        (2021, 60, True, {}),
    ],
)
def test_monitoring_by_the_code_set_of_the_year(year: int, minutes: int, contact: bool, units: Any) -> None:
    given = {"dos_year": year, "month_minutes": minutes, "interactive_contact": contact}
    assert run("rtm_management_units_2026", given) == {"units": units}


@pytest.mark.parametrize(
    ("year", "days", "code"),
    [(2026, 1, None), (2026, 0, None), (2025, 15, None), (2025, 16, "98977"), (2021, 30, None)],
)
def test_devices_by_days_with_data(year: int, days: int, code: str | None) -> None:
    given = {"dos_year": year, "days_with_data_in_30": days}
    assert run("rtm_device_msk_2026", given) == {"code": code}


@pytest.mark.parametrize(
    ("code", "on", "valid"),
    [
        ("92507", "2027-01-01", False),
        ("0362T", "2026-12-31", True),
        ("0373T", "2027-01-01", False),
        ("98979", "2025-12-31", False),
        ("98986", "2026-01-01", True),
        ("99441", "2024-12-31", True),
        ("99355", "2022-12-31", True),
        ("97532", "2018-01-01", False),
        ("97161", "2016-12-31", False),
        ("98008", "2024-12-31", False),
        ("96101", "2018-12-31", True),
        ("97110", "2026-06-01", True),
    ],
)
def test_a_code_exists_within_its_dates(code: str, on: str, valid: bool) -> None:
    assert run("code_effective", {"code": code, "dos": on}) == {"valid": valid}


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        ("835_claim_status", {"CLP02": "26"}, {"meaning": None}),
        ("278_action_code", {"HCR01": "A5"}, {"meaning": None}),
        ("service_type_code", {"STC": "A5"}, {"meaning": "psychiatric_room_and_board"}),
        ("service_type_code", {"STC": "A7"}, {"meaning": "psychiatric_inpatient"}),
        ("service_type_code", {"STC": "A8"}, {"meaning": "psychiatric_outpatient"}),
        ("271_time_period_qualifier", {"EB06": "13"}, {"meaning": "24_hours"}),
        ("carc_category", {"carc": "b7"}, {"category": "provider_enrollment"}),
        ("carc_category", {"carc": "999"}, {"category": None}),
        ("gfe_delivery_deadline", {"business_days_between_scheduling_and_service": 2}, {"deadline": None}),
        (
            "medicare_pos",
            {"payer": "Medicare", "mode": "in_person", "patient_location": "office"},
            {"pos": "11"},
        ),
    ],
)
def test_codes_nobody_assigned_mean_nothing(rule: str, given: Any, expected: Any) -> None:
    assert run(rule, given) == expected


@pytest.mark.parametrize(
    ("discipline", "on", "eligible"),
    [
        ("SLP", "2027-12-31", True),
        ("PT", "2028-01-01", False),
        ("PT", "2020-02-29", False),
        ("BH", "2030-01-01", True),
    ],
)
def test_therapists_give_telehealth_for_a_time(discipline: str, on: str, eligible: bool) -> None:
    given = {"payer": "Medicare", "discipline": discipline, "dos": on}
    assert run("telehealth_therapist_eligibility", given) == {"eligible_distant_site": eligible}


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("poc_initial_cert_due", {"initial_treatment_date": "2026-02-30"}),
        ("poc_covered", {"initial_treatment_date": JAN_5, "certified_duration_days": 0, "dos": JAN_5}),
        ("progress_report_due", {"treatment_days_in_episode": 3, "reports_completed_at": [7]}),
        ("rtm_management_units_2026", {"dos_year": 2026, "month_minutes": -1, "interactive_contact": True}),
        ("rtm_device_msk_2026", {"dos_year": 2026, "days_with_data_in_30": 31}),
        ("837p_auth_number_location", {"kind": "service_authorization_exception", "level": "line"}),
        ("835_service_line_balance", {"SVC02": "1.005", "CAS": [], "SVC03": "1.00"}),
        ("gfe_ppdr_eligible", {"gfe_total": "x", "billed_total": "1.00", "days_since_initial_bill": 1}),
        ("tila_credit_trigger", {"written_agreement_installments": 0}),
        ("telehealth_therapist_eligibility", {"payer": "Aetna", "discipline": "PT", "dos": JAN_5}),
        ("medicare_pos", {"payer": "Medicare", "mode": "in_person", "patient_location": "the moon"}),
        ("medicare_cotreatment", {"payer": "Medicare Part B", "code": "97530", "therapists": ["PT"]}),
        ("aba_15min_units", {"code": "97110", "minutes": 15}),
    ],
)
def test_what_cannot_be_is_refused(rule: str, given: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each rule has its own kind, all of them are ValueErrors
        run(rule, given)


def test_a_transaction_balances_only_with_a_payment_that_is_not_negative() -> None:
    negative = {"sum_CLP04": "-10.00", "PLB": [], "BPR02": "-10.00"}
    assert run("835_transaction_balance", negative) == {"balanced": False}
    forwarded = {"sum_CLP04": "-10.00", "PLB": [{"code": "FB", "amount": "-10.00"}], "BPR02": "0.00"}
    assert run("835_transaction_balance", forwarded) == {"balanced": True}


def test_the_group_decides_who_pays_and_the_reason_what_to_do() -> None:
    assert meaning("PR", "96").effect == meaning("CO", "96").effect == "denied"
    assert meaning("CO", "1").category == "unlisted reason"
    assert meaning("CO", "302").category == "authorization"
    row = adjustment_reason("15")
    assert row is not None
    assert row.ends_on is not None
    assert adjustment_reason("15", on=row.ends_on.replace(year=2026)) is None
