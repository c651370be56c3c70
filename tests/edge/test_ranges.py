"""Which part of a file a player asks for, and what is answered to nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ranges import Span, UnsatisfiableError, asked

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", Span(first=0, last=999)),
        ("bytes=0-0", Span(first=0, last=0)),
        ("bytes=500-599", Span(first=500, last=599)),
        ("bytes=900-5000", Span(first=900, last=999)),
        ("bytes=-100", Span(first=900, last=999)),
        ("bytes=-5000", Span(first=0, last=999)),
        ("bytes= 1 - 2", Span(first=1, last=2)),
    ],
)
def test_one_range_is_cut_to_the_file(header: str, expected: Span) -> None:
    assert asked(header, SIZE) == expected


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=٣-٤"],
)
def test_what_is_no_single_range_gets_the_whole_file(header: str | None) -> None:
    assert asked(header, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=-0", "bytes=2000-3000"])
def test_a_part_that_is_not_there_is_refused(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        asked(header, SIZE)


def test_an_empty_file_has_no_part() -> None:
    with pytest.raises(UnsatisfiableError):
        asked("bytes=0-", 0)


@given(header=st.text(max_size=30), size=st.integers(0, 10**12))
def test_whatever_is_sent_a_part_lies_inside_the_file(header: str, size: int) -> None:
    try:
        span = asked(f"bytes={header}", size)
    except UnsatisfiableError:
        return
    assert span is None or 0 <= span.first <= span.last < size


@given(first=st.integers(0, 99), length=st.integers(1, 100))
def test_the_header_names_exactly_the_part(first: int, length: int) -> None:
    span = asked(f"bytes={first}-{first + length - 1}", 100)
    assert span is not None
    assert span.header(100) == f"bytes {first}-{min(first + length, 100) - 1}/100"
