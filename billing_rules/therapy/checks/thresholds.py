"""KX: on lines above the year's therapy threshold and on no others, by allowed amounts as processed."""

from collections.abc import Iterator
from typing import Any

from billing_rules.findings import Correction, Finding, finding
from billing_rules.money import dollars
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.thresholds import TherapyAccrual
from billing_rules.therapy.modifiers.order import in_order, modifier_order
from billing_rules.therapy.modifiers.shapes import THERAPY_THRESHOLD, ThresholdRule
from billing_rules.therapy.modifiers.thresholds import KX, SOURCE, YearThreshold, year_threshold
from billing_rules.therapy.payer_rules import ask


def check_thresholds(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Each bucket of the claim against its year's threshold, where the payer counts at all."""
    for accrual in facts.therapy_accruals:
        by = ask(book, THERAPY_THRESHOLD, facts.asked())
        rule = by.read(ThresholdRule)
        if rule.applies:
            yield from _of_bucket(facts, book, accrual, rule, by)


def _of_bucket(
    facts: ClaimFacts, book: RuleBook, accrual: TherapyAccrual, rule: ThresholdRule, by: Resolved
) -> Iterator[Finding]:
    limit = year_threshold(book.shelf, accrual.year, accrual.bucket)
    accrued, unknown = accrual.accrued_cents, accrual.unknown_lines > 0
    for allowed in accrual.lines:
        accrued += allowed.sure_cents
        unknown = unknown or allowed.allowed_cents is None
        yield from _of_line(facts, book, accrual, limit, by, allowed.line, accrued, unknown)
    near = any(KX in facts.lines[one.line].modifiers for one in accrual.lines)
    if limit.is_provisional:
        yield _provisional(accrual, limit, by)
    if unknown and accrued <= limit.amount_cents and not near:
        yield _unknown(accrual, accrued, limit, by)
    if rule.review_cents is not None and accrued > rule.review_cents:
        yield _review(accrual, rule.review_cents, by)


def _of_line(
    facts: ClaimFacts,
    book: RuleBook,
    accrual: TherapyAccrual,
    limit: YearThreshold,
    by: Resolved,
    at: int,
    accrued: int,
    unknown: bool,
) -> Iterator[Finding]:
    has, needs = KX in facts.lines[at].modifiers, accrued > limit.amount_cents
    said: dict[str, Any] = {
        "bucket": accrual.bucket,
        "year": accrual.year,
        "threshold_of": limit.year,
        "threshold": dollars(limit.amount_cents),
        "accrued_with_line": dollars(accrued),
        "looked_up_on": accrual.looked_up_on or "never: our own lines only",
    }
    if needs and not has and not set(facts.lines[at].modifiers) & {"GA", "GZ", "GY", "GX"}:
        yield finding(
            "modifier.threshold_missing",
            "blocks",
            f"/lines/{at}/modifiers",
            f"The line takes the year's therapy above {dollars(limit.amount_cents)} and lacks KX.",
            fix="Put KX on the line where the record says why more is necessary; without it PR-119 follows.",
            source=SOURCE,
            by=by,
            correction=_with_kx(facts, book, at),
            **said,
        )
    elif has and not needs and not unknown:
        yield finding(
            "modifier.threshold_unneeded",
            "warns" if accrual.looked_up_on else "informs",
            f"/lines/{at}/modifiers",
            f"KX stands on a line that stays at or below {dollars(limit.amount_cents)}.",
            fix="Take KX off, or record what the payer's portal says is accrued.",
            source=SOURCE,
            by=by,
            **said,
        )


def _with_kx(facts: ClaimFacts, book: RuleBook, at: int) -> Correction | None:
    line = facts.lines[at]
    ordered = in_order((*line.modifiers, KX), modifier_order(book, facts.asked(line.served_on)))
    if ordered.left_off:
        return None
    pointer = f"/lines/{at}/modifiers"
    return Correction(pointer=pointer, was=",".join(line.modifiers), becomes=",".join(ordered.kept))


def _provisional(accrual: TherapyAccrual, limit: YearThreshold, by: Resolved) -> Finding:
    return finding(
        "threshold.provisional",
        "warns",
        "/lines",
        f"The therapy threshold of {accrual.year} is not known yet; that of {limit.year} stands in for it.",
        fix="Load the sum when CMS announces it; the lines decided by the old one are listed then.",
        source=SOURCE,
        by=by,
        bucket=accrual.bucket,
        year=accrual.year,
        threshold=dollars(limit.amount_cents),
    )


def _unknown(accrual: TherapyAccrual, accrued: int, limit: YearThreshold, by: Resolved) -> Finding:
    """It only informs where even the charges, of which the lesser is allowed, stay below the threshold."""
    unknown = [one for one in accrual.lines if one.allowed_cents is None]
    missing = len(unknown) + accrual.unknown_lines
    most = accrued + accrual.unknown_at_most_cents
    most += sum(one.at_most_cents - one.at_least_cents for one in unknown)
    return finding(
        "threshold.allowed_unknown",
        "informs" if most <= limit.amount_cents else "warns",
        "/lines",
        "What the payer allows for lines of this year is not known, so whether KX is needed cannot be told.",
        fix="Load the fee schedule of the year and place, or record what the payer's portal says.",
        source=SOURCE,
        by=by,
        bucket=accrual.bucket,
        year=accrual.year,
        lines=missing,
        accrued=dollars(accrual.accrued_cents),
    )


def _review(accrual: TherapyAccrual, review_cents: int, by: Resolved) -> Finding:
    return finding(
        "threshold.review",
        "informs",
        "/lines",
        f"The year's therapy is above {dollars(review_cents)}: records may be asked for.",
        fix="See that the record says why more is necessary.",
        source=by.row.source,
        by=by,
        bucket=accrual.bucket,
        year=accrual.year,
    )
