"""The scrub: an ordered list of small checks over a claim's facts.

The order is the one stated here, section by section. A check asks the rows for everybody first and the
payer's own after them: the last, most specific one wins, and the finding shows it.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TypeAlias

import msgspec

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import NoRuleInForce, RuleBook, RuleValueRefused
from billing_rules.therapy.checks import (
    aba_staff,
    assistants,
    bundling,
    coding,
    completeness,
    disciplines,
    documentation,
    evaluation,
    evv,
    formats,
    identity,
    licensure,
    limits,
    medicaid,
    modifiers,
    named_providers,
    patterns,
    payer_wants,
    places,
    plan_duties,
    policies,
    sending,
    shared_time,
    sides,
    staffing,
    thresholds,
    units,
)
from billing_rules.therapy.claim_facts import ClaimFacts

Check: TypeAlias = Callable[[ClaimFacts, RuleBook], Iterator[Finding]]
"""A pure function over the facts and the rule book; it yields what it found in line order."""

CHECKS: tuple[Check, ...] = (
    # completeness
    completeness.check_claim_fields,
    completeness.check_line_fields,
    completeness.check_amounts,
    completeness.check_patient_sex,
    completeness.check_parties,
    completeness.check_addresses,
    completeness.check_referring,
    named_providers.check_supervising,
    named_providers.check_ordering,
    # validity on the date
    identity.check_npis,
    identity.check_referring_npi,
    identity.check_npi_types,
    identity.check_taxonomies,
    identity.check_tax_id,
    identity.check_zips,
    identity.check_states,
    coding.check_diagnoses,
    coding.check_repeated_diagnoses,
    coding.check_pointers,
    coding.check_procedures,
    coding.check_places,
    coding.check_modifiers,
    sending.check_dates,
    sending.check_coverage,
    sending.check_frequency,
    sending.check_duplicates,
    sending.check_repeated_lines,
    # payer formats
    formats.check_payer_id,
    formats.check_member_id,
    identity.check_taxonomy_present,
    identity.check_enrolment,
    coding.check_how_many,
    staffing.check_supervised_billing,
    licensure.check_licences,
    licensure.check_supervisor_licences,
    licensure.check_home_licences,
    aba_staff.check_certifications,
    aba_staff.check_signatures,
    aba_staff.check_supervision_share,
    # coding
    units.check_minutes,
    units.check_codes_by_time,
    units.check_units,
    shared_time.check_shared_time,
    evaluation.check_evaluation_level,
    policies.check_policies,
    disciplines.check_disciplines,
    modifiers.check_discipline_modifiers,
    modifiers.check_contradictions,
    modifiers.check_repeated_modifiers,
    modifiers.check_recorded_modifiers,
    modifiers.check_order,
    assistants.check_assistants,
    thresholds.check_thresholds,
    sides.check_sides,
    places.check_telehealth_places,
    places.check_telehealth_modifiers,
    places.check_telehealth_codes,
    places.check_telehealth_disciplines,
    places.check_places_of_codes,
    # bundling
    bundling.check_edits_known,
    bundling.check_pairs,
    bundling.check_distinct_unneeded,
    bundling.check_most_units,
    bundling.check_add_ons,
    # authorization and limits
    payer_wants.check_authorization,
    payer_wants.check_authorization_known,
    limits.check_approvals,
    limits.check_limits,
    medicaid.check_plan_on_date,
    medicaid.check_cost_share,
    medicaid.check_ordering_provider,
    medicaid.check_lifted_caps,
    # plan of care
    payer_wants.check_plans_of_care,
    plan_duties.check_plan_length,
    plan_duties.check_verbal_orders,
    plan_duties.check_progress_reports,
    # documentation
    sending.check_signed,
    documentation.check_open_queries,
    documentation.check_coding_review,
    documentation.check_copied_notes,
    evv.check_verified_visits,
    # filing limit
    sending.check_filing_limit,
    # patterns
    patterns.check_known_patterns,
    patterns.check_recent_refusals,
)


class CheckGone(LookupError):
    """Raised when a check that ran in the past is not part of the product any more."""


def scrub(facts: ClaimFacts, book: RuleBook, only: Iterable[str] | None = None) -> list[Finding]:
    """Run every check in order; the same facts and book give the same list, and nothing is corrected.

    `only` are the names of checks that ran before, in their order then; raises CheckGone.
    """
    chosen = CHECKS if only is None else tuple(_named(name) for name in only)
    found: list[Finding] = []
    for check in chosen:
        before = len(found)
        try:
            found.extend(check(facts, book))
        except (NoRuleInForce, RuleValueRefused) as unanswered:
            found[before:] = [_unanswered(unanswered)]
    return list({(what.rule, what.subject, what.message): what for what in found}.values())


def findings_json(findings: Iterable[Finding]) -> bytes:
    """The findings as bytes: equal findings are equal byte for byte, in any process."""
    return msgspec.json.encode(tuple(findings), order="deterministic")


def check_names() -> tuple[str, ...]:
    """The names of all checks in their order, to run the same ones again later."""
    return tuple(_by_name())


@cache
def _by_name() -> dict[str, Check]:
    return {f"{check.__module__.rpartition('.')[2]}.{check.__name__}": check for check in CHECKS}


def _named(name: str) -> Check:
    check = _by_name().get(name)
    if check is None:
        raise CheckGone(f"The check {name} is not part of the product any more.")
    return check


def _unanswered(error: NoRuleInForce | RuleValueRefused) -> Finding:
    """What stands for all that a check would have said, had the book answered."""
    return finding(
        "rule.not_in_force" if isinstance(error, NoRuleInForce) else "rule.value_refused",
        "blocks",
        "/payer",
        str(error),
        fix="Add or correct the payer's dated rule, with its source.",
        source="Rule book",
    )
