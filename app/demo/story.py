"""What the demo plays, scene by scene, over HTTP; each scene says what came of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx

from app.demo.clips import Camera, Codec
from app.demo.county import Seeded
from app.demo.http import Desk, Phone, Refused, Upload
from app.demo.photos import Selfie
from app.demo.script import Behaviour
from app.demo.studio import Studio
from domain.beneficiary import mask_name
from domain.challenge import from_json
from storage.ids import uuid7

MP4 = Camera(width=640, height=480, fps=15, codec=Codec.MP4_H264, jitter=0.3)
WEBM = Camera(width=640, height=480, fps=15, codec=Codec.WEBM_VP8, jitter=0.3)
_TRIES = 3  # policy's own number


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One line of the table. `expected` is what a correct product answers."""

    who: str
    handed_in: str
    outcome: str
    words: str
    expected: tuple[str, ...]

    @property
    def went_right(self) -> bool:
        return self.outcome in self.expected


@dataclass(slots=True, kw_only=True)
class Play:
    """The stage: a server, the seeded county, and the studio that makes the media."""

    http: httpx.Client
    county: Seeded
    studio: Studio
    last_clip: bytes = b""

    def scenes(self) -> Iterator[Scene]:
        """Play all scenes in order."""
        acts: tuple[Callable[[], Scene], ...] = (
            self.right_person,
            self.other_person,
            self.held_photo,
            self.wrong_sequence,
            self.last_video_again,
            self.bent_print,
            self.animated_photo,
            self.old_clip_filmed_again,
            self.text_named_webm,
            self.nothing_to_compare_with,
            self.home_visit,
            self.flagged_then_reviewed,
        )
        for act in acts:
            try:
                yield act()
            except Refused as refused:
                yield _unforeseen(act.__name__, refused)

    def right_person(self) -> Scene:
        phone = self._phone("zhou").open_session()
        self.last_clip = self._clip("p1", phone, Behaviour.ANSWERS, MP4)
        status = self._certify(phone, self._selfie("p1", Selfie.OTHER_PHOTO), self.last_clip)
        return _scene(phone, "selfie + video that answers the challenge", status, "pass")

    def other_person(self) -> Scene:
        phone = self._phone("he").open_session()
        clip = self._clip("p3", phone, Behaviour.ANSWERS, WEBM)
        status = self._certify(phone, self._selfie("p3"), clip)
        return _scene(phone, "another person answers in his name", status, "review")

    def held_photo(self) -> Scene:
        phone = self._phone("he").open_session()
        clip = self._clip("p2", phone, Behaviour.STILL, WEBM)
        status = self._certify(phone, self._selfie("p2"), clip)
        return _scene(phone, "his own photo, held still", status, "review", "retry")

    def wrong_sequence(self) -> Scene:
        phone = self._phone("he").open_session()
        clip = self._clip("p2", phone, Behaviour.WRONG_ORDER, WEBM)
        status = self._certify(phone, self._selfie("p2"), clip)
        return _scene(phone, "the right person, movements in the wrong order", status, "retry")

    def last_video_again(self) -> Scene:
        phone = self._phone("zhou").open_session()
        try:
            status = self._certify(phone, self._selfie("p1"), self.last_clip)
        except Refused as refused:
            return _refusal(
                phone, "last time's video again", refused, "submission.video_seen_before"
            )
        return _scene(phone, "last time's video again", status)

    def bent_print(self) -> Scene:
        return self._attacked("print_bent_80_vertical", "her photo, printed and bent like a face")

    def animated_photo(self) -> Scene:
        what = "her photo, animated to answer, through a virtual camera"
        return self._attacked("animated_virtual_camera", what)

    def old_clip_filmed_again(self) -> Scene:
        what = "last time's video, filmed from a screen"
        return self._attacked("own_clip_recaptured", what, earlier=self.last_clip)

    def _attacked(self, species: str, what: str, *, earlier: bytes | None = None) -> Scene:
        """Attack the account of the first person, with a selfie that is truly hers."""
        phone = self._phone("zhou").open_session()
        challenge = from_json(phone.challenge)
        clip = self.studio.attack("p1", species, challenge, camera=WEBM, seed=7, earlier=earlier)
        status = self._certify(phone, self._selfie("p1", Selfie.OTHER_PHOTO), clip)
        return _scene(phone, what, status, "review", "retry")

    def text_named_webm(self) -> Scene:
        phone = self._phone("he").open_session()
        video = Upload(name="video", content=b"this is no video\n" * 40, media_type="video/webm")
        try:
            status = phone.hand_in(_key(), _now(), self._selfie("p2"), video)
        except Refused as refused:
            return _refusal(phone, "a text file named .webm", refused, "submission.not_media")
        return _scene(phone, "a text file named .webm", status)

    def nothing_to_compare_with(self) -> Scene:
        phone = self._phone("luo")
        try:
            phone.open_session()
        except Refused as refused:
            wanted = {"claim": phone.claim, "reason": "没有可比对的照片"}
            phone.ask("POST", "/v1/visit-requests", json=wanted)
            return _refusal(
                phone, "no reference photo: asks for a visit", refused, "person.no_reference"
            )
        return Scene(
            who=phone.name, handed_in="no reference photo", outcome="?", words="", expected=()
        )

    def home_visit(self) -> Scene:
        officer = self._desk("officer")
        person = self.county.people["he"]
        photos = {
            name: Upload(name=name, content=content, media_type="image/jpeg")
            for name, content in self._visit_photos("p2").items()
        }
        for upload in photos.values():
            officer.put(f"/v1/visits/parts/{upload.sha256}?beneficiary_id={person.id}", upload)
        accepted = officer.ask("POST", "/v1/visits", json=_visit(person.id, photos))
        status = officer.wait_for(accepted["status_link"])
        return Scene(
            who=person.name,
            handed_in="officer's home visit, three photos",
            outcome=status["state"],
            words=status["say"],
            expected=("certified",),
        )

    def flagged_then_reviewed(self) -> Scene:
        """Three times she does not follow: nobody is asked for ever, a clerk takes over."""
        tries = [self._cannot_follow(turn) for turn in range(_TRIES)]
        self._review(mask_name(self.county.people["xu"].name))
        last = tries[-1]
        status = last.ask("GET", f"/v1/submissions/{_try(_TRIES - 1)}")
        return _scene(last, "bedridden, cannot follow three times: a clerk", status, "certified")

    def _cannot_follow(self, turn: int) -> Phone:
        phone = self._phone("xu").open_session(needs=["bedridden", "no_turn"])
        clip = self._clip("p3", phone, Behaviour.NO_RESPONSE, WEBM, seed=7 + turn)
        self._certify(phone, self._selfie("p3", Selfie.IN_BED), clip, key=_try(turn))
        return phone

    def _review(self, masked_name: str) -> None:
        """Do what a clerk does: take the case, look at the evidence, call back, decide."""
        clerk = self._desk("clerk")
        queue = clerk.ask("GET", "/v1/reviews")["cases"]
        case = next(case for case in queue if case["masked_name"] == masked_name)
        link = f"/v1/reviews/{case['id']}"
        clerk.ask("POST", f"{link}/claim")
        for part in clerk.ask("GET", link)["parts"]:
            clerk.raw(f"{link}/evidence/{part['evidence_id']}")
        verdict = {
            "verdict": "certified",
            "method": "call_back",
            "findings": "电话回访本人,健在,卧床不便转头",
        }
        clerk.ask("POST", f"{link}/decision", json=verdict)

    def _phone(self, person: str) -> Phone:
        seeded = self.county.people[person]
        return Phone(http=self.http, id_number=seeded.id_number, name=seeded.name)

    def _desk(self, seat: str) -> Desk:
        return Desk.signed_in(self.http, self.county.staff[seat])

    def _clip(
        self, face: str, phone: Phone, behaviour: Behaviour, camera: Camera, *, seed: int = 7
    ) -> bytes:
        challenge = from_json(phone.challenge)
        return self.studio.clip(face, challenge, behaviour=behaviour, camera=camera, seed=seed)

    def _selfie(self, face: str, variant: Selfie = Selfie.GOOD) -> Upload:
        content = self.studio.selfie(face, variant, seed=3)
        return Upload(name="selfie", content=content, media_type="image/jpeg")

    def _certify(
        self, phone: Phone, selfie: Upload, clip: bytes, *, key: str | None = None
    ) -> dict[str, object]:
        kind = "video/mp4" if clip[4:8] == b"ftyp" else "video/webm"
        video = Upload(name="video", content=clip, media_type=kind)
        return phone.hand_in(key or _key(), _now(), selfie, video)

    def _visit_photos(self, face: str) -> dict[str, bytes]:
        return self.studio.visit_photos(face, seed=5)


def _try(turn: int) -> str:
    return f"cannot-follow-{turn}"


def _visit(person_id: UUID, photos: dict[str, Upload]) -> dict[str, object]:
    return {
        "client_id": _key(),
        "beneficiary_id": str(person_id),
        "parts": [upload.promised() for upload in photos.values()],
        "captured_at": _now(),
        "place": {"latitude": 27.1, "longitude": 115.2, "accuracy_m": 18.0, "mock": False},
        "device": "demo-officer-phone",
        "checklist": {
            "alive": True,
            "not_in_custody": True,
            "name_and_id_right": True,
            "contact_current": True,
        },
    }


def _scene(phone: Phone, handed_in: str, status: dict[str, object], *expected: str) -> Scene:
    return Scene(
        who=phone.name,
        handed_in=handed_in,
        outcome=str(status["state"]),
        words=str(status["say"]),
        expected=expected,
    )


def _refusal(phone: Phone, handed_in: str, refused: Refused, expected: str) -> Scene:
    return Scene(
        who=phone.name,
        handed_in=handed_in,
        outcome=refused.code,
        words=refused.say,
        expected=(expected,),
    )


def _unforeseen(act: str, refused: Refused) -> Scene:
    """Show a refusal that no scene plans for: the play goes on, and ends as failed."""
    return Scene(who="", handed_in=act, outcome=refused.code, words=refused.say, expected=())


def _key() -> str:
    return str(uuid7())


def _now() -> str:
    return datetime.now(UTC).isoformat()  # noqa: TID251 - plays a phone's own clock
