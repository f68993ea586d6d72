"""Short ways to staff a practice, document behaviour analysis, and read what the checks said."""

from typing import Any

from tests.api.v1.clinic import Clinic, therapist

DAY = "2026-02-16"
TALK: dict[str, Any] = {"discipline": "BH", "services": [{"code": "90834", "minutes": 45}]}


async def hire(clinic: Clinic, **changes: Any) -> str:
    """A clinician of behavioural health; returns the id."""
    given = {"family_name": "Staff", "credential": "LPC", "npi": "1679576722", "disciplines": ["BH", "ABA"]}
    return await clinic.made("/providers", therapist(**given | changes))


async def entitle(clinic: Clinic, provider_id: str, standing: str, since: str, **changes: Any) -> str:
    """A credential from a date on."""
    body = {"credential": "LPC", "standing": standing, "state": "MA", "starts_on": since, "source": "board"}
    return await clinic.made(f"/providers/{provider_id}/credentials", body | changes)


async def license_(clinic: Clinic, provider_id: str, **changes: Any) -> str:
    """A licence of Massachusetts since 2020."""
    body = {"kind": "licence", "title": "LPC", "state": "MA", "number": "L1", "starts_on": "2020-01-01"}
    return await clinic.made(f"/providers/{provider_id}/licences", body | changes)


async def claim_for(clinic: Clinic, *visits: Any) -> Any:
    """The one claim of visits."""
    [claim] = await claims_for(clinic, *visits)
    return claim


async def claims_for(clinic: Clinic, *visits: Any) -> list[Any]:
    """The claims of visits, by date of service."""
    body = {"visit_ids": [visit["id"] for visit in visits]}
    ids = (await clinic.send("/claims/assemble", body))["claim_ids"]
    claims = [await clinic.read(f"/claims/{claim_id}") for claim_id in ids]
    return sorted(claims, key=lambda claim: claim["lines"][0]["date_of_service"])


async def again(clinic: Clinic, claim: Any) -> Any:
    """The claim, checked again."""
    await clinic.send(f"/claims/{claim['id']}/check", None, status=200)
    return await clinic.read(f"/claims/{claim['id']}")


def said(claim: Any, *areas: str) -> dict[str, str]:
    """Severity by rule of the current findings; of areas (before the dot) where some are named."""
    return {
        finding["rule"]: finding["severity"]
        for finding in claim["findings"]
        if not areas or finding["rule"].partition(".")[0] in areas
    }


def finding(claim: Any, rule: str) -> Any:
    """The first finding of a rule."""
    return next(one for one in claim["findings"] if one["rule"] == rule)
