"""The page about one person: masked until somebody gives a reason."""

import io
from uuid import UUID

import segno
from fastapi import APIRouter, Request, Response

from domain.errors import AppError
from domain.opening import OpenReason
from domain.roles import Permission
from edge.errors import STATUS
from services import links, person_page
from services.person_page import Opened, Why
from services.policies import legal_day
from services.reviews import caller_of
from web.console import case_words, life_drawing, pages
from web.console.case_files import sent
from web.console.forms import Posted, PostedForm
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires
from web.site import PHONE

router = APIRouter(tags=["person"])


@router.get("/people/{person_id}", dependencies=[requires(Permission.REGISTRY_READ)])
def person(request: Request, desk: CurrentDesk, person_id: UUID) -> Response:
    """Show the page, masked."""
    return _page(request, desk, person_id)


@router.post("/people/{person_id}/open", dependencies=[requires(Permission.PERSON_OPEN)])
def open_person(request: Request, desk: CurrentDesk, person_id: UUID, form: PostedForm) -> Response:
    """Show name, number and phone once; going anywhere masks them again."""
    try:
        opened = person_page.open_person(desk.backend, desk.member, person_id, why=_why(form))
    except AppError as refusal:
        return _page(request, desk, person_id, refusal=refusal, note=form.raw("note")[:1000])
    return _page(request, desk, person_id, opened=opened)


@router.post(
    "/people/{person_id}/file/{evidence_id}", dependencies=[requires(Permission.PERSON_OPEN)]
)
def look(
    request: Request, desk: CurrentDesk, *, person_id: UUID, evidence_id: UUID, form: PostedForm
) -> Response:
    """Give one file; it is kept nowhere."""
    try:
        content, media_type = person_page.look_at(
            desk.backend, desk.member, person_id, evidence_id, why=_why(form)
        )
    except AppError as refusal:
        return _page(request, desk, person_id, refusal=refusal, note=form.raw("note")[:1000])
    return sent(request, content, media_type, name=str(evidence_id))


@router.post("/people/{person_id}/link", dependencies=[requires(Permission.LINK_WRITE)])
def make_link(request: Request, desk: CurrentDesk, person_id: UUID, _form: PostedForm) -> Response:
    """Make a link and a letter's code; both are shown this once, fit to be printed."""
    made = links.make_link(desk.backend, caller_of(desk.member), person_id)
    address = f"{request.url.scheme}://{request.url.netloc}{PHONE}/k/{made.token}"
    return pages.page(
        request,
        desk,
        "person_link.html",
        title="认证链接",
        person=person_page.person_page(desk.backend, desk.member, person_id),
        address=address,
        picture=_drawn(address),
        code=f"{made.letter_code[:4]} {made.letter_code[4:]}",
        expires_at=made.expires_at,
    )


@router.post(
    "/people/{person_id}/link/{link_id}/end", dependencies=[requires(Permission.LINK_WRITE)]
)
def end_link(
    request: Request, desk: CurrentDesk, *, person_id: UUID, link_id: UUID, _form: PostedForm
) -> Response:
    """End a link, its letter code and what they opened."""
    links.revoke_link(desk.backend, caller_of(desk.member), link_id)
    return pages.go(request, f"/people/{person_id}", said="链接已作废")


@router.post("/people/{person_id}/visit", dependencies=[requires(Permission.CONTACT_WRITE)])
def send_visit(request: Request, desk: CurrentDesk, person_id: UUID, _form: PostedForm) -> Response:
    """Put the person on the list of who waits for an officer."""
    person_page.send_visit(desk.backend, desk.member, person_id)
    return pages.go(request, f"/people/{person_id}", said="已列入等待上门")


def _drawn(address: str) -> str:
    """Draw a QR code without styles, so that the page's policy lets it be."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn,
        kind="svg",
        scale=4,
        xmldecl=False,
        svgns=True,
        title="认证链接二维码",
        omitsize=False,
    )
    return drawn.getvalue().decode()


def _why(form: Posted) -> Why:
    return Why(reason=form.choice("reason", OpenReason), note=form.lines("note", most=1000))


def _page(
    request: Request,
    desk: Desk,
    person_id: UUID,
    *,
    opened: Opened | None = None,
    refusal: AppError | None = None,
    note: str = "",
) -> Response:
    found = person_page.person_page(desk.backend, desk.member, person_id)
    return pages.page(
        request,
        desk,
        "person.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="人员",
        person=found,
        history=found.history,
        timeline=life_drawing.draw(found.benefits, legal_day(desk.now)),
        opened=opened,
        note=note,
        reasons=list(OpenReason),
        reason=case_words.reason,
        refusal=words_of(refusal) if refusal else None,
        may={permission.name: desk.may(permission) for permission in Permission},
    )
