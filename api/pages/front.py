"""The front door: the company's address, signing in and out, and where each person starts."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template
from msgspec import Meta, Struct

from api.authentication import cookie_name, signed_in_cookie, signed_out_cookie
from api.pages.errors import company_cookie
from api.pages.frame import Answer, go, local_path, may, plain_page
from api.services import Services
from api.sign_in import close_sign_in, open_sign_in
from api.transactions import Incoming
from tenants.access import Actor, Permission
from tenants.errors import Forbidden, Throttled
from tenants.sign_in import WrongCredentials

Slug = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,60}$")]
BEFORE = {"public": "whoever signs in is not known yet; throttled"}
WRONG = "The e-mail address or the password is wrong."


class SignInForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody types to sign in; `next` is the page that they wanted."""

    email: Annotated[str, Meta(max_length=255)]
    password: Annotated[str, Meta(max_length=1024)]
    next: str = "/home"


@get("/", opt={"public": "asks for the company's address"})
async def front(
    request: Incoming, services: NamedDependency[Services], company: FromQuery[str | None] = None
) -> Answer:
    """The reader's first page, or the question for the company's address."""
    if company is not None and company.strip().replace("-", "").isalnum():
        return go(f"/o/{company.strip().lower()}/sign-in")
    if company is None and request.cookies.get(cookie_name(services.settings)):
        return go("/home")
    return plain_page("front/company.html", told={"asked": company})


@get("/home", opt={"signed_in": "leads everybody to their own first page"})
async def home(actor: NamedDependency[Actor]) -> Redirect:
    """Today for staff, their own patients for therapists; raises Forbidden for neither."""
    for permission, path in (
        (Permission.WORK_READ, "/today"),
        (Permission.CASELOAD_READ, "/my-patients"),
        (Permission.PRACTICE_READ, "/practices"),
    ):
        if may(actor, permission):
            return go(path)
    raise Forbidden("no practice has given you a role yet; ask whoever manages your company's members")


@get("/o/{slug:str}/sign-in", opt=BEFORE)
async def sign_in_page(
    slug: FromPath[Slug], wanted: Annotated[str, QueryParameter(name="next")] = "/home"
) -> Answer:
    """The form to sign in."""
    told = {"slug": slug, "email": "", "error": "", "next": local_path(wanted, "/home")}
    return plain_page("front/sign_in.html", told=told)


@post("/o/{slug:str}/sign-in", opt=BEFORE, status_code=200)
async def sign_in_by_form(
    request: Incoming,
    services: NamedDependency[Services],
    slug: FromPath[Slug],
    data: URLEncodedBody[SignInForm],
) -> Answer:
    """Sign a browser in with a fresh token, and lead it to the page that it wanted."""
    wanted = local_path(data.next, "/home")
    try:
        opened = await open_sign_in(request, services, slug, data.email, data.password)
    except WrongCredentials:
        return _again(slug, data.email, wanted, WRONG, status=401)
    except Throttled as throttled:
        return _wait(slug, data.email, wanted, throttled.retry_after_seconds)
    settings = services.settings
    cookies = [signed_in_cookie(settings, opened.token), company_cookie(slug, secure=settings.over_https)]
    return Redirect(wanted, status_code=303, cookies=cookies)


@post("/sign-out", opt={"signed_in": "everybody may end the own sign-in"}, status_code=200)
async def sign_out_by_form(request: Incoming, services: NamedDependency[Services]) -> Redirect:
    """End this sign-in everywhere, at once."""
    await close_sign_in(request, services)
    return Redirect("/", status_code=303, cookies=[signed_out_cookie(services.settings)])


def _wait(slug: str, email: str, wanted: str, seconds: int) -> Template:
    minutes = -(-seconds // 60)
    error = f"Too many tries. Please wait {minutes} {'minute' if minutes == 1 else 'minutes'} and try again."
    return _again(slug, email, wanted, error, status=429, headers={"Retry-After": str(seconds)})


def _again(
    slug: str, email: str, wanted: str, error: str, *, status: int, headers: dict[str, str] | None = None
) -> Template:
    told = {"slug": slug, "email": email, "error": error, "next": wanted}
    return plain_page("front/sign_in.html", status=status, headers=headers, told=told)


HANDLERS: list[HTTPRouteHandler] = [front, home, sign_in_page, sign_in_by_form, sign_out_by_form]
