"""Answers of the console: whole pages, parts of pages for htmx, and where to go next."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from fastapi import Request, Response
from jinja2 import Environment
from starlette.responses import RedirectResponse

from services.policies import LEGAL_ZONE
from web import templating
from web.console import nav, static_files, words
from web.console.session import Desk
from web.site import OFFICE

SAID = "jz_said"
"""The cookie that carries one sentence to the next page."""
_HTML = "text/html; charset=utf-8"


@cache
def _environment() -> Environment:
    return templating.environment(
        Path(__file__).parent / "templates",
        asset=static_files.address,
        url=url,
        word=words.word,
        moment=moment,
        day=day,
        ago=ago,
    )


def url(path: str, **query: object) -> str:
    """Write an address below the console; a query's None and empty values are left out."""
    kept = {name: value for name, value in query.items() if value not in (None, "", [])}
    return f"{OFFICE}{path}" + (f"?{urlencode(kept, doseq=True)}" if kept else "")


def turning(path: str, *, after: object, next_after: object, **query: object) -> dict[str, Any]:
    """Give a list the addresses of its next page and, from behind the first, of its first."""
    return {
        "next_url": url(path, **query, after=next_after) if next_after else "",
        "first_url": url(path, **query) if after else "",
    }


def moment(at: datetime) -> str:
    """Write a moment as it is read in China."""
    return at.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")


def day(on: date | None) -> str:
    """Write a day; a dash for none."""
    return "—" if on is None else on.isoformat()


def ago(at: datetime, now: datetime) -> str:
    """Say how long ago, in the largest unit that fits."""
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时"
    return f"{minutes // (24 * 60)} 天"


def wants_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page that is open."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Boosted") != "true"


def page(
    request: Request, desk: Desk | None, template: str, *, status: int = 200, **values: Any
) -> Response:
    """Fill in a page: the whole of it, or its content for htmx."""
    said = _said(request)
    given = values | {
        "desk": desk,
        "path": request.url.path,
        "query": dict(request.query_params),
        "nav": nav.entries(desk) if desk else (),
        "said": said,
        "csrf": desk.csrf if desk else "",
    }
    # A part is filled in from the page's own root: what a template imports is there then too.
    given["is_part"] = wants_part(request)
    text = _environment().get_template(template).render(given)
    response = Response(text, status, media_type=_HTML, headers={"Vary": "HX-Request"})
    if said:
        response.delete_cookie(SAID, path=OFFICE)
    return response


def part(template: str, *, status: int = 200, **values: Any) -> Response:
    """Fill in a template that is no page."""
    text = _environment().get_template(template).render(values)
    return Response(text, status, media_type=_HTML)


def go(request: Request, path: str, *, said: str = "", **query: object) -> Response:
    """Send the browser on after an act, with a sentence of what happened."""
    to = url(path, **query)
    response: Response
    if request.headers.get("HX-Request") == "true":
        response = Response(status_code=200, headers={"HX-Redirect": to})
    else:
        response = RedirectResponse(to, status_code=303)
    if said:
        response.set_cookie(
            SAID,
            quote(json.dumps(said[:300], ensure_ascii=False)),
            max_age=60,
            path=OFFICE,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
    return response


def _said(request: Request) -> str:
    try:
        found = json.loads(unquote(request.cookies.get(SAID, '""')))
    except ValueError:
        return ""
    return found[:300] if isinstance(found, str) else ""
