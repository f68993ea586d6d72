"""Writes what answers an interchange before its claims are looked at: the 999, and the codes of a TA1."""

from collections.abc import Iterable

from integrations.payer_simulator.claim_syntax import Fault
from integrations.x12.envelope import Composite, Written
from integrations.x12.interchanges import GroupHeader, Transaction

VERSION = "005010X231A1"

# TA105 by what the tokenizer found first wrong with the envelope.
_NOTES = {"group_count_wrong": "021", "control_number_mismatch": "001"}
_BAD_STRUCTURE = "022"
DUPLICATE_INTERCHANGE = "025"

# IK502 by what the tokenizer found wrong with the transaction set.
_SET_CODES = {"segment_count_wrong": "4", "control_number_mismatch": "3", "transaction_truncated": "2"}
_MOST_FAULTS = 99


def note_code(problem_codes: list[str]) -> str:
    """TA105 for what is wrong with an envelope; a file that was cut off says so first."""
    if "interchange_truncated" in problem_codes:
        return "023"
    return _NOTES.get(problem_codes[0], _BAD_STRUCTURE)


def set_codes(transaction: Transaction, faults: Iterable[Fault]) -> list[str]:
    """IK502 to IK506; empty when the transaction set is accepted."""
    codes = [] if transaction.set_id == "837" else ["1"]
    codes += [_SET_CODES.get(one.code, "5") for one in transaction.problems]
    if any(True for _ in faults):
        codes.append("5")
    return list(dict.fromkeys(codes))[:5]


def acknowledged_group(group: GroupHeader, received: list[tuple[Transaction, list[Fault]]]) -> list[Written]:
    """The body of the 999 for one functional group with its transaction sets."""
    body: list[Written] = [("AK1", group.functional_id, group.control_number, group.version)]
    accepted = 0
    for transaction, faults in received:
        codes = set_codes(transaction, faults)
        accepted += not codes
        body.append(("AK2", transaction.set_id, transaction.control_number, transaction.implementation))
        for fault in faults[:_MOST_FAULTS]:
            body.extend(_fault(fault))
        body.append(("IK5", "R" if codes else "A", *codes))
    counts = [str(one) for one in (len(received), len(received), accepted)]
    verdict = "A" if accepted == len(received) else ("P" if accepted else "R")
    body.append(("AK9", verdict, *counts))
    return body


def _fault(fault: Fault) -> list[Written]:
    # IK303 takes four characters, so 2010AA and 2010BA both read 2010.
    written: list[Written] = [("IK3", fault.segment, str(fault.position), fault.loop[:4], fault.code)]
    if fault.element:
        place: Composite = (str(fault.element), str(fault.component) if fault.component else "")
        written.append(("IK4", place, fault.reference, fault.element_code, fault.bad_value))
    return written
