"""A thousand calls made up from the published document: what it says is what the server does.

Each operation is called signed in: with the boundary values that the document gives rise to, with
random input that fits it, with random input that does not, and with input that makes sense, so
that calls get past every door. The document's `default` answer is taken away first: every status
that comes has to be listed.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks

from api.bodies import PART, UNNAMED
from api.main import create_app
from tests.contract.ready import DISPENSABLE, Ready
from tests.contract.routes import ROUTES
from tools.export_openapi import TARGET

CALLS = 1000
BOUNDARY_CALLS = 25
RANDOM_CALLS = 20
FEW_CALLS = 3
SEED = 20260302
CHECKS = (
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
REJECTION = checks.negative_data_rejection
"""Only for calls as they were made up: with other input put in, they may fit after all."""
AnyCase = Case[Any]
QUIET = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
MEDIA = set(PART["requestBody"]["content"])
NEED_A_CLAIM = {"reviews_look", "reviews_decide"}
NEVER_ACCEPTED = {
    "enrolment_add",
    "reviews_material",
    "reviews_timeline",
    "staff_confirm",
    "staff_show_code",
}
"""Want a photo of a face, a clip that was measured, or a secret that was not guessed at ten times
before: these have tests of their own."""


@dataclass(slots=True, kw_only=True)
class Caller:
    ready: Ready
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)

    def call(self, case: AnyCase) -> None:
        """Send one call as it was made up."""
        self._send(case, [*CHECKS, REJECTION])

    def _send(self, case: AnyCase, held_to: list[Any]) -> None:
        """Send one call and hold the answer to the document."""
        name = name_of(case.operation)
        headers = self.ready.headers(name)
        response = case.call(headers=headers)
        self.answered[name, response.status_code] += 1
        if name in DISPENSABLE and is_accepted(response.status_code):
            self.ready.tokens.clear()
        assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, response.text
        case.validate_response(response, checks=held_to, headers=headers)

    def call_where_something_is(self, case: AnyCase) -> None:
        """The same, for ids that exist, from the phone that opened the session."""
        known = self.ready.path_parameters(name_of(case.operation))
        for name in case.path_parameters:
            case.path_parameters[name] = known[name]
        if "Device-Id" in case.headers:
            case.headers["Device-Id"] = self.ready.phone.device_id
        self._send(case, list(CHECKS))

    def call_sensibly(self, case: AnyCase, *, but_for: int | None = None) -> None:
        """The same, with input that makes sense, in all fields or in all but one."""
        name = name_of(case.operation)
        case.query.update(self.ready.query(name))
        body = self.ready.body(name)
        if isinstance(body, dict) and isinstance(case.body, dict) and but_for is not None:
            strange = sorted(body)[but_for % len(body)]
            body = body | {k: v for k, v in case.body.items() if k == strange}
        if body is not None:
            case.body = body
        self.call_where_something_is(case)

    def prepare(self, name: str) -> None:
        """Claim the case again for whoever is to look at it and decide it."""
        if name in NEED_A_CLAIM:
            headers = self.ready.headers(name)
            path = self.ready.path_of("reviews_claim")
            assert self.ready.http.ask("POST", path, headers=headers).status_code == HTTPStatus.OK

    def accepted(self) -> set[str]:
        return {name for name, status in self.answered if is_accepted(status)}


def is_accepted(status: int) -> bool:
    return status < HTTPStatus.MULTIPLE_CHOICES


def name_of(operation: APIOperation[Any, Any, Any, Any]) -> str:
    name: str = operation.definition.raw["operationId"]
    return name


def document() -> dict[str, Any]:
    """The published document without the answer that stands for any other."""
    made: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))
    for operations in made["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
    return made


def boundary_cases(schema: BaseSchema, operation: Any) -> Iterator[AnyCase]:
    made = schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation),
    )
    return islice(made, BOUNDARY_CALLS)


def play(caller: Caller, schema: BaseSchema, operation: Any) -> None:
    """Call one operation in every way."""
    name = name_of(operation)
    caller.prepare(name)
    for case in boundary_cases(schema, operation):
        caller.call(case)
    takes_input = bool([*operation.iter_parameters(), *operation.body])
    often = settings(QUIET, max_examples=RANDOM_CALLS if takes_input else FEW_CALLS)

    @often
    @given(operation.as_strategy(), st.integers(-2, 11))
    def fitting(case: AnyCase, how: int) -> None:
        if name not in caller.accepted():
            caller.call_sensibly(case)
        elif how == -2:
            caller.call(case)
        elif how == -1:
            caller.call_where_something_is(case)
        else:
            caller.call_sensibly(case, but_for=how)

    fitting()
    if takes_input:

        @often
        @given(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def unfitting(case: AnyCase) -> None:
            caller.call(case)

        unfitting()


@pytest.mark.slow
def test_a_thousand_calls_come_to_nothing_that_is_not_in_the_document(ready: Ready) -> None:
    schema = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig(seed=SEED))
    # All media go out as the bytes that they are.
    schemathesis.serializer.alias(sorted(MEDIA - {UNNAMED}), UNNAMED)
    schema.app = create_app(ready.county.backend)
    caller = Caller(ready=ready)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        play(caller, schema, found.ok())

    assert {name for name, _ in caller.answered} == set(ROUTES)
    assert set(ROUTES) - caller.accepted() == NEVER_ACCEPTED
    assert caller.answered.total() >= CALLS
