"""Were clinician and supervisor licensed, or privileged by a compact, where the patient was? (BC-19)"""

from collections.abc import Iterable, Iterator
from datetime import date

from billing_rules.findings import Finding
from billing_rules.rule_book import Resolved, RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.facts.staffing import LicenceFacts, SessionStaffing
from billing_rules.therapy.payer_rules import Asked, ask
from billing_rules.therapy.staff_findings import staff_finding
from billing_rules.therapy.staffing_rules import (
    COMPACT_HOME_LICENCE,
    COMPACT_MEMBERSHIP,
    LICENSURE,
    SUPERVISED_BILLING,
    CompactHomeLicence,
    CompactMembership,
    Licensure,
    SupervisedBilling,
)


def check_licences(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Compare where the patient was with what the clinician held on the date; a mismatch blocks."""
    for at, on, session in _sessions(facts):
        by = ask(book, LICENSURE, facts.asked(on))
        check = by.read(Licensure).check
        held = _licences(session.licences)
        if check == "off" or (check == "recorded" and not held):
            continue
        if session.location_state is not None:
            members = _members(facts, book, session.location_state, on)
            yield from _in_state(at, session.location_state, held, on, by, members)
        elif session.is_telehealth:
            message = "Where the patient was during the telehealth session is not recorded."
            fix = "Ask the clinician in which state the patient was, and send the note again."
            yield staff_finding("licensure.location_unknown", at, message, fix, by)


def check_supervisor_licences(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """The supervisor's own licence or privilege for the state, where the payer's row asks for it."""
    for at, on, session in _sessions(facts):
        by = ask(book, SUPERVISED_BILLING, facts.asked(on))
        state, licences = session.location_state, _of_supervisor(session)
        if licences is None or state is None or not _asks_supervisor(session, by):
            continue
        members = _members(facts, book, state, on)
        if not _stands(_valid(licences, state, on), members):
            message = f"The supervisor had no licence and no compact privilege for {state} on that date."
            fix = "Record the licence or privilege if there was one, or name a supervisor who had one."
            yield staff_finding("licensure.supervisor_mismatch", at, message, fix, by, state=state)


def check_home_licences(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """A privilege is only as good as the licence of the home state behind it, where the compact says so."""
    for at, on, session in _sessions(facts):
        state = session.location_state
        if state is None or not _has_privilege(session):
            continue
        checked = ask(book, LICENSURE, facts.asked(on)).read(Licensure).check
        if checked == "off":
            continue
        supervised = ask(book, SUPERVISED_BILLING, facts.asked(on))
        people = [("clinician", session.licences)]
        supervising = _of_supervisor(session)
        if supervising is not None and _asks_supervisor(session, supervised):
            people.append(("supervisor", supervising))
        members = _members(facts, book, state, on)
        by = ask(book, COMPACT_HOME_LICENCE, _asked(facts, state, on))
        for who, licences in people:
            if _wants_home(_valid(licences, state, on), members, by):
                yield from _home(at, who, licences, on, by, is_required=checked == "required")


def _sessions(facts: ClaimFacts) -> Iterator[tuple[int, date, SessionStaffing]]:
    """Every session behind a line whose date is known, with the line's place on the claim."""
    for at, line in enumerate(facts.lines):
        if line.served_on is not None:
            for session in line.staffing:
                yield at, line.served_on, session


def _has_privilege(session: SessionStaffing) -> bool:
    both = (*session.licences, *(_of_supervisor(session) or ()))
    return any(lic.kind == "compact_privilege" for lic in both)


def _of_supervisor(session: SessionStaffing) -> tuple[LicenceFacts, ...] | None:
    return session.supervisor.licences if session.supervisor else None


def _asks_supervisor(session: SessionStaffing, by: Resolved) -> bool:
    wanted = by.read(SupervisedBilling).answer(session.credential, session.standing)
    return wanted is not None and wanted.supervisor_licensed


def _asked(facts: ClaimFacts, state: str, on: date) -> Asked:
    if state == facts.state:
        return facts.asked(on)
    return Asked(payer=facts.payer, plan=facts.plan, state=state, on=on)


def _members(facts: ClaimFacts, book: RuleBook, state: str, on: date) -> Resolved:
    return ask(book, COMPACT_MEMBERSHIP, _asked(facts, state, on))


def _licences(held: Iterable[LicenceFacts]) -> list[LicenceFacts]:
    return [lic for lic in held if lic.kind != "certification"]


def _valid(held: Iterable[LicenceFacts], state: str, on: date) -> list[LicenceFacts]:
    """Licences and privileges for the state, in force on the date."""
    return [lic for lic in _licences(held) if lic.is_in_force(on) and lic.state in (None, state)]


def _stands(valid: Iterable[LicenceFacts], members: Resolved) -> bool:
    compacts = members.read(CompactMembership).compacts
    return any(lic.kind == "licence" or lic.compact in compacts for lic in valid)


def _in_state(
    at: int, state: str, held: list[LicenceFacts], on: date, by: Resolved, members: Resolved
) -> Iterator[Finding]:
    valid = _valid(held, state, on)
    if _stands(valid, members):
        return
    if valid:
        named = ", ".join(sorted({lic.compact or "" for lic in valid}))
        message = f"{state} is not known to be practised in under {named} on the date of service."
        fix = "Confirm the state's membership and record it with its source, or find the licence."
        yield staff_finding(
            "licensure.compact_not_member", at, message, fix, members, state=state, compact=named
        )
        return
    message = f"The clinician had no licence and no compact privilege for {state} on the date of service."
    fix = "Record the licence or privilege if there was one; otherwise the session cannot be billed."
    yield staff_finding("licensure.mismatch", at, message, fix, by, state=state)


def _wants_home(valid: list[LicenceFacts], members: Resolved, by: Resolved) -> bool:
    """Whether nothing but privileges that lean on a home licence lets the person practise in the state."""
    compacts = members.read(CompactMembership).compacts
    leaning = by.read(CompactHomeLicence).compacts
    privileges = [lic.compact for lic in valid if lic.kind != "licence" and lic.compact in compacts]
    alone = any(lic.kind == "licence" for lic in valid)
    return bool(privileges) and not alone and all(compact in leaning for compact in privileges)


def _home(
    at: int, who: str, held: tuple[LicenceFacts, ...], on: date, by: Resolved, *, is_required: bool
) -> Iterator[Finding]:
    """Which state is home is not asked: whoever issued the privilege did, and only a licence can lapse."""
    licences = [lic for lic in held if lic.kind == "licence"]
    if any(lic.is_in_force(on) for lic in licences):
        return
    ended = "No licence behind it was in force" if licences else "No licence behind it is recorded"
    yield staff_finding(
        "licensure.home_licence",
        at,
        f"The {who} practised under a compact privilege. {ended} on the date of service.",
        "Record the home state's licence or its renewal; without it the privilege does not hold.",
        by,
        severity="blocks" if licences or is_required else "warns",
        who=who,
    )
