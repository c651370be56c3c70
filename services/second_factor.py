"""The second factor of staff: an authenticator app whose codes count once (RFC 6238).

An account sets it up in its first session, and shows it in every session after that. Losing the
phone is no disaster: who may open the account takes the factor away, and it is set up anew.
"""

from dataclasses import dataclass, field
from uuid import UUID

from domain.audit import AuditAction
from domain.errors import AppError, Kind
from services.accounts import (
    Access,
    StaffMember,
    actor_of,
    check_keeps,
    record_failure,
    refuse_locked,
    scope_of,
)
from services.backend import Backend
from services.unit_of_work import Unit
from storage.crypto.one_time_codes import address, new_secret, step_of
from storage.db.models.accounts import StaffFactor
from storage.db.repositories import accounts
from storage.ids import uuid7

ISSUER = "健在"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What an app is given: the secret to type, or the address to read from a picture."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def is_set_up(backend: Backend, member: StaffMember) -> bool:
    """Whether the account has a factor that was shown at least once."""
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        kept = accounts.factor_of(unit.session, member.id)
    return kept is not None and kept.proven_at is not None


def offer(backend: Backend, access: Access) -> Offered:
    """Give the secret to set up, the same until it is proven. Raises `auth.factor_exists`."""
    member = access.member
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        kept = accounts.factor_of(unit.session, member.id)
        if kept is not None and kept.proven_at is not None:
            raise AppError(Kind.CONFLICT, "auth.factor_exists")
        secret = new_secret() if kept is None else _open(backend, kept)
        if kept is None:
            add(backend, unit, member.id, secret)
    return Offered(secret=secret, address=address(secret, account=member.login, issuer=ISSUER))


def add(backend: Backend, unit: Unit, staff_id: UUID, secret: str) -> None:
    """Keep a secret that is still to be proven."""
    row = StaffFactor(
        id=uuid7(),
        staff_id=staff_id,
        secret_sealed=backend.staff_secrets.seal(secret, staff_id),
        made_at=unit.now,
        last_step=0,
    )
    accounts.add_factor(unit.session, row)


def show(backend: Backend, access: Access, code: str) -> None:
    """Open the session in full with a code that was not used before.

    The first one proves the factor. Raises `auth.code_wrong`, `auth.locked`,
    `auth.factor_missing`.
    """
    member = access.member
    with backend.unit(actor_of(member), scope_of(member)) as unit:
        refuse_locked(backend, unit, member.login)
        shown = _use(backend, unit, access, code.replace(" ", ""))
    if not shown:
        record_failure(backend, member.login)
        raise AppError(Kind.UNAUTHENTICATED, "auth.code_wrong")


def _use(backend: Backend, unit: Unit, access: Access, code: str) -> bool:
    kept = accounts.factor_of(unit.session, access.member.id)
    if kept is None:
        raise AppError(Kind.CONFLICT, "auth.factor_missing")
    is_first = kept.proven_at is None
    step = step_of(_open(backend, kept), code, unit.now)
    if step is None or not accounts.use_step(unit.session, kept.id, step, unit.now):
        return False
    accounts.note_factor(unit.session, access.token_digest, unit.now)
    if is_first:
        unit.audit(AuditAction.STAFF_FACTOR_SET, staff=str(access.member.id))
    return True


def remove(backend: Backend, by: StaffMember, staff_id: UUID) -> None:
    """Take away the factor of an account that one may open, and end its sessions.

    Raises `staff.not_found`, `permission.denied`, `auth.factor_missing`.
    """
    with backend.unit(actor_of(by), scope_of(by)) as unit:
        check_keeps(unit, by, staff_id)
        if not accounts.remove_factor(unit.session, staff_id, unit.now):
            raise AppError(Kind.CONFLICT, "auth.factor_missing")
        accounts.revoke_all(unit.session, staff_id, unit.now)
        unit.audit(AuditAction.STAFF_FACTOR_REMOVED, staff=str(staff_id))


def _open(backend: Backend, kept: StaffFactor) -> str:
    return backend.staff_secrets.open(kept.secret_sealed, kept.staff_id)
