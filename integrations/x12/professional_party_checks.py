"""Checks everybody named in a claim: numbers with check digits, addresses, what fits into an element."""

import re
from collections.abc import Iterator

from integrations.x12.characters import is_plain, plain
from integrations.x12.professional_codes import RELATIONSHIPS, STATES
from integrations.x12.professional_values import (
    BillingProvider,
    Claim,
    OrderingProvider,
    PartyName,
    Patient,
    PostalAddress,
    RenderingProvider,
    Subscriber,
    SupervisingProvider,
)

_TAXONOMY = re.compile(r"[0-9]{3}[0-9A-Z]{6}X")
_POSTAL_CODE = re.compile(r"[0-9]{5}([0-9]{4})?")

_GENDERS = frozenset({"M", "F", "U"})

# A field and what is wrong with it.
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


def when(wrong: bool, field: str, detail: str) -> Iterator[Broken]:
    """The field and detail if it is wrong."""
    if wrong:
        yield field, detail


def identifier(field: str, value: str, longest: int, *, required: bool = True) -> Iterator[Broken]:
    """A value that must come back unchanged: plain characters, no longer than `longest`."""
    if not value:
        yield from when(required, field, "is missing")
    elif len(value) > longest:
        yield field, f"is longer than {longest} characters"
    elif not is_plain(value):
        yield field, "holds characters that cannot be sent unchanged"


def text(field: str, value: str, longest: int, *, required: bool = True) -> Iterator[Broken]:
    """A text that may be cleaned on the way out but not cut."""
    sent = plain(value)
    if not sent:
        yield from when(required or bool(value), field, "is missing")
    elif len(sent) > longest:
        yield field, f"is longer than {longest} characters"


def npi_problem(field: str, npi: str) -> Iterator[Broken]:
    """An NPI that is not ten digits or whose check digit is wrong."""
    yield from when(not npi_is_valid(npi), field, "is no NPI: ten digits with a right check digit")


def billing_provider(billing: BillingProvider) -> Iterator[Broken]:
    """Loop 2010AA and 2010AB."""
    yield from _party("billing", billing.name)
    yield from npi_problem("billing.npi", billing.npi)
    yield from when(not _TAXONOMY.fullmatch(billing.taxonomy), "billing.taxonomy", "is no taxonomy code")
    nine = len(billing.tax_id) == 9 and billing.tax_id.isascii() and billing.tax_id.isdigit()
    yield from when(not nine, "billing.tax_id", "must have nine digits")
    yield from _address("billing.address", billing.address)
    if billing.pay_to_address:
        yield from _address("billing.pay_to_address", billing.pay_to_address)


def people(claim: Claim) -> Iterator[Broken]:
    """Subscriber, payer and patient."""
    yield from _subscriber(claim.subscriber)
    yield from identifier("payer.id", claim.payer.id, 80)
    yield from text("payer.name", claim.payer.name, 60)
    if claim.payer.address:
        yield from _address("payer.address", claim.payer.address)
    if claim.patient is None:
        yield from _subscriber_as_patient(claim.subscriber)
    else:
        yield from _dependent(claim.patient)


def providers(claim: Claim) -> Iterator[Broken]:
    """Rendering, supervising and referring providers, and where it happened."""
    if claim.rendering:
        yield from rendering_provider("rendering", claim.rendering)
    yield from named_provider("supervising", claim.supervising)
    if claim.referring:
        yield from _party("referring", claim.referring.name)
        if claim.referring.npi:
            yield from npi_problem("referring.npi", claim.referring.npi)
    if claim.facility:
        yield from text("facility.name", claim.facility.name, 60)
        yield from _address("facility.address", claim.facility.address)
        if claim.facility.npi:
            yield from npi_problem("facility.npi", claim.facility.npi)


def named_provider(field: str, named: SupervisingProvider | OrderingProvider | None) -> Iterator[Broken]:
    """Loop 2310D, 2420D or 2420E, where somebody is named in it."""
    if named:
        yield from _party(field, named.name)
        yield from npi_problem(f"{field}.npi", named.npi)


def rendering_provider(field: str, rendering: RenderingProvider) -> Iterator[Broken]:
    """Loop 2310B or 2420A."""
    yield from _party(field, rendering.name)
    yield from npi_problem(f"{field}.npi", rendering.npi)
    wrong = bool(rendering.taxonomy) and not _TAXONOMY.fullmatch(rendering.taxonomy)
    yield from when(wrong, f"{field}.taxonomy", "is no taxonomy code")


def _subscriber(subscriber: Subscriber) -> Iterator[Broken]:
    yield from _party("subscriber", subscriber.name)
    yield from identifier("subscriber.member_id", subscriber.member_id, 80)
    yield from identifier("subscriber.filing_code", subscriber.filing_code, 2)
    yield from text("subscriber.group_number", subscriber.group_number, 50, required=False)
    yield from text("subscriber.group_name", subscriber.group_name, 60, required=False)
    if subscriber.address:
        yield from _address("subscriber.address", subscriber.address)


def _subscriber_as_patient(subscriber: Subscriber) -> Iterator[Broken]:
    missing = "is needed when the subscriber is the patient"
    yield from when(subscriber.birth_on is None, "subscriber.birth_on", missing)
    yield from when(subscriber.address is None, "subscriber.address", missing)
    yield from when(subscriber.gender not in _GENDERS, "subscriber.gender", "must be M, F or U")


def _dependent(patient: Patient) -> Iterator[Broken]:
    yield from _party("patient", patient.name)
    yield from _address("patient.address", patient.address)
    yield from when(patient.gender not in _GENDERS, "patient.gender", "must be M, F or U")
    known = patient.relationship in RELATIONSHIPS
    yield from when(not known, "patient.relationship", "is no relationship code of PAT01")


def _party(field: str, name: PartyName) -> Iterator[Broken]:
    yield from text(f"{field}.name.last_or_organization", name.last_or_organization, 60)
    yield from text(f"{field}.name.first", name.first, 35, required=False)
    yield from text(f"{field}.name.middle", name.middle, 25, required=False)
    yield from text(f"{field}.name.suffix", name.suffix, 10, required=False)


def _address(field: str, address: PostalAddress) -> Iterator[Broken]:
    yield from text(f"{field}.line_1", address.line_1, 55)
    yield from text(f"{field}.line_2", address.line_2, 55, required=False)
    yield from text(f"{field}.city", address.city, 30)
    yield from when(address.state not in STATES, f"{field}.state", "is no state or territory")
    right = _POSTAL_CODE.fullmatch(address.postal_code)
    yield from when(not right, f"{field}.postal_code", "must have five or nine digits")
