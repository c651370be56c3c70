"""The three cookies of the page: which phone, who it is, which session. No script can read them."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response

from web.site import PHONE

DEVICE, TICKET, SESSION = "jz_device", "jz_ticket", "jz_session"
PATH = PHONE
DEVICE_LIFE = timedelta(days=365)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a request brought along; what is not a token of ours counts as absent."""

    device: str | None
    ticket: str | None
    session: str | None


def carried(request: Request) -> Carried:
    """Read the cookies."""
    given = {name: request.cookies.get(name, "") for name in (DEVICE, TICKET, SESSION)}
    fit = {name: text if _TOKEN.fullmatch(text) else None for name, text in given.items()}
    return Carried(device=fit[DEVICE], ticket=fit[TICKET], session=fit[SESSION])


def new_device() -> str:
    """Draw the name of a phone: chance, and nothing that the phone is known by elsewhere."""
    return secrets.token_urlsafe(24)


def keep_device(request: Request, response: Response, device: str) -> None:
    """Let the phone remember its name for a year."""
    _keep(request, response, name=DEVICE, value=device, life=DEVICE_LIFE)


def keep_ticket(
    request: Request, response: Response, token: str, *, until: datetime, now: datetime
) -> None:
    """Let the phone remember who it is."""
    _keep(request, response, name=TICKET, value=token, life=until - now)


def keep_session(
    request: Request, response: Response, token: str, *, until: datetime, now: datetime
) -> None:
    """Let the phone remember which challenge it answers."""
    _keep(request, response, name=SESSION, value=token, life=until - now)


def drop(request: Request, response: Response, *names: str) -> None:
    """Make the phone forget."""
    for name in names:
        response.delete_cookie(
            name, path=PATH, secure=_is_secure(request), httponly=True, samesite="strict"
        )


def _keep(request: Request, response: Response, *, name: str, value: str, life: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max(0, int(life.total_seconds())),
        path=PATH,
        secure=_is_secure(request),
        httponly=True,
        samesite="strict",
    )


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
