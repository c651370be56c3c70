"""A member of staff who has signed in, second factor included."""

from services import accounts
from services.backend import Backend
from storage.db.repositories import accounts as rows


def token_of(backend: Backend, login: str, password: str) -> str:
    """Open a session and count its second factor as shown: a code counts once in 30 seconds,
    and the clock of a test stands still."""
    token = accounts.sign_in(backend, login, password).token
    access = accounts.access_of(backend, token)
    if accounts.is_half_open(access):
        member = access.member
        with backend.unit(accounts.actor_of(member), accounts.scope_of(member)) as unit:
            rows.note_factor(unit.session, access.token_digest, unit.now)
    return token
