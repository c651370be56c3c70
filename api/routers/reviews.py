"""The reviewer's routes: the queue, a claim, the case, its evidence, the verdict."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import BackendDep, CurrentStaff, requires
from api.schemas.reviews import (
    CaseFile,
    Claimed,
    Decide,
    Decided,
    Material,
    QueuedCase,
    QueuePage,
)
from api.schemas.visits import Said
from domain.roles import Permission
from edge import timeline as course
from edge import words
from services import review_cases, reviews
from services.reviews import Ruling

router = APIRouter(prefix="/reviews", tags=["reviews"])

_SHOWN_TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/webm": "webm",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}
"""What evidence may call itself in an answer; whatever else was uploaded is plain bytes."""
_SVG = "image/svg+xml"
_DRAWING: dict[int | str, dict[str, Any]] = {
    200: {"description": "A drawing", "content": {_SVG: {"schema": {"type": "string"}}}}
}
_EVIDENCE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, as it was handed in",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in (*_SHOWN_TYPES, "application/octet-stream")
        },
    }
}


@router.get("", dependencies=[requires(Permission.REVIEW_READ)])
def queue(
    backend: BackendDep,
    staff: CurrentStaff,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> QueuePage:
    """List undecided cases of one's own division, the most pressing first."""
    page = reviews.queue_page(backend, staff, after=after, limit=limit)
    cases = [_queued(case) for case in page.cases]
    return QueuePage(cases=cases, next_after=page.next_after)


@router.post("/{review_id}/claim", dependencies=[requires(Permission.REVIEW_CLAIM)])
def claim(review_id: UUID, backend: BackendDep, staff: CurrentStaff) -> Claimed:
    """Keep a case for oneself for a while, or for a while longer."""
    return Claimed(until=reviews.claim_case(backend, staff, review_id))


@router.delete(
    "/{review_id}/claim", status_code=204, dependencies=[requires(Permission.REVIEW_CLAIM)]
)
def release(review_id: UUID, backend: BackendDep, staff: CurrentStaff) -> Response:
    """Give a case back to the queue."""
    reviews.release_case(backend, staff, review_id)
    return Response(status_code=204)


@router.get("/{review_id}", dependencies=[requires(Permission.REVIEW_READ)])
def case(review_id: UUID, backend: BackendDep, staff: CurrentStaff) -> CaseFile:
    """Show one case: reasons, checks, photos, and what came before."""
    found = review_cases.open_case(backend, staff, review_id)
    return CaseFile.model_validate(_worded(found))


@router.get(
    "/{review_id}/evidence/{evidence_id}",
    response_class=Response,
    responses=_EVIDENCE,
    dependencies=[requires(Permission.EVIDENCE_READ)],
)
def look(review_id: UUID, evidence_id: UUID, backend: BackendDep, staff: CurrentStaff) -> Response:
    """Give one file to the one who holds the case; the look is on record."""
    content, declared = review_cases.look_at(backend, staff, review_id, evidence_id)
    kind = declared if declared in _SHOWN_TYPES else "application/octet-stream"
    name = f"{evidence_id}.{_SHOWN_TYPES.get(declared, 'bin')}"
    return Response(content, media_type=kind, headers=_guarded(name))


@router.get("/{review_id}/material", dependencies=[requires(Permission.EVIDENCE_READ)])
def material(
    review_id: UUID, backend: BackendDep, staff: CurrentStaff, response: Response
) -> Material:
    """Give faces side by side and the course of the clip to the one who holds the case."""
    response.headers["Cache-Control"] = "no-store"
    return Material.model_validate(review_cases.material_of(backend, staff, review_id))


@router.get(
    "/{review_id}/timeline.svg",
    response_class=Response,
    responses=_DRAWING,
    dependencies=[requires(Permission.EVIDENCE_READ)],
)
def timeline(review_id: UUID, backend: BackendDep, staff: CurrentStaff) -> Response:
    """Draw what the head did, with the challenge over it."""
    shown = course.drawn(*course.read(review_cases.material_of(backend, staff, review_id)))
    return Response(shown, media_type=_SVG, headers=_guarded(f"{review_id}.svg"))


@router.post("/{review_id}/decision", dependencies=[requires(Permission.ATTEMPT_REVIEW)])
def decide(review_id: UUID, body: Decide, backend: BackendDep, staff: CurrentStaff) -> Decided:
    """Decide a case that one holds, once: to certify takes effect at once, to refer is proposed."""
    ruling = Ruling(verdict=body.verdict, method=body.method, findings=body.findings)
    ruled = reviews.decide(backend, staff, review_id, ruling)
    certified = ruled.certified
    return Decided(
        state=ruled.state,
        verdict=ruled.verdict,
        proposal_id=ruled.proposal_id,
        certificate_number=certified.certificate_number if certified else None,
        valid_until=certified.valid_until if certified else None,
    )


def _guarded(name: str) -> dict[str, str]:
    """Keep a pensioner's face out of caches, and a hostile upload from being run as a page."""
    return {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def _queued(found: reviews.QueuedCase) -> QueuedCase:
    return QueuedCase(
        id=found.id,
        masked_name=found.masked_name,
        residence_path=found.residence_path,
        channel=found.channel,
        reasons=_said(found.reasons),
        opened_at=found.opened_at,
        due_at=found.due_at,
        state=found.state,
        is_mine=found.is_mine,
        is_late=found.is_late,
    )


def _worded(found: review_cases.CaseFile) -> dict[str, object]:
    fields = {name: getattr(found, name) for name in CaseFile.model_fields}
    return fields | {"reasons": _said(found.reasons)}


def _said(reasons: tuple[str, ...]) -> list[Said]:
    return [Said.of(code, words.reasons()) for code in reasons]
