"""Pages for the person, as HTML from the server.

There is one page. How it was reached (by a link of one's own, by an office's poster, typed) only
changes what it shows first. No page says anything of a person: that comes by acts, to whoever has
proved who it is.
"""

from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from domain.challenge import Need
from domain.errors import AppError
from domain.regions import parse_division
from edge.deps import BackendDep, public
from services.backend import Backend
from services.eligibility import SELF_SERVICE, Window, window_of
from web import assets, i18n, templating
from web.phone import cookies, static_files
from web.phone.speech_files import folder_address

router = APIRouter(tags=["pages"])
router.include_router(static_files.router)
TEMPLATES_ONLY = "page."
"""Keys that begin so are for templates; scripts are given all others."""
_HTML = "text/html; charset=utf-8"

Lang = Annotated[str | None, Query(max_length=8)]


@router.get("/", dependencies=[public()])
def typed(request: Request, lang: Lang = None) -> Response:
    """Show the page to whoever typed its address, or comes back."""
    return _answer(request, lang)


@router.get("/k/{token}", dependencies=[public()])
def by_link(
    request: Request, token: Annotated[str, Path(max_length=128)], lang: Lang = None
) -> Response:
    """Show the page to whoever was sent a link. Its script hands the token in; we do not look."""
    del token
    return _answer(request, lang)


@router.get("/p/{division}", dependencies=[public()])
def by_poster(
    request: Request,
    division: Annotated[str, Path(max_length=12)],
    backend: BackendDep,
    lang: Lang = None,
) -> Response:
    """Show the page with the office whose poster it was; an unknown one goes unmentioned."""
    return _answer(request, lang, _office(backend, division))


def _office(backend: Backend, division: str) -> Window | None:
    try:
        path = parse_division(division)
    except AppError:
        return None
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        return window_of(unit, path)


def _answer(request: Request, wanted: str | None, office: Window | None = None) -> Response:
    lang = wanted if wanted in i18n.languages() else i18n.FIRST
    voice = folder_address(request.app.state.speech, lang)
    return assets.answer(request, _page(lang, office, voice), {"Content-Language": i18n.tag(lang)})


@lru_cache(maxsize=64)
def _page(lang: str, office: Window | None, voice: str | None) -> assets.StaticFile:
    words = i18n.words(lang)
    static = f"{cookies.PATH}/static/{static_files.digest()}/"
    shown = templating.render(
        "phone.html",
        words,
        html_lang=i18n.tag(lang),
        static=static,
        scripts=static_files.first_scripts(),
        office=office,
        needs=[need.value for need in Need],
        page={
            "lang": i18n.tag(lang),
            "base": cookies.PATH,
            "pictures": f"{static}pictures/",
            "vendor": f"{static}{assets.VENDOR}",
            "speech": cookies.PATH + voice if voice else "",
            "words": {k: v for k, v in words.items() if not k.startswith(TEMPLATES_ONLY)},
        },
    )
    return assets.packed(_HTML, shown.encode())
