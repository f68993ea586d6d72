"""A claim that waits for its payer, an answer made by hand, and where that leaves the money."""

from typing import Any

from tests.api.back.conftest import Office
from tests.api.back.remitting import Claim, Line, Payment, file_of

COPAY = [("CO", "45", 4_000), ("PR", "3", 2_000)]


async def sent_claim(office: Office, *codes: str) -> tuple[str, str]:
    """A claim of 100.00 for each code that the payer accepted and has not decided: its id and CLM01."""
    visit = await office.visit([(code, 2, 30) for code in codes or ("97110",)], charges=[10_000] * 3)
    [claim_id] = await office.send(visit)
    await office.pass_time(days=2)
    return claim_id, (await office.get(f"/claims/{claim_id}")).json()["control_number"]


async def take(office: Office, *payments: Payment, control: int = 901) -> list[dict[str, Any]]:
    """Bring a file of payments; returns the remittances, in the order of their recording."""
    answer = await office.bring(file_of(*payments, control=control))
    assert answer.status_code == 200, answer.text
    await office.pass_time(minutes=1)
    listed = (await office.get("/remittances/")).json()
    return sorted(listed, key=lambda one: one["id"])


async def claim_of(office: Office, claim_id: str) -> Any:
    """The claim whole."""
    return (await office.get(f"/claims/{claim_id}")).json()


async def money(office: Office, claim_id: str) -> list[tuple[int, int, int]]:
    """Of each line: what the insurer owes, what waits, what is due from the patient."""
    names = ("insurer_cents", "patient_not_due_cents", "patient_due_cents")
    return [tuple(line[name] for name in names) for line in (await claim_of(office, claim_id))["lines"]]  # type: ignore[misc]


async def work(office: Office) -> dict[str, str]:
    """The open work: its reason by kind."""
    return {item["kind"]: item["reason"] for item in (await office.get("/work")).json()}


def paid(number: str, cents: int = 4_000, adjusted: Any = COPAY, *, remarks: Any = (), **more: Any) -> Claim:
    """A claim of one line of 100.00."""
    return Claim(
        number=number,
        lines=[Line(control=f"{number}L01", charge=10_000, paid=cents, adjusted=adjusted, remarks=remarks)],
        **more,
    )
