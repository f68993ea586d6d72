"""Refuses claims that every validator lets through and every payer sends back."""

import re
from collections.abc import Iterator, Sequence

from integrations.x12.characters import is_plain
from integrations.x12.professional_codes import ACCIDENT_CAUSES, RELATIONSHIPS, STATES
from integrations.x12.professional_values import (
    BillingProvider,
    Claim,
    ClaimBatch,
    ClaimNotWritable,
    Line,
    Patient,
    PostalAddress,
    Subscriber,
)

_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
_TAXONOMY = re.compile(r"[0-9]{3}[0-9A-Z]{6}X")
_PROCEDURE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_POSTAL_CODE = re.compile(r"[0-9]{5}([0-9]{4})?")
_PLACE = re.compile(r"[0-9]{2}")

Broken = tuple[str, str]


def npi_is_valid(npi: str) -> bool:
    """Ten digits whose last is the Luhn check digit over 80840 and the first nine."""
    if not (len(npi) == 10 and npi.isascii() and npi.isdigit()):
        return False
    total = 24 + int(npi[9])
    for at, digit in enumerate(npi[:9]):
        doubled = int(digit) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def check_batch(batch: ClaimBatch) -> None:
    """Raises ClaimNotWritable for the first thing wrong with any claim of the batch."""
    if not batch.claims:
        raise ClaimNotWritable("claims", "the batch is empty")
    if not (batch.submitter.telephone or batch.submitter.email):
        raise ClaimNotWritable("submitter.telephone", "a telephone number or an e-mail address is needed")
    seen = set[str]()
    for at, claim in enumerate(batch.claims):
        check_claim(claim, f"claims[{at}]")
        if claim.control_number in seen:
            raise ClaimNotWritable(f"claims[{at}].control_number", "is used twice in the batch")
        seen.add(claim.control_number)


def check_claim(claim: Claim, path: str = "claim") -> None:
    """Raises ClaimNotWritable for the first thing wrong with one claim."""
    for field, detail in _broken(claim):
        raise ClaimNotWritable(f"{path}.{field}", detail)


def _broken(claim: Claim) -> Iterator[Broken]:
    yield from _identifier("control_number", claim.control_number, 20)
    yield from _frequency(claim)
    yield from _diagnoses(claim.diagnosis_codes)
    yield from _billing(claim.billing)
    yield from _people(claim)
    yield from _providers(claim)
    yield from _numbers(claim)
    yield from _accident(claim)
    yield from _lines(claim)


def _when(wrong: bool, field: str, detail: str) -> Iterator[Broken]:
    if wrong:
        yield field, detail


def _identifier(field: str, value: str, longest: int, *, required: bool = True) -> Iterator[Broken]:
    if not value:
        yield from _when(required, field, "is missing")
    elif len(value) > longest:
        yield field, f"is longer than {longest} characters"
    elif not is_plain(value):
        yield field, "holds characters that cannot be sent unchanged"


def _frequency(claim: Claim) -> Iterator[Broken]:
    yield from _when(claim.frequency not in {"1", "7", "8"}, "frequency", "must be 1, 7 or 8")
    needs = claim.frequency in {"7", "8"}
    yield from _identifier("original_reference", claim.original_reference, 50, required=needs)
    yield from _when(not _PLACE.fullmatch(claim.place_of_service), "place_of_service", "must have two digits")


def _diagnoses(codes: Sequence[str]) -> Iterator[Broken]:
    yield from _when(not 1 <= len(codes) <= 12, "diagnosis_codes", "must be one to twelve")
    for at, code in enumerate(codes):
        yield from _when(not _DIAGNOSIS.fullmatch(code), f"diagnosis_codes[{at}]", "is no ICD-10-CM code")
    bare = [code.replace(".", "") for code in codes]
    yield from _when(len(set(bare)) != len(bare), "diagnosis_codes", "names a code twice")


def _billing(billing: BillingProvider) -> Iterator[Broken]:
    yield from _npi("billing.npi", billing.npi)
    yield from _when(not _TAXONOMY.fullmatch(billing.taxonomy), "billing.taxonomy", "is no taxonomy code")
    nine = len(billing.tax_id) == 9 and billing.tax_id.isascii() and billing.tax_id.isdigit()
    yield from _when(not nine, "billing.tax_id", "must have nine digits")
    yield from _address("billing.address", billing.address)
    if billing.pay_to_address:
        yield from _address("billing.pay_to_address", billing.pay_to_address)


def _npi(field: str, npi: str) -> Iterator[Broken]:
    yield from _when(not npi_is_valid(npi), field, "is no NPI: ten digits with a right check digit")


def _address(field: str, address: PostalAddress) -> Iterator[Broken]:
    yield from _when(not address.line_1.strip(), f"{field}.line_1", "is missing")
    yield from _when(not address.city.strip(), f"{field}.city", "is missing")
    yield from _when(address.state not in STATES, f"{field}.state", "is no state or territory")
    right = _POSTAL_CODE.fullmatch(address.postal_code)
    yield from _when(not right, f"{field}.postal_code", "must have five or nine digits")


def _people(claim: Claim) -> Iterator[Broken]:
    subscriber = claim.subscriber
    yield from _identifier("subscriber.member_id", subscriber.member_id, 80)
    yield from _when(
        not subscriber.name.last_or_organization.strip(),
        "subscriber.name",
        "has no last or organization name",
    )
    yield from _when(not subscriber.filing_code, "subscriber.filing_code", "is missing")
    yield from _identifier("payer.id", claim.payer.id, 80)
    if subscriber.address:
        yield from _address("subscriber.address", subscriber.address)
    if claim.patient is None:
        yield from _subscriber_as_patient(subscriber)
    else:
        yield from _dependent(claim.patient)


def _subscriber_as_patient(subscriber: Subscriber) -> Iterator[Broken]:
    missing = "is needed when the subscriber is the patient"
    yield from _when(subscriber.birth_on is None, "subscriber.birth_on", missing)
    yield from _when(subscriber.address is None, "subscriber.address", missing)
    yield from _when(subscriber.gender not in {"M", "F", "U"}, "subscriber.gender", "must be M, F or U")


def _dependent(patient: Patient) -> Iterator[Broken]:
    yield from _address("patient.address", patient.address)
    yield from _when(patient.gender not in {"M", "F", "U"}, "patient.gender", "must be M, F or U")
    known = patient.relationship in RELATIONSHIPS
    yield from _when(not known, "patient.relationship", "is no relationship code of PAT01")
    yield from _when(not patient.name.last_or_organization.strip(), "patient.name", "has no last name")


def _providers(claim: Claim) -> Iterator[Broken]:
    for field, one in (("rendering", claim.rendering), ("supervising", claim.supervising)):
        if one:
            yield from _npi(f"{field}.npi", one.npi)
    if claim.rendering and claim.rendering.taxonomy:
        right = _TAXONOMY.fullmatch(claim.rendering.taxonomy)
        yield from _when(not right, "rendering.taxonomy", "is no taxonomy code")
    if claim.referring and claim.referring.npi:
        yield from _npi("referring.npi", claim.referring.npi)
    if claim.facility:
        yield from _address("facility.address", claim.facility.address)
        if claim.facility.npi:
            yield from _npi("facility.npi", claim.facility.npi)


def _numbers(claim: Claim) -> Iterator[Broken]:
    for field in (
        "authorization_number",
        "referral_number",
        "property_casualty_number",
        "medical_record_number",
        "clearinghouse_number",
    ):
        yield from _identifier(field, getattr(claim, field), 50, required=False)


def _accident(claim: Claim) -> Iterator[Broken]:
    accident = claim.accident
    if accident is None:
        return
    right = 1 <= len(accident.causes) <= 3 and set(accident.causes) <= ACCIDENT_CAUSES
    yield from _when(not right, "accident.causes", "must be one to three of AA, EM, OA")
    dated = accident.occurred_on is not None
    yield from _when(not dated, "accident.occurred_on", "is missing")
    if "AA" in accident.causes:
        yield from _when(accident.state not in STATES, "accident.state", "is no state or territory")


def _lines(claim: Claim) -> Iterator[Broken]:
    yield from _when(not 1 <= len(claim.lines) <= 50, "lines", "must be one to fifty")
    total = sum(line.charge_cents for line in claim.lines)
    yield from _when(total != claim.charge_cents, "charge_cents", "is not the sum of the lines")
    numbers = [line.control_number for line in claim.lines]
    yield from _when(len(set(numbers)) != len(numbers), "lines", "two lines share a control number")
    for at, line in enumerate(claim.lines):
        for field, detail in _line(line, len(claim.diagnosis_codes)):
            yield f"lines[{at}].{field}", detail


def _line(line: Line, diagnoses: int) -> Iterator[Broken]:
    yield from _identifier("control_number", line.control_number, 30)
    yield from _when(not _PROCEDURE.fullmatch(line.code), "code", "is no procedure code")
    yield from _when(len(line.modifiers) > 4, "modifiers", "are more than four")
    wrong = [one for one in line.modifiers if not _MODIFIER.fullmatch(one)]
    yield from _when(bool(wrong), "modifiers", "must have two characters each")
    yield from _when(line.charge_cents < 0, "charge_cents", "is negative")
    yield from _when(line.units <= 0, "units", "must be more than zero")
    right = 1 <= len(line.pointers) <= 4 and all(1 <= one <= diagnoses for one in line.pointers)
    yield from _when(not right, "pointers", "must be one to four, each naming a diagnosis of the claim")
    yield from _when(line.service_to_on < line.service_from_on, "service_to_on", "is before the first date")
    place = line.place_of_service
    yield from _when(bool(place) and not _PLACE.fullmatch(place), "place_of_service", "must have two digits")
    yield from _identifier("authorization_number", line.authorization_number, 50, required=False)
    yield from _identifier("referral_number", line.referral_number, 50, required=False)
    if line.rendering:
        yield from _npi("rendering.npi", line.rendering.npi)
