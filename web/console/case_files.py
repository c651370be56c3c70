"""A case's pictures and clips: decrypted here, sent to the one who holds the case, kept nowhere."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from domain.roles import Permission
from edge import ranges
from services import review_cases, review_context
from web.console.session import CurrentDesk, requires

router = APIRouter(tags=["case"])
SHOWN_TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/webm": "webm",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}
"""What may be shown in a page; whatever else was uploaded is plain bytes."""


@router.get(
    "/queue/{review_id}/file/{evidence_id}", dependencies=[requires(Permission.EVIDENCE_READ)]
)
def look(request: Request, desk: CurrentDesk, review_id: UUID, evidence_id: UUID) -> Response:
    """Give one file of the case, or a part of it; the look is on record."""
    content, declared = review_cases.look_at(desk.backend, desk.member, review_id, evidence_id)
    return sent(request, content, declared, name=str(evidence_id))


@router.get(
    "/queue/{review_id}/neighbour/{evidence_id}",
    dependencies=[requires(Permission.EVIDENCE_READ)],
)
def neighbour(request: Request, desk: CurrentDesk, review_id: UUID, evidence_id: UUID) -> Response:
    """Give the photo of somebody with the same telephone or device; the look is on record."""
    content, declared = review_context.look_at_neighbour(
        desk.backend, desk.member, review_id, evidence_id
    )
    return sent(request, content, declared, name=str(evidence_id))


def sent(request: Request, content: bytes, declared: str, *, name: str) -> Response:
    """Answer with a file, or with the part of it that a player asks for."""
    known = declared in SHOWN_TYPES
    kind = declared if known else "application/octet-stream"
    shown = "inline" if known else "attachment"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Disposition": f'{shown}; filename="{name}.{SHOWN_TYPES.get(declared, "bin")}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    try:
        span = ranges.asked(request.headers.get("Range"), len(content))
    except ranges.UnsatisfiableError:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    if span is None:
        return Response(content, media_type=kind, headers=headers)
    headers["Content-Range"] = span.header(len(content))
    part = content[span.first : span.last + 1]
    return Response(part, 206, media_type=kind, headers=headers)
