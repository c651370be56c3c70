"""Take a list along: masked by default, in full for a reason and with the password."""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from domain.errors import AppError
from domain.listing import COUNTED_TO, EXPORT_MOST, Column, Order
from domain.roles import Permission
from edge.errors import STATUS
from services.people_export import (
    ExportAsked,
    Exported,
    ExportFormat,
    ExportWords,
    export_people,
)
from services.people_search import Wanted, count_people, places_offered
from web.console import pages
from web.console.again import confirmed
from web.console.forms import Posted, PostedForm
from web.console.people import asked_of, kept_of, wanted_of
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires
from web.console.words import word

router = APIRouter(tags=["people export"])
MEDIA = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
}
_CHUNK = 1 << 16
_HEADS = (
    "姓名",
    *(
        word("column", column.value)
        for column in Column
        if column not in {Column.CHANNEL, Column.FLAGS, Column.VALID_UNTIL}
    ),
    "有效期至",
    "到期状态",
    "上次方式",
    "提示",
)


@router.get("/people/export", dependencies=[requires(Permission.REGISTRY_EXPORT)])
def ask_export(request: Request, desk: CurrentDesk) -> Response:
    """Ask what for, and as what."""
    return _form(request, desk, asked_of(request.query_params))


@router.post("/people/export", dependencies=[requires(Permission.REGISTRY_EXPORT)])
def export(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Send the file."""
    try:
        asked = _asked(form)
        member = confirmed(desk, form) if asked.in_full else desk.member
        made = export_people(desk.backend, member, asked, _words(desk, asked.wanted))
    except AppError as refusal:
        return _form(request, desk, form, refusal)
    return _send(made, asked.format)


def _asked(form: Posted) -> ExportAsked:
    return ExportAsked(
        wanted=wanted_of(form),
        order=form.choice_or_none("order", Order) or Order.DUE,
        format=form.choice("format", ExportFormat),
        in_full=form.has("in_full"),
        note=form.lines("note", most=1000),
    )


def _form(request: Request, desk: Desk, asked: Posted, refusal: AppError | None = None) -> Response:
    # A filter that made the refusal is not shown again: the list of everybody is.
    wanted = Wanted() if refusal and refusal.code == "request.invalid" else wanted_of(asked)
    number = count_people(desk.backend, desk.member, wanted)
    return pages.page(
        request,
        desk,
        "people_export.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="导出名单",
        kept=kept_of(asked),
        said_filters=_in_words(desk, wanted),
        number=f"{COUNTED_TO} 多" if number > COUNTED_TO else str(number),
        most=EXPORT_MOST,
        formats=list(ExportFormat),
        note=asked.raw("note")[:1000],
        in_full=asked.has("in_full"),
        may_open=desk.may(Permission.PERSON_OPEN),
        refusal=words_of(refusal) if refusal else None,
    )


def _in_words(desk: Desk, wanted: Wanted) -> str:
    names = {place.path: place.name for place in places_offered(desk.backend, desk.member)}
    seat = names.get(desk.member.division_path, desk.member.division_path)
    said = [names.get(wanted.place or "", "") or seat]
    codes = {
        "due": wanted.due,
        "scheme": wanted.scheme,
        "key_group": wanted.key_group,
        "channel": wanted.channel,
        "work": wanted.work,
    }
    said += [word(kind, code.value) for kind, code in codes.items() if code]
    flags = {"suspended": wanted.suspended, "unreachable": wanted.unreachable}
    said += [word("flag", flag) for flag, is_on in flags.items() if is_on]
    return "、".join(said + (["查找结果"] if wanted.found else []))


def _words(desk: Desk, wanted: Wanted) -> ExportWords:
    return ExportWords(
        sheet="名单",
        heads=_HEADS,
        filters=_in_words(desk, wanted),
        first_line=_first_line,
        last_line=lambda rows: f"共 {rows} 人，到此为止",
        word=word,
    )


def _first_line(*, who: str, at: datetime, filters: str, in_full: bool, note: str) -> str:
    shown = f"完整信息；用途：{note}" if in_full else "部分遮盖"
    return f"健在 · 导出人 {who} · {pages.moment(at)} · 范围：{filters} · {shown}"


def _send(made: Exported, kind: ExportFormat) -> Response:
    return StreamingResponse(
        _chunks(made),
        media_type=MEDIA[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Cache-Control": "no-store",
        },
        background=BackgroundTask(made.file.close),
    )


def _chunks(made: Exported) -> Iterator[bytes]:
    while chunk := made.file.read(_CHUNK):
        yield chunk
