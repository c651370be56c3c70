"""Appeals: the list, the one to answer, and taking one down for somebody."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from domain.appeal import LONGEST_STATEMENT, AppealChannel, AppealOutcome
from domain.errors import AppError
from domain.review import LONGEST_FINDINGS, Method
from domain.roles import Permission
from edge.errors import STATUS
from services import appeal_answers, appeal_desk, appeal_raising
from services.appeal_answers import Finding
from services.appeal_desk import Shelf
from services.appeal_raising import WrittenDown
from web.console import appeal_words, words
from web.console.again import confirmed
from web.console.case_files import sent
from web.console.forms import Posted, PostedForm
from web.console.pages import go, page, turning
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["appeals"])
PAGE = 25
WRITTEN = {
    channel: said
    for channel, said in appeal_words.CHANNELS.items()
    if channel is not AppealChannel.PHONE_PAGE
}
"""Channels in which staff hear an appeal; on the phone page the person does it."""


@router.get("/appeals", dependencies=[requires(Permission.REVIEW_READ)])
def listed(
    request: Request,
    desk: CurrentDesk,
    *,
    shelf: Shelf = Shelf.WAITING,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE,
) -> Response:
    """List appeals: what waits, what was answered."""
    found = appeal_desk.appeal_page(desk.backend, desk.member, shelf, after=after, limit=limit)
    query = {"shelf": shelf.value, "limit": limit if limit != PAGE else None}
    around: dict[str, Any] = {
        "title": "复核申请",
        "named": appeal_words.SHELVES,
        **turning("/appeals", after=after, next_after=found.next_after, **query),
    }
    lines, now = found.lines, desk.now
    return page(request, desk, "appeals.html", chosen=shelf, lines=lines, now=now, **around)


@router.get("/appeals/{appeal_id}", dependencies=[requires(Permission.REVIEW_READ)])
def shown(request: Request, desk: CurrentDesk, appeal_id: UUID) -> Response:
    """Show one appeal, with all that its answer rests on."""
    return page(request, desk, "appeal.html", **_view(desk, appeal_id))


@router.get(
    "/appeals/{appeal_id}/file/{evidence_id}", dependencies=[requires(Permission.APPEAL_ANSWER)]
)
def look(request: Request, desk: CurrentDesk, appeal_id: UUID, evidence_id: UUID) -> Response:
    """Give one file to who may answer; the look is on record."""
    content, declared = appeal_desk.look_at(desk.backend, desk.member, appeal_id, evidence_id)
    return sent(request, content, declared, name=str(evidence_id))


@router.post("/appeals/{appeal_id}/answer", dependencies=[requires(Permission.APPEAL_ANSWER)])
def answer(request: Request, desk: CurrentDesk, appeal_id: UUID, form: PostedForm) -> Response:
    """Answer; what is refused comes back with all that was typed."""
    try:
        finding = _finding(form)
        appeal_answers.answer(desk.backend, confirmed(desk, form), appeal_id, finding)
    except AppError as refusal:
        typed = tuple(form.raw(name)[:4000] for name in ("outcome", "method", "findings"))
        values = _view(desk, appeal_id) | {"refusal": words_of(refusal), "typed": typed}
        return page(request, desk, "appeal.html", status=STATUS[refusal.kind], **values)
    return go(request, "/appeals", said=appeal_words.SAID[finding.outcome])


def _finding(form: Posted) -> Finding:
    outcome = form.choice("outcome", AppealOutcome)
    certifies = outcome is AppealOutcome.CERTIFIED
    # Without scripts the choice of a method is there for every outcome; only one needs it.
    method = form.choice_or_none("method", Method) if certifies else None
    findings = form.lines("findings", most=2 * LONGEST_FINDINGS)
    return Finding(outcome=outcome, method=method, findings=findings)


def _view(desk: Desk, appeal_id: UUID) -> dict[str, Any]:
    found = appeal_desk.open_appeal(desk.backend, desk.member, appeal_id)
    return {
        "title": f"复核申请 {found.line.masked_name or ''}",
        "file": found,
        "outcomes": appeal_words.OUTCOMES,
        "methods": words.METHODS,
        "why_not": _why_not(found.refusal),
        "refusal": None,
        "typed": ("", "", ""),
        "now": desk.now,
    }


def _why_not(code: str | None) -> str:
    """Say why an answer of the reader would not count."""
    return {
        None: "",
        "appeal.already_answered": "",
        "appeal.not_independent": "您经手过这件事，要由另一位同事答复。",
    }.get(code, "您的角色不能答复。")


@router.get("/people/{person_id}/appeal", dependencies=[requires(Permission.APPEAL_WRITE)])
def blank(request: Request, desk: CurrentDesk, person_id: UUID) -> Response:
    """Show the form on which somebody's words are taken down."""
    return page(request, desk, "appeal_write.html", **_writing(desk, person_id))


@router.post("/people/{person_id}/appeal", dependencies=[requires(Permission.APPEAL_WRITE)])
def write(request: Request, desk: CurrentDesk, person_id: UUID, form: PostedForm) -> Response:
    """Take an appeal down; what is refused comes back with all that was typed."""
    before = _writing(desk, person_id)
    try:
        appeal_id = appeal_raising.write_down(desk.backend, desk.member, _brought(person_id, form))
    except AppError as refusal:
        typed = tuple(form.raw(name)[:4000] for name in ("channel", "statement", "against"))
        values = before | {"refusal": words_of(refusal), "typed": typed}
        return page(request, desk, "appeal_write.html", status=STATUS[refusal.kind], **values)
    to = f"/appeals/{appeal_id}" if desk.may(Permission.REVIEW_READ) else f"/people/{person_id}"
    return go(request, to, said="已登记复核申请，会由另一位同事答复。")


def _brought(person_id: UUID, form: Posted) -> WrittenDown:
    return WrittenDown(
        person_id=person_id,
        channel=form.choice("channel", AppealChannel),
        statement=form.lines("statement", most=2 * LONGEST_STATEMENT),
        against_newest=form.raw("against") != "nothing",
    )


def _writing(desk: Desk, person_id: UUID) -> dict[str, Any]:
    found = appeal_desk.before_writing(desk.backend, desk.member, person_id)
    return {
        "title": f"登记复核申请 {found.masked_name or ''}",
        "person_id": person_id,
        "found": found,
        "channels": WRITTEN,
        "refusal": None,
        "typed": ("", "", ""),
    }
