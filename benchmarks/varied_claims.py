"""Four-line claims of a made-up year: whatever the disciplines' tables hold, for Medicare and for others."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from benchmarks.claim_faults import spoiled
from benchmarks.claim_surroundings import (
    BILLING_NPI,
    CREDENTIALS,
    RENDERING_NPI,
    party_facts,
    provider_facts,
    session_facts,
    staffing,
)
from billing_rules.rule_book import RuleBook
from billing_rules.therapy.bundling.pairs import pair_between
from billing_rules.therapy.claim_facts import (
    AuthorizationFacts,
    ClaimFacts,
    CoverageFacts,
    LineFacts,
    PlanOfCareFacts,
    ServiceEvidence,
    Telehealth,
)
from billing_rules.therapy.code_table import ProcedureCode, all_codes, procedure_code
from billing_rules.therapy.facts.allowances import LineApproval
from billing_rules.therapy.facts.documentation import NoteStanding
from billing_rules.therapy.modifiers.charge_lines import ServiceRecord, lines_to_charge
from billing_rules.therapy.payer_rules import Asked
from billing_rules.therapy.session_units import Documented, counting, session_units

LINES = 4
FIRST_ON, DAYS = date(2026, 1, 2), 360
EDITS = "medicare_practitioner"
FAULTY, PAIRED, REMOTE, SEEN_BESIDE = 0.2, 0.08, 0.25, 0.2
"""Shares of claims: with a fault, with pairs as they fall, by video, with a session that was compared."""

PAYERS = (("medicare", "14112", "MB"), ("cascade", "61101", "CI"), ("unitedhealthcare", "87726", "CI"))
DIAGNOSES = {
    "PT": ("M54", "M25", "S83", "M62"),
    "OT": ("M65", "G56", "S62", "M79"),
    "SLP": ("R47", "R13", "F80", "R49"),
    "BH": ("F32", "F41", "F43", "F33"),
    "ABA": ("F84",),
}
RANGES = {"90832": 30, "90833": 30, "90834": 45, "90836": 45, "90837": 60, "90838": 60}
"""Minutes within the range that chooses the code."""


def varied_claims(count: int, book: RuleBook, *, seed: int) -> list[ClaimFacts]:
    """As many claims of different patients; the same seed gives the same ones."""
    chance = random.Random(seed)
    return [_Draw(chance, book).claim(number) for number in range(count)]


class _Draw:
    """One claim being drawn: its discipline, payer and whether its sessions were remote."""

    def __init__(self, chance: random.Random, book: RuleBook) -> None:
        self.chance, self.book = chance, book
        self.discipline = chance.choice(tuple(DIAGNOSES))
        self.payer, self.payer_id, self.filing = chance.choice(
            PAYERS if self.discipline != "ABA" else PAYERS[1:]
        )
        remote = self.discipline == "BH" and chance.random() < REMOTE
        self.telehealth: Telehealth = "audio_video" if remote else "none"
        self.unpaired = chance.random() >= PAIRED

    def claim(self, number: int) -> ClaimFacts:
        """The whole claim; every fifth or so has something wrong with it on purpose."""
        chance = self.chance
        first_on = FIRST_ON + timedelta(days=chance.randrange(DAYS))
        lines = self._lines(first_on)
        facts = ClaimFacts(
            payer=self.payer,
            payer_id=self.payer_id,
            plan=None,
            state="MA",
            sent_on=first_on + timedelta(days=chance.randrange(25, 40)),
            frequency="1",
            payer_control_number=None,
            billing_name="Example Therapy",
            billing_npi=BILLING_NPI,
            billing_taxonomy="261QP2000X",
            billing_tax_id="123456789",
            billing_zip="011010001",
            rendering_npi=RENDERING_NPI,
            rendering_taxonomy="225100000X",
            facility_npi=None,
            facility_zip=None,
            member_id="1EG4TE5MK73" if self.payer == "medicare" else f"{chance.randrange(10**8, 10**9)}",
            patient_last_name=f"Patient{chance.randrange(99_999)}",
            patient_first_name=chance.choice(("Alex", "Robin", "Kim", "Sam")),
            patient_born_on=date(1936, 1, 1) + timedelta(days=chance.randrange(28_000)),
            patient_sex=chance.choice("MF"),
            patient_zip=f"01{chance.randrange(100, 999)}",
            diagnoses=self._diagnoses(first_on),
            lines=lines,
            coverage=CoverageFacts(starts_on=date(2025, 1, 1), ends_on=None),
            authorizations=(_authorization(number),),
            authorization_required=self.payer != "medicare",
            parties=party_facts(number, self.filing, LINES),
            providers=provider_facts(),
            sessions=session_facts(lines) if chance.random() < SEEN_BESIDE else (),
        )
        return spoiled(facts, chance) if chance.random() < FAULTY else facts

    def _diagnoses(self, on: date) -> tuple[str, ...]:
        heading = self.chance.choice(DIAGNOSES[self.discipline])
        known = min(on, date(2026, 9, 30))
        under = [r.code for r in self.book.shelf.starting("icd10cm", heading, on=known) if r.billable]
        picked = self.chance.sample(under, min(len(under), self.chance.choice((2, 2, 3))))
        return tuple(f"{code[:3]}.{code[3:]}" for code in picked)

    def _lines(self, first_on: date) -> tuple[LineFacts, ...]:
        """Four codes of one day, or fewer on each of two or four days, a week apart."""
        rehab = self.discipline in ("PT", "OT", "SLP")
        days = self.chance.choice((1, 1, 2, 4) if rehab else (2, 4, 4))
        served = [first_on + timedelta(days=7 * at) for at in range(days)]
        return tuple(line for on in served for line in self._day(on, LINES // days))

    def _day(self, on: date, count: int) -> list[LineFacts]:
        rows = self._codes(on, count)
        asked = Asked(payer=self.payer, state="MA", on=on)
        minutes = {row.code: self._minutes(row, rows) for row in rows}
        noted = [Documented(code=c, discipline=self.discipline, minutes=m or 0) for c, m in minutes.items()]
        earned = {one.code: one.units for one in session_units(noted, counting(self.book, asked)).units}
        at, lines = datetime.combine(on, time(13 + self.chance.randrange(6)), UTC), []
        for row in rows:
            until = at + timedelta(minutes=minutes[row.code] or 15)
            evidence = ServiceEvidence(
                starts_at=at,
                ends_at=until,
                clinician="one",
                credential=CREDENTIALS[self.discipline],
                telehealth=self.telehealth,
                patient_at_home=self.telehealth != "none",
            )
            lines.append(self._line(asked, row, minutes[row.code], max(1, earned.get(row.code, 1)), evidence))
            at = until
        return lines

    def _codes(self, on: date, count: int) -> list[ProcedureCode]:
        """From the discipline's whole table, as it is on the day; add-ons most often with their base."""
        table = [row for row in all_codes() if self.discipline in row.disciplines and row.is_valid_on(on)]
        chosen: list[ProcedureCode] = []
        while len(chosen) < count:
            row = self.chance.choice(table)
            primary = [procedure_code(code) for code in row.primary[:1]]
            new = [one for one in (*primary, row) if one not in chosen]
            fits = bool(new) and len(chosen) + len(new) <= count and not (primary and count == 1)
            if fits and not (self.unpaired and self._has_pair(on, [*chosen, *new])):
                chosen += new
            elif self.chance.random() < 0.02:
                chosen.clear()
        return chosen

    def _has_pair(self, on: date, rows: Sequence[ProcedureCode]) -> bool:
        both = ((one.code, other.code) for at, one in enumerate(rows) for other in rows[:at])
        return any(pair_between(self.book.shelf, EDITS, *codes, on).standing == "active" for codes in both)

    def _minutes(self, row: ProcedureCode, rows: Sequence[ProcedureCode]) -> int | None:
        """Enough for the code; an add-on's stand on the line of its base."""
        if row.basis == "addon" or row.code == "90840":
            return None
        if row.basis in ("untimed", "varies", "range"):
            return RANGES.get(row.code)
        block = row.block_minutes or 15
        with_addon = sum(other.block_minutes or 0 for other in rows if row.code in other.primary)
        return block + with_addon + (self.chance.randrange(20) if row.basis == "timed" else 0)

    def _line(
        self, asked: Asked, row: ProcedureCode, minutes: int | None, units: int, shown: ServiceEvidence
    ) -> LineFacts:
        record = ServiceRecord(
            code=row.code,
            discipline=self.discipline,
            units=units,
            minutes=minutes or 0,
            telehealth=shown.telehealth,
            credential=shown.credential,
        )
        (charged,) = lines_to_charge(record, self.book, asked)
        return LineFacts(
            served_on=asked.on,
            code=row.code,
            modifiers=charged.modifiers,
            units=units,
            charge_cents=units * self.chance.randrange(2_000, 20_000),
            minutes=minutes,
            pointers=(1, 2),
            place_of_service="10" if shown.patient_at_home else "11",
            discipline=self.discipline,
            session_signed=True,
            plan_of_care=_plan(self.discipline, asked.on),
            duplicate_of=None,
            evidence=shown,
            staffing=(staffing(self.discipline, asked.on),),
            approval=LineApproval(number=None, provider=None, location=None),
            noted_minutes=45,
            note=NoteStanding(coding="reviewed"),
        )


def _plan(discipline: str, on: date) -> PlanOfCareFacts | None:
    if discipline not in ("PT", "OT", "SLP"):
        return None
    starts_on = on - timedelta(days=30)
    return PlanOfCareFacts(
        discipline=discipline,
        starts_on=starts_on,
        ends_on=on + timedelta(days=45),
        certified_on=starts_on + timedelta(days=10),
        treated_on=tuple(starts_on + timedelta(days=3 * at) for at in range(8)),
        reports_on=(starts_on + timedelta(days=20),),
    )


def _authorization(number: int) -> AuthorizationFacts:
    return AuthorizationFacts(
        number=f"AUTH{number}", starts_on=date(2025, 12, 1), ends_on=date(2027, 2, 1), codes=()
    )
