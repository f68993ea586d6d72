"""Do the diagnoses support the procedure by the payer's own policies?"""

from collections.abc import Iterator
from itertools import product

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts, LineFacts
from billing_rules.therapy.rulings import ruled_lines
from billing_rules.therapy.scrub_rules import MEDICAL_POLICY, MedicalPolicies, MedicalPolicy


def check_policies(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Each line's diagnoses against every policy about its code, on its date of service."""
    for lines, resolved in ruled_lines(facts, book, MEDICAL_POLICY):
        for (at, line), policy in product(lines, resolved.read(MedicalPolicies).policies):
            pointers = _unsupported(facts, line, policy) if line.code in policy.codes else ()
            if pointers:
                yield finding(
                    "diagnosis.policy",
                    "warns" if resolved.is_assumption else "blocks",
                    f"/lines/{at}/pointers",
                    f"Policy {policy.policy} does not support {line.code} with the diagnoses it points to.",
                    fix="Ask the clinician which diagnosis the service was for; never choose one that pays.",
                    source=policy.source,
                    by=resolved,
                    policy=policy.policy,
                    line=at + 1,
                    pointers=", ".join(str(pointer) for pointer in pointers),
                    code=line.code,
                )


def _unsupported(facts: ClaimFacts, line: LineFacts, policy: MedicalPolicy) -> tuple[int, ...]:
    """The pointers at fault: all when none is allowed, the first when it is excluded."""
    pointed = [
        (pointer, facts.diagnoses[pointer - 1])
        for pointer in line.pointers
        if 1 <= pointer <= len(facts.diagnoses)
    ]
    if not pointed:
        return ()
    if policy.allowed and not any(_among(code, policy.allowed) for _, code in pointed):
        return tuple(pointer for pointer, _ in pointed)
    if _among(pointed[0][1], policy.excluded):
        return (pointed[0][0],)
    return ()


def _among(diagnosis: str, listed: tuple[str, ...]) -> bool:
    plain = diagnosis.replace(".", "").upper()
    for entry in listed:
        wanted = entry.replace(".", "").upper()
        if plain == wanted or (wanted.endswith("*") and plain.startswith(wanted[:-1])):
            return True
    return False
