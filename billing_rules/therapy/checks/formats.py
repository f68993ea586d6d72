"""Do payer id and member id look as this payer wants them?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import Resolved, RuleBook, RuleRow
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.payer_rules import ask
from billing_rules.therapy.scrub_rules import MEMBER_ID_FORMAT, PAYER_IDS, MemberIdFormat, PayerIds


def check_payer_id(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The electronic id is one that the payer takes on the day of sending, where its ids are known."""
    resolved = ask(book, PAYER_IDS, facts.asked(facts.sent_on))
    ids = resolved.read(PayerIds).ids
    if not ids or not facts.payer_id or facts.payer_id in ids:
        return
    retired = _retired(facts, book)
    by = Resolved(row=retired, value=retired.value, considered=(retired,)) if retired else resolved
    ended = f" since {retired.ends_on}" if retired else ""
    yield finding(
        "payer_id.retired" if retired else "payer_id.unknown",
        "blocks",
        "/payer_id",
        f"The payer takes no claims under this id{ended}." if retired else "The payer has no such id.",
        fix=f"Send to {', '.join(ids)}, as the payer's rule says.",
        source=by.row.source,
        by=by,
        payer_id=facts.payer_id,
        valid=", ".join(ids),
    )


def check_member_id(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The member id has the form that the payer's row says; the id itself is never repeated."""
    resolved = ask(book, MEMBER_ID_FORMAT, facts.asked(facts.sent_on))
    form = resolved.read(MemberIdFormat)
    if facts.member_id and not form.takes(facts.member_id):
        yield finding(
            "member_id.format",
            "warns" if resolved.is_assumption else "blocks",
            "/member_id",
            f"The member id does not look like this payer's, such as {form.example}.",
            fix="Read the card again, or ask the payer for the id.",
            source=resolved.row.source,
            by=resolved,
            pattern=form.pattern,
        )


def _retired(facts: ClaimFacts, book: RuleBook) -> RuleRow | None:
    """The payer's latest row that held the id and has ended."""
    held = [
        row
        for row in book.rows
        if row.rule == PAYER_IDS
        and row.payer == facts.payer
        and row.ends_on is not None
        and row.ends_on < facts.sent_on
        and facts.payer_id in Resolved(row=row, value=row.value, considered=()).read(PayerIds).ids
    ]
    return max(held, key=lambda row: (row.ends_on, str(row)), default=None)
