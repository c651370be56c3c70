"""One case: what there is to see, and the verdict. Nothing that was typed is ever lost."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from domain.errors import AppError
from domain.review import Method, Verdict, check_verdict
from domain.review_grounds import VerdictGround, check_ground
from domain.roles import Permission
from edge.errors import STATUS
from services import reviews
from services.reviews import ReviewState, Ruled, Ruling
from web.console import case_words, pages, words
from web.console.again import confirmed
from web.console.case_view import Typed, form_values, view
from web.console.forms import Posted, PostedForm
from web.console.pages import go, page, wants_part
from web.console.queue import to_next
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["case"])
LINES_MOST = 4000


@router.get("/queue/{review_id}", dependencies=[requires(Permission.REVIEW_READ)])
def case(request: Request, desk: CurrentDesk, review_id: UUID) -> Response:
    """Show a case: masked, and in full to the one who holds it."""
    return page(request, desk, "case.html", **view(desk, review_id))


@router.post("/queue/{review_id}/claim", dependencies=[requires(Permission.REVIEW_CLAIM)])
def claim(request: Request, desk: CurrentDesk, review_id: UUID, _form: PostedForm) -> Response:
    """Take a case."""
    reviews.claim_case(desk.backend, desk.member, review_id)
    return go(request, f"/queue/{review_id}")


@router.post("/queue/{review_id}/prolong", dependencies=[requires(Permission.REVIEW_CLAIM)])
def prolong(desk: CurrentDesk, review_id: UUID, _form: PostedForm) -> Response:
    """Keep a case while the page is in use; asked by the page itself."""
    until = reviews.claim_case(desk.backend, desk.member, review_id)
    left = int((until - desk.now).total_seconds())
    return JSONResponse({"seconds": left})


@router.post("/queue/{review_id}/release", dependencies=[requires(Permission.REVIEW_CLAIM)])
def release(request: Request, desk: CurrentDesk, review_id: UUID, _form: PostedForm) -> Response:
    """Give a case back."""
    reviews.release_case(desk.backend, desk.member, review_id)
    return go(request, "/queue", said="已放回待处理，同事可以领取。")


@router.post("/queue/{review_id}/verdict", dependencies=[requires(Permission.ATTEMPT_REVIEW)])
def decide(request: Request, desk: CurrentDesk, review_id: UUID, form: PostedForm) -> Response:
    """Decide; what is refused comes back with all that was typed."""
    try:
        if form.raw("then") == "claim":
            reviews.claim_case(desk.backend, desk.member, review_id)
            return _again(request, desk, review_id, Typed.of(form))
        ruled = _decided(desk, review_id, form)
    except AppError as refusal:
        typed = Typed.of(form, refusal)
        return _again(request, desk, review_id, typed, status=STATUS[refusal.kind])
    said = _said(ruled)
    if form.raw("then") == "next":
        return to_next(request, desk, Posted(fields={}), said)
    return go(request, "/queue", said=said)


def _decided(desk: Desk, review_id: UUID, form: Posted) -> Ruled:
    verdict = form.choice("verdict", Verdict)
    method = form.choice_or_none("method", Method) if verdict is Verdict.CERTIFIED else None
    ground = form.choice_or_none(f"ground_{verdict.value}", VerdictGround)
    findings = form.lines("findings", most=LINES_MOST)
    check_verdict(verdict, method, findings)
    said = f"{case_words.GROUNDS[check_ground(verdict, ground)]}。{findings}"
    ruling = Ruling(verdict=verdict, method=method, findings=said)
    return reviews.decide(desk.backend, confirmed(desk, form), review_id, ruling)


def _again(
    request: Request, desk: Desk, review_id: UUID, typed: Typed, *, status: int = 200
) -> Response:
    """Show the form as it was filled in; all of the page without a script."""
    if wants_part(request) and typed.refusal is not None:
        values = form_values(desk, review_id, typed)
        return pages.part("case_form.html", status=status, **values)
    return page(request, desk, "case.html", status=status, **view(desk, review_id, typed))


def _said(ruled: Ruled) -> str:
    """Tell what happened."""
    if ruled.state is ReviewState.PROPOSED:
        return "已提出列为疑点，等第二人复核；复核前不影响待遇。"
    if ruled.certified is None:
        return f"已办结：{words.VERDICTS[ruled.verdict]}。"
    until = "、".join(
        f"{words.word('scheme', scheme)}有效期至 {pages.day(day)}"
        for scheme, day in ruled.certified.valid_until.items()
    )
    return f"认证通过，凭证号 {ruled.certified.certificate_number}；{until}。"
