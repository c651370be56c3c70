"""Reference photos: added on a recorded ground, listed with provenance, removed with a reason."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.bodies import PHOTO, PhotoBody
from api.deps import BackendDep, CurrentStaff, requires
from api.routers.registry import caller_of
from api.schemas.enrolment import EnrolledOut, ReferenceOut, Remove
from domain.enrolment import Basis, BasisKind, Source
from domain.roles import Permission
from edge.text import Text
from services import enrolment

router = APIRouter(tags=["enrolment"])


def stated_basis(
    basis: Annotated[BasisKind, Query(description="consent of the person, or statute")],
    text_version: Annotated[Text, Query(min_length=1, max_length=64)],
    text_digest: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")],
) -> Basis:
    """Take the ground from the query: it names a text, not a person."""
    return Basis(kind=basis, version=text_version, digest=text_digest)


StatedBasis = Annotated[Basis, Depends(stated_basis)]


@router.post(
    "/beneficiaries/{person_id}/references",
    status_code=201,
    responses={200: {"model": EnrolledOut}},  # it was there already
    openapi_extra=PHOTO,
    dependencies=[requires(Permission.ENROLMENT_WRITE)],
)
def add(  # noqa: PLR0913, PLR0917 - FastAPI fills them by name
    person_id: UUID,
    source: Source,
    basis: StatedBasis,
    photo: PhotoBody,
    backend: BackendDep,
    staff: CurrentStaff,
    response: Response,
    taken_on: date | None = None,
) -> EnrolledOut:
    """Add a photo (raw JPEG, PNG or WebP body, at most 10 MB); sending it again changes nothing."""
    done = enrolment.enrol_reference(
        backend,
        caller_of(staff),
        person_id,
        photo=photo,
        source=source,
        taken_on=taken_on,
        basis=basis,
    )
    if not done.added:
        response.status_code = 200
    return EnrolledOut(reference_id=done.reference_id, added=done.added)


@router.get(
    "/beneficiaries/{person_id}/references", dependencies=[requires(Permission.REGISTRY_READ)]
)
def references(person_id: UUID, backend: BackendDep, staff: CurrentStaff) -> list[ReferenceOut]:
    """List a person's reference photos, removed ones as well."""
    found = enrolment.references_of(backend, caller_of(staff), person_id)
    return [ReferenceOut.model_validate(item) for item in found]


@router.post(
    "/references/{reference_id}/removal",
    status_code=204,
    dependencies=[requires(Permission.ENROLMENT_WRITE)],
)
def remove(reference_id: UUID, body: Remove, backend: BackendDep, staff: CurrentStaff) -> Response:
    """Take a photo out of all later comparisons, with the reason."""
    enrolment.remove_reference(backend, caller_of(staff), reference_id, body.reason)
    return Response(status_code=204)
