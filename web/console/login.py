"""In and out: password, second factor, the lock of an idle screen, sessions everywhere."""

import io
import re
from urllib.parse import parse_qsl, urlsplit

import segno
from fastapi import APIRouter, Request, Response

from domain.errors import AppError
from edge.deps import BackendDep, public
from edge.errors import STATUS
from services import accounts, second_factor
from web.console import pages, session
from web.console.forms import PostedForm, StrangersForm
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, HeldDesk, own_session

router = APIRouter(tags=["login"])
_BACK = re.compile(r"/[A-Za-z0-9/_.-]*(\?[^\s#]*)?")


@router.get("/login", dependencies=[public()])
def ask_login(request: Request) -> Response:
    """Ask for log-in and password."""
    return _login_page(request)


@router.post("/login", dependencies=[public()])
def sign_in(request: Request, backend: BackendDep, form: StrangersForm) -> Response:
    """Open a session; the second factor follows where the seat needs one."""
    try:
        signed = accounts.sign_in(backend, form.raw("login")[:64], form.secret("password"))
    except AppError as refusal:
        return _login_page(request, login=form.raw("login")[:64], refusal=refusal)
    answer = _back(request, form.raw("next"))
    session.keep(request, answer, signed.token, life=signed.expires_at - backend.clock.now())
    return answer


def _login_page(request: Request, *, login: str = "", refusal: AppError | None = None) -> Response:
    return pages.page(
        request,
        None,
        "login.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="登录",
        login=login,
        next=request.query_params.get("next", ""),
        refusal=words_of(refusal) if refusal else None,
    )


@router.get("/code", dependencies=[own_session()])
def ask_code(request: Request, desk: HeldDesk) -> Response:
    """Ask for the code; who has no second factor yet sets it up here."""
    return _code_page(request, desk)


@router.post("/code", dependencies=[own_session()])
def show_code(request: Request, desk: HeldDesk, form: PostedForm) -> Response:
    """Open the session in full."""
    try:
        second_factor.show(desk.backend, desk.access, form.raw("code")[:12])
    except AppError as refusal:
        return _code_page(request, desk, refusal)
    return _back(request, form.raw("next"))


def _code_page(request: Request, desk: Desk, refusal: AppError | None = None) -> Response:
    if not accounts.is_half_open(desk.access):
        return _back(request, request.query_params.get("next", ""))
    offered = None
    if not second_factor.is_set_up(desk.backend, desk.member):
        offered = second_factor.offer(desk.backend, desk.access)
    return pages.page(
        request,
        None,
        "code.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="验证器",
        token=desk.csrf,
        secret=_in_fours(offered.secret) if offered else "",
        picture=_drawn(offered.address) if offered else "",
        next=request.query_params.get("next", ""),
        refusal=words_of(refusal) if refusal else None,
    )


def _drawn(address: str) -> str:
    """Draw a QR code as SVG without styles, so that the page's policy lets it be."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=5, xmldecl=False, svgns=True, title="验证器二维码", omitsize=False
    )
    return drawn.getvalue().decode()


def _in_fours(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


@router.get("/lock", dependencies=[own_session()])
def ask_unlock(request: Request, desk: HeldDesk) -> Response:
    """Ask who comes back for the password."""
    return _lock_page(request, desk)


@router.post("/lock", dependencies=[own_session()])
def unlock(request: Request, desk: HeldDesk, form: PostedForm) -> Response:
    """Go on where the screen was locked."""
    try:
        accounts.confirm(desk.backend, desk.access, form.secret("password"))
    except AppError as refusal:
        return _lock_page(request, desk, refusal)
    if form.has("here"):  # the page's own overlay: nothing is loaded anew
        return Response(status_code=204)
    return _back(request, form.raw("next"))


def _lock_page(request: Request, desk: Desk, refusal: AppError | None = None) -> Response:
    return pages.page(
        request,
        None,
        "lock.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="已锁定",
        token=desk.csrf,
        who=desk.member.display_name,
        next=request.query_params.get("next", ""),
        refusal=words_of(refusal) if refusal else None,
    )


@router.post("/seen", dependencies=[own_session()])
def seen(desk: CurrentDesk, _form: PostedForm) -> Response:
    """Hear that somebody reads or types, though nothing is loaded."""
    accounts.note_seen(desk.backend, desk.access)
    return Response(status_code=204)


@router.post("/logout", dependencies=[own_session()])
def sign_out(request: Request, desk: HeldDesk, form: PostedForm) -> Response:
    """End this session, or all of this account."""
    if form.has("everywhere"):
        accounts.sign_out_everywhere(desk.backend, desk.member)
    else:
        accounts.sign_out(desk.backend, desk.member, desk.token)
    answer = pages.go(request, "/login", said="已经退出")
    session.drop(request, answer)
    return answer


def _back(request: Request, wanted: str) -> Response:
    """Go where one wanted to go, as long as it lies in the console."""
    if not _BACK.fullmatch(wanted) or wanted.startswith("//"):
        wanted = "/"
    parts = urlsplit(wanted)
    return pages.go(request, parts.path, **dict(parse_qsl(parts.query)))
