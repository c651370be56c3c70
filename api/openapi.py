"""The OpenAPI document: what FastAPI derives from the routes, and what it cannot see there.

It cannot see which refusals a route comes to, nor that a challenge has a schema of its own.
`tools/export_openapi.py` writes the document to `field_app_spec/openapi.v1.json`.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from domain.roles import MARKERS, Permission
from edge.deps import permissions_of
from edge.errors import PROBLEM_JSON, Problem

Json = dict[str, Any]
SCHEMAS = Path(__file__).parents[1] / "field_app_spec" / "schemas"
_REF = "#/components/schemas/{model}"
_RESPONSE = "#/components/responses/{name}"

REFUSALS: Mapping[str, tuple[int, ...]] = {
    "health_ready": (503,),
    "self_service_check": (404, 409, 429),
    "self_service_open_session": (404, 409, 429),
    "self_service_put_part": (404, 409, 410, 429),
    "self_service_submit": (409, 410),
    "self_service_status": (404,),
    "self_service_appeal": (404, 409),
    "self_service_want_visit": (404, 409, 429),
    "links_make": (404, 410),
    "links_list_all": (404,),
    "links_revoke": (404,),
    "staff_sign_in": (401, 429),
    "staff_offer_factor": (409,),
    "staff_show_code": (409, 429),
    "staff_confirm": (429,),
    "staff_create": (409,),
    "staff_disable": (404,),
    "registry_search": (404,),
    "registry_view": (404,),
    "registry_correct_phone": (404, 409, 410),
    "enrolment_add": (404, 409, 410),
    "enrolment_references": (404,),
    "enrolment_remove": (404,),
    "visits_put_photo": (404, 409, 410),
    "visits_submit": (404, 409),
    "visits_status": (404,),
    "appeals_take_down": (404,),
    "reviews_queue": (404,),
    "reviews_claim": (404, 409),
    "reviews_release": (404, 409),
    "reviews_case": (404,),
    "reviews_look": (404, 409, 410),
    "reviews_material": (404, 409, 410),
    "reviews_timeline": (404, 409, 410),
    "reviews_decide": (404, 409, 410),
}
"""What each operation may refuse beyond what its permission and its input tell."""
_WORDS = {
    401: "Nobody is signed in, or no longer",
    403: "Signed in, but without the permission or outside the own division",
    404: "There is no such thing, or it is not for the caller to see",
    409: "It does not fit what is already on record",
    410: "It was there, and its time is over",
    413: "More than may be sent",
    422: "The request is malformed or breaks a rule; `params` names fields, never values",
    429: "Too often; `Retry-After` says when it works again",
    503: "Something that the server needs does not answer; try again later",
}
_HEADERS: Mapping[int, Json] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "seconds", "schema": {"type": "string"}}},
}
_LOCATION = {"description": "where to ask for the result", "schema": {"type": "string"}}


def operation_id(route: APIRoute) -> str:
    """Name an operation by its area and its function: `reviews_claim`."""
    area = str(route.tags[0]).replace("-", "_") if route.tags else "other"
    return f"{area}_{route.name}"


def document(app: FastAPI) -> Json:
    """Describe the whole application."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    for route in iter_route_contexts(app.routes):
        for method in (
            (route.methods or set()) if getattr(route, "include_in_schema", False) else ()
        ):
            _complete(made["paths"][route.path_format][method.lower()], route)
    _add_shared(made["components"])
    return made


def _complete(operation: Json, route: RouteContext) -> None:
    """Say in one line what it does, and list every refusal that it comes to."""
    text = operation.pop("description")
    operation["summary"] = text.split("\n\n")[0].rstrip(".")
    if text.rstrip(".") != operation["summary"]:
        operation["description"] = text
    answers = operation["responses"]
    answers.pop("422", None)
    for status, answer in answers.items():
        answer["description"] = HTTPStatus(int(status)).phrase
        if int(status) == HTTPStatus.ACCEPTED:
            answer["headers"] = {"Location": _LOCATION}
    for number in sorted(_refusals(operation, route)):
        answers[str(number)] = {"$ref": _RESPONSE.format(name=_name(number))}
    answers["default"] = {"$ref": _RESPONSE.format(name="Problem")}


def _refusals(operation: Json, route: RouteContext) -> set[int]:
    found = set(REFUSALS.get(operation["operationId"], ()))
    permission = permissions_of(route)[0]
    if permission is Permission.SELF:
        found |= {401, 503}
    if permission not in MARKERS:
        found |= {401, 503} if permission is Permission.SIGNED_IN else {401, 403, 503}
    if "requestBody" in operation:
        found |= {413, 422, 503}
    if operation.get("parameters"):
        found |= {422, 503}
    return found


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _add_shared(components: Json) -> None:
    schemas = components["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template=_REF)
    schemas |= _published("challenge.schema.json", "Challenge")
    schemas["OpenedSession"]["properties"]["challenge"] = {"$ref": _REF.format(model="Challenge")}
    components["schemas"] = dict(sorted(schemas.items()))
    components["responses"] = {"Problem": _problem("Any other refusal or failure", {})} | {
        _name(status): _problem(words, _HEADERS.get(status, {})) for status, words in _WORDS.items()
    }


def _published(file: str, model: str) -> dict[str, Json]:
    """Take a published schema in; what it defines for itself becomes a model as well."""
    text = (SCHEMAS / file).read_text("utf-8")
    for part in json.loads(text)["$defs"]:
        inner = _REF.format(model=model + part.title())
        text = text.replace(f'"#/$defs/{part}"', f'"{inner}"')
    schema: Json = json.loads(text)
    parts = {model + part.title(): inner for part, inner in schema.pop("$defs").items()}
    return {model: {k: v for k, v in schema.items() if k not in {"$schema", "$id"}}} | parts


def _problem(words: str, headers: Json) -> Json:
    content = {PROBLEM_JSON: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {"description": words, "headers": headers, "content": content}
