"""Whether the installation is sound, on three pages: at work, keys and texts, stored faces."""

from typing import Any

from fastapi import APIRouter, Request, Response

from domain.errors import AppError
from domain.face_filing import ALARM_AT, FILING_AT
from domain.roles import Permission
from edge.errors import STATUS
from services import accounts, stored_faces, system_status
from web.console import admin_words, filing_lines, pages
from web.console.again import confirmed
from web.console.forms import PostedForm
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(prefix="/system", tags=["system"])


@router.get("", dependencies=[requires(Permission.SYSTEM_READ)])
def at_work(request: Request, desk: CurrentDesk) -> Response:
    """Show queue, workers, chores, stores and models."""
    return _page(
        request,
        desk,
        "system.html",
        title="系统",
        tab="work",
        work=system_status.work(desk.backend, desk.member),
        stores=system_status.stores(desk.backend, desk.member),
        models=system_status.models(desk.backend),
        now=desk.now,
    )


@router.get("/keys", dependencies=[requires(Permission.SYSTEM_READ)])
def keys(request: Request, desk: CurrentDesk) -> Response:
    """Show the key ring's versions, the texts people agreed to, and the calendar."""
    return _page(
        request,
        desk,
        "system_keys.html",
        title="密钥与文本",
        tab="keys",
        ring=system_status.key_ring(desk.backend, desk.member),
        texts=system_status.texts(desk.backend, desk.member),
        holidays=system_status.holidays(desk.backend),
    )


@router.get("/faces", dependencies=[requires(Permission.SYSTEM_READ)])
def faces(request: Request, desk: CurrentDesk) -> Response:
    """Show how many persons' faces are stored, and when that has to be filed."""
    return _faces_page(request, desk)


@router.post("/faces/summary", dependencies=[requires(Permission.SYSTEM_READ)])
def summary(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Hand out what a filing says of this installation."""
    try:
        accounts.check_confirmed(confirmed(desk, form), desk.now)
    except AppError as refusal:
        return _faces_page(request, desk, refusal)
    found = stored_faces.take_summary(desk.backend, desk.member)
    texts = system_status.texts(desk.backend, desk.member)
    name = f"face-filing-{found.counted_at:%Y%m%d}.csv"
    return Response(
        filing_lines.file(found, texts, desk.member),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _faces_page(request: Request, desk: Desk, refusal: AppError | None = None) -> Response:
    return _page(
        request,
        desk,
        "system_faces.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="人脸备案",
        tab="faces",
        found=stored_faces.count_faces(desk.backend, desk.member),
        alarm_at=ALARM_AT,
        filing_at=FILING_AT,
        refusal=words_of(refusal) if refusal else None,
    )


def _page(request: Request, desk: Desk, template: str, **values: Any) -> Response:
    return pages.page(request, desk, template, kinds=admin_words.KINDS, **values)
