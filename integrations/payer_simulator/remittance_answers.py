"""Writes the body of an 835: one payment of one payer to one payee, and every claim that it settles."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from integrations.payer_simulator.amounts import amount, day
from integrations.payer_simulator.book import Payer
from integrations.payer_simulator.settlements import Adjustment, SettledClaim, SettledLine
from integrations.payer_simulator.submitted_claims import Party
from integrations.x12.envelope import Element, Written

VERSION = "005010X221A1"
_GROUPS = ("CO", "OA", "PI", "PR")
_TRIPLETS = 6


class ProviderAdjustment(msgspec.Struct, frozen=True):
    """One pair of a PLB; a positive amount lowers the payment."""

    reason: str
    reference: str
    cents: int


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One 835: `paid_cents` goes into BPR02 as it stands, whether it adds up or not."""

    payer: Payer
    payee: Party
    pays_on: date
    trace: str
    paid_cents: int
    claims: list[SettledClaim]
    provider_adjustments: list[ProviderAdjustment]


def remittance(payment: Payment) -> Iterator[Written]:
    """All segments between ST and SE."""
    on = day(payment.pays_on)
    yield _payment(payment, on)
    yield ("TRN", "1", payment.trace, f"1{payment.payer.tax_id}")
    yield ("DTM", "405", on)
    yield from _parties(payment.payer, payment.payee)
    if payment.claims:
        yield ("LX", "1")
    for claim in payment.claims:
        yield from _claim(claim, payment.payer)
    for at in range(0, len(payment.provider_adjustments), _TRIPLETS):
        pairs = [
            element
            for one in payment.provider_adjustments[at : at + _TRIPLETS]
            for element in ((one.reason, one.reference), amount(one.cents))
        ]
        yield ["PLB", payment.payee.id, f"{payment.pays_on.year}1231", *pairs]


def _parties(payer: Payer, payee: Party) -> Iterator[Written]:
    yield ("N1", "PR", payer.name, "XV", payer.id)
    yield ("N3", payer.street)
    yield ("N4", payer.city, payer.state, payer.zip)
    yield ("REF", "2U", payer.id)
    yield ("PER", "BL", "PROVIDER SERVICES", "TE", payer.phone)
    yield ("N1", "PE", payee.name or "PAYEE", "XX", payee.id)
    if payee.street and payee.city:
        yield ("N3", payee.street)
        yield ("N4", payee.city, payee.state, payee.zip)
    if payee.tax_id:
        yield ("REF", "TJ", payee.tax_id)


def _payment(payment: Payment, on: str) -> Written:
    paid, payer = amount(payment.paid_cents), payment.payer
    originator = f"1{payer.tax_id}"
    if payment.paid_cents == 0:
        return ("BPR", "H", "0", "C", "NON", *[""] * 11, on)
    if payer.payment_method == "CHK":
        return ("BPR", "I", paid, "C", "CHK", *[""] * 11, on)
    # Bank numbers that no bank has.
    sender, receiver = ("01", "999999992", "DA", "123456789"), ("01", "999999992", "DA", "987654321")
    return ("BPR", "I", paid, "C", "ACH", "CCP", *sender, originator, "", *receiver, on)


def _claim(claim: SettledClaim, payer: Payer) -> Iterator[Written]:
    patient_cents = claim.patient_cents
    yield (
        "CLP",
        claim.number,
        claim.status,
        amount(claim.charge_cents),
        amount(claim.paid_cents),
        amount(patient_cents) if patient_cents else "",
        payer.filing_indicator,
        claim.control_number,
        claim.place,
        claim.frequency,
    )
    yield from _around(claim)
    for line in claim.lines:
        yield from _line(line)


def _around(claim: SettledClaim) -> Iterator[Written]:
    """The names, references, dates and amounts of a claim."""
    yield _name("QC", claim.patient, "MI", claim.member_id)
    if claim.subscriber.position != claim.patient.position:
        yield _name("IL", claim.subscriber, "MI", claim.member_id)
    if claim.rendering is not None:
        yield _name("82", claim.rendering, "XX", claim.rendering.id)
    for qualifier, number in (("F8", claim.corrects), ("G1", claim.authorization)):
        if number:
            yield ("REF", qualifier, number)
    yield ("DTM", "232", day(min(line.from_on for line in claim.lines)))
    yield ("DTM", "233", day(max(line.to_on for line in claim.lines)))
    yield ("DTM", "050", day(claim.received_on))
    allowed = sum(line.allowed_cents for line in claim.lines)
    for qualifier, cents in (("AU", allowed), ("I", claim.interest_cents)):
        if cents > 0:
            yield ("AMT", qualifier, amount(cents))


def _line(line: SettledLine) -> Iterator[Written]:
    procedure = ("HC", line.code, *line.modifiers)
    yield ("SVC", procedure, amount(line.charge_cents), amount(line.paid_cents), "", line.units)
    if line.from_on == line.to_on:
        yield ("DTM", "472", day(line.from_on))
    else:
        yield ("DTM", "150", day(line.from_on))
        yield ("DTM", "151", day(line.to_on))
    yield from _adjustments(line.adjustments)
    if line.control_number:
        yield ("REF", "6R", line.control_number)
    if line.allowed_cents > 0:
        yield ("AMT", "B6", amount(line.allowed_cents))
    for remark in line.remarks:
        yield ("LQ", "HE", remark)


def _adjustments(adjustments: Sequence[Adjustment]) -> Iterator[Written]:
    for group in _GROUPS:
        held = [one for one in adjustments if one.group == group]
        for at in range(0, len(held), _TRIPLETS):
            elements: list[Element] = ["CAS", group]
            for one in held[at : at + _TRIPLETS]:
                elements += [one.reason, amount(one.cents), ""]
            yield elements


def _name(role: str, party: Party, qualifier: str, party_id: str) -> Written:
    kind = "1" if party.is_person or role == "QC" else "2"
    identity = (qualifier, party_id) if party_id else ()
    return ("NM1", role, kind, party.name, party.first, party.middle, "", "", *identity)
