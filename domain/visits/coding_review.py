"""Proposed codes: a source's codes are a starting point until the practice's review policy is satisfied."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved
from billing_rules.therapy.documentation.policies import CODING_REVIEW, CodingReview
from billing_rules.therapy.payer_rules import ask
from domain.allowances.payers import PayersOn
from domain.visits.models import Visit, VisitService

PROPOSED, ACCEPTED, REVIEWED = "proposed", "accepted", "reviewed"


def judge_coding(visit: Visit, services: Sequence[VisitService], payers: PayersOn | None) -> list[Finding]:
    """Note on the visit how far its codes have come; what waits for a coder holds the charges.

    A review stands for the codes, minutes and units that were seen: other ones are proposed again.
    """
    fingerprint = _fingerprint(services)
    if visit.coding.get("state") == REVIEWED and visit.coding.get("of") == fingerprint:
        return []
    visit.coding = {"state": PROPOSED, "of": fingerprint}
    if payers is None or visit.signed_at is None:
        return []
    resolved = ask(payers.book, CODING_REVIEW, payers.asked)
    seen_by_coder = resolved.read(CodingReview).wants(
        source=f"{visit.source_system}:{visit.source_id}",
        clinician=str(visit.provider_id),
        codes={service.code for service in services},
    )
    if not seen_by_coder:
        visit.coding = {"state": ACCEPTED, "of": fingerprint, "policy": str(resolved.row)}
        return []
    return [_waiting(resolved)]


def review(visit: Visit, services: Sequence[VisitService], *, by: UUID, now: datetime, note: str) -> None:
    """Record that a coder saw the codes as they stand."""
    seen: dict[str, Any] = {"state": REVIEWED, "of": _fingerprint(services), "by": str(by), "note": note}
    visit.coding = seen | {"at": now.isoformat()}


def _waiting(by: Resolved) -> Finding:
    return finding(
        "coding.not_reviewed",
        "blocks",
        "/services",
        "the proposed codes wait for review",
        fix="Review the codes against the note, then accept them or ask the clinician.",
        source=by.row.source,
        by=by,
    )


def _fingerprint(services: Sequence[VisitService]) -> str:
    seen = [[s.code, s.minutes, s.units_in_note, s.modifiers_in_note] for s in services]
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()[:16]
