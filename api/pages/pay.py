"""The pay page: a link, a second factor, then one plain sentence per line and a way to pay.

Works without a script. Before the second factor it says the neutral billing name and nothing else (SEC-04);
links that are paid, replaced, revoked, locked, expired or unknown answer byte for byte alike (SEC-05).
"""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from api.authentication import describe
from api.pages import pay_forms
from api.services import Services
from api.settings import Settings
from api.transactions import Incoming
from billing_rules.money import dollars
from domain.patient_billing.disputes import dispute_statement
from domain.patient_billing.links import LinkDead, open_link
from domain.patient_billing.payments import Addresses, AmountNotPayable, PaymentOvertaken, start_payment
from domain.patient_billing.processor_events import check_payment
from domain.patient_billing.queries import PayerAccount, payer_account
from domain.patient_billing.second_factor import (
    SESSION_LIFE,
    AnswerWrong,
    Visit,
    pass_second_factor,
    recognise_visitor,
)
from domain.patient_billing.sentences import plain_date
from tenants.errors import DomainError, Throttled, Unauthenticated, Unavailable

Answer = Template | Redirect
PUBLIC = {"public": "patients have no sign-in: the link's secret, then the second factor"}
NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
NO_ANSWER = "Card payments do not answer right now. You were not charged. Please try again in a moment."
CHANGED = "Something changed while you were paying. You were not charged. Please look again."
UNREADABLE = "Please enter your date of birth and your 5-digit ZIP code."
NO_MATCH = "That does not match what we have. Please check both and try again."


@get("/{token:str}", opt=PUBLIC)
async def show(request: Incoming, services: NamedDependency[Services], token: FromPath[str]) -> Answer:
    """The second factor, or the account behind it."""
    try:
        visit = await _visit(request, services, token)
    except Unauthenticated:
        return await _second_factor(request, services, token)
    if not visit.link_is_open:
        return _to(token, "/done")
    return await _account(request, services, token, visit)


@post("/{token:str}/verify", opt=PUBLIC, status_code=200)
async def verify(request: Incoming, services: NamedDependency[Services], token: FromPath[str]) -> Answer:
    """Take the second factor; a right one opens a session of half an hour."""
    try:
        answer = pay_forms.read_answer(await request.form())
        passed = await pass_second_factor(services.database, token, answer, describe(request))
    except pay_forms.NotReadable:
        return await _second_factor(request, services, token, error=UNREADABLE)
    except AnswerWrong:
        return await _second_factor(request, services, token, error=NO_MATCH)
    return _to(token, cookie=_session_cookie(services.settings, passed.token))


@post("/{token:str}/checkout", opt=PUBLIC, status_code=200)
async def checkout(request: Incoming, services: NamedDependency[Services], token: FromPath[str]) -> Answer:
    """Send the payer to the card processor's page, for all or for a part."""
    visit = await _visit(request, services, token)
    here = f"{services.settings.public_url}/pay/{token}"
    try:
        form = await request.form()
        pay_forms.refuse_stale(form, visit.csrf_token)
        url = await start_payment(
            services.database,
            services.cards,
            visit.patient,
            pay_forms.read_amount(form),
            Addresses(success_url=f"{here}/done", cancel_url=here),
        )
    except AmountNotPayable as refused:
        return await _account(request, services, token, visit, amount_error=refused.detail)
    except Unavailable:
        return await _account(request, services, token, visit, notice=NO_ANSWER)
    except (PaymentOvertaken, pay_forms.FormStale):
        return await _account(request, services, token, visit, notice=CHANGED)
    return _to(token, "/done") if url is None else Redirect(url, status_code=303, headers=NOT_INDEXED)


@get("/{token:str}/done", opt=PUBLIC)
async def done(request: Incoming, services: NamedDependency[Services], token: FromPath[str]) -> Answer:
    """What came of the payment, asked of the processor itself when its notice is late."""
    try:
        visit = await _visit(request, services, token)
    except Unauthenticated:
        return _to(token)
    outcome = await check_payment(services.database, services.cards, visit.patient)
    if visit.link_is_open and (outcome is None or outcome.status not in ("paid", "opened")):
        return _to(token)
    context = {"token": token, "outcome": outcome, "payer": await _payer(request, services, visit)}
    return _page("pay/done.html", context, services)


@post("/{token:str}/dispute", opt=PUBLIC, status_code=200)
async def dispute(request: Incoming, services: NamedDependency[Services], token: FromPath[str]) -> Answer:
    """This looks wrong: somebody will look at it."""
    visit = await _visit(request, services, token)
    form = await request.form()
    pay_forms.refuse_stale(form, visit.csrf_token)
    complaint = pay_forms.read_complaint(form)
    actor = visit.patient.acting(describe(request).action)
    async with services.database.practice_transaction(actor, visit.patient.practice_id) as session:
        await dispute_statement(session, visit.patient, complaint, services.now())
    return _to(token, "#looks-wrong")


@get(["/{token:str}/verify", "/{token:str}/checkout", "/{token:str}/dispute"], opt=PUBLIC)
async def go_back(token: FromPath[str]) -> Redirect:
    """A form's own address opened by hand leads back to the page."""
    return _to(token)


async def _visit(request: Incoming, services: Services, token: str) -> Visit:
    session_token = request.cookies.get(_cookie_name(services.settings), "")
    return await recognise_visitor(services.database, token, session_token, describe(request))


async def _second_factor(request: Incoming, services: Services, token: str, error: str = "") -> Template:
    front = await open_link(services.database, token, describe(request))
    context = {"token": token, "billing_name": front.billing_name, "error": error}
    return _page("pay/second_factor.html", context, services, status=422 if error else 200)


async def _account(
    request: Incoming,
    services: Services,
    token: str,
    visit: Visit,
    *,
    amount_error: str = "",
    notice: str = "",
) -> Template:
    context = {
        "token": token,
        "csrf_token": visit.csrf_token,
        "payer": await _payer(request, services, visit),
        "amount_error": amount_error,
        "notice": notice,
    }
    return _page("pay/account.html", context, services, status=422 if amount_error or notice else 200)


async def _payer(request: Incoming, services: Services, visit: Visit) -> PayerAccount:
    actor = visit.patient.acting(describe(request).action)
    async with services.database.practice_transaction(actor, visit.patient.practice_id) as session:
        return await payer_account(session, visit.patient, services.now())


def _page(name: str, context: dict[str, Any], services: Services, *, status: int = 200) -> Template:
    """A page with the few functions that its figures need."""
    payer = context.get("payer")
    zone = ZoneInfo(payer.contact.time_zone if payer else "UTC")
    told = {
        "dollars": dollars,
        "plain_date": plain_date,
        "local_day": lambda instant: plain_date(instant.astimezone(zone).date()),
        "today": services.now().astimezone(zone).date(),
    }
    return Template(name, context=context | told, status_code=status, headers=NOT_INDEXED)


def _to(token: str, where: str = "", *, cookie: Cookie | None = None) -> Redirect:
    cookies = [cookie] if cookie else []
    return Redirect(f"/pay/{token}{where}", status_code=303, headers=NOT_INDEXED, cookies=cookies)


def _cookie_name(settings: Settings) -> str:
    return "__Host-visitledger-pay" if settings.over_https else "visitledger-pay"


def _session_cookie(settings: Settings, token: str) -> Cookie:
    return Cookie(
        key=_cookie_name(settings),
        value=token,
        path="/",
        httponly=True,
        secure=settings.over_https,
        samesite="lax",
        max_age=int(SESSION_LIFE.total_seconds()),
    )


def refuse(request: Incoming, error: DomainError) -> Response[Any]:
    """A refusal as a page without any detail; every dead link has this same one."""
    if isinstance(error, Unauthenticated):
        return Response(
            b"", status_code=303, headers=NOT_INDEXED | {"Location": f"/pay/{request.path_params['token']}"}
        )
    if isinstance(error, Throttled):
        headers = NOT_INDEXED | {"Retry-After": str(error.retry_after_seconds)}
        return Template("pay/wait.html", context={}, status_code=429, headers=headers)
    if isinstance(error, LinkDead):
        return Template("pay/dead.html", context={}, status_code=404, headers=NOT_INDEXED)
    return Template("pay/again.html", context={}, status_code=403, headers=NOT_INDEXED)


ROUTER = Router(
    path="/pay",
    route_handlers=[show, verify, checkout, done, dispute, go_back],
    exception_handlers={DomainError: refuse},
    include_in_schema=False,
)
