"""The audit trail: searched, taken out, and verified while one watches."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from domain.audit import AuditAction
from domain.errors import AppError
from domain.roles import Permission
from edge.errors import STATUS
from services import accounts, audit_check, audit_search
from services.audit_check import Step, Verdict
from services.audit_search import Search
from web.console import audit_lines, pages, words
from web.console.again import confirmed
from web.console.asked import Asked, asked_of
from web.console.forms import PostedForm
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(prefix="/audit", tags=["audit"])
FILTERS = ("chain", "actor", "action", "person", "since", "until", "object_id")
MARK = "<!-- steps -->"
"""Where a page that is still being written is cut in two."""
_LINE_EVERY = 20_000
"""Records between two lines of progress: a line a second, about."""


@router.get("", dependencies=[requires(Permission.AUDIT_READ)])
def search(request: Request, desk: CurrentDesk) -> Response:
    """Show a page of records; that somebody looked is one of them."""
    asked = asked_of(request)
    found = audit_search.search(
        desk.backend, desk.member, _wanted(asked), after=asked.number_or_none("after")
    )
    last = audit_check.last_verified(desk.backend, desk.member, found.chain)
    kept = asked.kept(FILTERS) | {"chain": found.chain}
    return _page(request, desk, asked, title="审计", found=found, last=last, kept=kept)


def _wanted(asked: Asked) -> Search:
    return Search(
        chain=asked.text("chain", most=6, needed=False),
        actor=asked.text("actor", most=120, needed=False),
        action=asked.choice_or_none("action", AuditAction),
        person=str(asked.uuid_or_none("person") or ""),
        since=asked.day_or_none("since"),
        until=asked.day_or_none("until"),
        object_id=asked.text("object_id", most=120, needed=False),
    )


def _page(request: Request, desk: Desk, asked: Asked, **values: Any) -> Response:
    return pages.page(
        request,
        desk,
        "audit.html",
        actions=sorted(AuditAction, key=lambda action: words.word("action", action)),
        line=audit_lines.line,
        is_first=not asked.raw("after"),
        **values,
    )


@router.post("/person", dependencies=[requires(Permission.AUDIT_READ)])
def find_person(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Look for a person's records; the number never stands in an address."""
    person = audit_search.find_person(desk.backend, desk.member, form.text("number", most=40))
    return pages.go(request, "/audit", person=person)


@router.post("/export", dependencies=[requires(Permission.AUDIT_READ)])
def export(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Write out what a search finds, as a file that says who took it."""
    wanted = _wanted(Asked(fields=form.fields))
    try:
        accounts.check_confirmed(confirmed(desk, form), desk.now)
        taken = audit_search.export(desk.backend, desk.member, wanted)
    except AppError as refusal:
        return _refused_export(request, desk, Asked(fields=form.fields), refusal)
    name = f"audit-{taken.chain}-{taken.made_at:%Y%m%d%H%M}.csv"
    return StreamingResponse(
        (text.encode() for text in audit_lines.file(taken, desk.member)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _refused_export(request: Request, desk: Desk, asked: Asked, refusal: AppError) -> Response:
    return pages.page(
        request,
        desk,
        "audit_export.html",
        status=STATUS[refusal.kind],
        title="导出审计记录",
        kept=asked.kept(FILTERS),
        refusal=words_of(refusal),
    )


@router.post("/verify", dependencies=[requires(Permission.AUDIT_READ)])
def verify(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Walk a chain from its first record and show how far it is, then what it came to."""
    name = form.text("chain", most=6)
    steps = audit_check.verify(desk.backend, desk.member, name)
    first = next(steps)  # what is refused is refused before the page begins
    around = pages.page(request, desk, "audit_verify.html", title="核对审计链", chain=name)
    before, after = bytes(around.body).decode().split(MARK)
    told = _told(chain((first,), steps))
    return StreamingResponse(
        (text.encode() for text in chain((before,), told, (after,))),
        media_type="text/html; charset=utf-8",
        headers={"X-Accel-Buffering": "no"},
    )


def _told(steps: Iterator[Step | Verdict]) -> Iterator[str]:
    """Write each step as a part of the page; a walk that breaks off says so in its place."""
    said = 0
    try:
        for step in steps:
            if isinstance(step, Verdict):
                yield audit_lines.verdict(step)
            elif step.done - said >= _LINE_EVERY:
                said = step.done
                yield audit_lines.progress(step)
    except AppError as refusal:
        yield audit_lines.broken_off(refusal)
