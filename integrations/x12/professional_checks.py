"""Refuses claims that every validator lets through and every payer sends back."""

import re
from collections.abc import Iterator, Sequence

from integrations.x12.professional_codes import ACCIDENT_CAUSES, STATES
from integrations.x12.professional_party_checks import (
    Broken,
    billing_provider,
    identifier,
    named_provider,
    people,
    providers,
    rendering_provider,
    text,
    when,
)
from integrations.x12.professional_values import Claim, ClaimBatch, ClaimNotWritable, Line, SubmitterInfo

_DIAGNOSIS = re.compile(r"[A-Z][0-9A-Z]{2}(\.?[0-9A-Z]{1,4})?")
_PROCEDURE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_PLACE = re.compile(r"[0-9]{2}")


def check_batch(batch: ClaimBatch) -> None:
    """Raises ClaimNotWritable for the first thing wrong with any claim of the batch."""
    if not batch.claims:
        raise ClaimNotWritable("claims", "the batch is empty")
    for field, detail in _opening(batch):
        raise ClaimNotWritable(field, detail)
    seen = set[str]()
    for at, claim in enumerate(batch.claims):
        check_claim(claim, f"claims[{at}]")
        if claim.control_number in seen:
            raise ClaimNotWritable(f"claims[{at}].control_number", "is used twice in the batch")
        seen.add(claim.control_number)


def _opening(batch: ClaimBatch) -> Iterator[Broken]:
    yield from identifier("reference", batch.reference, 50)
    submitter: SubmitterInfo = batch.submitter
    yield from text("submitter.name", submitter.name, 60)
    yield from identifier("submitter.id", submitter.id, 80)
    yield from text("submitter.contact_name", submitter.contact_name, 60)
    unreachable = not (submitter.telephone or submitter.email)
    yield from when(unreachable, "submitter.telephone", "a telephone number or an e-mail address is needed")
    yield from text("receiver.name", batch.receiver.name, 60)
    yield from identifier("receiver.id", batch.receiver.id, 80)


def check_claim(claim: Claim, path: str = "claim") -> None:
    """Raises ClaimNotWritable for the first thing wrong with one claim."""
    for field, detail in _broken(claim):
        raise ClaimNotWritable(f"{path}.{field}", detail)


def _broken(claim: Claim) -> Iterator[Broken]:
    yield from identifier("control_number", claim.control_number, 20)
    yield from _frequency(claim)
    yield from _diagnoses(claim.diagnosis_codes)
    yield from billing_provider(claim.billing)
    yield from people(claim)
    yield from providers(claim)
    yield from _numbers(claim)
    yield from text("note", claim.note, 80, required=False)
    yield from _accident(claim)
    yield from _lines(claim)


def _frequency(claim: Claim) -> Iterator[Broken]:
    yield from when(claim.frequency not in {"1", "7", "8"}, "frequency", "must be 1, 7 or 8")
    needs = claim.frequency in {"7", "8"}
    yield from identifier("original_reference", claim.original_reference, 50, required=needs)
    yield from when(not _PLACE.fullmatch(claim.place_of_service), "place_of_service", "must have two digits")


def _diagnoses(codes: Sequence[str]) -> Iterator[Broken]:
    yield from when(not 1 <= len(codes) <= 12, "diagnosis_codes", "must be one to twelve")
    for at, code in enumerate(codes):
        yield from when(not _DIAGNOSIS.fullmatch(code), f"diagnosis_codes[{at}]", "is no ICD-10-CM code")
    bare = [code.replace(".", "") for code in codes]
    yield from when(len(set(bare)) != len(bare), "diagnosis_codes", "names a code twice")


def _numbers(claim: Claim) -> Iterator[Broken]:
    for field in (
        "authorization_number",
        "referral_number",
        "property_casualty_number",
        "medical_record_number",
        "clearinghouse_number",
    ):
        yield from identifier(field, getattr(claim, field), 50, required=False)


def _accident(claim: Claim) -> Iterator[Broken]:
    accident = claim.accident
    if accident is None:
        return
    right = 1 <= len(accident.causes) <= 3 and set(accident.causes) <= ACCIDENT_CAUSES
    yield from when(not right, "accident.causes", "must be one to three of AA, EM, OA")
    dated = accident.occurred_on is not None
    yield from when(not dated, "accident.occurred_on", "is missing")
    if "AA" in accident.causes:
        yield from when(accident.state not in STATES, "accident.state", "is no state or territory")


def _lines(claim: Claim) -> Iterator[Broken]:
    yield from when(not 1 <= len(claim.lines) <= 50, "lines", "must be one to fifty")
    total = sum(line.charge_cents for line in claim.lines)
    yield from when(total != claim.charge_cents, "charge_cents", "is not the sum of the lines")
    numbers = [line.control_number for line in claim.lines]
    yield from when(len(set(numbers)) != len(numbers), "lines", "two lines share a control number")
    for at, line in enumerate(claim.lines):
        for field, detail in _line(line, len(claim.diagnosis_codes)):
            yield f"lines[{at}].{field}", detail


def _line(line: Line, diagnoses: int) -> Iterator[Broken]:
    yield from identifier("control_number", line.control_number, 30)
    yield from when(not _PROCEDURE.fullmatch(line.code), "code", "is no procedure code")
    yield from when(len(line.modifiers) > 4, "modifiers", "are more than four")
    wrong = [one for one in line.modifiers if not _MODIFIER.fullmatch(one)]
    yield from when(bool(wrong), "modifiers", "must have two characters each")
    yield from when(line.charge_cents < 0, "charge_cents", "is negative")
    yield from when(line.units <= 0, "units", "must be more than zero")
    right = 1 <= len(line.pointers) <= 4 and all(1 <= one <= diagnoses for one in line.pointers)
    yield from when(not right, "pointers", "must be one to four, each naming a diagnosis of the claim")
    yield from when(line.service_to_on < line.service_from_on, "service_to_on", "is before the first date")
    place = line.place_of_service
    yield from when(bool(place) and not _PLACE.fullmatch(place), "place_of_service", "must have two digits")
    yield from identifier("authorization_number", line.authorization_number, 50, required=False)
    yield from identifier("referral_number", line.referral_number, 50, required=False)
    yield from text("note", line.note, 80, required=False)
    if line.rendering:
        yield from rendering_provider("rendering", line.rendering)
    yield from named_provider("supervising", line.supervising)
    yield from named_provider("ordering", line.ordering)
