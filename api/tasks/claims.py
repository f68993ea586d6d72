"""Tasks of claims and remittances: writing, sending, collecting, applying."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from api.tasks.handlers import Handler, InTransaction, Outside, acting
from domain.claims.sending import hand_over
from domain.claims.tasks import ApplyInbound, CollectFiles, SendClaims, SendInterchange
from domain.claims.writing import write_claims
from domain.remittances.applying import apply_inbound
from domain.remittances.collecting import collect_files
from domain.remittances.intake import Intake
from tenants.outbox import Task


def intake_of(services: Services) -> Intake:
    """Who takes files in on this machine."""
    return Intake(services.database, services.files, services.cipher)


async def write(task: SendClaims, services: Services) -> None:
    """Write the queued claims into a file; repeated, it finds none queued."""
    await write_claims(services.database, services.files, services.cipher, acting(task), task)


async def send(task: SendInterchange, services: Services) -> None:
    """Hand a written file over; safe to repeat, because its name repeats."""
    await hand_over(services.database, services.mailboxes, services.cipher, acting(task), task)


async def collect(task: CollectFiles, services: Services) -> None:
    """Take in what waits; safe to repeat, because files are kept once."""
    await collect_files(intake_of(services), services.mailboxes, acting(task), task)


async def apply(session: AsyncSession, task: ApplyInbound, services: Services) -> None:
    """Apply one received transaction, in the transaction that marks the task done."""
    await apply_inbound(
        session, services.cipher, acting(task), task.practice_id, task.inbound_id, services.now()
    )


HANDLERS: dict[type[Task], Handler] = {
    SendClaims: Outside(write),
    SendInterchange: Outside(send),
    CollectFiles: Outside(collect),
    ApplyInbound: InTransaction(apply),
}
