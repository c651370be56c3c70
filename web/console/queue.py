"""The review queue: four lists, and the next case with one press."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from domain.beneficiary import KeyGroup
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.regions import contains, parse_division
from domain.roles import Permission
from services import review_desk
from services.review_desk import Filters, View, Wanted
from web.console import case_words, words
from web.console.forms import Posted, PostedForm
from web.console.pages import go, page, url
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["queue"])
_Choice = TypeVar("_Choice", Channel, KeyGroup)
LIMITS = (25, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What the address asks for, as it stands there; empty for whatever is not asked."""

    tab: View = View.WAITING
    village: str = ""
    channel: str = ""
    reason: str = ""
    late: str = ""
    group: str = ""
    mine: str = ""

    def query(self, **other: object) -> dict[str, object]:
        """Write the same list's address, with something changed."""
        kept = {"tab": self.tab.value} | {name: getattr(self, name) for name in _FILTERS}
        return kept | other


_FILTERS = ("village", "channel", "reason", "late", "group", "mine")


def sought(request: Request) -> Sought:
    """Read the filters out of the address. Raises `request.invalid`."""
    given = request.query_params
    try:
        tab = View(given.get("tab", View.WAITING.value))
    except ValueError:
        raise AppError(Kind.INVALID, "request.invalid", fields=["tab"]) from None
    return _sought(tab, lambda name: given.get(name, ""))


def _sought(tab: View, given: Callable[[str], str]) -> Sought:
    village, channel, reason, late, group, mine = (given(name)[:60] for name in _FILTERS)
    return Sought(
        tab=tab, village=village, channel=channel, reason=reason, late=late, group=group, mine=mine
    )


def filters_of(desk: Desk, asked: Sought) -> Filters:
    """Read the filters. Raises `request.invalid`, `division.*`; 404 for a place out of scope."""
    place = parse_division(asked.village) if asked.village else None
    if place is not None and not contains(parse_division(desk.member.division_path), place):
        raise AppError(Kind.NOT_FOUND, "policy.division_unknown", division=place)
    return Filters(
        place=place,
        channel=_choice("channel", asked.channel, Channel),
        reason=asked.reason or None,
        late=bool(asked.late),
        key_group=_choice("group", asked.group, KeyGroup),
        own=bool(asked.mine),
    )


def _choice(name: str, given: str, kind: type[_Choice]) -> _Choice | None:
    try:
        return kind(given) if given else None
    except ValueError:
        raise AppError(Kind.INVALID, "request.invalid", fields=[name]) from None


@router.get("/queue", dependencies=[requires(Permission.REVIEW_READ)])
def queue(
    request: Request,
    desk: CurrentDesk,
    asked: Annotated[Sought, Depends(sought)],
    *,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = LIMITS[0],
) -> Response:
    """Show one page of a list."""
    wanted = Wanted(view=asked.tab, filters=filters_of(desk, asked), after=after, limit=limit)
    shown = review_desk.page(desk.backend, desk.member, wanted)
    return page(request, desk, "queue.html", **_values(desk, asked, wanted, shown))


def _values(
    desk: Desk, asked: Sought, wanted: Wanted, shown: review_desk.DeskPage
) -> dict[str, Any]:
    following = asked.query(after=shown.next_after, limit=wanted.limit)
    return {
        "title": "审核",
        "asked": asked,
        "shown": shown,
        "counted": review_desk.COUNTED,
        "now": desk.now,
        "next_url": url("/queue", **following) if shown.next_after else "",
        "first_url": url("/queue", **asked.query()) if wanted.after else "",
        "tabs": _tabs(shown),
        "channels": words.CHANNELS,
        "reasons": {code: case_words.reason(code) for code in case_words.reasons()},
        "groups": case_words.KEY_GROUPS,
        "say_reason": case_words.reason,
        "may_claim": desk.may(Permission.REVIEW_CLAIM),
    }


def _tabs(shown: review_desk.DeskPage) -> tuple[tuple[View, str, int | None], ...]:
    return (
        (View.WAITING, "待处理", shown.counts.waiting),
        (View.MINE, "我领取的", shown.counts.mine),
        (View.PROPOSED, "待第二人", shown.counts.proposed),
        (View.DECIDED, "已办结", None),
    )


@router.post("/queue/next", dependencies=[requires(Permission.REVIEW_CLAIM)])
def claim_next(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Take the most pressing case, within the filters of the list that is open."""
    return to_next(request, desk, form)


def to_next(request: Request, desk: Desk, form: Posted, said: str = "") -> Response:
    """Go on with the next case; back to the list when there is none. `said`: what came before."""
    asked = _sought(View.WAITING, form.raw)
    found = review_desk.claim_next(desk.backend, desk.member, filters_of(desk, asked))
    if found is not None:
        return go(request, f"/queue/{found}", said=said)
    nothing = "这个范围内没有可领取的了。"
    return go(request, "/queue", said=f"{said}{nothing}", **asked.query())
