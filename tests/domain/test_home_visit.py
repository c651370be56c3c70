from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempt import Manifest, MediaLimits, Part
from domain.biometric import MediaFault, PhotoMeasure
from domain.errors import AppError
from domain.home_visit import (
    Checklist,
    Place,
    VisitDecision,
    VisitLimits,
    VisitManifest,
    VisitMeasures,
    VisitOutcome,
    VisitReason,
    check_visit,
    decide_visit,
    visit_fingerprint,
)

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
LIMITS = VisitLimits()


def part(name: str, letter: str) -> Part:
    return Part(name=name, sha256=letter * 64, size=300_000, media_type="image/jpeg")


PARTS = (part("person", "a"), part("person_with_id_card", "b"), part("doorway", "c"))
YES = Checklist(alive=True, not_in_custody=True, name_and_id_right=True, contact_current=True)
PLACE = Place(latitude=28.1, longitude=115.9, accuracy_m=12.0, mock=False)
VISIT = VisitManifest(
    manifest=Manifest(client_id="visit-0001", parts=PARTS),
    captured_at=NOW - timedelta(hours=3),
    place=PLACE,
    device="tablet-7",
    checklist=YES,
)
PHOTO = PhotoMeasure(faults=(), similarity=0.62, quality=0.7)
MEASURES = VisitMeasures(
    references=1,
    person=(PHOTO,),
    with_id_card=PHOTO,
    doorway_faults=(MediaFault.NO_FACE,),
    photos_seen_before=0,
    models={"matcher": "sface@0123456789ab"},
)


def checked(visit: VisitManifest) -> None:
    check_visit(visit, MediaLimits(), received_at=NOW)


def decided(
    measures: VisitMeasures = MEASURES, visit: VisitManifest = VISIT, leads: int = 0
) -> VisitDecision:
    return decide_visit(measures, visit, LIMITS, received_at=NOW, open_leads=leads)


def with_parts(*parts: Part) -> VisitManifest:
    return replace(VISIT, manifest=replace(VISIT.manifest, parts=parts))


def with_place(**change: Any) -> VisitManifest:
    return replace(VISIT, place=replace(PLACE, **change))


def test_a_whole_pack_is_accepted_also_with_more_photos_of_the_person() -> None:
    checked(VISIT)
    checked(with_parts(*PARTS, part("person_2", "d"), part("person_3", "e")))


def test_a_clock_that_runs_a_little_ahead_is_accepted() -> None:
    checked(replace(VISIT, captured_at=NOW + timedelta(minutes=10)))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_person_card_and_doorway_are_all_required(missing: int) -> None:
    with pytest.raises(AppError) as refused:
        checked(with_parts(*(p for i, p in enumerate(PARTS) if i != missing)))
    assert refused.value.code == "submission.parts_missing"
    assert refused.value.params["missing"] == [PARTS[missing].name]


@pytest.mark.parametrize(
    "question", ["alive", "not_in_custody", "name_and_id_right", "contact_current"]
)
def test_a_visit_with_any_of_the_four_questions_unanswered_is_refused(question: str) -> None:
    with pytest.raises(AppError) as refused:
        checked(replace(VISIT, checklist=replace(YES, **{question: None})))
    assert refused.value.code == "visit.checklist_incomplete"
    assert refused.value.params["missing"] == [question]


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (with_parts(*PARTS[:2], replace(PARTS[2], name="selfie")), "submission.part_unknown"),
        (with_parts(*PARTS[:2], replace(PARTS[2], sha256="a" * 64)), "submission.parts_alike"),
        (
            replace(VISIT, manifest=replace(VISIT.manifest, client_id="")),
            "submission.client_id_malformed",
        ),
        (replace(VISIT, device="  "), "visit.device_missing"),
        (replace(VISIT, captured_at=NOW.replace(tzinfo=None)), "visit.time_malformed"),
        (replace(VISIT, captured_at=NOW + timedelta(minutes=11)), "visit.time_in_future"),
        (with_place(latitude=90.1), "visit.place_malformed"),
        (with_place(longitude=-180.1), "visit.place_malformed"),
        (with_place(latitude=nan), "visit.place_malformed"),
        (with_place(accuracy_m=-1.0), "visit.place_malformed"),
        (with_place(accuracy_m=inf), "visit.place_malformed"),
    ],
)
def test_each_flaw_of_a_pack_has_a_code_of_its_own(visit: VisitManifest, code: str) -> None:
    with pytest.raises(AppError) as refused:
        checked(visit)
    assert refused.value.code == code


def test_a_clean_visit_certifies() -> None:
    decision = decided()
    assert decision.outcome is VisitOutcome.CERTIFIED
    assert decision.reasons == (VisitReason.CLEAN,)
    assert [c.name for c in decision.checks] == ["person_match", "person_with_id_card_match"]
    assert all(c.ok for c in decision.checks)


@given(closed=st.booleans(), turn=st.sampled_from([0, 90, 180, 270]))
def test_closed_eyes_and_a_photo_taken_sideways_are_nothing_odd(*, closed: bool, turn: int) -> None:
    lying = replace(PHOTO, closed_eyes=closed, rotation_deg=turn)
    measures = replace(MEASURES, person=(lying,), with_id_card=lying)
    assert decided(measures).outcome is VisitOutcome.CERTIFIED


def test_one_good_photo_among_several_is_enough() -> None:
    dark = PhotoMeasure(faults=(MediaFault.TOO_DARK,), similarity=0.1, quality=0.1)
    unsure = replace(PHOTO, similarity=0.4)
    assert decided(replace(MEASURES, person=(dark, unsure, PHOTO))).outcome == "certified"


@pytest.mark.parametrize(
    "card",
    [
        replace(PHOTO, similarity=None),
        replace(PHOTO, similarity=0.36),
        replace(PHOTO, faults=(MediaFault.SEVERAL_FACES,), similarity=0.1),
        replace(PHOTO, faults=(MediaFault.FACE_TOO_SMALL,), similarity=None),
    ],
)
def test_the_photo_with_the_card_need_only_not_speak_against_the_person(
    card: PhotoMeasure,
) -> None:
    assert decided(replace(MEASURES, with_id_card=card)).outcome is VisitOutcome.CERTIFIED


def person(*similarities: float | None, faults: tuple[MediaFault, ...] = ()) -> VisitMeasures:
    photos = tuple(replace(PHOTO, similarity=s, faults=faults) for s in similarities)
    return replace(MEASURES, person=photos)


def card(similarity: float | None, *faults: MediaFault) -> VisitMeasures:
    return replace(MEASURES, with_id_card=replace(PHOTO, similarity=similarity, faults=faults))


REVIEWED: list[tuple[VisitMeasures, VisitReason]] = [
    (replace(MEASURES, references=0), VisitReason.NO_REFERENCE),
    (replace(MEASURES, models={}), VisitReason.MODEL_MISSING),
    (person(), VisitReason.FACE_UNCLEAR),
    (person(None), VisitReason.FACE_UNCLEAR),
    (person(0.7, faults=(MediaFault.BLURRED,)), VisitReason.FACE_UNCLEAR),
    (person(0.44), VisitReason.FACE_UNCERTAIN),
    (person(nan), VisitReason.FACE_UNCERTAIN),
    (person(0.2), VisitReason.FACE_DIFFERS),
    (person(0.7, 0.1), VisitReason.PHOTOS_DISAGREE),
    (person(0.7, nan), VisitReason.PHOTOS_DISAGREE),
    (card(0.1), VisitReason.PHOTOS_DISAGREE),
    (card(0.7, MediaFault.NO_FACE), VisitReason.ID_CARD_PHOTO_UNCLEAR),
    (card(None, MediaFault.UNREADABLE), VisitReason.ID_CARD_PHOTO_UNCLEAR),
    (replace(MEASURES, doorway_faults=(MediaFault.TOO_DARK,)), VisitReason.DOORWAY_UNCLEAR),
    (replace(MEASURES, photos_seen_before=1), VisitReason.PHOTO_SEEN_BEFORE),
]


@pytest.mark.parametrize(("measures", "reason"), REVIEWED)
def test_photos_that_are_not_clean_are_looked_at(
    measures: VisitMeasures, reason: VisitReason
) -> None:
    decision = decided(measures)
    assert decision.outcome is VisitOutcome.REVIEW
    assert reason in decision.reasons


@pytest.mark.parametrize(
    ("visit", "reason"),
    [
        (replace(VISIT, checklist=replace(YES, alive=False)), VisitReason.NOT_ALIVE),
        (replace(VISIT, checklist=replace(YES, not_in_custody=False)), VisitReason.IN_CUSTODY),
        (
            replace(VISIT, checklist=replace(YES, name_and_id_right=False)),
            VisitReason.IDENTITY_WRONG,
        ),
        (
            replace(VISIT, checklist=replace(YES, contact_current=False)),
            VisitReason.CONTACT_OUTDATED,
        ),
        (with_place(mock=True), VisitReason.PLACE_DOUBTFUL),
        (with_place(accuracy_m=0.0), VisitReason.PLACE_DOUBTFUL),
        (
            replace(VISIT, captured_at=NOW - timedelta(days=7, seconds=1)),
            VisitReason.PHOTO_STALE,
        ),
    ],
)
def test_a_visit_with_something_odd_is_looked_at(visit: VisitManifest, reason: VisitReason) -> None:
    assert decided(visit=visit) == replace(
        decided(), outcome=VisitOutcome.REVIEW, reasons=(reason,)
    )


def test_a_device_that_cannot_tell_a_faked_place_is_not_suspected() -> None:
    assert decided(visit=with_place(mock=None)).outcome is VisitOutcome.CERTIFIED


def test_an_open_lead_sends_a_clean_visit_to_review() -> None:
    assert decided(leads=1).reasons == (VisitReason.FLAGGED_BY_LEAD,)


scores = st.none() | st.floats(-1, 1)
photos = st.builds(
    PhotoMeasure,
    faults=st.lists(st.sampled_from(MediaFault), max_size=1).map(tuple),
    similarity=scores,
    quality=st.just(0.5),
)


@given(st.lists(photos, max_size=3), photos)
def test_no_visit_certifies_without_a_matching_photo_of_the_person(
    person: list[PhotoMeasure], card: PhotoMeasure
) -> None:
    decision = decided(replace(MEASURES, person=tuple(person), with_id_card=card))
    if decision.outcome is VisitOutcome.CERTIFIED:
        good = [p for p in person if not p.faults and p.similarity is not None]
        assert max(p.similarity or -1 for p in good) >= LIMITS.accept
        assert min(p.similarity or -1 for p in good) >= LIMITS.review


def test_a_visit_sent_twice_has_one_fingerprint_and_another_visit_has_another() -> None:
    same = visit_fingerprint(VISIT)
    assert visit_fingerprint(replace(VISIT)) == same
    others = [
        replace(VISIT, device="tablet-8"),
        replace(VISIT, captured_at=NOW),
        with_place(mock=None),
        with_place(latitude=28.2),
        replace(VISIT, checklist=replace(YES, alive=False)),
        with_parts(*PARTS, part("person_2", "d")),
    ]
    assert len({same, *(visit_fingerprint(v) for v in others)}) == len(others) + 1


@pytest.mark.parametrize(
    "change",
    [{"review": 0.0}, {"review": 0.47}, {"accept": 1.0}, {"max_age": timedelta(0)}],
)
def test_limits_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"limits|old"):
        VisitLimits(**change)
