"""The pages of patients: the list by name, one patient with limits and payers, and the ledger of a limit."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template
from msgspec import Meta, Struct

from api.pages.frame import may, page, read_shell
from api.services import Services
from api.transactions import Incoming
from domain.allowances.queries import ACCOUNTS, limit_entries, limit_ref
from domain.patients.queries import patients as find_patients
from domain.reporting.clocks import zone_of
from domain.reporting.patient_file import patient_file
from tenants.access import Actor, Permission

READ = {"permission": Permission.PATIENT_READ}
PAGE_ROWS = 100
COUNTED_IN = {"visit": "visits", "minute": "minutes", "day": "days", "usd": "cents"}


class Search(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The beginning of a family name; a form carries it, so that no name ever stands in an address."""

    name: Annotated[str, Meta(max_length=100)] = ""


@get("/practices/{practice_id:uuid}/patients", opt=READ)
async def patients(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
) -> Template:
    """The practice's patients by family name."""
    return await _listed(request, services, actor, practice_id, "")


@post("/practices/{practice_id:uuid}/patients", opt=READ, status_code=200)
async def search(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    data: URLEncodedBody[Search],
) -> Template:
    """The patients whose family name begins like this."""
    return await _listed(request, services, actor, practice_id, data.name.strip())


async def _listed(
    request: Incoming, services: Services, actor: Actor, practice_id: UUID, name: str
) -> Template:
    shell = await read_shell(request, practice_id, here="patients")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        rows = await find_patients(session, practice_id, name=name, limit=PAGE_ROWS)
    told = {"rows": rows, "name": name, "most": PAGE_ROWS}
    return page("patients/patients.html", shell, zone=zone, told=told)


@get("/practices/{practice_id:uuid}/patients/{patient_id:uuid}", opt=READ)
async def patient(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    patient_id: FromPath[UUID],
) -> Template:
    """One patient: what is left of each limit, sessions, claims, and who owes what."""
    shell = await read_shell(request, practice_id, here="patients")
    with_money = may(actor, Permission.BILLING_READ, practice_id)
    async with services.database.practice_transaction(actor, practice_id) as session:
        file = await patient_file(session, practice_id, patient_id, services.now(), with_money=with_money)
    return page("patients/patient.html", shell, zone=file.zone, file=file, with_money=with_money)


@get(
    "/practices/{practice_id:uuid}/limits/{limit_kind:str}/{limit_id:uuid}/{account:str}",
    opt={"permission": Permission.ALLOWANCE_READ},
)
async def limit(
    request: Incoming,
    services: NamedDependency[Services],
    actor: NamedDependency[Actor],
    practice_id: FromPath[UUID],
    limit_kind: FromPath[str],
    limit_id: FromPath[UUID],
    account: FromPath[str],
) -> Template:
    """The ledger entries that add up to one number of a limit, with the running balance."""
    shell = await read_shell(request, practice_id, here="patients")
    async with services.database.practice_transaction(actor, practice_id) as session:
        zone = await zone_of(session, practice_id)
        ref = await limit_ref(session, practice_id, limit_kind, limit_id)
        entries = await limit_entries(session, practice_id, limit_kind, limit_id, account)
    told = {"kind": limit_kind, "id": limit_id, "account": account, "counted_in": COUNTED_IN[ref.unit]}
    return page("patients/limit.html", shell, zone=zone, told=told, entries=entries, accounts=ACCOUNTS)


HANDLERS: list[HTTPRouteHandler] = [patients, search, patient, limit]
