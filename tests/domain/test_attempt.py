from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.appeal import CONTESTABLE
from domain.attempt import (
    SELF_PARTS,
    TRANSITIONS,
    AttemptState,
    Channel,
    Manifest,
    MediaLimits,
    Medium,
    Part,
    check_manifest,
    check_received,
    fingerprint,
    move,
    next_steps,
    tries_left,
)
from domain.errors import AppError, Kind

LIMITS = MediaLimits()
SELFIE = Part(name="selfie", sha256="a" * 64, size=200_000, media_type="image/jpeg")
VIDEO = Part(name="video", sha256="b" * 64, size=1_500_000, media_type="video/webm;codecs=vp9")
GOOD = Manifest(client_id="phone-0001", parts=(SELFIE, VIDEO))
CERTIFIED = {AttemptState.PASSED, AttemptState.CERTIFIED}


def test_a_whole_manifest_is_accepted() -> None:
    check_manifest(GOOD, LIMITS)


@pytest.mark.parametrize("media_type", ["video/webm", "video/mp4", "VIDEO/MP4; codecs=avc1"])
def test_the_types_that_phones_record_are_accepted(media_type: str) -> None:
    check_manifest(replace(GOOD, parts=(SELFIE, replace(VIDEO, media_type=media_type))), LIMITS)


def parts(**video: Any) -> tuple[Part, ...]:
    return (SELFIE, replace(VIDEO, **video))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ((), "submission.parts_missing"),
        ((SELFIE,), "submission.parts_missing"),
        ((VIDEO,), "submission.parts_missing"),
        ((SELFIE, VIDEO, replace(VIDEO, name="doorway")), "submission.part_unknown"),
        ((SELFIE, VIDEO, VIDEO), "submission.part_repeated"),
        (parts(sha256="B" * 64), "submission.digest_malformed"),
        (parts(sha256="b" * 63), "submission.digest_malformed"),
        (parts(sha256="b" * 64 + "\n"), "submission.digest_malformed"),
        (parts(sha256=SELFIE.sha256), "submission.parts_alike"),
        (parts(media_type="image/jpeg"), "submission.media_type"),
        (parts(media_type="text/plain"), "submission.media_type"),
        (parts(media_type=""), "submission.media_type"),
        (parts(size=0), "submission.part_empty"),
        (parts(size=20_000_001), "submission.part_too_large"),
        ((replace(SELFIE, size=10_000_001), VIDEO), "submission.part_too_large"),
    ],
)
def test_each_flaw_of_a_manifest_has_a_code_of_its_own(broken: tuple[Part, ...], code: str) -> None:
    with pytest.raises(AppError) as refused:
        check_manifest(replace(GOOD, parts=broken), LIMITS)
    assert refused.value.code == code


def test_the_largest_files_allowed_are_accepted() -> None:
    largest = (replace(SELFIE, size=10_000_000), replace(VIDEO, size=20_000_000))
    check_manifest(replace(GOOD, parts=largest), LIMITS)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(AppError) as refused:
        check_manifest(replace(GOOD, parts=(SELFIE,)), LIMITS)
    assert refused.value.params["missing"] == ["video"]


@pytest.mark.parametrize("client_id", ["", "short", "x" * 65, "with space", "汉字汉字汉字汉字"])
def test_a_client_id_that_is_no_key_is_refused(client_id: str) -> None:
    with pytest.raises(AppError) as refused:
        check_manifest(replace(GOOD, client_id=client_id), LIMITS)
    assert refused.value.code == "submission.client_id_malformed"


@pytest.mark.parametrize(("sha256", "size"), [("c" * 64, VIDEO.size), (VIDEO.sha256, 7)])
def test_bytes_other_than_promised_are_refused(sha256: str, size: int) -> None:
    check_received(VIDEO, sha256=VIDEO.sha256, size=VIDEO.size)
    with pytest.raises(AppError) as refused:
        check_received(VIDEO, sha256=sha256, size=size)
    assert (refused.value.kind, refused.value.code) == (
        Kind.CONFLICT,
        "submission.content_differs",
    )


def test_the_fingerprint_is_that_of_the_content_not_of_its_order() -> None:
    same = fingerprint(GOOD, session="s", device="d")
    turned = replace(GOOD, parts=(VIDEO, SELFIE))
    assert fingerprint(turned, device="d", session="s") == same
    others = [
        fingerprint(GOOD, session="t", device="d"),
        fingerprint(GOOD, session="s"),
        fingerprint(replace(GOOD, client_id="phone-0002"), session="s", device="d"),
        *(
            fingerprint(replace(GOOD, parts=parts(**change)), session="s", device="d")
            for change in ({"sha256": "c" * 64}, {"size": 7}, {"media_type": "video/mp4"})
        ),
    ]
    assert same not in others
    assert len(set(others)) == len(others)


@given(st.sampled_from(AttemptState), st.sampled_from(AttemptState))
def test_an_attempt_only_moves_along_the_listed_ways(a: AttemptState, b: AttemptState) -> None:
    if b in TRANSITIONS[a]:
        assert move(a, b) is b
        return
    with pytest.raises(AppError) as refused:
        move(a, b)
    assert refused.value.code == "attempt.already_decided"


def test_an_attempt_is_decided_once_and_reviewed_at_most_once() -> None:
    pending = {AttemptState.SUBMITTED, AttemptState.IN_REVIEW}
    for state in set(AttemptState) - pending:
        assert not TRANSITIONS[state] & pending
    assert AttemptState.IN_REVIEW not in TRANSITIONS[AttemptState.IN_REVIEW]


@pytest.mark.parametrize("state", sorted(CONTESTABLE))
def test_an_appeal_that_is_upheld_moves_on_whatever_is_contested(state: AttemptState) -> None:
    upheld = {AttemptState.CERTIFIED, AttemptState.ASKED_AGAIN, AttemptState.VISIT_SENT}
    assert TRANSITIONS[state] == upheld - {state}


@pytest.mark.parametrize("state", [AttemptState.PASSED, AttemptState.CERTIFIED])
def test_who_was_certified_falsely_is_asked_to_certify_anew(state: AttemptState) -> None:
    assert TRANSITIONS[state] == {AttemptState.ASKED_AGAIN}


@pytest.mark.parametrize(("failed_before", "left"), [(0, 2), (1, 1), (2, 0), (3, 0), (99, 0)])
def test_the_third_failed_try_is_the_last(failed_before: int, left: int) -> None:
    assert tries_left(failed_before) == left


@pytest.mark.parametrize("state", [s for s in AttemptState if s not in CERTIFIED])
def test_no_state_is_a_dead_end_and_each_has_a_way_without_a_face(state: AttemptState) -> None:
    if state is AttemptState.SUBMITTED:
        assert next_steps(state) == (Channel.NONE,)
        return
    assert {Channel.VISIT, Channel.WINDOW} & set(next_steps(state))


def test_after_the_last_try_review_visit_and_window_are_offered() -> None:
    offered = next_steps(AttemptState.IN_REVIEW)
    assert offered == (Channel.STAFF, Channel.VISIT, Channel.WINDOW)


def test_a_self_certification_is_a_selfie_and_a_video() -> None:
    assert SELF_PARTS == {"selfie": Medium.PHOTO, "video": Medium.VIDEO}
