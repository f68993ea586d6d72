"""The same claim and book give the same findings byte for byte, whatever the process's hashes are."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import msgspec
import pytest

from billing_rules.findings import Finding
from billing_rules.packs.shipped import shipped_shelf, stand_on
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_checks import CHECKS, check_names, findings_json, scrub
from tests.billing_rules.claims import LINE, SHIPPED
from tests.billing_rules.complete_claim import COMPLETE
from tests.billing_rules.packs.made import QUARTER, supplies, supply

ROOT = Path(__file__).resolve().parents[2]
FAULTY = msgspec.structs.replace(
    COMPLETE,
    payer_id=None,
    member_id="nonsense",
    billing_npi="1234567890",
    diagnoses=("M54", "M54", "U99.9"),
    lines=(
        msgspec.structs.replace(LINE, modifiers=("GO", "59", "XS", "GO"), units=9),
        msgspec.structs.replace(LINE, code="99999", pointers=(7,), charge_cents=0),
        msgspec.structs.replace(LINE, code="99214", minutes=12, place_of_service="28"),
    ),
    authorizations=(),
)
PROGRAM = """
import hashlib
from billing_rules.therapy.claim_checks import findings_json, scrub
from tests.billing_rules.claims import SHIPPED
from tests.billing_rules.test_same_findings import FAULTY
print(hashlib.sha256(findings_json(scrub(FAULTY, SHIPPED))).hexdigest())
"""


def fingerprint(book: RuleBook = SHIPPED) -> str:
    """The hash of what the scrub says of the faulty claim."""
    return hashlib.sha256(findings_json(scrub(FAULTY, book))).hexdigest()


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_another_process_with_other_hashes_says_the_same_bytes(seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == fingerprint()


def test_the_order_of_the_books_rows_does_not_matter() -> None:
    rows = list(SHIPPED.rows)
    Random(7).shuffle(rows)
    shuffled = RuleBook(rows, shelf=SHIPPED.shelf)
    assert shuffled.version == SHIPPED.version
    assert fingerprint(shuffled) == fingerprint()


def test_a_list_loaded_since_changes_nothing_of_a_past_check() -> None:
    """What the process knows by now is not asked: a code that no list named then stays unknown."""
    lines = (FAULTY.lines[0], msgspec.structs.replace(LINE, code="Q0099", minutes=None))
    facts = msgspec.structs.replace(FAULTY, lines=lines)
    then = findings_json(scrub(facts, SHIPPED))
    later = SHIPPED.shelf.with_packs([supplies(supply("Q0099", QUARTER))])
    stand_on(lambda: later)
    try:
        assert findings_json(scrub(facts, SHIPPED)) == then
    finally:
        stand_on(shipped_shelf)


def test_findings_survive_being_kept() -> None:
    findings = scrub(FAULTY, SHIPPED)
    assert len(findings) > 10
    kept = findings_json(findings)
    assert findings_json(msgspec.json.decode(kept, type=list[Finding])) == kept


def test_facts_survive_being_kept() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(FAULTY)))
    again = msgspec.convert(kept, type(FAULTY))
    assert findings_json(scrub(again, SHIPPED)) == findings_json(scrub(FAULTY, SHIPPED))


def test_each_finding_says_message_source_family_and_whose_row() -> None:
    for what in scrub(FAULTY, SHIPPED):
        assert all((what.message, what.fix, what.source))
        assert what.family in ("payer", "specialty", "history", "trend")
        assert (what.row is None) == (what.starts_on is None)


def test_checks_have_names_of_their_own_to_be_run_again_by() -> None:
    assert len(check_names()) == len(CHECKS)
    assert scrub(FAULTY, SHIPPED, check_names()) == scrub(FAULTY, SHIPPED)


def test_sections_stand_in_the_stated_order() -> None:
    first_of = {name: at for at, name in enumerate(check_names())}
    stated = [
        "completeness.check_claim_fields",
        "identity.check_npis",
        "formats.check_payer_id",
        "units.check_minutes",
        "payer_wants.check_authorization",
        "payer_wants.check_plans_of_care",
        "sending.check_signed",
        "sending.check_filing_limit",
        "patterns.check_recent_refusals",
    ]
    assert [first_of[name] for name in stated] == sorted(first_of[name] for name in stated)
