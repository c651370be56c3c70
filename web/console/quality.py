"""How the reviewers did, where two readings are opposed, and the known answers (rule 7.3)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from domain.errors import AppError, Kind
from domain.quality import Resolution
from domain.regions import DivisionPath, Level, level_of
from domain.review import Verdict
from domain.roles import Permission
from services import disagreements, known_answers, review_quality
from services.disagreements import AnswerGiven
from services.known_answers import NewKnownAnswer
from web.console import quality_words, words
from web.console.forms import PostedForm
from web.console.pages import go, page, turning
from web.console.quality_words import lasting, percent
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["quality"])
LINES = 20
FIGURES: dict[str, Any] = {"lasting": lasting, "percent": percent}
"""How the pages write figures."""
Days = Annotated[int, Query(ge=1, le=365)]
_SHOWN_HERE = {Kind.INVALID, Kind.CONFLICT, Kind.FORBIDDEN}
"""Refusals that stand beside their form, with what was typed."""


@router.get("/quality", dependencies=[requires(Permission.QUALITY_READ)])
def overview(request: Request, desk: CurrentDesk, days: Days = 30) -> Response:
    """Show each reviewer, each office and each township."""
    found = review_quality.overview(desk.backend, desk.member, days=days)
    return page(
        request,
        desk,
        "quality.html",
        title="质量",
        found=found,
        windows=review_quality.WINDOWS,
        is_township=level_of(DivisionPath(desk.member.division_path)) is Level.TOWNSHIP,
        **FIGURES,
    )


@router.get("/me/quality", dependencies=[requires(Permission.SIGNED_IN)])
def own(request: Request, desk: CurrentDesk, days: Days = 30) -> Response:
    """Show a reviewer the own figures, and nobody else's."""
    found = review_quality.own(desk.backend, desk.member, days=days)
    return page(
        request,
        desk,
        "quality_own.html",
        title="我的审核",
        one=found,
        days=days,
        windows=review_quality.WINDOWS,
        **FIGURES,
    )


@router.get("/quality/reviewers/{staff_id}", dependencies=[requires(Permission.QUALITY_READ)])
def reviewer(
    request: Request,
    desk: CurrentDesk,
    staff_id: UUID,
    *,
    pace: str = "",
    after: UUID | None = None,
) -> Response:
    """List one reviewer's decisions, masked."""
    fast = pace == "fast"
    found = review_quality.decisions_of(
        desk.backend, desk.member, staff_id, only_fast=fast, after=after
    )
    way, kept = f"/quality/reviewers/{staff_id}", {"pace": "fast" if fast else None}
    values = FIGURES | {"found": found, "staff_id": staff_id, "fast": fast}
    values |= turning(way, after=after, next_after=found.next_after, **kept)
    values["may_answer"] = desk.may(Permission.QUALITY_ANSWER)
    return page(request, desk, "quality_reviewer.html", title=found.display_name, **values)


@router.get("/quality/disagreements", dependencies=[requires(Permission.QUALITY_READ)])
def opposed(
    request: Request, desk: CurrentDesk, *, show: str = "", after: UUID | None = None
) -> Response:
    """Show opposed readings side by side."""
    return _opposed(request, desk, show_all=show == "all", after=after)


def _opposed(
    request: Request,
    desk: Desk,
    *,
    show_all: bool = False,
    after: UUID | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    found = disagreements.listed(
        desk.backend, desk.member, only_open=not show_all, after=after, limit=LINES
    )
    way, kept = "/quality/disagreements", {"show": "all" if show_all else None}
    return page(
        request,
        desk,
        "quality_opposed.html",
        title="结论不一致",
        status=422 if typed else 200,
        found=found,
        show_all=show_all,
        typed=typed or {},
        is_listed=typed is not None and typed["id"] in {case.reread_id for case in found.cases},
        resolutions=quality_words.RESOLUTIONS,
        may_answer=desk.may(Permission.QUALITY_ANSWER),
        **turning(way, after=after, next_after=found.next_after, **kept),
    )


@router.post(
    "/quality/disagreements/{reread_id}", dependencies=[requires(Permission.QUALITY_ANSWER)]
)
def resolve(request: Request, desk: CurrentDesk, reread_id: UUID, form: PostedForm) -> Response:
    """Say what two opposed readings come to."""
    resolution = form.choice("resolution", Resolution)
    note = form.lines("note", most=4000)
    try:
        given = disagreements.resolve(
            desk.backend, desk.member, reread_id, resolution=resolution, note=note
        )
    except AppError as refusal:
        return _refused_answer(request, desk, refusal, reread_id=reread_id, note=note)
    return _after_answer(request, given)


def _refused_answer(
    request: Request, desk: Desk, refusal: AppError, *, reread_id: UUID, note: str
) -> Response:
    if refusal.kind not in _SHOWN_HERE:
        raise refusal
    typed = {"id": reread_id, "note": note, "refusal": words_of(refusal)}
    return _opposed(request, desk, typed=typed)


def _after_answer(request: Request, given: AnswerGiven) -> Response:
    if given.resolution is not Resolution.REVOKE:
        said = f"已办：{quality_words.RESOLUTIONS[given.resolution]}。"
        return go(request, "/quality/disagreements", said=said)
    said = f"已记录。请在这里就认证 {given.certificate_number} 提出撤销，由第二人复核。"
    way = f"/people/{given.person_id}/certificates/{given.certificate_number}/revoke"
    return go(request, way, said=said)


@router.get("/quality/known", dependencies=[requires(Permission.QUALITY_READ)])
def known(request: Request, desk: CurrentDesk, after: UUID | None = None) -> Response:
    """List the known answers."""
    return _known(request, desk, after=after)


def _known(
    request: Request, desk: Desk, *, after: UUID | None = None, typed: dict[str, Any] | None = None
) -> Response:
    found = known_answers.listed(desk.backend, desk.member, after=after, limit=LINES)
    return page(
        request,
        desk,
        "quality_known.html",
        title="已知答案题",
        status=422 if typed else 200,
        found=found,
        typed=typed or {},
        is_listed=typed is not None and typed["id"] in {line.review_id for line in found.lines},
        may_answer=desk.may(Permission.QUALITY_ANSWER),
        **turning("/quality/known", after=after, next_after=found.next_after),
        **FIGURES,
    )


@router.get("/quality/cases/{review_id}", dependencies=[requires(Permission.QUALITY_ANSWER)])
def candidate(request: Request, desk: CurrentDesk, review_id: UUID) -> Response:
    """Show what is known of a decided case, with the form that makes it a known answer."""
    return _candidate(request, desk, review_id, typed=None)


def _candidate(
    request: Request, desk: Desk, review_id: UUID, *, typed: dict[str, Any] | None
) -> Response:
    return page(
        request,
        desk,
        "quality_candidate.html",
        title="设为已知答案题",
        status=422 if typed else 200,
        found=known_answers.candidate(desk.backend, desk.member, review_id),
        typed=typed or {},
        verdicts=words.VERDICTS,
    )


@router.post("/quality/cases/{review_id}", dependencies=[requires(Permission.QUALITY_ANSWER)])
def add(request: Request, desk: CurrentDesk, review_id: UUID, form: PostedForm) -> Response:
    """Let a decided case go round."""
    new = NewKnownAnswer(
        review_id=review_id,
        expected=form.choice("expected", Verdict),
        document=form.text("document", needed=False),
        reason=form.lines("reason", most=4000),
    )
    try:
        known_answers.add(desk.backend, desk.member, new)
    except AppError as refusal:
        return _refused_new(request, desk, refusal, new=new)
    return go(request, "/quality/known", said="已设为已知答案题，将混在审核件里逐人发给审核人。")


def _refused_new(
    request: Request, desk: Desk, refusal: AppError, *, new: NewKnownAnswer
) -> Response:
    if refusal.kind not in _SHOWN_HERE:
        raise refusal
    typed = {"new": new, "refusal": words_of(refusal)}
    return _candidate(request, desk, new.review_id, typed=typed)


@router.post("/quality/known/{review_id}", dependencies=[requires(Permission.QUALITY_ANSWER)])
def withdraw(request: Request, desk: CurrentDesk, review_id: UUID, form: PostedForm) -> Response:
    """Take a known answer away."""
    reason = form.lines("reason", most=4000)
    try:
        known_answers.withdraw(desk.backend, desk.member, review_id, reason)
    except AppError as refusal:
        if refusal.kind not in _SHOWN_HERE:
            raise
        typed = {"id": review_id, "reason": reason, "refusal": words_of(refusal)}
        return _known(request, desk, typed=typed)
    return go(request, "/quality/known", said="已撤下，不再发出，也不再计入任何人的成绩。")
