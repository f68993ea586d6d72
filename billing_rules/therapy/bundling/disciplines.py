"""Which codes a discipline may bill: the code table's, as a payer widens or narrows it."""

from billing_rules.therapy.code_table import find_code
from billing_rules.therapy.modifiers.shapes import DisciplineCodes


def may_bill(discipline: str, code: str, rule: DisciplineCodes) -> bool:
    """Whether a code is one of the discipline's; a code that the table does not know is not judged."""
    if code in rule.never.get(discipline, ()):
        return False
    row = find_code(code)
    if row is None or not row.disciplines or code in rule.also.get(discipline, ()):
        return True
    return discipline in row.disciplines
