"""Which handler works on which task; one module per capability, each with its `HANDLERS`, joined here.

async def send_interchange(task: SendInterchange, services: Services) -> None:
    \"\"\"Hand a written file over; safe to repeat.\"\"\"
    await sending.hand_over(services.database, services.mailboxes, services.cipher, acting(task), task)

HANDLERS: Handlers = {SendInterchange: Outside(send_interchange), ApplyInbound: InTransaction(apply)}
"""

from api.tasks import claims, patient_billing, practices, visits
from api.tasks.handlers import Handler
from tenants.outbox import Task

Handlers = dict[type[Task], Handler]

HANDLERS: Handlers = {**practices.HANDLERS, **claims.HANDLERS, **patient_billing.HANDLERS, **visits.HANDLERS}
