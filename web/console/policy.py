"""Policy: the rules in force with their clauses, and a county's own values by two people."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from domain.errors import AppError
from domain.policy_override import MEASURED, OverrideState
from domain.policy_values import Scheme
from domain.proposal import Answer
from domain.roles import Permission
from edge.errors import STATUS
from services import policy_changes, policy_history, policy_rules
from web.console import pages, policy_form, policy_words
from web.console.again import confirmed
from web.console.forms import Posted, PostedForm
from web.console.policy_form import Typed
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(prefix="/policy", tags=["policy"])
PAGE = 30
SAID = {
    Answer.CONFIRMED: "已确认，到生效日自动生效。",
    Answer.RETURNED: "已退回，提出人会看到您的意见。",
    Answer.WITHDRAWN: "已撤回。",
}


@router.get("", dependencies=[requires(Permission.POLICY_READ)])
def rules(
    request: Request,
    desk: CurrentDesk,
    *,
    place: Annotated[str, Query(max_length=12)] = "",
    scheme: Scheme = Scheme.RESIDENT_PENSION,
    on: str = "",
) -> Response:
    """Show what rules in a place for a scheme on a day, and on which clause."""
    found = policy_rules.rules_of(
        desk.backend,
        desk.member,
        division=place or desk.member.division_path,
        scheme=scheme,
        on=policy_form.day_or_none("on", on),
    )
    places = policy_rules.places_of(desk.backend, desk.member)
    return _page(
        request, desk, "policy.html", title="政策", tab="rules", rules=found, places=places
    )


@router.get("/changes", dependencies=[requires(Permission.POLICY_READ)])
def changes(request: Request, desk: CurrentDesk, after: UUID | None = None) -> Response:
    """List what was changed, newest first."""
    found = policy_history.history(desk.backend, desk.member, after=after, limit=PAGE)
    return _page(
        request,
        desk,
        "policy_changes.html",
        title="政策调整记录",
        tab="changes",
        changes=found.changes,
        next_after=found.next_after,
        is_first=after is None,
    )


@router.get("/waiting", dependencies=[requires(Permission.POLICY_READ)])
def waiting(request: Request, desk: CurrentDesk) -> Response:
    """List what waits for a second person."""
    found = policy_history.waiting(desk.backend, desk.member)
    return _page(
        request,
        desk,
        "policy_changes.html",
        title="待确认的政策调整",
        tab="waiting",
        changes=found,
        next_after=None,
        is_first=True,
    )


@router.get("/changes/{change_id}", dependencies=[requires(Permission.POLICY_READ)])
def change(request: Request, desk: CurrentDesk, change_id: UUID) -> Response:
    """Show one change, what it means, and what can be done about it."""
    return _change_page(request, desk, change_id)


@router.post("/changes/{change_id}/confirm", dependencies=[requires(Permission.POLICY_CHANGE)])
def confirm(request: Request, desk: CurrentDesk, change_id: UUID, form: PostedForm) -> Response:
    """Confirm another's proposal."""
    return _answer(request, desk, change_id, form, answer=Answer.CONFIRMED)


@router.post("/changes/{change_id}/return", dependencies=[requires(Permission.POLICY_CHANGE)])
def send_back(request: Request, desk: CurrentDesk, change_id: UUID, form: PostedForm) -> Response:
    """Return another's proposal with a note."""
    return _answer(request, desk, change_id, form, answer=Answer.RETURNED)


@router.post("/changes/{change_id}/withdraw", dependencies=[requires(Permission.POLICY_CHANGE)])
def withdraw(request: Request, desk: CurrentDesk, change_id: UUID, form: PostedForm) -> Response:
    """Withdraw one's own proposal."""
    return _answer(request, desk, change_id, form, answer=Answer.WITHDRAWN)


@router.get("/propose", dependencies=[requires(Permission.POLICY_CHANGE)])
def ask_proposal(
    request: Request, desk: CurrentDesk, key: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Ask which value is to change, then what it is to be."""
    if not key:
        return _page(request, desk, "policy_keys.html", title="提出政策调整", tab="propose")
    return _form_page(request, desk, Typed.fresh(desk, key))


@router.post("/propose", dependencies=[requires(Permission.POLICY_CHANGE)])
def propose(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Put a change before a second person; what is refused comes back as it was typed."""
    try:
        made = policy_changes.propose(desk.backend, desk.member, policy_form.wish_of(form))
    except AppError as refusal:
        typed = Typed.of(desk, form)
        return _form_page(request, desk, typed, refusal=refusal)
    return pages.go(request, f"/policy/changes/{made}", said="已提出，等另一位同事确认。")


def _answer(
    request: Request, desk: Desk, change_id: UUID, form: Posted, *, answer: Answer
) -> Response:
    try:
        policy_changes.answer_change(
            desk.backend,
            confirmed(desk, form),
            change_id,
            answer=answer,
            note=form.lines("note", needed=False),
        )
    except AppError as refusal:
        return _change_page(request, desk, change_id, form=form, refusal=refusal)
    return pages.go(request, f"/policy/changes/{change_id}", said=SAID[answer])


def _change_page(
    request: Request,
    desk: Desk,
    change_id: UUID,
    *,
    form: Posted | None = None,
    refusal: AppError | None = None,
) -> Response:
    found, outlooks = policy_history.open_change(desk.backend, desk.member, change_id)
    return _page(
        request,
        desk,
        "policy_change.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="政策调整",
        tab="waiting" if found.state is OverrideState.PENDING else "changes",
        change=found,
        outlooks=outlooks,
        names=policy_rules.names_of(desk.backend, desk.member),
        note=form.raw("note") if form else "",
        refusal=words_of(refusal) if refusal else None,
    )


def _form_page(
    request: Request, desk: Desk, typed: Typed, *, refusal: AppError | None = None
) -> Response:
    return _page(
        request,
        desk,
        "policy_form.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="提出政策调整",
        tab="propose",
        typed=typed,
        measured=typed.key.startswith(MEASURED),
        bounds=policy_rules.bounds_of(typed.key),
        current=policy_rules.current(desk.backend, desk.member, typed.key),
        names=policy_rules.names_of(desk.backend, desk.member),
        places=policy_rules.places_of(desk.backend, desk.member),
        refusal=words_of(refusal) if refusal else None,
    )


def _page(request: Request, desk: Desk, template: str, **values: Any) -> Response:
    count = policy_history.count_for(desk.backend, desk.member)
    return pages.page(request, desk, template, policy=policy_words, count=count, **values)
