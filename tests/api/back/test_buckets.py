"""Each kind of patient responsibility has its own bucket; a difference in what was billed is seen."""

import pytest
from sqlalchemy import select

from domain.ledger.models import Account, Transfer
from tests.api.back.conftest import Office, Opener
from tests.api.back.test_received_files import ISA


async def buckets(office: Office) -> dict[str, int]:
    """Cents by kind of transfer out of what insurers owe and into what patients will owe."""
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        wanted = (
            select(Transfer.kind, Transfer.amount)
            .join(
                Account,
                (Account.practice_id == Transfer.practice_id) & (Account.id == Transfer.debit_account),
            )
            .where(Account.kind == "patient_not_due")
        )
        found: dict[str, int] = {}
        for kind, amount in await session.execute(wanted):
            found[kind] = found.get(kind, 0) + amount
        return found


@pytest.mark.req("PO-05", "PO-07")
@pytest.mark.parametrize(
    ("member", "bucket", "cents"),
    [("W100", "deductible", 4_000), ("W001", "copay", 2_000), ("W020", "coinsurance", 1_200)],
)
async def test_each_share_has_its_bucket(open_office: Opener, member: str, bucket: str, cents: int) -> None:
    """PR-1, PR-3 and PR-2 of an allowed 60.00: the bucket holds it, and the patient owes just that."""
    office = await open_office(member=member)
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=30)
    [line] = (await office.get(f"/claims/{claim_id}")).json()["lines"]
    assert await buckets(office) == {bucket: cents}
    assert line["patient_due_cents"] == cents
    assert line["insurer_cents"] == 0


@pytest.mark.req("PO-09")
async def test_two_guarantors_share_every_cent(open_office: Opener) -> None:
    """20.00 of copay at 60/40: two balances whose sum is the line's."""
    office = await open_office(second_guarantor=True)
    await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=30)
    door = office.services.database.practice_transaction(office.world.tenant.actor, office.world.practice_id)
    async with door as session:
        due = select(Account.debits - Account.credits).where(Account.kind.startswith("patient_due:"))
        assert sorted((await session.execute(due)).scalars()) == [800, 1_200]


@pytest.mark.req("PO-01")
async def test_billed_otherwise_than_we_billed(open_office: Opener) -> None:
    """The payer answers 90.00 where we billed 100.00: posted as it says, and somebody must compare."""
    office = await open_office()
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(hours=1)
    number = (await office.get(f"/claims/{claim_id}")).json()["control_number"]
    text = ISA + (
        "3*0*T*:~GS*HP*SIMCLEAR*HARBORBILL*20260302*1400*903*X*005010X221A1~ST*835*0001~"
        "BPR*I*60*C*ACH*CCP*01*999999999*DA*1*1911111111**01*999999999*DA*2*20260302~"
        "TRN*1*OTHER*1911111111~DTM*405*20260302~N1*PR*HARBOR HEALTH~N3*1 WAY~N4*SPRINGFIELD*MA*01103~"
        "REF*2U*60054~PER*BL*SERVICES*TE*8005550100~N1*PE*HARBOR THERAPY*XX*1234567893~LX*1~"
        f"CLP*{number}*1*90*60**12*ICN9*11*1~NM1*QC*1*LOPEZ*MARIA****MI*W001~SVC*HC:97110:GP*90*60**2~"
        f"DTM*472*20260223~CAS*CO*45*30~REF*6R*{number}L01~SE*18*0001~GE*1*903~IEA*1*000000903~"
    )
    assert (await office.bring(text.encode())).status_code == 200
    await office.pass_time(minutes=5)
    [line] = (await office.get(f"/claims/{claim_id}")).json()["lines"]
    assert line["insurer_cents"] == 1_000
    work = (await office.get("/work")).json()
    assert "billed_differs" in {item["kind"] for item in work}
