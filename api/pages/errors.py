"""Refusals as pages: the same refusal as the JSON interface gives, in words and with a way on."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from api.authentication import SAFE_METHODS, signed_out_cookie
from api.pages.frame import plain_page
from api.problems import Problem, answer
from api.services import Services
from api.transactions import services_of

COMPANY_COOKIE = "visitledger-company"
EXPLAINED = {
    "cross_site_request": "The form was not sent from this page, or it is from an earlier sign-in. "
    "Open the page again and repeat the step.",
    "not_found": "There is nothing here that you may see. It may belong to a practice outside your grants, "
    "or the address may be mistyped.",
    "internal": "Something went wrong on our side. It is logged under the number below; nothing was changed.",
    "unavailable": "The database cannot answer right now. Please try again in a moment.",
}


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A page that says what was refused and why; whoever is not signed in is led to the sign-in."""
    given = answer(request, error)
    problem = msgspec.json.decode(given.content, type=Problem)
    if problem.status == 401:
        return to_sign_in(request, services_of(request))
    headers = {name: value for name, value in given.headers.items() if name.lower() != "content-type"}
    words = EXPLAINED.get(problem.code, sentence(problem.detail))
    told = {"problem": problem, "words": words, "back": _way_back(request, problem.status)}
    return plain_page("error.html", status=problem.status, headers=headers, told=told)


def _way_back(request: Request[Any, Any, Any], status: int) -> str:
    """The page to return to; none where the page itself is what was refused."""
    if request.method in SAFE_METHODS and status < 429:
        return ""
    return page_of(request)


def to_sign_in(request: Request[Any, Any, Any], services: Services) -> Redirect:
    """The sign-in of the company that this browser last signed in to, and from there back to the page."""
    slug = request.cookies.get(COMPANY_COOKIE, "")
    path = f"/o/{slug}/sign-in" if slug.replace("-", "").isalnum() else "/"
    wanted = page_of(request)
    query = {"next": wanted} if slug and wanted != "/" else {}
    forgotten = signed_out_cookie(services.settings)
    return Redirect(path, status_code=303, query_params=query, cookies=[forgotten])


def company_cookie(slug: str, *, secure: bool) -> Cookie:
    """Remembers which company's sign-in to show; it opens nothing."""
    return Cookie(
        key=COMPANY_COOKIE,
        value=slug,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=180 * 86_400,
    )


def page_of(request: Request[Any, Any, Any]) -> str:
    """The page that a request came from or asked for: a form's own address leads back to its page."""
    path = request.url.path
    if request.method in SAFE_METHODS:
        return path
    head, _, _ = path.rpartition("/")
    return "/today" if "/work/" in head else head or "/"


def sentence(detail: str) -> str:
    """A refusal's words with a capital and a full stop."""
    return f"{detail[:1].upper()}{detail[1:]}{'' if detail.endswith(('.', '!', '?')) else '.'}"
