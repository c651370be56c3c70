"""The contact log of one person, and the list of whom to try next."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from domain.contact import LONGEST_NOTE, ContactChannel, ContactOutcome, Proof, Reachability
from domain.errors import AppError, Kind
from domain.regions import parse_division
from domain.roles import Permission
from edge.errors import STATUS
from services import contact_worklist, contacts
from services.contact_worklist import Wanted, Worklist
from services.contacts import NewContact
from services.people_search import places_offered
from services.policies import LEGAL_ZONE
from web.console import contact_words
from web.console.forms import Posted, PostedForm
from web.console.pages import go, page, turning
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["contacts"])
PAGE = 25
_TYPED = ("channel", "outcome", "day", "time", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One row of the small picture: how many of what is asked for are there."""

    label: str
    done: int
    wanted: int

    @property
    def filled(self) -> list[bool]:
        """One for each that is asked for: whether it is there."""
        return [n < self.done for n in range(self.wanted)]


@router.get("/contacts", dependencies=[requires(Permission.VISIT_READ)])
def worklist(
    request: Request,
    desk: CurrentDesk,
    *,
    shelf: Worklist = Worklist.UNTRIED,
    place: Annotated[str, Query(max_length=12)] = "",
    after: UUID | None = None,
) -> Response:
    """List whom to try next: untried, tried in vain, unreachable."""
    return page(request, desk, "contacts.html", **_list(desk, shelf, place=place, after=after))


def _list(desk: Desk, shelf: Worklist, *, place: str, after: UUID | None) -> dict[str, Any]:
    within = parse_division(place) if place else ""
    wanted = Wanted(worklist=shelf, place=within, after=after, limit=PAGE)
    found = contact_worklist.worklist_page(desk.backend, desk.member, wanted)
    query = {"shelf": shelf.value, "place": place}
    return {
        "title": "联系名单",
        "chosen": shelf,
        "named": contact_words.WORKLISTS,
        "place": place,
        "places": places_offered(desk.backend, desk.member),
        "people": found.people,
        "empty": contact_words.EMPTY[shelf],
        "now": desk.now,
        **turning("/contacts", after=after, next_after=found.next_after, **query),
    }


@router.get("/people/{person_id}/contacts", dependencies=[requires(Permission.VISIT_READ)])
def log(
    request: Request, desk: CurrentDesk, person_id: UUID, after: UUID | None = None
) -> Response:
    """Show who tried to reach a person, and what it proves."""
    return page(request, desk, "contact_log.html", **_view(desk, person_id, after))


@router.post("/people/{person_id}/contacts", dependencies=[requires(Permission.CONTACT_WRITE)])
def record(request: Request, desk: CurrentDesk, person_id: UUID, form: PostedForm) -> Response:
    """Write a try down; what is refused comes back with all that was typed."""
    before = _view(desk, person_id)
    try:
        new = _contact(form)
        contacts.record(desk.backend, desk.member, person_id, new)
    except AppError as refusal:
        return _refused(request, desk, before, refusal=refusal, form=form)
    said = f"已记下：{contact_words.CHANNELS[new.channel]}，{contact_words.OUTCOMES[new.outcome]}。"
    return go(request, f"/people/{person_id}/contacts", said=said)


@router.post(
    "/people/{person_id}/contacts/unreachable", dependencies=[requires(Permission.CONTACT_WRITE)]
)
def mark(request: Request, desk: CurrentDesk, person_id: UUID, form: PostedForm) -> Response:
    """Say that a person cannot be reached, when enough was tried."""
    before = _view(desk, person_id)
    try:
        contacts.mark_unreachable(desk.backend, desk.member, person_id)
    except AppError as refusal:
        return _refused(request, desk, before, refusal=refusal, form=form)
    return go(
        request, f"/people/{person_id}/contacts", said="已标为联系不上。联系上以后会自动取消。"
    )


@router.post(
    "/people/{person_id}/contacts/reached", dependencies=[requires(Permission.CONTACT_WRITE)]
)
def unmark(request: Request, desk: CurrentDesk, person_id: UUID, _form: PostedForm) -> Response:
    """Take back that a person cannot be reached."""
    contacts.mark_reached(desk.backend, desk.member, person_id)
    return go(request, f"/people/{person_id}/contacts", said="已取消“联系不上”。")


def _contact(form: Posted) -> NewContact:
    return NewContact(
        channel=form.choice("channel", ContactChannel),
        outcome=form.choice("outcome", ContactOutcome),
        contacted_at=_moment(form),
        note=form.text("note", most=2 * LONGEST_NOTE, needed=False),
    )


def _moment(form: Posted) -> datetime:
    """Read a day and a time of day as they are read in China."""
    try:
        at = time.fromisoformat(form.raw("time"))
    except ValueError:
        raise AppError(Kind.INVALID, "request.invalid", fields=["time"]) from None
    return datetime.combine(form.day("day"), at.replace(tzinfo=None), LEGAL_ZONE)


def _refused(
    request: Request, desk: Desk, before: dict[str, Any], *, refusal: AppError, form: Posted
) -> Response:
    typed = {name: form.raw(name)[: 4 * LONGEST_NOTE] for name in _TYPED if form.raw(name)}
    values = before | {"refusal": words_of(refusal), "typed": before["typed"] | typed}
    return page(request, desk, "contact_log.html", status=STATUS[refusal.kind], **values)


def _missing(proof: Proof) -> str:
    """Say what is still to be tried, in one line."""
    parts = (
        (proof.attempts_missing, "再联系 {} 次"),
        (proof.channels_missing, "再换 {} 种方式"),
        (proof.days_missing, "再隔 {} 天"),
    )
    return "，".join(said.format(number) for number, said in parts if number)


def _view(desk: Desk, person_id: UUID, after: UUID | None = None) -> dict[str, Any]:
    found = contacts.log_page(desk.backend, desk.member, person_id, after=after, limit=PAGE)
    proof, here = found.proof, f"/people/{person_id}/contacts"
    now = desk.now.astimezone(LEGAL_ZONE)
    return {
        "title": f"联系记录 {found.masked_name or ''}",
        "person_id": person_id,
        "log": found,
        "is_unreachable": found.state is Reachability.UNREACHABLE,
        "dots": (
            Dots(label="次", done=proof.attempts, wanted=proof.rules.attempts),
            Dots(label="种方式", done=proof.channels, wanted=proof.rules.channels),
            Dots(label="天", done=proof.days, wanted=proof.rules.days),
        ),
        "missing": _missing(proof),
        "channels": contact_words.CHANNELS,
        "outcomes": contact_words.OUTCOMES,
        "may_write": desk.may(Permission.CONTACT_WRITE),
        "typed": dict.fromkeys(_TYPED, "") | {"day": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}"},
        "today": f"{now:%Y-%m-%d}",
        "refusal": None,
        **turning(here, after=after, next_after=found.next_after),
    }
