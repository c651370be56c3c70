"""What the case page is filled in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.decision import Outcome
from domain.errors import AppError
from domain.review import Verdict
from domain.review_grounds import GROUNDS
from domain.roles import Permission
from edge import timeline
from services import review_cases, review_context
from services.review_cases import CaseFile, CasePart
from web.console import case_words, check_words, words
from web.console.forms import Posted
from web.console.refusals import words_of
from web.console.session import Desk

_FACES = (
    ("reference_jpeg", "登记照片"),
    ("selfie_jpeg", "这次自拍"),
    ("best_frame_jpeg", "视频最佳画面"),
)
PHRASES = (
    "已电话联系本人，声音、应答与资料相符。",
    "已与家属核实，本人在家、健在。",
    "请本人到光线好的地方，正对镜头再拍。",
    "请协办员上门看望并重新采集照片。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the verdict form holds; empty at first."""

    verdict: str = ""
    method: str = ""
    grounds: Mapping[str, str] = field(default_factory=dict)
    findings: str = field(default="", repr=False)
    refusal: dict[str, Any] | None = None
    is_sent: bool = False
    asks_password: bool = False

    @classmethod
    def of(cls, form: Posted, refusal: AppError | None = None) -> "Typed":
        """Keep what was sent, and what was said to it."""
        return cls(
            verdict=form.raw("verdict"),
            method=form.raw("method"),
            grounds={verdict.value: form.raw(f"ground_{verdict.value}") for verdict in Verdict},
            findings=form.raw("findings")[:8000],
            refusal=words_of(refusal) if refusal else None,
            is_sent=True,
            asks_password=refusal is not None
            and refusal.code in {"auth.confirmation_needed", "auth.failed"},
        )


def view(desk: Desk, review_id: UUID, typed: Typed | None = None) -> dict[str, Any]:
    """Gather all that the page shows to who asks. Raises `review.not_found`, `evidence.erased`."""
    found = review_cases.open_case(desk.backend, desk.member, review_id)
    frame, inside = review_context.around(desk.backend, desk.member, review_id)
    shown = inside is not None
    material = _material(desk, review_id) if shown else None
    return _form(desk, found, typed or Typed()) | {
        "title": f"审核 {found.subject.name}",
        "frame": frame,
        "inside": inside,
        "shown": shown,
        "now": desk.now,
        "checks": [check_words.said(check) for check in found.checks],
        "say_reason": case_words.reason,
        **_pictures(found, material),
        **_clip(desk, found, material),
    }


def form_values(desk: Desk, review_id: UUID, typed: Typed) -> dict[str, Any]:
    """Gather what the form alone needs."""
    found = review_cases.open_case(desk.backend, desk.member, review_id)
    return _form(desk, found, typed) | {"desk": desk, "csrf": desk.csrf, "now": desk.now}


def _form(desk: Desk, found: CaseFile, typed: Typed) -> dict[str, Any]:
    return {
        "case": found,
        "typed": typed,
        "verdicts": words.VERDICTS,
        "methods": words.METHODS,
        "grounds": {
            verdict: {ground: case_words.GROUNDS[ground] for ground in fitting}
            for verdict, fitting in GROUNDS.items()
        },
        "phrases": PHRASES,
        "may_claim": desk.may(Permission.REVIEW_CLAIM),
    }


def _material(desk: Desk, review_id: UUID) -> dict[str, Any] | None:
    try:
        return review_cases.material_of(desk.backend, desk.member, review_id)
    except AppError as refusal:
        if refusal.code != "review.no_material":
            raise
        return None


def _pictures(found: CaseFile, material: dict[str, Any] | None) -> dict[str, Any]:
    """Choose what stands side by side: the faces cut out for it, or the photos as handed in."""
    faces = [
        (title, f"data:image/jpeg;base64,{material[name]}")
        for name, title in _FACES
        if material is not None and material[name]
    ]
    return {
        "faces": faces,
        "photos": [part for part in found.parts if part.media_type.startswith("image/")],
    }


def _clip(desk: Desk, found: CaseFile, material: dict[str, Any] | None) -> dict[str, Any]:
    clip: CasePart | None = next(
        (part for part in found.parts if part.media_type.startswith("video/")), None
    )
    drawing, near, earlier = "", None, None
    if material is not None:
        drawing = timeline.drawn(*timeline.read(material))
        earlier = material["earlier"]
    if earlier is not None:
        near = review_context.near_clip(desk.backend, desk.member, found.id, earlier)
    return {
        "clip": clip,
        "drawing": drawing,
        "earlier": earlier,
        "near": near,
        "passed": Outcome.PASS.value,
    }
