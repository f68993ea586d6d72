"""Writes the body of a 277CA: which claims of one transaction set entered adjudication, and why not."""

from collections.abc import Iterator
from datetime import date

import msgspec

from integrations.payer_simulator.amounts import amount, day
from integrations.payer_simulator.screening import Verdict
from integrations.payer_simulator.submitted_claims import Party, SubmittedClaim
from integrations.x12.envelope import Written

VERSION = "005010X214"


class Screened(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with its verdict; `control_number` is the payer's, empty for a rejected claim."""

    claim: SubmittedClaim
    verdict: Verdict
    control_number: str


class Screening(msgspec.Struct, frozen=True, kw_only=True):
    """What one 277CA answers: a payer's claims of one transaction set; `batch` is its BHT03."""

    payer_id: str
    payer_name: str
    submitter: Party
    batch: str
    number: str
    received_on: date
    time_text: str
    claims: list[Screened]


def claim_acknowledgement(screening: Screening) -> list[Written]:
    """All segments between ST and SE."""
    on = day(screening.received_on)
    body: list[Written] = [
        ("BHT", "0085", "08", screening.number, on, screening.time_text, "TH"),
        ("HL", "1", "", "20", "1"),
        ("NM1", "PR", "2", screening.payer_name, "", "", "", "", "PI", screening.payer_id),
        ("TRN", "1", screening.number),
        ("DTP", "050", "D8", on),
        ("DTP", "009", "D8", on),
        ("HL", "2", "1", "21", "1"),
        _name("41", screening.submitter, "46", screening.submitter.id),
        ("TRN", "2", screening.batch),
        *_totals(screening.claims, on, "90", "AA"),
    ]
    level = 2
    for claims in _by_provider(screening.claims):
        body.extend(_provider(claims, level + 1))
        for at, one in enumerate(claims):
            body.extend(_claim(one, on, level + 2 + at, level + 1))
        level += 1 + len(claims)
    return body


def _by_provider(claims: list[Screened]) -> Iterator[list[Screened]]:
    found: dict[str, list[Screened]] = {}
    for one in claims:
        found.setdefault(one.claim.billing.id, []).append(one)
    yield from found.values()


def _provider(claims: list[Screened], level: int) -> list[Written]:
    billing = claims[0].claim.billing
    return [
        ("HL", str(level), "2", "19", "1"),
        _name("85", billing, "XX", billing.id),
        ("TRN", "1", "0"),
        *_totals(claims, "", "QA", "QC"),
    ]


def _totals(claims: list[Screened], on: str, accepted: str, rejected: str) -> Iterator[Written]:
    """Status and sums of a batch or a provider; the guide wants no date (STC02) with a provider's."""
    sums = {True: [0, 0], False: [0, 0]}
    for one in claims:
        sums[one.verdict.accepted][0] += 1
        sums[one.verdict.accepted][1] += one.claim.charge_cents
    whole = amount(sums[True][1] + sums[False][1])
    yield ("STC", ("A1", "19", "PR"), on, "WQ" if sums[True][0] else "U", whole)
    for kind, quantity in ((True, accepted), (False, rejected)):
        if sums[kind][0]:
            yield ("QTY", quantity, str(sums[kind][0]))
    for kind, total in ((True, "YU"), (False, "YY")):
        if sums[kind][0]:
            yield ("AMT", total, amount(sums[kind][1]))


def _claim(one: Screened, on: str, level: int, parent: int) -> Iterator[Written]:
    claim, verdict = one.claim, one.verdict
    status = (verdict.category, verdict.status, verdict.entity)
    yield ("HL", str(level), str(parent), "PT")
    yield _name("QC", claim.patient, "MI", claim.member_id)
    yield ("TRN", "2", claim.number)
    yield ("STC", status, on, "WQ" if verdict.accepted else "U", amount(claim.charge_cents))
    if one.control_number:
        yield ("REF", "1K", one.control_number)
    if claim.clearinghouse_number:
        yield ("REF", "D9", claim.clearinghouse_number)
    first, last = claim.from_on(), claim.to_on()
    if first is not None and last is not None:
        form, text = ("D8", day(first)) if first == last else ("RD8", f"{day(first)}-{day(last)}")
        yield ("DTP", "472", form, text)


def _name(role: str, party: Party, qualifier: str, party_id: str) -> Written:
    kind = "1" if party.is_person else "2"
    identity = (qualifier, party_id) if party_id else ()
    return ("NM1", role, kind, party.name, party.first, party.middle, "", "", *identity)
