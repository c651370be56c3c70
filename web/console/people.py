"""Find people and list them: one box to search, filters in the address, pages by keyset."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from domain.beneficiary import KeyGroup
from domain.cycle import Channel
from domain.errors import AppError, Kind
from domain.listing import COUNTED_TO, USUAL_COLUMNS, Column, Due, OpenWork, Order
from domain.policy_values import Scheme
from domain.regions import Level
from domain.roles import Permission
from services.people_search import (
    PlaceOffered,
    Wanted,
    count_people,
    list_people,
    places_offered,
    sought,
)
from web.console import pages
from web.console.forms import Posted, PostedForm
from web.console.session import CurrentDesk, Desk, requires
from web.site import OFFICE

router = APIRouter(tags=["people"])
COLUMNS = "jz_columns"
"""The cookie that remembers which columns somebody likes."""
_KEPT_S = 365 * 24 * 3600
FILTERS = ("found", "place", "due", "scheme", "key_group", "channel", "work", "suspended",
           "unreachable", "order")  # fmt: skip
_FIGURES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("已逾期", {"due": "overdue"}, "bad"),
    ("即将到期", {"due": "due_soon"}, "warn"),
    ("尚未认证", {"due": "never"}, "warn"),
    ("联系不上", {"unreachable": "1"}, "warn"),
    ("待遇暂停", {"suspended": "1"}, ""),
    ("有待审核", {"work": "review"}, ""),
    ("有疑点", {"work": "lead"}, ""),
    ("有复核申请", {"work": "appeal"}, ""),
)
"""What of a division is counted, and the list that it opens."""


@router.get("/people", dependencies=[requires(Permission.REGISTRY_READ)])
def people(request: Request, desk: CurrentDesk) -> Response:
    """Show a page of a list."""
    asked = asked_of(request.query_params)
    order = asked.choice_or_none("order", Order) or Order.DUE
    listed = list_people(
        desk.backend, desk.member, wanted_of(asked), order=order, after=asked.raw("after") or None
    )
    columns = _columns(request, asked)
    answer = pages.page(
        request, desk, "people.html", title="人员", listed=listed, **_around(desk, asked, columns)
    )
    _remember(request, answer, asked, columns)
    return answer


@router.post("/people/find", dependencies=[requires(Permission.REGISTRY_READ)])
def find(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Look for a name, a number or a phone; what was typed never stands in an address."""
    found = sought(desk.backend, form.text("text", most=120))
    listed = list_people(desk.backend, desk.member, Wanted(found=found), limit=2)
    if len(listed.people) == 1:
        return pages.go(request, f"/people/{listed.people[0].id}")
    return pages.go(request, "/people", found=found)


@router.get("/people/counts", dependencies=[requires(Permission.REGISTRY_READ)])
def counts(request: Request, desk: CurrentDesk) -> Response:
    """Count what is open in the own division; every figure opens its list."""
    place = request.query_params.get("place") or None
    shown = [_figure(desk, label, query | _only(place), kind) for label, query, kind in _FIGURES]
    return pages.page(request, desk, "people_counts.html", title="人数", figures=shown)


def _only(place: str | None) -> dict[str, str]:
    return {"place": place} if place else {}


def _figure(desk: Desk, label: str, query: dict[str, str], kind: str) -> dict[str, str]:
    number = count_people(desk.backend, desk.member, wanted_of(asked_of(QueryParams(query))))
    return {
        "number": f"{COUNTED_TO}+" if number > COUNTED_TO else str(number),
        "label": label,
        "kind": kind if number else "",
        "href": pages.url("/people", **query),
    }


def asked_of(query: QueryParams) -> Posted:
    """Read an address like a form."""
    return Posted(fields={name: query.getlist(name) for name in query})


def wanted_of(asked: Posted) -> Wanted:
    """Read the filters of an address. Raises `request.invalid`."""
    return Wanted(
        found=asked.raw("found"),
        place=asked.raw("place") or None,
        due=asked.choice_or_none("due", Due),
        scheme=asked.choice_or_none("scheme", Scheme),
        key_group=asked.choice_or_none("key_group", KeyGroup),
        channel=asked.choice_or_none("channel", Channel),
        work=asked.choice_or_none("work", OpenWork),
        suspended=bool(asked.raw("suspended")),
        unreachable=bool(asked.raw("unreachable")),
    )


def kept_of(asked: Posted) -> dict[str, str]:
    """Give the filters that another address has to carry on."""
    return {name: asked.raw(name) for name in FILTERS if asked.raw(name)}


def _around(desk: Desk, asked: Posted, columns: Sequence[Column]) -> dict[str, Any]:
    kept = kept_of(asked)
    return {
        "kept": kept,
        "columns": [column.value for column in columns],
        "all_columns": [column.value for column in Column],
        "villages": _by_township(places_offered(desk.backend, desk.member)),
        "choices": {
            "due": list(Due),
            "scheme": list(Scheme),
            "key_group": list(KeyGroup),
            "channel": list(Channel),
            "work": list(OpenWork),
            "order": list(Order),
        },
        "may_export": desk.may(Permission.REGISTRY_EXPORT),
        "is_first": not asked.raw("after"),
    }


def _by_township(places: Sequence[PlaceOffered]) -> list[tuple[PlaceOffered, list[PlaceOffered]]]:
    """Put villages behind their township, as a picker shows them."""
    groups: list[tuple[PlaceOffered, list[PlaceOffered]]] = []
    for place in places:
        if place.level is Level.VILLAGE and groups:
            groups[-1][1].append(place)
        elif place.level in {Level.TOWNSHIP, Level.VILLAGE}:
            groups.append((place, []))
    return groups


def _columns(request: Request, asked: Posted) -> tuple[Column, ...]:
    """Read which columns are wanted: from the address, else as last time, else the usual ones."""
    if asked.has("column"):
        try:
            chosen = {Column(value) for value in asked.many("column")}
        except ValueError:
            raise AppError(Kind.INVALID, "request.invalid", fields=["column"]) from None
        return tuple(column for column in Column if column in chosen)
    kept = request.cookies.get(COLUMNS, "").split(".")
    return tuple(column for column in Column if column.value in kept) or USUAL_COLUMNS


def _remember(request: Request, answer: Response, asked: Posted, columns: Sequence[Column]) -> None:
    if asked.has("column"):
        answer.set_cookie(
            COLUMNS,
            ".".join(columns),
            max_age=_KEPT_S,
            path=OFFICE,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
