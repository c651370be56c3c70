from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.biometric import MediaFault, PhotoMeasure
from domain.enrolment import (
    Basis,
    BasisKind,
    Reference,
    Refusal,
    Source,
    check_basis,
    check_gate,
    check_taken_on,
    quality_gate,
    rank,
    usable,
)
from domain.errors import AppError

TODAY = date(2026, 1, 5)
BASIS = Basis(kind=BasisKind.CONSENT, version="2026-01", digest="0f" * 32)


def photo(*faults: MediaFault, closed_eyes: bool = False) -> PhotoMeasure:
    return PhotoMeasure(faults=faults, similarity=None, quality=0.7, closed_eyes=closed_eyes)


def reference(key: str, source: Source, taken_on: date | None = None) -> Reference:
    return Reference(key=key, source=source, taken_on=taken_on)


@pytest.mark.parametrize("source", [Source.ID_CARD_CHIP, Source.POLICE_DATABASE])
def test_the_chip_photo_is_good_enough_at_its_own_size(source: Source) -> None:
    assert quality_gate(photo(), source, width=102, height=126) == ()
    small = photo(MediaFault.FACE_TOO_SMALL)
    assert quality_gate(small, source, width=102, height=126) == ()


@pytest.mark.parametrize(("width", "height"), [(101, 126), (102, 125)])
def test_an_official_photo_smaller_than_the_chip_is_refused(width: int, height: int) -> None:
    small = photo(MediaFault.FACE_TOO_SMALL)
    refused = quality_gate(small, Source.ID_CARD_CHIP, width=width, height=height)
    assert refused == (Refusal.FACE_TOO_SMALL, Refusal.PHOTO_TOO_SMALL)


@pytest.mark.parametrize(
    "source", [s for s in Source if s not in {Source.ID_CARD_CHIP, Source.POLICE_DATABASE}]
)
def test_a_photo_that_no_authority_made_must_be_larger(source: Source) -> None:
    assert quality_gate(photo(), source, width=102, height=126) == (Refusal.PHOTO_TOO_SMALL,)
    assert quality_gate(photo(), source, width=200, height=300) == ()
    assert quality_gate(photo(), source, width=300, height=199) == (Refusal.PHOTO_TOO_SMALL,)


@pytest.mark.parametrize("fault", MediaFault)
def test_every_fault_of_a_photo_is_named(fault: MediaFault) -> None:
    refused = quality_gate(photo(fault, fault), Source.WINDOW_CAPTURE, width=600, height=800)
    of_clips = {MediaFault.TOO_SHORT, MediaFault.TOO_FEW_FRAMES}
    assert refused == (() if fault in of_clips else (Refusal(f"reference_{fault}"),))


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        (Source.OFFICER_VISIT, ()),
        (Source.WINDOW_CAPTURE, ()),
        (Source.ID_CARD_PHOTO, (Refusal.EYES_CLOSED,)),
        (Source.STRONG_SELF_CERTIFICATION, (Refusal.EYES_CLOSED,)),
    ],
)
def test_closed_eyes_are_accepted_from_an_officer_only(
    source: Source, refused: tuple[Refusal, ...]
) -> None:
    asleep = photo(closed_eyes=True)
    assert quality_gate(asleep, source, width=600, height=800) == refused


def test_a_refused_photo_names_its_reasons() -> None:
    check_gate(())
    with pytest.raises(AppError) as refused:
        check_gate((Refusal.NO_FACE, Refusal.TOO_DARK))
    assert refused.value.code == "enrolment.photo_refused"
    assert refused.value.params["reasons"] == ["reference_no_face", "reference_too_dark"]


def test_a_complete_basis_is_kept() -> None:
    assert check_basis(BASIS) is BASIS


@pytest.mark.parametrize(
    "basis",
    [
        None,
        Basis(kind=BasisKind.CONSENT, version=" ", digest="0f" * 32),
        Basis(kind=BasisKind.STATUTE, version="1", digest=""),
        Basis(kind=BasisKind.STATUTE, version="1", digest="0F" * 32),
        Basis(kind=BasisKind.STATUTE, version="1", digest="0f" * 31),
    ],
)
def test_enrolment_without_a_basis_its_version_and_its_digest_is_refused(
    basis: Basis | None,
) -> None:
    with pytest.raises(AppError) as refused:
        check_basis(basis)
    assert refused.value.code == "enrolment.no_basis"


@pytest.mark.parametrize("taken_on", [None, TODAY, date(1951, 3, 2)])
def test_a_photo_may_be_of_today_old_or_of_an_unknown_day(taken_on: date | None) -> None:
    check_taken_on(taken_on, today=TODAY, born_on=date(1951, 3, 2))
    check_taken_on(taken_on, today=TODAY)


@pytest.mark.parametrize(
    ("taken_on", "code"),
    [
        (TODAY + timedelta(days=1), "enrolment.taken_in_future"),
        (date(1951, 3, 1), "enrolment.taken_before_birth"),
    ],
)
def test_a_photo_of_an_impossible_day_is_refused(taken_on: date, code: str) -> None:
    with pytest.raises(AppError) as refused:
        check_taken_on(taken_on, today=TODAY, born_on=date(1951, 3, 2))
    assert refused.value.code == code


def test_the_most_trusted_then_the_newest_reference_comes_first() -> None:
    refs = [
        reference("visit", Source.OFFICER_VISIT, date(2025, 1, 1)),
        reference("self", Source.STRONG_SELF_CERTIFICATION, date(2026, 1, 1)),
        reference("undated", Source.ID_CARD_CHIP),
        reference("chip", Source.ID_CARD_CHIP, date(2010, 1, 1)),
        reference("police", Source.POLICE_DATABASE, date(2015, 1, 1)),
    ]
    assert [r.key for r in usable(refs)] == ["police", "chip", "undated", "visit", "self"]


def test_a_withdrawn_or_quarantined_reference_is_never_compared() -> None:
    refs = [
        Reference(key="a", source=Source.ID_CARD_CHIP, taken_on=None, withdrawn=True),
        Reference(key="b", source=Source.ID_CARD_CHIP, taken_on=None, quarantined=True),
    ]
    assert usable(refs) == ()


@given(st.lists(st.builds(Reference, key=st.text(), source=st.sampled_from(Source),
                          taken_on=st.none() | st.dates(), withdrawn=st.booleans(),
                          quarantined=st.booleans())))  # fmt: skip
def test_what_was_learnt_from_the_person_alone_is_never_compared_alone(
    refs: list[Reference],
) -> None:
    chosen = usable(refs)
    assert not any(r.withdrawn or r.quarantined for r in chosen)
    if chosen:
        assert chosen[0].source is not Source.STRONG_SELF_CERTIFICATION
    assert [rank(r.source) for r in chosen] == sorted(rank(r.source) for r in chosen)
