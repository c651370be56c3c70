"""The contract with the field app says what the code does, no less and no more."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest

from domain.attempt import SELF_PARTS, TRANSITIONS, AttemptState, Channel
from domain.challenge import Action, Need, make_challenge, to_json
from domain.decision import Outcome
from domain.enrolment import Refusal
from domain.errors import Kind
from domain.home_visit import REQUIRED_PARTS, VISIT_PARTS, VisitOutcome, VisitReason
from domain.ids import SessionId
from domain.reasons import Reason
from domain.review import HARMFUL, Verdict

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "field_app_spec"
PACKAGES = ("domain", "services", "storage", "biometrics", "edge", "api", "web", "worker", "app")
CHANNELS = {c.value for c in Channel}
LONGEST_SAY = 30
BLAME = ("错误", "失败", "非法", "违规", "作弊", "冒充", "骗", "你")


def read(path: str) -> Any:
    return json.loads((SPEC / path).read_text(encoding="utf-8"))


ERRORS: list[dict[str, str]] = read("error_codes.json")
REASONS: list[dict[str, str]] = read("reason_codes.json")
SCHEMAS = sorted(p.name for p in (SPEC / "schemas").glob("*.schema.json"))
MACHINES = sorted(p.name for p in (SPEC / "state_machines").glob("*.json"))


def refusals(source: str) -> Iterator[tuple[str, str, int]]:
    """Every `AppError(Kind.X, "code"` as (kind, code, line)."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id="AppError") | ast.Attribute(attr="AppError"),
                args=[ast.Attribute(value=ast.Name(id="Kind"), attr=kind), ast.Constant(code), *_],
            ):
                yield Kind[kind].value, str(code), node.lineno
            case _:
                pass


def test_the_reader_of_the_source_finds_a_refusal() -> None:
    source = 'def f():\n    raise AppError(\n        Kind.GONE, "session.expired", at=1\n    )\n'
    assert list(refusals(source)) == [("gone", "session.expired", 2)]


def test_every_refusal_in_the_source_is_registered_with_its_kind() -> None:
    known = {e["code"]: e["kind"] for e in ERRORS}
    found = {
        f"{path.relative_to(ROOT)}:{line} {kind} {code}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for kind, code, line in refusals(path.read_text(encoding="utf-8"))
        if known.get(code) != kind
    }
    assert found == set()


def test_codes_are_unique_and_named_area_dot_what() -> None:
    codes = [e["code"] for e in ERRORS]
    assert sorted(set(codes)) == sorted(codes)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", code) for code in codes)
    assert codes == sorted(codes)


@pytest.mark.parametrize("entry", ERRORS, ids=lambda e: e["code"])
def test_every_error_can_be_read_aloud_and_names_one_next_step(entry: dict[str, str]) -> None:
    assert set(entry) == {"code", "kind", "say", "do", "next_channel"}
    assert entry["kind"] in {k.value for k in Kind}
    assert_words(entry)


@pytest.mark.parametrize("entry", REASONS, ids=lambda e: e["code"])
def test_every_reason_can_be_read_aloud_and_blames_nobody(entry: dict[str, str]) -> None:
    assert set(entry) == {"code", "say", "do", "next_channel"}
    assert_words(entry)
    assert not any(word in entry["say"] + entry["do"] for word in BLAME)


def assert_words(entry: dict[str, str]) -> None:
    for words in (entry["say"], entry["do"]):
        assert 0 < len(words) <= LONGEST_SAY
        assert re.search(r"[\u4e00-\u9fff]", words)
        assert not re.search(r"\d|分数|相似度|阈值", words)  # never a score
    assert entry["next_channel"] in CHANNELS


def test_every_reason_has_its_words_and_every_word_its_reason() -> None:
    codes = [r["code"] for r in REASONS]
    assert len(set(codes)) == len(codes)
    assert set(codes) == {r.value for kind in (Reason, VisitReason, Refusal) for r in kind}


def test_no_reason_for_a_doubt_leads_nowhere() -> None:
    fine = {Reason.FACE_MATCHES.value, VisitReason.CLEAN.value}
    assert {r["code"] for r in REASONS if r["next_channel"] == Channel.NONE} == fine


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_a_valid_one_and_closed(name: str) -> None:
    schema = read(f"schemas/{name}")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False


def valid(name: str, document: Any) -> bool:
    return jsonschema.Draft202012Validator(read(f"schemas/{name}.schema.json")).is_valid(document)


CHALLENGE = to_json(
    make_challenge(
        draw=lambda n: n // 2,
        needs=[Need.SEATED],
        at=datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
        ttl_s=120,
        nonce="n0nce-of_thirty-two-characters--",
        challenge_id=SessionId(UUID("01890000-0000-7000-8000-000000000001")),
    )
)
PHOTO = {"sha256": "a" * 64, "size": 200_000, "media_type": "image/jpeg"}
VIDEO = {"sha256": "b" * 64, "size": 1_500_000, "media_type": "video/webm;codecs=vp9"}
MANIFEST = {
    "client_id": "phone-0001",
    "captured_at": "2026-01-05T08:30:00Z",
    "parts": [{"name": "selfie", **PHOTO}, {"name": "video", **VIDEO}],
}
VISIT = {
    "client_id": "visit-0001",
    "beneficiary_id": "019a0000-0000-7000-8000-000000000001",
    "captured_at": "2026-01-05T16:30:00+08:00",
    "place": {"latitude": 28.1, "longitude": 115.9, "accuracy_m": 12.5, "mock": None},
    "device": "tablet-7",
    "checklist": {
        "alive": True,
        "not_in_custody": True,
        "name_and_id_right": True,
        "contact_current": False,
    },
    "parts": [{"name": n, **PHOTO} for n in REQUIRED_PARTS],
}
RESULT = {
    "outcome": "review",
    "reasons": ["face_uncertain"],
    "checks": [
        {"name": "clip_match", "value": 0.41, "threshold": 0.45, "ok": False, "at_ms": 400},
        {"name": "clip_faults", "value": 0, "threshold": None, "ok": True, "at_ms": None},
    ],
    "models": {"matcher": "sface@0123456789ab"},
    "seconds": 0.9,
    "cpu_seconds": 1.1,
    "peak_mb": 310.5,
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "challenge": CHALLENGE,
    "manifest": MANIFEST,
    "visit_manifest": VISIT,
    "verify_result": RESULT,
}


def test_every_schema_has_an_example_here() -> None:
    assert sorted(f"{name}.schema.json" for name in EXAMPLES) == SCHEMAS


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_is_valid_and_nothing_may_be_left_out_or_added(name: str) -> None:
    example = EXAMPLES[name]
    assert valid(name, example)
    assert not valid(name, example | {"more": 1})
    for field in example:
        assert not valid(name, {k: v for k, v in example.items() if k != field}), field
        assert not valid(name, example | {field: [["another type"]]}), field


def test_the_schemas_name_the_sets_that_the_rules_name() -> None:
    challenge = read("schemas/challenge.schema.json")["properties"]
    step = challenge["steps"]["items"]["properties"]
    assert step["action"]["enum"] == [a.value for a in Action]
    assert challenge["needs"]["items"]["enum"] == [n.value for n in Need]
    manifest = read("schemas/manifest.schema.json")["$defs"]["part"]["properties"]
    assert manifest["name"]["enum"] == list(SELF_PARTS)
    visit = read("schemas/visit_manifest.schema.json")["$defs"]["part"]["properties"]
    assert visit["name"]["enum"] == list(VISIT_PARTS)
    result = read("schemas/verify_result.schema.json")["properties"]
    assert result["outcome"]["enum"] == [o.value for o in Outcome]
    assert set(result["reasons"]["items"]["enum"]) == {r.value for r in Reason}


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_can_be_reached_and_an_end_is_an_end(name: str) -> None:
    machine = read(f"state_machines/{name}")
    states: dict[str, list[str]] = machine["states"]
    reached, edge = {machine["initial"]}, [machine["initial"]]
    while edge:
        new = set(states[edge.pop()]) - reached
        reached |= new
        edge += new
    assert reached == set(states)
    assert {s for s, to in states.items() if not to} == set(machine["final"])


def test_the_machine_of_an_attempt_is_the_rules_own() -> None:
    states = read("state_machines/attempt.json")["states"]
    own = {s.value: {t.value for t in TRANSITIONS[s]} for s in AttemptState}
    assert {state: set(to) for state, to in states.items()} == own


def test_the_machines_of_visit_and_review_name_the_rules_results() -> None:
    visit = read("state_machines/visit.json")["states"]
    assert set(visit["submitted"]) == {o.value for o in VisitOutcome}
    review = read("state_machines/review.json")["states"]
    assert {v.value for v in set(Verdict) - HARMFUL} < set(review["claimed"])
    assert set(review["proposed"]) == {"waiting", *HARMFUL}
