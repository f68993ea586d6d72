"""An independent calculator: expected payment again, in fractions and plain loops, sharing no code.

It reads the same inputs (contract, lines, relative values) and answers allowed, patient and payer in cents.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

Half = Fraction(1, 2)


def cents(amount: Fraction) -> int:
    """Dollars to cents, half a cent away from zero."""
    return int(amount * 100 + Half)


def part(amount: int, basis_points: int) -> int:
    """A share of cents, half a cent up."""
    return int(Fraction(amount * basis_points, 10_000) + Half)


def pick(rows: list[dict[str, Any]], line: dict[str, Any]) -> dict[str, Any] | None:
    """The row that speaks most closely of a line."""
    best, score = None, None
    for row in rows:
        if row["code"] != "*" and row["code"] != line["code"]:
            continue
        if any(modifier not in line["modifiers"] for modifier in row["modifiers"]):
            continue
        if row["credential"] is not None and row["credential"] != line["credential"]:
            continue
        at = sorted(line["modifiers"].index(modifier) for modifier in row["modifiers"])
        mine = (row["code"] != "*", len(row["modifiers"]), row["credential"] is not None, [-a for a in at])
        if score is None or mine > score:
            best, score = row, mine
    return best


def unit_fees(values: dict[str, Any], factor: Fraction) -> tuple[int, int]:
    """A unit in full and with half its practice expense."""
    whole = (values["work"] + values["pe"] + values["mp"]) * factor
    cut = (values["work"] + values["pe"] * Half + values["mp"]) * factor
    return cents(whole), cents(cut)


def years(start: date, on: date) -> int:
    """Whole years from one date to another."""
    passed = on.year - start.year - ((on.month, on.day) < (start.month, start.day))
    return max(0, passed)


def allowed(contract: dict[str, Any], lines: list[dict[str, Any]], fees: dict[str, Any]) -> list[int | None]:
    """What each line is allowed, in cents; None where the contract says nothing."""
    bases = [pick(contract["rows"], line) or contract["fallback"] for line in lines]
    units, before = paid_units(lines, bases)
    answers: list[int | None] = [
        alone(contract, basis, line, units[at], before[at])
        for at, (line, basis) in enumerate(zip(lines, bases, strict=True))
    ]
    medicare: dict[date, list[tuple[int, int]]] = defaultdict(list)
    groups: dict[Any, list[int]] = defaultdict(list)
    for at, (line, basis) in enumerate(zip(lines, bases, strict=True)):
        method = basis["method"] if basis else None
        if method == "percent_of_medicare":
            medicare[line["on"]].append((at, basis["basis_points"]))
        if method in ("case_rate", "per_diem"):
            groups[basis["number"], line["on"], method == "case_rate" and line["visit"]].append(at)
    for day in medicare.values():
        for at, total in by_medicare(day, lines, units, fees, reduces=contract["reduces"]).items():
            answers[at] = total
    answers = [lesser(contract, cents, line) for cents, line in zip(answers, lines, strict=True)]
    for members in groups.values():
        for at, share in together(contract, bases[members[0]], [(at, lines[at]) for at in members]):
            answers[at] = share
    return answers


def lesser(contract: dict[str, Any], amount: int | None, line: dict[str, Any]) -> int | None:
    """Not above the charge, where the contract says so."""
    return amount if amount is None or not contract["lesser_of"] else min(amount, line["charge"])


def paid_units(lines: list[dict[str, Any]], bases: list[Any]) -> tuple[list[int], list[int]]:
    """Units that the day still pays of each line, and how many of the row came before it."""
    used: dict[Any, int] = defaultdict(int)
    units, before = [], []
    for line, basis in zip(lines, bases, strict=True):
        key = (basis["number"] if basis else None, line["on"])
        cap = basis["units_per_day"] if basis else None
        before.append(used[key])
        units.append(line["units"] if cap is None else min(line["units"], max(0, cap - used[key])))
        used[key] += units[-1]
    return units, before


def raised(contract: dict[str, Any], amount: int, on: date) -> int:
    """An amount with its anniversaries."""
    for _ in range(years(contract["starts_on"], on)):
        amount += part(amount, contract["escalator"])
    return amount


def alone(
    contract: dict[str, Any], basis: dict[str, Any] | None, line: dict[str, Any], units: int, before: int
) -> int | None:
    """A line that is priced without the others."""
    method = basis["method"] if basis else None
    if basis is None or method not in ("flat", "steps", "percent_of_charge"):
        return None
    if method == "percent_of_charge":
        return part(line["charge"], basis["basis_points"])
    first = raised(contract, basis["rate"], line["on"])
    later = first if method == "flat" else raised(contract, basis["further"], line["on"])
    return sum(first if before + unit == 0 else later for unit in range(units))


def together(
    contract: dict[str, Any], row: dict[str, Any], members: list[tuple[int, dict[str, Any]]]
) -> list[tuple[int, int]]:
    """One amount for the lines of a visit or a day."""
    amount = raised(contract, row["rate"], members[0][1]["on"])
    charges = [line["charge"] for _, line in members]
    if contract["lesser_of"]:
        amount = min(amount, sum(charges))
    return list(zip([at for at, _ in members], spread(amount, charges), strict=True))


def by_medicare(
    day: list[tuple[int, int]],
    lines: list[dict[str, Any]],
    units: list[int],
    fees: dict[str, Any],
    *,
    reduces: bool,
) -> dict[int, int]:
    """Lines paid by Medicare's fee: the unit with the most practice expense keeps it all."""
    every = [
        (
            fees["values"][lines[at]["code"]]["pe"],
            unit_fees(fees["values"][lines[at]["code"]], fees["cf"])[0],
            at,
        )
        for at, _ in day
        for _ in range(units[at])
        if lines[at]["code"] in fees["reducible"]
    ]
    top = max(every, key=lambda unit: (unit[0], unit[1], -unit[2]))[2] if every else None
    totals = {}
    for at, share in day:
        code = lines[at]["code"]
        full, cut = unit_fees(fees["values"][code], fees["cf"])
        amounts = []
        for unit in range(units[at]):
            keeps = not reduces or code not in fees["reducible"] or (at == top and unit == 0)
            amounts.append(full if keeps else cut)
        totals[at] = sum(part(amount, share) for amount in amounts)
    return totals


def spread(amount: int, weights: list[int]) -> list[int]:
    """By weight, what is left over to the largest remainders, then the larger weights, then the earlier."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [amount * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(amount * weights[at] % whole), -weights[at], at))
    for at in order[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def paid(
    contract: dict[str, Any], sharing: dict[str, Any], lines: list[dict[str, Any]], amounts: list[int]
) -> list[tuple[int, int]]:
    """Patient and payer of each line."""
    deductible, most = sharing["deductible"], sharing["maximum"]
    copays: dict[Any, int] = {}
    answers = []
    for line, amount in zip(lines, amounts, strict=True):
        copay_left = copays.setdefault((line["on"], line["visit"]), sharing["copay"])
        taken = min(deductible, amount)
        coinsurance = part(amount - taken, sharing["coinsurance"])
        copay = min(copay_left, amount - taken - coinsurance)
        patient = taken + coinsurance + copay
        if most is not None:
            patient = min(patient, most)
            most -= patient
        deductible -= taken
        copays[line["on"], line["visit"]] = copay_left - copay
        payer = amount - patient
        if {"CQ", "CO"} & set(line["modifiers"]):
            payer = part(payer, contract["assistant"])
        answers.append((patient, payer - part(payer, contract["sequestration"])))
    return answers
