"""Are diagnoses, procedures, places and modifiers codes that exist on the date and fit together?"""

from collections.abc import Iterator

from billing_rules.findings import Finding, finding
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.claim_facts import ClaimFacts
from billing_rules.therapy.code_table import code_on, table_version
from billing_rules.therapy.diagnosis_codes import billable_evidence, diagnosis_standing, list_of
from billing_rules.therapy.payer_rules import CLAIM_ASSEMBLY, ClaimAssembly, ask
from billing_rules.therapy.places_of_service import find_place

GUIDE = "005010X222A1"
MOST_POINTERS = 4
MOST_MODIFIERS = 4

_DIAGNOSIS_PROBLEMS = {
    "malformed": ("blocks", "The diagnosis is not shaped like an ICD-10-CM code."),
    "not_specific": ("blocks", "The diagnosis is a heading: it needs more characters to be billable."),
    "unknown": ("blocks", "The diagnosis is not in ICD-10-CM on the date of service."),
    "not_loaded": (
        "warns",
        "The diagnosis is not in the list we hold, which ends before the date of service.",
    ),
}


def check_diagnoses(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Every diagnosis exists and is billable on the first date of service; under a heading, what is."""
    on = facts.first_served_on
    for at, code in enumerate(facts.diagnoses):
        standing = diagnosis_standing(code, on, book.shelf)
        if standing != "billable":
            severity, message = _DIAGNOSIS_PROBLEMS[standing]
            evidence = billable_evidence(code, on, book.shelf) if standing == "not_specific" else {}
            yield finding(
                f"diagnosis.{standing}",
                "warns" if severity == "warns" else "blocks",
                f"/diagnoses/{at}",
                message,
                fix="Ask the clinician for the exact diagnosis.",
                source=list_of(on, book.shelf),
                by=None,
                correction=None,
                **evidence,
            )


def check_repeated_diagnoses(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """No diagnosis stands on the claim twice."""
    seen: set[str] = set()
    for at, code in enumerate(facts.diagnoses):
        plain = code.replace(".", "")
        if plain in seen:
            yield finding(
                "diagnosis.repeated",
                "blocks",
                f"/diagnoses/{at}",
                "The diagnosis stands on the claim twice.",
                fix="Keep it once, in the order of the case.",
                source=f"{GUIDE} 2300 HI",
            )
        seen.add(plain)


def check_how_many(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """No more lines and diagnoses than the payer takes on one claim."""
    resolved = ask(book, CLAIM_ASSEMBLY, facts.asked())
    assembly = resolved.read(ClaimAssembly)
    for field, most in (("lines", assembly.max_lines), ("diagnoses", assembly.max_diagnoses)):
        count = len(getattr(facts, field))
        if count > most:
            yield finding(
                f"claim.max_{field}",
                "blocks",
                f"/{field}",
                f"The claim has {count} {field}, the payer takes {most}.",
                fix="Split the claim.",
                source=resolved.row.source,
                count=count,
                most=most,
            )


def check_pointers(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """One to four different diagnoses of this claim on each line."""
    if not facts.diagnoses:
        return
    possible = set(range(1, len(facts.diagnoses) + 1))
    for at, line in enumerate(facts.lines):
        different = set(line.pointers)
        within = different <= possible
        distinct = len(different) == len(line.pointers)
        if not (within and distinct and 1 <= len(different) <= MOST_POINTERS):
            yield finding(
                "line.pointers",
                "blocks",
                f"/lines/{at}/pointers",
                "The line does not point to one to four different diagnoses of the claim.",
                fix="Say which diagnoses the service was for.",
                source=f"{GUIDE} SV107",
                pointers=", ".join(str(pointer) for pointer in line.pointers),
                diagnoses=len(facts.diagnoses),
            )


def check_procedures(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Every procedure code is known and exists on its date of service."""
    for at, line in enumerate(facts.lines):
        row = code_on(line.code, line.served_on or facts.first_served_on, book.shelf)
        if line.code and row is None:
            yield finding(
                "procedure.unknown",
                "blocks",
                f"/lines/{at}/code",
                f"Procedure code {line.code} is not known.",
                fix="Correct the code, or add it to the code table with its source.",
                source=f"Procedure codes {table_version()}",
                code=line.code,
            )
        elif row and line.served_on and not row.is_valid_on(line.served_on):
            yield finding(
                "procedure.not_on_date",
                "blocks",
                f"/lines/{at}/code",
                f"Procedure code {line.code} does not exist on the date of service.",
                fix="Use the code that was in force on the date of service.",
                source=f"Procedure codes {table_version()}",
                code=line.code,
            )


def check_places(facts: ClaimFacts, book: RuleBook) -> Iterator[Finding]:
    """Every place of service is assigned on the date of service."""
    for at, line in enumerate(facts.lines):
        on = line.served_on or facts.first_served_on
        if line.place_of_service and find_place(line.place_of_service, on, book.shelf) is None:
            yield finding(
                "line.place_of_service",
                "blocks",
                f"/lines/{at}/place_of_service",
                f"Place of service {line.place_of_service} is not assigned on the date of service.",
                fix="Choose the place where the patient was.",
                source="CMS place of service code set",
            )


def check_modifiers(facts: ClaimFacts, _book: RuleBook) -> Iterator[Finding]:
    """At most four modifiers of two characters on a line; one that stands twice has a finding of its own."""
    for at, line in enumerate(facts.lines):
        shaped = all(len(modifier) == 2 and modifier.isalnum() for modifier in line.modifiers)
        if not (shaped and len(set(line.modifiers)) <= MOST_MODIFIERS):
            yield finding(
                "line.modifiers",
                "blocks",
                f"/lines/{at}/modifiers",
                "The line does not have at most four modifiers of two characters.",
                fix="Keep the modifiers that change payment first.",
                source=f"{GUIDE} SV101",
                modifiers=", ".join(line.modifiers),
            )
