"""A practice as programs set it up: everything through the public interface."""

from typing import Any
from uuid import UUID

import httpx

NPI = ("1234567893", "1245319599", "1366456980", "1023011079")
CHARGES = {
    "97110": 5000,
    "97112": 5500,
    "97116": 4500,
    "97035": 3000,
    "97140": 4800,
    "97530": 6000,
    "97161": 15000,
    "97150": 4000,
    "92507": 9000,
    "90834": 14000,
    "90837": 18000,
    "97153": 2500,
    "97151": 4000,
    "97129": 6000,
    "97130": 5000,
}
PRACTICE = {
    "legal_name": "Harbor Therapy LLC",
    "billing_name": "Harbor Billing",
    "specialty": "rehabilitation",
    "npi": NPI[0],
    "tax_id": "123456789",
    "taxonomy": "261QP2000X",
    "street": "1 Main Street",
    "city": "Boston",
    "state": "MA",
    "zip_code": "021090001",
    "phone": "6175550100",
    "time_zone": "America/New_York",
    "schedule_mode": "kept",
}


class Clinic:
    """A practice with a therapist, a place and a payer, and short ways to what happens in it."""

    def __init__(self, caller: httpx.AsyncClient, practice_id: UUID) -> None:
        self.caller = caller
        self.practice_id = practice_id
        self.ids: dict[str, str] = {}
        self._count = 0

    @property
    def path(self) -> str:
        """The practice's address."""
        return f"/v1/practices/{self.practice_id}"

    async def send(self, path: str, body: Any, *, status: int = 201, method: str = "POST") -> Any:
        """Send a body and read the answer, which must have the status."""
        answer = await self.caller.request(method, self.path + path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def read(self, path: str, *, status: int = 200) -> Any:
        """Read an address, which must answer with the status."""
        answer = await self.caller.get(self.path + path)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def keep_schedule(self, mode: str) -> None:
        """Set whether the schedule is kept here, mirrored or none."""
        await self.send("/profile", PRACTICE | {"schedule_mode": mode}, status=200, method="PUT")

    async def set_up(self, *, payer: str = "commercial") -> "Clinic":
        """Settings, a place, a therapist, a payer and the prices."""
        await self.keep_schedule("kept")
        self.ids["location"] = await self.made("/locations", place())
        self.ids["provider"] = await self.made("/providers", therapist())
        self.ids["payer"] = await self.add_payer(payer)
        for code, cents in CHARGES.items():
            await self.send("/charge-rates", {"code": code, "charge_cents": cents, "starts_on": "2020-01-01"})
        return self

    async def made(self, path: str, body: Any) -> str:
        """Create something and return its id."""
        made: str = (await self.send(path, body))["id"]
        return made

    async def add_payer(self, kind: str) -> str:
        """A payer of a kind, which names its rules too."""
        named = {"name": kind.title(), "kind": kind, "electronic_id": f"{kind}{self._next()}"}
        return await self.made("/payers", named | {"rule_key": kind, "filing_indicator": "CI"})

    async def add_rule(self, rule: str, value: Any, **changes: Any) -> str:
        """A dated rule of the practice."""
        body = {"rule": rule, "value": value, "starts_on": "2020-01-01", "source": "test", "reason": "test"}
        return await self.made("/payer-rules", body | changes)

    async def patient(self, family_name: str = "Rivera", **changes: Any) -> str:
        """A registered patient."""
        return await self.made("/patients", person(family_name, self._next()) | changes)

    async def case(self, patient_id: str, **changes: Any) -> str:
        """An open case."""
        body = {
            "patient_id": patient_id,
            "kind": "health_plan",
            "title": "Left knee",
            "opened_on": "2026-01-05",
            "diagnoses": ["M25.562"],
        }
        return await self.made("/cases", body | changes)

    async def coverage(self, case_id: str, **changes: Any) -> str:
        """A coverage of the case."""
        body = {
            "case_id": case_id,
            "payer_id": self.ids["payer"],
            "ordinal": 1,
            "member_number": f"M{self._next()}",
            "relationship": "self",
            "subscriber_given_name": "Ana",
            "subscriber_family_name": "Rivera",
            "starts_on": "2026-01-01",
        }
        return await self.made("/coverages", body | changes)

    async def admit(self, **coverage: Any) -> tuple[str, str, str]:
        """A patient with a case and a coverage; their ids."""
        patient_id = await self.patient()
        case_id = await self.case(patient_id)
        return patient_id, case_id, await self.coverage(case_id, **coverage)

    async def authorize(self, coverage_id: str, *blocks: dict[str, Any], **changes: Any) -> Any:
        """An approved authorization for the first half of 2026."""
        body = {
            "coverage_id": coverage_id,
            "number": f"A{self._next()}",
            "starts_on": "2026-01-01",
            "ends_on": "2026-06-30",
            "blocks": list(blocks),
        }
        return await self.send("/authorizations", body | changes)

    async def book(self, case_id: str, day: str, *, status: int = 201, **changes: Any) -> Any:
        """An appointment at ten on a day."""
        return await self.send("/appointments", self.booking(case_id, day, **changes), status=status)

    def booking(self, case_id: str, day: str, **changes: Any) -> dict[str, Any]:
        """What books an appointment at ten on a day."""
        body = {
            "case_id": case_id,
            "provider_id": self.ids["provider"],
            "location_id": self.ids["location"],
            "discipline": "PT",
            "starts_at": f"{day}T15:00:00Z",
            "ends_at": f"{day}T16:00:00Z",
            "planned_codes": ["97110"],
            "source_system": "ehr",
            "source_id": f"appointment-{self._next()}",
        }
        return body | changes

    async def document(
        self, patient_id: str, case_id: str | None, day: str, *, status: int = 201, **changes: Any
    ) -> Any:
        """A signed session at ten on a day."""
        note = self.note(patient_id, case_id, day, **changes)
        return await self.send("/visits", note, status=status)

    def note(self, patient_id: str, case_id: str | None, day: str, **changes: Any) -> dict[str, Any]:
        """What documents a signed session at ten on a day."""
        body = {
            "patient_id": patient_id,
            "case_id": case_id,
            "provider_id": self.ids["provider"],
            "location_id": self.ids["location"],
            "discipline": "PT",
            "starts_at": f"{day}T15:00:00Z",
            "ends_at": f"{day}T16:00:00Z",
            "services": [{"code": "97110", "minutes": 30}],
            "signed_at": f"{day}T17:00:00Z",
            "signed_by": "Pat Therapist, PT",
            "source_system": "ehr",
            "source_id": f"note-{self._next()}",
            "source_version": "1",
            "documentation": attestation(),
        }
        return body | changes

    async def left(self, case_id: str) -> Any:
        """What is left for the case."""
        return await self.read(f"/cases/{case_id}/allowances")

    async def work(self) -> list[Any]:
        """The open work items of the practice."""
        items: list[Any] = await self.read("/work")
        return items

    def _next(self) -> int:
        self._count += 1
        return self._count


def visits(quantity: int, **scope: Any) -> dict[str, Any]:
    """A block of visits."""
    return {"kind": "visits", "quantity": quantity} | scope


def place() -> dict[str, Any]:
    """A place of treatment."""
    named = {"name": "Harbor", "place_of_service": "11", "street": "1 Main Street", "city": "Boston"}
    return named | {"state": "MA", "zip_code": "021090001"}


def therapist(**changes: Any) -> dict[str, Any]:
    """A physical therapist."""
    named = {"given_name": "Pat", "family_name": "Therapist", "credential": "PT", "npi": NPI[1]}
    return named | {"disciplines": ["PT", "OT"], "taxonomy": "225100000X"} | changes


def person(family_name: str, number: int) -> dict[str, Any]:
    """A patient as the source system sends one."""
    return {
        "given_name": "Ana",
        "family_name": family_name,
        "birth_on": "2016-05-04",
        "sex": "F",
        "street": "2 Side Street",
        "city": "Boston",
        "state": "MA",
        "zip_code": "02109",
        "source_system": "ehr",
        "source_id": f"patient-{number}",
    }


def attestation(**changes: Any) -> dict[str, Any]:
    """What a careful clinician of any discipline attests of a note."""
    told = (
        "plan_of_care_support",
        "measurable_progress",
        "functional_progress",
        "visit_limit_context",
        "medical_necessity",
        "skilled_intervention",
        "treatment_plan",
        "progress",
        "participants",
        "target_data",
        "test_rationale",
        "instruments",
        "decision_making",
        "history_and_examination",
        "assessment_and_plan",
    )
    about = {"session_type": "individual", "purpose": "the goal of the week", "diagnoses": ["M25.562"]}
    return {"items": dict.fromkeys(told, "as the note says"), **about} | changes


def spent(minutes: dict[str, int]) -> list[dict[str, Any]]:
    """Procedures with their minutes."""
    return [{"code": code, "minutes": given} for code, given in minutes.items()]


def units(visit: Any) -> dict[str, int]:
    """The units that a visit charges, by code."""
    return {charge["code"]: charge["units"] for charge in visit["charges"]}
