"""Files that somebody brings: used once, or kept in quarantine with the segment and position at fault."""

import pytest
from sqlalchemy import select

from tenants.models import ReceivedFile
from tests.api.back.conftest import Office, Opener

BLANK = "*00*          "
ISA = f"ISA{BLANK}{BLANK}*ZZ*SIMCLEAR       *ZZ*HARBORBILL     *260302*1400*^*00501*00000090"
SAMPLE = ISA + (
    "1*0*T*:~"
    "GS*HP*SIMCLEAR*HARBORBILL*20260302*1400*901*X*005010X221A1~"
    "ST*835*0001~BPR*I*{paid}*C*ACH*CCP*01*999999999*DA*1*1911111111**01*999999999*DA*2*20260302~"
    "TRN*1*{trace}*1911111111~DTM*405*20260302~"
    "N1*PR*HARBOR HEALTH~N3*1 SIMULATION WAY~N4*SPRINGFIELD*MA*01103~REF*2U*60054~"
    "PER*BL*PROVIDER SERVICES*TE*8005550100~N1*PE*HARBOR THERAPY*XX*{payee}~LX*1~"
    "CLP*NOTOURS*1*100*{paid}**12*ICN1*11*1~NM1*QC*1*DOE*JANE****MI*W009~"
    "SVC*HC:97110*100*{paid}**2~DTM*472*20260223~CAS*CO*45*{adjusted}~"
    "SE*17*0001~GE*1*901~IEA*1*000000901~"
)


def remittance(
    *, paid: str = "60", adjusted: str = "40", payee: str = "1234567893", trace: str = "T1"
) -> bytes:
    """An 835 for a claim that is not ours to know."""
    return SAMPLE.format(paid=paid, adjusted=adjusted, payee=payee, trace=trace).encode()


async def kept(office: Office) -> list[tuple[str, str | None]]:
    """The files that are kept, with their state and reason."""
    door = office.services.database.organization_transaction(office.world.tenant.actor)
    async with door as session:
        rows = await session.execute(
            select(ReceivedFile.status, ReceivedFile.reason).order_by(ReceivedFile.id)
        )
        return [(row[0], row[1]) for row in rows]


async def kept_835(office: Office) -> tuple[str, bytes]:
    """The name and the bytes of the one 835 that was collected."""
    company, cipher = office.world.tenant, office.services.cipher
    async with office.services.database.organization_transaction(company.actor) as session:
        wanted = select(ReceivedFile).where(ReceivedFile.name.endswith(".835"))
        file = (await session.execute(wanted)).scalar_one()
        place = f"received_files:{company.organization_id}:{file.id}"
        return file.name, cipher.open(file.content, place)


@pytest.mark.parametrize(
    ("content", "segment"),
    [
        (b"", "ISA"),
        (b"\x00\xff garbage", "ISA"),
        (remittance()[:-60], "SE"),
        (remittance().replace(b"SE*17", b"SE*99"), "SE"),
        (remittance().replace(b"IEA*1*000000901", b"IEA*1*000000902"), "IEA"),
        (remittance().replace(b"**60*", b"*").replace(b"BPR*I*60", b"BPR*I*sixty"), "BPR"),
        (remittance(payee="9999999999"), "N1"),
    ],
)
async def test_a_file_that_cannot_be_used(open_office: Opener, content: bytes, segment: str) -> None:
    """The problem names the segment, nothing is posted, and the file is kept with the reason."""
    office = await open_office()
    answer = await office.bring(content)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["code"] == "file_quarantined"
    assert problem["detail"].startswith(segment) or segment in problem["detail"]
    assert (await office.get("/remittances/")).json() == []
    [(status, reason)] = await kept(office)
    assert status == "quarantined"
    assert reason


@pytest.mark.req("PO-22")
async def test_a_file_is_kept_once(open_office: Opener) -> None:
    """The same bytes again are a repeat; the same payment in another envelope posts nothing new."""
    office = await open_office()
    first = await office.bring(remittance())
    assert first.status_code == 200, first.text
    again = await office.bring(remittance())
    assert (again.json()["file_id"], again.json()["repeat"]) == (first.json()["file_id"], True)
    await office.bring(remittance().replace(b"000000901", b"000000999"))
    await office.pass_time(hours=1)
    [row] = (await office.get("/remittances/")).json()
    whole = (await office.get(f"/remittances/{row['id']}")).json()
    assert [claim["outcome"] for claim in whole["claims"]] == ["unmatched"]


@pytest.mark.req("PO-22")
async def test_after_unposting_the_same_file_posts_the_same(open_office: Opener) -> None:
    """Un-posted and brought again, the remittance posts what it posted before."""
    office = await open_office()
    [claim_id] = await office.send(await office.visit([("97110", 2, 30)]))
    await office.pass_time(days=30)
    before = (await office.get(f"/claims/{claim_id}")).json()["lines"]
    [row] = (await office.get("/remittances/")).json()
    undone = await office.post(f"/remittances/{row['id']}/unpost", {"reason": "posted to the wrong day"})
    assert undone.json()["summary"]["status"] == "unposted"
    opened = (await office.get(f"/claims/{claim_id}")).json()["lines"]
    assert [line["insurer_cents"] for line in opened] == [10_000]
    [name, content] = await kept_835(office)
    assert (await office.bring(content, name)).json()["repeat"] is True
    await office.pass_time(minutes=5)
    [again] = (await office.get("/remittances/")).json()
    assert (again["id"], again["status"]) == (row["id"], "posted")
    assert (await office.get(f"/claims/{claim_id}")).json()["lines"] == before


async def test_an_unbalanced_payment_is_quarantined(open_office: Opener) -> None:
    """The stated payment and its claims differ: nothing posts, and the reason names BPR and the cents."""
    office = await open_office()
    answer = await office.bring(remittance().replace(b"BPR*I*60", b"BPR*I*61"))
    assert answer.status_code == 200
    await office.pass_time(hours=1)
    [row] = (await office.get("/remittances/")).json()
    assert row["status"] == "quarantined"
    assert "BPR" in row["reason"]
    refused = await office.post(f"/remittances/{row['id']}/post")
    assert (refused.status_code, refused.json()["code"]) == (409, "remittance_quarantined")


async def test_an_acknowledgement_for_a_file_nobody_sent(open_office: Opener) -> None:
    """It routes nowhere: kept, in quarantine, and the company has work."""
    office = await open_office()
    text = ISA + (
        "2*0*T*:~"
        "GS*FA*SIMCLEAR*HARBORBILL*20260302*1400*902*X*005010X231A1~ST*999*0001*005010X231A1~"
        "AK1*HC*777*005010X222A1~AK2*837*0001*005010X222A1~IK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*902~IEA*1*000000902~"
    )
    answer = await office.bring(text.encode(), "strange.999")
    assert answer.status_code == 422
    assert "AK1" in answer.json()["detail"]
    assert [status for status, _ in await kept(office)] == ["quarantined"]
