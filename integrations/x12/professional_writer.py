"""Turns claims into the segments of an 837P, loop by loop in the order of 005010X222A1."""

from collections.abc import Iterator, Sequence
from datetime import date

from integrations.x12.envelope import Element, Written
from integrations.x12.numbers import amount_text, quantity_text
from integrations.x12.professional_values import (
    BillingProvider,
    Claim,
    ClaimBatch,
    Line,
    PartyName,
    Patient,
    PayerName,
    PostalAddress,
    RenderingProvider,
    Subscriber,
)


class _Hierarchy:
    """Hands out HL numbers of one transaction."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        self._last += 1
        return str(self._last)


def transaction_segments(batch: ClaimBatch, claims: Sequence[Claim], created: str) -> Iterator[Written]:
    """Everything between ST and SE for some claims of a batch; `created` is CCYYMMDDHHMM of BHT."""
    yield ("BHT", "0019", "00", batch.reference, created[:8], created[8:], "CH")
    submitter = batch.submitter
    yield ("NM1", "41", "2", submitter.name, "", "", "", "", "46", submitter.id)
    contacts = [one for one in (("TE", submitter.telephone), ("EM", submitter.email)) if one[1]]
    yield ("PER", "IC", submitter.contact_name, *(part for contact in contacts for part in contact))
    yield ("NM1", "40", "2", batch.receiver.name, "", "", "", "", "46", batch.receiver.id)
    hierarchy, billing, parent = _Hierarchy(), None, ""
    for claim in claims:
        if claim.billing != billing:
            billing, parent = claim.billing, hierarchy.next()
            yield from _billing(billing, parent)
        yield from _claim(claim, parent, hierarchy)


def _claim(claim: Claim, parent: str, hierarchy: _Hierarchy) -> Iterator[Written]:
    own = hierarchy.next()
    yield ("HL", own, parent, "22", "1" if claim.patient else "0")
    yield from _subscriber(claim)
    yield from _payer(claim.payer)
    if claim.patient:
        yield ("HL", hierarchy.next(), own, "23", "0")
        yield from _patient(claim.patient, claim.property_casualty_number)
    yield from _claim_itself(claim)
    for number, line in enumerate(claim.lines, 1):
        yield from _line(number, line)


def _billing(billing: BillingProvider, number: str) -> Iterator[Written]:
    yield ("HL", number, "", "20", "1")
    yield ("PRV", "BI", "PXC", billing.taxonomy)
    yield _name("85", billing.name, "XX", billing.npi)
    yield from _address(billing.address)
    yield ("REF", billing.tax_id_kind, billing.tax_id)
    if billing.pay_to_address:
        yield ("NM1", "87", "1" if billing.name.is_person else "2")
        yield from _address(billing.pay_to_address)


def _subscriber(claim: Claim) -> Iterator[Written]:
    held: Subscriber = claim.subscriber
    itself = "" if claim.patient else "18"
    responsible = ("SBR", held.responsibility, itself, held.group_number, held.group_name)
    yield (*responsible, "", "", "", "", held.filing_code)
    yield _name("IL", held.name, "MI", held.member_id)
    if held.address:
        yield from _address(held.address)
    if held.birth_on:
        yield ("DMG", "D8", _day(held.birth_on), held.gender)
    if claim.property_casualty_number and not claim.patient:
        yield ("REF", "Y4", claim.property_casualty_number)


def _payer(payer: PayerName) -> Iterator[Written]:
    yield ("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.id)
    if payer.address:
        yield from _address(payer.address)


def _patient(patient: Patient, property_casualty_number: str) -> Iterator[Written]:
    yield ("PAT", patient.relationship)
    yield _name("QC", patient.name)
    yield from _address(patient.address)
    yield ("DMG", "D8", _day(patient.birth_on), patient.gender)
    if property_casualty_number:
        yield ("REF", "Y4", property_casualty_number)


def _claim_itself(claim: Claim) -> Iterator[Written]:
    place = (claim.place_of_service, "B", claim.frequency)
    agreed = ("Y", claim.provider_accepts_assignment, claim.benefits_assigned, claim.release_of_information)
    opening = ("CLM", claim.control_number, amount_text(claim.charge_cents), "", "", place, *agreed)
    yield (*opening, "", _causes(claim))
    yield from _claim_dates(claim)
    if claim.patient_paid_cents:
        yield ("AMT", "F5", amount_text(claim.patient_paid_cents))
    yield from _claim_references(claim)
    if claim.note:
        yield ("NTE", "ADD", claim.note)
    kinds = ("ABK", *(["ABF"] * 11))
    codes = [code.replace(".", "") for code in claim.diagnosis_codes]
    yield ("HI", *zip(kinds, codes, strict=False))
    yield from _claim_providers(claim)


def _causes(claim: Claim) -> Element:
    if claim.accident is None:
        return ""
    causes = (*claim.accident.causes, "", "", "")[:3]
    return (*causes, claim.accident.state)


def _claim_dates(claim: Claim) -> Iterator[Written]:
    accident_on = claim.accident.occurred_on if claim.accident else None
    dated = (("431", claim.onset_on), ("454", claim.initial_treatment_on), ("439", accident_on))
    for qualifier, on in dated:
        if on:
            yield ("DTP", qualifier, "D8", _day(on))


def _claim_references(claim: Claim) -> Iterator[Written]:
    for qualifier, value in (
        ("9F", claim.referral_number),
        ("G1", claim.authorization_number),
        ("F8", claim.original_reference),
        ("D9", claim.clearinghouse_number),
        ("EA", claim.medical_record_number),
    ):
        if value:
            yield ("REF", qualifier, value)


def _claim_providers(claim: Claim) -> Iterator[Written]:
    if claim.referring:
        yield _identified(claim.referring.qualifier, claim.referring.name, claim.referring.npi)
    if claim.rendering:
        yield from _rendering(claim.rendering)
    if claim.facility:
        name = PartyName(last_or_organization=claim.facility.name, is_person=False)
        yield _identified("77", name, claim.facility.npi)
        yield from _address(claim.facility.address)
    if claim.supervising:
        yield _name("DQ", claim.supervising.name, "XX", claim.supervising.npi)


def _rendering(rendering: RenderingProvider) -> Iterator[Written]:
    yield _name("82", rendering.name, "XX", rendering.npi)
    if rendering.taxonomy:
        yield ("PRV", "PE", "PXC", rendering.taxonomy)


def _line(number: int, line: Line) -> Iterator[Written]:
    yield ("LX", str(number))
    modifiers = (*line.modifiers, "", "", "", "")[:4]
    code = ("HC", line.code, *modifiers, line.description)
    counted = (line.unit_basis, quantity_text(line.units), line.place_of_service, "")
    pointers = tuple(str(one) for one in line.pointers)
    yield ("SV1", code, amount_text(line.charge_cents), *counted, pointers)
    first, last = _day(line.service_from_on), _day(line.service_to_on)
    span = ("D8", first) if first == last else ("RD8", f"{first}-{last}")
    yield ("DTP", "472", *span)
    if line.authorization_number:
        yield ("REF", "G1", line.authorization_number)
    yield ("REF", "6R", line.control_number)
    if line.referral_number:
        yield ("REF", "9F", line.referral_number)
    if line.note:
        yield ("NTE", "ADD", line.note)
    if line.rendering:
        yield from _rendering(line.rendering)
    if line.supervising:
        yield _name("DQ", line.supervising.name, "XX", line.supervising.npi)
    if line.ordering:
        yield _name("DK", line.ordering.name, "XX", line.ordering.npi)


def _name(role: str, name: PartyName, qualifier: str = "", value: str = "") -> Written:
    kind = "1" if name.is_person else "2"
    full = (name.last_or_organization, name.first, name.middle, "", name.suffix)
    return ("NM1", role, kind, *full, qualifier, value)


def _identified(role: str, name: PartyName, npi: str) -> Written:
    return _name(role, name, "XX" if npi else "", npi)


def _address(address: PostalAddress) -> Iterator[Written]:
    yield ("N3", address.line_1, address.line_2)
    yield ("N4", address.city, address.state, address.postal_code)


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"
