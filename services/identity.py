"""Who it is on the phone page: proved once, then a ticket that only this phone can show (ADR 0019).

Nothing is to be learnt here about a number. Unknown, erased or wrongly proved, it gets one answer
after one and the same work, and wrong proofs count against a number and against an address whether
or not anybody has that number.
"""

import hmac
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain import id_number
from domain.audit import AuditAction
from domain.errors import AppError, Kind
from domain.regions import DivisionPath
from services.backend import Backend
from services.eligibility import SELF_SERVICE, Identified
from services.policies import legal_day
from services.unit_of_work import Unit
from storage.crypto.tokens import new_token, stored_token
from storage.db.models.accounts import LoginFailure
from storage.db.models.identity import Ticket
from storage.db.repositories import accounts, sessions
from storage.db.repositories import identity as rows
from storage.db.repositories.identity import Holder, OnRecord
from storage.db.repositories.people import PHONE
from storage.ids import uuid7

__all__ = ["Identified"]

TICKET_LIFE = timedelta(days=7)
PROOF_WINDOW = timedelta(hours=1)
WRONG_PER_NUMBER = 5
"""Of 10,000 endings of a phone number an hour's tries open one in two thousand."""
WRONG_PER_ADDRESS = 30
"""A village hall mistypes less; whoever goes through a list of numbers does not get on."""
LETTER = "letter"
NOBODY = UUID(int=0)
NO_PHONE = "----"


class Proof(StrEnum):
    """What shows that somebody is, or acts for, the person of a number."""

    LINK = "link"
    PHONE = "phone"  # the last four digits of the phone on record
    LETTER = "letter"  # the code that a letter carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A number and its second factor, as typed in."""

    id_number: str = field(repr=False)
    proof: Proof
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Which phone asks, from which network address."""

    device_id: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpened:
    """`token` is shown once; only its digest is kept."""

    token: str = field(repr=False)
    expires_at: datetime
    holder: Identified


def open_by_link(backend: Backend, token: str, asking: Asking) -> TicketOpened:
    """Exchange a link for a ticket. Raises `link.ended`: unknown, revoked and past are one."""
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        link = rows.live_link(unit.session, stored_token(token), unit.now)
        if link is None:
            raise AppError(Kind.GONE, "link.ended")
        return _open(backend, unit, asking, proof=Proof.LINK, proved=_Proved.by_link(link))


def open_by_proof(backend: Backend, typed: Typed, asking: Asking) -> TicketOpened:
    """Compare what was typed with what is on record, and open a ticket.

    Raises `id_number.*` for what is no number, `identity.not_confirmed`, and `identity.try_later`
    after too many wrong proofs; of the last two neither depends on whether the number is known.
    """
    number = id_number.parse(typed.id_number, on=legal_day(backend.clock.now()))
    tries = _Tries(
        number=backend.index.of("proof:number", number.value),
        address=backend.index.of("proof:address", asking.address),
    )
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        tries.refuse_too_many(unit)
        proved = _prove(backend, unit, backend.index.of("id_number", number.value), typed)
        if proved is not None:
            return _open(backend, unit, asking, proof=typed.proof, proved=proved)
        tries.count_wrong(unit)
        unit.audit(AuditAction.PROOF_REFUSED, proof=typed.proof.value)
    # Outside the unit: the refusal must not take back that it was counted.
    raise AppError(Kind.UNAUTHENTICATED, "identity.not_confirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tries:
    """Wrong proofs, counted by keyed digests: of the number, known or not, and of the address."""

    number: bytes
    address: bytes

    def refuse_too_many(self, unit: Unit) -> None:
        """Count, with the proofs of one number or address taking turns until they commit."""
        sessions.take_turns(
            unit.session, f"proof:{self.number.hex()}", f"proof:{self.address.hex()}"
        )
        since = unit.now - PROOF_WINDOW
        limits = ((self.number, WRONG_PER_NUMBER), (self.address, WRONG_PER_ADDRESS))
        counts = [accounts.count_failures(unit.session, index, since) for index, _ in limits]
        if any(count >= most for count, (_, most) in zip(counts, limits, strict=True)):
            wait = int(PROOF_WINDOW.total_seconds())
            raise AppError(Kind.TOO_MANY, "identity.try_later", retry_after_s=wait)

    def count_wrong(self, unit: Unit) -> None:
        for index in (self.number, self.address):
            row = LoginFailure(id=uuid7(), login_digest=index, failed_at=unit.now)
            accounts.add_failure(unit.session, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proved:
    """Whose proof was right, and the link behind it, if any, with which the ticket ends."""

    person_id: UUID
    household_path: str
    link: Holder | None

    @classmethod
    def by_link(cls, link: Holder) -> "_Proved":
        return cls(person_id=link.person_id, household_path=link.household_path, link=link)


def _prove(backend: Backend, unit: Unit, index: bytes, typed: Typed) -> _Proved | None:
    """Do for a number that nobody has what is done for one that somebody has."""
    found = rows.on_record(unit.session, index)
    given = "".join(unicodedata.normalize("NFKC", typed.value).split())
    phone = _phone_of(backend, found)
    person_id = found.person_id if found is not None else NOBODY
    letter = rows.live_letter(
        unit.session, person_id, letter_index(backend, person_id, given), unit.now
    )
    if typed.proof is Proof.LETTER:
        is_right = letter is not None
    else:
        letter = None
        digits = given.isascii() and given.isdecimal()
        is_right = hmac.compare_digest(phone[-4:].encode(), given.encode()) and digits
    erased = found is None or found.wrapped is None
    if found is None or erased or not is_right:
        return None
    return _Proved(person_id=found.person_id, household_path=found.household_path, link=letter)


def _phone_of(backend: Backend, found: OnRecord | None) -> str:
    """Open the phone on record; for whoever has none, one that no four digits end."""
    key, wrapped = backend.vault.new_key(NOBODY)
    person_id, sealed = NOBODY, key.seal(NO_PHONE.encode(), PHONE)
    if found is not None and found.wrapped is not None and found.phone_sealed is not None:
        person_id, wrapped, sealed = found.person_id, found.wrapped, found.phone_sealed
    return backend.vault.open(wrapped, person_id).open(sealed, PHONE).decode()


def letter_index(backend: Backend, person_id: UUID, code: str) -> bytes:
    """Return what is kept of a letter's code: a keyed digest that fits this person only."""
    return backend.index.of(LETTER, f"{person_id}:{code}")


def _open(
    backend: Backend, unit: Unit, asking: Asking, *, proof: Proof, proved: _Proved
) -> TicketOpened:
    token, digest = new_token()
    link = proved.link
    latest = unit.now + TICKET_LIFE
    row = Ticket(
        id=uuid7(),
        beneficiary_id=proved.person_id,
        token_digest=digest,
        device_index=_device_index(backend, asking.device_id),
        proof=proof.value,
        link_id=None if link is None else link.id,
        opened_at=unit.now,
        expires_at=latest if link is None else min(latest, link.expires_at),
    )
    rows.add_ticket(unit.session, row)
    unit.record_in(DivisionPath(proved.household_path))
    unit.audit(
        AuditAction.TICKET_OPENED,
        ticket=str(row.id),
        beneficiary=str(proved.person_id),
        proof=proof.value,
    )
    holder = Identified(
        person_id=proved.person_id, household_path=proved.household_path, ticket_id=row.id
    )
    return TicketOpened(token=token, expires_at=row.expires_at, holder=holder)


def ticket_of(backend: Backend, token: str, device_id: str) -> Identified:
    """Who holds `token` on this phone. Raises `identity.needed` for an unknown or ended one."""
    index = _device_index(backend, device_id)
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        found = rows.live_ticket(unit.session, stored_token(token), index, unit.now)
    if found is None:
        raise AppError(Kind.UNAUTHENTICATED, "identity.needed")
    return Identified(
        person_id=found.person_id, household_path=found.household_path, ticket_id=found.id
    )


def forget(backend: Backend, holder: Identified) -> None:
    """End a ticket at once, on a phone that is somebody else's."""
    with backend.unit(SELF_SERVICE.actor, SELF_SERVICE.scope) as unit:
        unit.record_in(DivisionPath(holder.household_path))
        rows.end_ticket(unit.session, holder.ticket_id, unit.now)
        unit.audit(
            AuditAction.TICKET_ENDED,
            ticket=str(holder.ticket_id),
            beneficiary=str(holder.person_id),
        )


def _device_index(backend: Backend, device_id: str) -> bytes:
    return backend.index.of("ticket:device", device_id or "-")
