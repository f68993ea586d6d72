"""My patients: what a therapist may still do for each of the own patients, without any money."""

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template
from msgspec import Struct

from api.pages.frame import PracticeTag, page, read_shell
from api.services import Services
from api.transactions import Incoming
from domain.reporting.clocks import BEFORE_SETTINGS, zone_of
from domain.visits.caseload import CaseloadLine, my_patients
from domain.visits.query_views import queries_of
from tenants.access import Actor, Permission


class OwnPatients(Struct, frozen=True, kw_only=True):
    """The therapist's own patients in one practice, and the questions there that wait for the therapist."""

    practice: PracticeTag
    open_questions: int
    lines: list[CaseloadLine]


@get("/my-patients", opt={"permission": Permission.CASELOAD_READ, "across": True})
async def own_patients(
    request: Incoming, services: NamedDependency[Services], actor: NamedDependency[Actor]
) -> Template:
    """The signed-in therapist's own patients: approved, used, booked, left; what binds; until when."""
    shell = await read_shell(request, here="my-patients")
    zone = BEFORE_SETTINGS
    groups = []
    for practice_id in sorted(actor.practice_ids):
        providers = actor.provider_ids(practice_id)
        if not providers or Permission.CASELOAD_READ not in actor.permissions(practice_id):
            continue
        async with services.database.practice_transaction(actor, practice_id) as session:
            zone = await zone_of(session, practice_id)
            lines = await my_patients(session, practice_id, providers, now=services.now())
            waiting = await queries_of(
                session, practice_id, now=services.now(), providers=providers, status="open"
            )
        tag = shell.practices[practice_id]
        groups.append(OwnPatients(practice=tag, open_questions=len(waiting), lines=lines))
    return page("my_patients.html", shell, zone=zone, groups=groups)


HANDLERS: list[HTTPRouteHandler] = [own_patients]
