"""The demo township's queue: submissions with real media, measured and flagged by the real engine.

Each is handed in at a moment of the last days, so that clocks run in the queue; what comes of it
the engine decides. Challenges are drawn from the number of the submission: media are made once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from app.attacks.devices import VGA_VP8, VIRTUAL_LABEL
from app.demo.log_ins import backend_at
from app.demo.past import WELL, Lived, add_consent, helper_of
from app.demo.script import Behaviour
from app.demo.sitting import Photo, Sittings, Take
from domain.attempt import Manifest, Part
from domain.audit import AuditAction
from domain.capture import RecordingClient
from domain.challenge import Challenge, Need, make_challenge, pace_for, to_json
from domain.enrolment import Basis, BasisKind, Source
from domain.home_visit import Checklist, Place, VisitManifest
from domain.ids import SessionId
from domain.policy_values import PolicyValues
from services import certification, decisions, enrolment, home_visits, visit_decisions
from services.backend import Backend
from services.deciding import EVERYWHERE
from services.policies import values_for
from services.submissions import Submission, submit
from services.unit_of_work import Unit
from storage.crypto.digest import digests_of
from storage.crypto.tokens import new_token
from storage.db.models.cases import Lead
from storage.db.models.certification import Session as SessionRow
from storage.db.repositories import attempts, reviews, sessions, visits
from storage.ids import uuid7

_TAKES_S = 45
"""From the opening of a session to the end of the upload."""
_DECIDED_S = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One case to be: whose face is on record, what is handed in, how long ago.

    `tries` takes of it are handed in, a quarter of an hour apart; `replays` sends what passed
    before; `lead` opens a lead first.
    """

    face: str
    take: Take
    selfie: str | None = None  # another's face on the selfie
    needs: tuple[Need, ...] = ()
    ago: timedelta
    is_helped: bool = False
    tries: int = 1
    replays: bool = False
    lead: str | None = None
    source: Source = Source.WINDOW_CAPTURE
    camera_label: str = VGA_VP8.camera_label


def hand_in(backend: Backend, sittings: Sittings, lived: Lived, cue: Cue, *, number: int) -> None:
    """Enrol, submit and decide all of one cue."""
    _enrol(backend, sittings, lived, cue)
    at = backend.clock.now() - cue.ago
    if cue.lead is not None:
        _open_lead(backend_at(backend, at - timedelta(days=3)), lived, cue.lead)
    earlier = None
    if cue.replays:
        first = Take(face=cue.face, seed=number)
        passed = _Sent(cue=cue, take=first, at=at - timedelta(days=40), number=900 + number)
        earlier = _send(backend, sittings, lived, passed)
    for turn in range(cue.tries):
        when = at - timedelta(minutes=15) * (cue.tries - 1 - turn)
        take = replace(cue.take, seed=cue.take.seed + 50 * turn)
        sent = _Sent(cue=cue, take=take, at=when, number=number + 100 * turn, earlier=earlier)
        _send(backend, sittings, lived, sent)


def _open_lead(backend: Backend, lived: Lived, kind: str) -> None:
    caller = lived.caller()
    with backend.unit(caller.actor, caller.scope) as unit:
        row = Lead(
            id=uuid7(),
            beneficiary_id=lived.id,
            kind=kind,
            opened_at=unit.now,
            opened_by=str(unit.actor),
        )
        reviews.add_lead(unit.session, row)
        unit.audit(AuditAction.LEAD_OPENED, lead=str(row.id), beneficiary=str(lived.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A home visit that somebody has to look at again."""

    face: str
    ago: timedelta
    seed: int
    accuracy_m: float = 16.0
    mock: bool = False
    checklist: Checklist = WELL


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One submission of a cue."""

    cue: Cue
    take: Take
    at: datetime
    number: int
    earlier: bytes | None = None


def hand_in_visit(backend: Backend, sittings: Sittings, lived: Lived, door: Door) -> None:
    """Bring the photos of a home visit whose place is made up, and have it decided."""
    _enrol(backend, sittings, lived, Cue(face=door.face, take=Take(face=door.face), ago=door.ago))
    then = backend_at(backend, backend.clock.now() - door.ago)
    photos = sittings.studio.visit_photos(door.face, seed=door.seed)
    parts = tuple(_part(name, content) for name, content in photos.items())
    for part, content in zip(parts, photos.values(), strict=True):
        home_visits.store_photo(
            then,
            lived.officer,
            lived.id,
            sha256=part.sha256,
            content=content,
            media_type=part.media_type,
        )
    visit = VisitManifest(
        manifest=Manifest(client_id=str(uuid7()), parts=parts),
        captured_at=then.clock.now() - timedelta(minutes=50),
        place=Place(latitude=27.1, longitude=115.2, accuracy_m=door.accuracy_m, mock=door.mock),
        device="demo-officer-phone",
        checklist=door.checklist,
    )
    client_id = home_visits.submit(then, lived.officer, lived.id, visit)
    with then.unit(EVERYWHERE.actor, EVERYWHERE.scope) as unit:
        kept = visits.by_client_id(unit.session, client_id)
        assert kept is not None, "handed in just now"
    visit_decisions.decide_submitted(then, kept.id)


def _enrol(backend: Backend, sittings: Sittings, lived: Lived, cue: Cue) -> None:
    then = backend_at(backend, backend.clock.now() - timedelta(days=400))
    notice = backend.notice
    enrolment.enrol_reference(
        then,
        lived.caller(),
        lived.id,
        photo=sittings.photo(cue.face, Photo.ENROLLED, seed=1),
        source=cue.source,
        taken_on=(then.clock.now() - timedelta(days=1900)).date(),
        basis=Basis(kind=BasisKind.CONSENT, version=notice.version, digest=notice.digest),
    )


def _send(backend: Backend, sittings: Sittings, lived: Lived, sent: _Sent) -> bytes:
    """Hand one submission in and have it decided; returns its clip."""
    cue = sent.cue
    token, challenge = _open_session(backend, lived, sent)
    clip = sittings.clip(sent.take, challenge, earlier=sent.earlier)
    selfie = sittings.photo(cue.selfie or cue.face, Photo.SELFIE, seed=sent.number)
    then = backend_at(backend, sent.at)
    session = certification.session_of(then, token)
    for content, kind in ((selfie, "image/jpeg"), (clip, _media_type(clip))):
        digest = digests_of(content).sha256.hex()
        certification.store_part(then, session, sha256=digest, content=content, media_type=kind)
    client_id = str(uuid7())
    client = RecordingClient(user_agent=VGA_VP8.user_agent, camera_label=cue.camera_label)
    manifest = Manifest(client_id=client_id, parts=(_part("selfie", selfie), _part("video", clip)))
    taken_at = sent.at - timedelta(seconds=15)
    submit(then, session, Submission(manifest=manifest, captured_at=taken_at, client=client))
    _decide(backend_at(backend, sent.at + timedelta(seconds=_DECIDED_S)), client_id)
    return clip


def _decide(backend: Backend, client_id: str) -> None:
    with backend.unit(EVERYWHERE.actor, EVERYWHERE.scope) as unit:
        attempt = attempts.by_client_id(unit.session, client_id)
        assert attempt is not None, "handed in just now"
    decisions.decide_attempt(backend, attempt.id)


def _open_session(backend: Backend, lived: Lived, sent: _Sent) -> tuple[str, Challenge]:
    """Open a session whose challenge is drawn from the number of the submission alone."""
    then = backend_at(backend, sent.at - timedelta(seconds=_TAKES_S))
    caller = lived.caller()
    token, digest = new_token()
    with then.unit(caller.actor, caller.scope) as unit:
        values = values_for(then, lived.resident.village, lived.resident.schemes)
        challenge = _challenge(unit.now, sent, values)
        row = _session(unit, lived, challenge, sent=sent)
        row.token_digest = digest
        row.upload_grace_s = values.challenge.upload_grace_s
        if sent.cue.is_helped:
            row.helper = helper_of(then, unit, lived)
        sessions.add(unit.session, row)
    return token, challenge


def _challenge(at: datetime, sent: _Sent, values: PolicyValues) -> Challenge:
    chance = np.random.default_rng([sent.number, 71])
    needs = sent.cue.needs
    return make_challenge(
        draw=lambda bound: int(chance.integers(bound)),
        needs=needs,
        at=at,
        ttl_s=values.challenge.session_ttl_s,
        nonce=f"demo-township-{sent.number:06d}-{at:%Y%m%d%H%M%S}",
        challenge_id=SessionId(uuid7()),
        pace=pace_for(needs, fewest=values.challenge.steps),
    )


def _session(unit: Unit, lived: Lived, challenge: Challenge, *, sent: _Sent) -> SessionRow:
    number = lived.resident.number
    return SessionRow(
        id=challenge.id,
        beneficiary_id=lived.id,
        consent_id=add_consent(unit, lived),
        device_id=f"demo-relative-{number // 3:04d}"
        if sent.cue.is_helped
        else f"demo-phone-{number:04d}",
        address_index=challenge.id.bytes,
        challenge=to_json(challenge),
        created_at=unit.now,
        expires_at=challenge.expires_at,
    )


def _part(name: str, content: bytes) -> Part:
    kind = _media_type(content) if name == "video" else "image/jpeg"
    digest = digests_of(content).sha256.hex()
    return Part(name=name, sha256=digest, size=len(content), media_type=kind)


def _media_type(clip: bytes) -> str:
    return "video/mp4" if clip[4:8] == b"ftyp" else "video/webm"


def days(count: float) -> timedelta:
    """Write how long ago something was."""
    return timedelta(days=count)


CUES: tuple[Cue, ...] = (
    Cue(
        face="asian-f-85",
        take=Take(face="asian-f-85", profile="elderly", seed=1),
        is_helped=True,
        lead="reported_death",
        ago=days(6.2),
    ),
    Cue(
        face="asian-m-72",
        take=Take(face="p2", seed=2),
        selfie="p2",
        ago=days(2.9),
    ),
    Cue(
        face="p3",
        take=Take(face="p3", behaviour=Behaviour.NO_RESPONSE, seed=3),
        needs=(Need.BEDRIDDEN, Need.NO_TURN),
        is_helped=True,
        tries=3,
        ago=days(2.1),
    ),
    Cue(
        face="asian-f-66",
        take=Take(face="asian-f-66", species="print_bent_80_vertical", seed=4),
        ago=days(1.6),
    ),
    Cue(
        face="mixed-m-80",
        take=Take(face="mixed-m-80", species="print_held", seed=5),
        ago=days(1.2),
    ),
    Cue(face="p2", take=Take(face="p2", species="screen_phone", seed=6), ago=days(0.9)),
    Cue(
        face="p1",
        take=Take(face="p1", species="animated_virtual_camera", seed=7),
        camera_label=VIRTUAL_LABEL,
        ago=days(0.75),
    ),
    Cue(
        face="caucasian-f-88",
        take=Take(face="caucasian-f-88", species="screen_tablet", seed=8),
        ago=days(0.6),
    ),
    Cue(
        face="asian-m-90",
        take=Take(face="asian-m-90", species="screen_laptop", seed=9),
        is_helped=True,
        ago=days(0.45),
    ),
    Cue(face="p3", take=Take(face="p3", seed=10), lead="reported_death", ago=days(0.35)),
    Cue(face="p2", take=Take(face="p3", seed=11), selfie="p2", ago=days(0.3)),
    Cue(
        face="p1",
        take=Take(face="p1", species="own_clip_cropped", seed=12),
        replays=True,
        ago=days(0.22),
    ),
    Cue(
        face="african-m-70",
        take=Take(face="african-m-70", species="cut_eyes_mouth", seed=13),
        ago=days(0.1),
    ),
)
DOORS: tuple[Door, ...] = (
    Door(face="p2", ago=days(1.4), seed=21, mock=True),
    Door(face="p3", ago=days(0.4), seed=22, checklist=replace(WELL, name_and_id_right=False)),
)
