"""Which decisions are read again, and what two readings of a case say of the reader."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AppError
from domain.ids import ReviewId, StaffId
from domain.quality import (
    LEAST_DELAY,
    LOTS,
    WINDOW,
    Comparison,
    Decided,
    Disagreement,
    Flag,
    Proof,
    Record,
    Resolution,
    appears_at,
    check_note,
    check_resolution,
    check_truth,
    compare,
    draw,
    flags_of,
    is_drawn,
    lot_of,
    overturns,
    owed,
    quantile,
)
from domain.review import Verdict

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
V = Verdict
DOUBTED = V.REFER_AS_LEAD
lots = st.integers(0, LOTS - 1)
shares = st.integers(0, 100)
WANG, LI, ZHAO = (StaffId(UUID(int=n)) for n in range(1, 4))


def one(number: int, lot: int, *, drawn: bool = False) -> Decided:
    return Decided(id=ReviewId(UUID(int=number)), lot=lot, is_drawn=drawn)


# the draw


@given(
    sequence=st.lists(st.tuples(lots, st.integers(0, 20)), min_size=1, max_size=120), share=shares
)
def test_after_every_decision_the_share_of_the_last_thirty_days_is_kept(
    sequence: list[tuple[int, int]], share: int
) -> None:
    day, window = 0, list[tuple[int, Decided]]()
    for number, (lot, days) in enumerate(sequence, start=1):
        day += days
        window = [(on, seen) for on, seen in window if day - on <= WINDOW.days]
        window.append((day, one(number, lot)))
        chosen = draw([seen for _, seen in window], ReviewId(UUID(int=number)), share)
        window = [(on, replace(s, is_drawn=s.is_drawn or s.id in chosen)) for on, s in window]
        drawn = sum(seen.is_drawn for _, seen in window)
        assert drawn * 100 >= share * len(window)


@given(st.lists(st.tuples(lots, st.booleans()), min_size=1, max_size=80), shares)
def test_nothing_is_drawn_twice_and_nothing_that_was_not_decided(
    decided: list[tuple[int, bool]], share: int
) -> None:
    window = [one(n, lot, drawn=drawn) for n, (lot, drawn) in enumerate(decided)]
    chosen = draw(window, window[-1].id, share)
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= {seen.id for seen in window if not seen.is_drawn}


def test_what_is_owed_falls_on_the_lowest_lot_be_it_an_old_decision() -> None:
    window = [one(1, LOTS - 9), one(2, LOTS // 2), one(3, LOTS - 1)]
    assert draw(window, ReviewId(UUID(int=3)), 5) == (UUID(int=2),)


def test_a_lot_under_the_share_is_drawn_though_nothing_is_owed() -> None:
    window = [one(1, 7, drawn=True), one(2, LOTS // 20 - 1)]
    assert draw(window, ReviewId(UUID(int=2)), 5) == (UUID(int=2),)
    assert draw([window[0], one(2, LOTS // 20 + 1)], ReviewId(UUID(int=2)), 5) == ()


@pytest.mark.parametrize(
    ("decisions", "drawn", "wanted"), [(0, 0, 0), (1, 0, 1), (20, 1, 0), (21, 1, 1), (100, 0, 5)]
)
def test_what_is_owed_is_rounded_up(decisions: int, drawn: int, wanted: int) -> None:
    assert owed(decisions, drawn, 5) == wanted


@given(lots)
def test_no_share_draws_nothing_and_the_whole_draws_all(lot: int) -> None:
    assert not is_drawn(lot, 0)
    assert is_drawn(lot, 100)


def test_chance_alone_draws_about_the_share() -> None:
    hits = sum(is_drawn((2 * n + 1) * LOTS // 2000, 5) for n in range(1000))
    assert hits == 50
    assert lot_of(b"\xff" * 32) == LOTS - 1


@given(
    waited=st.timedeltas(timedelta(0), timedelta(days=400)),
    lot=lots,
)
def test_a_second_look_joins_the_queue_later_at_about_the_same_hour(
    waited: timedelta, lot: int
) -> None:
    opened = NOW - waited
    again = appears_at(opened, now=NOW, lot=lot)
    assert again >= NOW + LEAST_DELAY
    assert again - opened >= timedelta(days=1)
    assert again <= NOW + timedelta(days=4)
    assert (again - opened) % timedelta(days=1) <= timedelta(minutes=40)


# two readings


@pytest.mark.parametrize("first", Verdict)
@pytest.mark.parametrize("second", Verdict)
def test_two_readings_are_opposed_when_one_certified(first: Verdict, second: Verdict) -> None:
    found = compare(first, second)
    assert found is compare(second, first)
    assert (found is Comparison.SAME) == (first is second)
    one_certified = (first is V.CERTIFIED) != (second is V.CERTIFIED)
    assert (found is Comparison.OPPOSED) == one_certified


def disagreement(first: Verdict = V.CERTIFIED, second: Verdict = V.SEND_VISIT) -> Disagreement:
    return Disagreement(first=first, second=second, readers=frozenset({WANG, LI}))


@pytest.mark.parametrize(
    ("found", "resolution", "note", "by", "code"),
    [
        (disagreement(second=V.CERTIFIED), Resolution.STANDS, "看过了", ZHAO, "no_disagreement"),
        (disagreement(), Resolution.STANDS, "原结论成立", WANG, "not_independent"),
        (disagreement(), Resolution.STANDS, "原结论成立", LI, "not_independent"),
        (
            disagreement(V.ASK_AGAIN, V.CERTIFIED),
            Resolution.REVOKE,
            "撤销认证",
            ZHAO,
            "nothing_to_revoke",
        ),
        (disagreement(), Resolution.STANDS, "  无 ", ZHAO, "note_required"),
        (disagreement(), Resolution.STANDS, "字" * 2001, ZHAO, "note_too_long"),
    ],
)
def test_a_resolution_is_refused(
    found: Disagreement, resolution: Resolution, note: str, by: StaffId, code: str
) -> None:
    with pytest.raises(AppError) as refused:
        check_resolution(found, resolution, note, by=by)
    assert refused.value.code == f"quality.{code}"


@pytest.mark.parametrize("resolution", Resolution)
def test_a_third_resolves_with_a_reason(resolution: Resolution) -> None:
    check_resolution(disagreement(), resolution, "两次结论都看过", by=ZHAO)
    check_note("有理由的")
    assert overturns(resolution) == (resolution is not Resolution.STANDS)


@pytest.mark.parametrize(
    ("expected", "proof", "is_known"),
    [
        (V.CERTIFIED, Proof(rereads=(V.CERTIFIED,), visited_since=True, document=""), True),
        (V.CERTIFIED, Proof(rereads=(V.CERTIFIED,), visited_since=False, document="文1"), True),
        (V.CERTIFIED, Proof(rereads=(V.CERTIFIED,), visited_since=False, document=" "), False),
        (V.CERTIFIED, Proof(rereads=(), visited_since=True, document="文1"), False),
        (V.CERTIFIED, Proof(rereads=(V.ASK_AGAIN,), visited_since=True, document=""), False),
        (
            V.REFER_AS_LEAD,
            Proof(rereads=(V.SEND_VISIT,), visited_since=False, document="判1"),
            True,
        ),
        (DOUBTED, Proof(rereads=(V.SEND_VISIT,), visited_since=True, document=""), False),
        (
            V.REFER_AS_LEAD,
            Proof(rereads=(V.CERTIFIED,), visited_since=False, document="判1"),
            False,
        ),
    ],
)
def test_an_answer_is_known_when_a_second_reader_and_the_world_outside_say_so(
    expected: Verdict, proof: Proof, *, is_known: bool
) -> None:
    if is_known:
        check_truth(expected, proof)
        return
    with pytest.raises(AppError, match=r"quality\.truth_not_established"):
        check_truth(expected, proof)


# what stands out

CLEAN = Record(
    decisions=40, certified=31, fast=0, reread=4, agreed=4, known=3, known_right=3, overturned=0
)


@pytest.mark.parametrize(
    ("record", "flags"),
    [
        (CLEAN, ()),
        (replace(CLEAN, fast=1), (Flag.FAST,)),
        (replace(CLEAN, certified=40), (Flag.ALWAYS_CERTIFIES,)),
        (replace(CLEAN, decisions=20, certified=20), (Flag.ALWAYS_CERTIFIES,)),
        (replace(CLEAN, decisions=19, certified=19), ()),
        (replace(CLEAN, agreed=3), ()),  # one of four may be chance
        (replace(CLEAN, reread=20, agreed=14), (Flag.DISAGREEING,)),
        (replace(CLEAN, known_right=2), (Flag.MISSES_KNOWN,)),
    ],
)
def test_what_stands_out_is_named(record: Record, flags: tuple[Flag, ...]) -> None:
    assert flags_of(record) == flags


def test_nothing_read_again_says_nothing_of_agreement() -> None:
    assert replace(CLEAN, reread=0, agreed=0).agreement is None


@pytest.mark.parametrize("part", ["certified", "fast", "agreed", "known_right"])
def test_a_part_is_never_more_than_its_whole(part: str) -> None:
    with pytest.raises(ValueError, match="whole"):
        replace(CLEAN, **{part: 41})


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.integers(1, 100))
def test_a_quantile_is_a_value_with_so_many_at_or_below_it(
    values: list[float], percent: int
) -> None:
    ordered = sorted(values)
    found = quantile(ordered, Fraction(percent, 100))
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile([], Fraction(1, 2)) is None
