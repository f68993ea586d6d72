"""The syntax that this payer's front door insists on: required elements, numbers and dates of an 837P."""

import msgspec

from integrations.payer_simulator.amounts import is_number, read_day


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One error for IK3 and, when `element` is set, IK4; `position` counts from ST as 1."""

    segment: str
    position: int
    loop: str
    code: str
    element: int = 0
    component: int = 0
    reference: str = ""
    element_code: str = ""
    bad_value: str = ""


class _Rule(msgspec.Struct, frozen=True):
    element: int
    component: int
    reference: str
    kind: str = "text"


KNOWN_SEGMENTS = frozenset(
    {
        *("ST", "BHT", "NM1", "PER", "HL", "PRV", "CUR", "N3", "N4", "REF", "SBR", "PAT", "DMG", "CLM"),
        *("DTP", "PWK", "CN1", "AMT", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP", "CAS", "OI", "MOA"),
        *("LX", "SV1", "SV5", "CR3", "QTY", "MEA", "PS1", "LIN", "CTP", "SVD", "LQ", "FRM", "SE"),
    }
)

_RULES: dict[str, tuple[_Rule, ...]] = {
    "BHT": (_Rule(3, 0, "127"), _Rule(4, 0, "373", "date")),
    "HL": (_Rule(1, 0, "628"), _Rule(3, 0, "735")),
    "NM1": (_Rule(1, 0, "98"), _Rule(2, 0, "1065")),
    "N4": (_Rule(1, 0, "19"),),
    "REF": (_Rule(1, 0, "128"), _Rule(2, 0, "127")),
    "SBR": (_Rule(1, 0, "1138"),),
    "CLM": (_Rule(1, 0, "1028"), _Rule(2, 0, "782", "number"), _Rule(5, 1, "1331"), _Rule(5, 3, "1325")),
    "HI": (_Rule(1, 1, "1270"), _Rule(1, 2, "1271")),
    "LX": (_Rule(1, 0, "554"),),
    "SV1": (
        _Rule(1, 1, "235"),
        _Rule(1, 2, "234"),
        _Rule(2, 0, "782", "number"),
        _Rule(3, 0, "355"),
        _Rule(4, 0, "380", "number"),
        _Rule(7, 1, "1328"),
    ),
    "DTP": (_Rule(1, 0, "374"), _Rule(2, 0, "1250"), _Rule(3, 0, "1251", "period")),
}

_MISSING, _BAD_CHARACTER, _BAD_DATE = "1", "6", "8"


def element_faults(row: list[str], position: int, loop: str, separator: str) -> list[Fault]:
    """What is wrong with the elements of one segment; empty for a sound one."""
    found = []
    for rule in _RULES.get(row[0], ()):
        value = _value(row, rule, separator)
        code = _element_code(value, rule.kind, row)
        if code:
            found.append(
                Fault(
                    segment=row[0],
                    position=position,
                    loop=loop,
                    code="8",
                    element=rule.element,
                    component=rule.component,
                    reference=rule.reference,
                    element_code=code,
                    bad_value=value[:99],
                )
            )
    return found


def _value(row: list[str], rule: _Rule, separator: str) -> str:
    value = row[rule.element] if rule.element < len(row) else ""
    if not rule.component:
        return value
    parts = value.split(separator)
    return parts[rule.component - 1] if rule.component <= len(parts) else ""


def _element_code(value: str, kind: str, row: list[str]) -> str:
    if not value:
        return _MISSING
    if kind == "number" and not is_number(value):
        return _BAD_CHARACTER
    if kind == "date" and read_day(value) is None:
        return _BAD_DATE
    if kind == "period":
        return _period_code(value, row[2])
    return ""


def _period_code(value: str, form: str) -> str:
    """The faults of DTP03 in the form that DTP02 names; other forms are not looked into."""
    ends = value.split("-") if form == "RD8" else [value]
    if form not in {"D8", "RD8"}:
        return ""
    days = [read_day(one) for one in ends]
    if None in days or len(days) != (2 if form == "RD8" else 1):
        return _BAD_DATE
    return _BAD_DATE if sorted(ends) != ends else ""
