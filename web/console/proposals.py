"""What harms a person, before a second pair of eyes: lists, the file, the answer."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from domain.errors import AppError
from domain.proposal import LONGEST_TEXT, Answer, ProposalKind
from domain.roles import Permission
from edge.errors import STATUS
from services import proposals, review_cases, revocations
from services.policies import legal_day
from services.proposals import ProposalFile, Reply, Shelf
from services.review_cases import CaseFile
from services.revocations import Hanging
from web.console import case_words, check_words, proposal_words
from web.console.again import confirmed
from web.console.consequence_drawing import drawing
from web.console.forms import Posted, PostedForm
from web.console.pages import go, page, turning, url
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["proposals"])
PAGE = 25


@router.get("/proposals", dependencies=[requires(Permission.REVIEW_READ)])
def listed(
    request: Request,
    desk: CurrentDesk,
    *,
    shelf: Shelf = Shelf.TO_ANSWER,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE,
) -> Response:
    """List proposals: to answer, made, answered."""
    found = proposals.proposal_page(desk.backend, desk.member, shelf, after=after, limit=limit)
    query = {"shelf": shelf.value, "limit": limit if limit != PAGE else None}
    ways = turning("/proposals", after=after, next_after=found.next_after, **query)
    return page(request, desk, "proposals.html", **_listed(desk, shelf, found), **ways)


def _shelves(desk: Desk) -> dict[Shelf, str]:
    """Name the lists; who only reads had no part in anything, so all that waits is in the first."""
    if desk.may(Permission.PROPOSAL_ANSWER):
        return proposal_words.SHELVES
    return {Shelf.TO_ANSWER: "等第二人", Shelf.ANSWERED: proposal_words.SHELVES[Shelf.ANSWERED]}


def _listed(desk: Desk, chosen: Shelf, found: proposals.ProposalPage) -> dict[str, Any]:
    return {
        "title": "第二人复核",
        "lines": found.lines,
        "chosen": chosen,
        "named": _shelves(desk),
        "waiting": proposals.count_to_answer(desk.backend, desk.member),
        "now": desk.now,
    }


@router.get("/proposals/{proposal_id}", dependencies=[requires(Permission.REVIEW_READ)])
def shown(request: Request, desk: CurrentDesk, proposal_id: UUID) -> Response:
    """Show one proposal with what speaks for and against it."""
    return page(request, desk, "proposal.html", **_view(desk, proposal_id))


@router.post("/proposals/{proposal_id}/answer", dependencies=[requires(Permission.PROPOSAL_ANSWER)])
def answer(request: Request, desk: CurrentDesk, proposal_id: UUID, form: PostedForm) -> Response:
    """Confirm or return; what is refused comes back with all that was typed."""
    try:
        given = form.choice("answer", Answer)
        reply = Reply(answer=given, note=form.lines("note", most=2 * LONGEST_TEXT))
        proposals.answer(desk.backend, confirmed(desk, form), proposal_id, reply)
    except AppError as refusal:
        return _again(request, desk, proposal_id, form, refusal=refusal)
    return go(request, "/proposals", said=_said(desk, proposal_id))


@router.post(
    "/proposals/{proposal_id}/withdraw", dependencies=[requires(Permission.PROPOSAL_ANSWER)]
)
def withdraw(request: Request, desk: CurrentDesk, proposal_id: UUID, form: PostedForm) -> Response:
    """Take one's own proposal back."""
    try:
        note = form.lines("note", most=2 * LONGEST_TEXT)
        proposals.withdraw(desk.backend, desk.member, proposal_id, note=note)
    except AppError as refusal:
        return _again(request, desk, proposal_id, form, refusal=refusal)
    return go(request, "/proposals", said=_said(desk, proposal_id), shelf=Shelf.MINE.value)


def _said(desk: Desk, proposal_id: UUID) -> str:
    line = proposals.open_proposal(desk.backend, desk.member, proposal_id).line
    assert line.answer is not None, "answered just now"
    return proposal_words.SAID[line.kind, line.answer]


def _again(
    request: Request, desk: Desk, proposal_id: UUID, form: Posted, *, refusal: AppError
) -> Response:
    values = _view(desk, proposal_id) | {
        "refusal": words_of(refusal),
        "typed": form.raw("note")[: 4 * LONGEST_TEXT],
    }
    return page(request, desk, "proposal.html", status=STATUS[refusal.kind], **values)


def _view(desk: Desk, proposal_id: UUID) -> dict[str, Any]:
    found = proposals.open_proposal(desk.backend, desk.member, proposal_id)
    return {
        "title": f"第二人复核 {found.line.masked_name or ''}",
        "file": found,
        "refusal": None,
        "typed": "",
        "effect": proposal_words.EFFECTS[found.line.kind],
        "why_not": None if found.refusal is None else _why_not(found),
        "now": desk.now,
        **_case(desk, found),
        **hanging_values(desk, _hanging(desk, found)),
    }


def _why_not(found: ProposalFile) -> dict[str, Any] | None:
    """Say why an answer of the reader would not count, but not of what is settled or one's own."""
    if found.is_mine or found.line.answer is not None or found.refusal is None:
        return None
    refusals = {"permission.denied": "您的角色不能答复。"}
    return {"say": refusals.get(found.refusal, "您参与过这件，不能作第二人。")}


def _case(desk: Desk, found: ProposalFile) -> dict[str, Any]:
    if found.review_id is None or found.line.masked_name is None:
        return {"case": None}
    case = review_cases.open_case(desk.backend, desk.member, found.review_id)
    may_look = found.refusal is None and desk.may(Permission.EVIDENCE_READ)
    return {
        "case": case,
        "checks": [check_words.said(check) for check in case.checks],
        "say_reason": case_words.reason,
        "pictures": _pictures(case) if may_look else (),
        "clips": [p for p in case.parts if p.media_type.startswith("video/")] if may_look else [],
    }


def _pictures(case: CaseFile) -> list[tuple[str, str]]:
    """Set the reference that counts most beside what was handed in: words and addresses."""
    best = [("登记照片", case.references[0].evidence_id)] if case.references else []
    parts = [
        (case_words.PARTS.get(part.name, part.name), part.evidence_id)
        for part in case.parts
        if part.media_type.startswith("image/")
    ]
    return [(said, url(f"/queue/{case.id}/file/{file}")) for said, file in [*best, *parts]]


def _hanging(desk: Desk, found: ProposalFile) -> Hanging | None:
    """Look up what hangs on the certificate now; of what is settled the facts tell."""
    number = found.certificate_number
    if number is None or found.line.answer is not None or found.line.masked_name is None:
        return None
    return revocations.hanging_on(desk.backend, desk.member, found.line.person_id, number)


def hanging_values(desk: Desk, hanging: Hanging | None) -> dict[str, Any]:
    """Give a page what it draws of all that hangs on a certificate."""
    if hanging is None:
        return {"hanging": None}
    today = legal_day(desk.now)
    return {
        "hanging": hanging,
        "drawn": drawing(hanging.touched, act_on=hanging.captured_on, today=today),
        "kind": ProposalKind.REVOKE_CERTIFICATION,
    }
