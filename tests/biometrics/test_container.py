"""Reading containers: right on sound files, silent on broken ones."""

import io
import struct
from fractions import Fraction
from functools import cache

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from hypothesis import given
from hypothesis import strategies as st

from biometrics.container import ContainerFacts, ContainerKind, read_container
from biometrics.container_facts import FRAMES_MAX

TIMES_MS = [0, 40, 70, 101, 140, 190, 230, 260, 300, 350]
MP4, FRAGMENTS, WEBM, MATROSKA = "mp4", "fragments", "webm", "matroska"
FORMATS = (MP4, FRAGMENTS, WEBM, MATROSKA)


@cache
def recorded(form: str, *, b_frames: bool = False, tagged: bool = False) -> bytes:
    """Ten small frames at `TIMES_MS`, with sound in Matroska."""
    target = io.BytesIO()
    kind = "mp4" if form in (MP4, FRAGMENTS) else form
    options: dict[str, str] = {} if tagged else {"fflags": "+bitexact"}
    if form == FRAGMENTS:
        options["movflags"] = "frag_every_frame+empty_moov+default_base_moof"
    with av.open(target, "w", format=kind, options=options) as out:
        codec = "libvpx" if form == WEBM else "libx264"
        settings = {"bf": "3" if b_frames else "0"}
        stream = out.add_stream(codec, rate=30, options={} if form == WEBM else settings)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, at_ms in enumerate(TIMES_MS):
            grey = np.full((48, 64, 3), 20 * number, np.uint8)
            grey[number : number + 9, 5 * number : 5 * number + 9] = 255
            frame = av.VideoFrame.from_ndarray(grey, format="bgr24")
            frame.pts, frame.time_base = at_ms, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


@pytest.mark.parametrize("form", FORMATS)
def test_the_times_of_all_frames_are_read(form: str) -> None:
    facts = read_container(recorded(form))
    assert facts.times_ms == pytest.approx(TIMES_MS, abs=0.1)


@pytest.mark.parametrize("form", [MP4, FRAGMENTS, MATROSKA])
def test_times_are_those_of_showing_not_of_decoding(form: str) -> None:
    facts = read_container(recorded(form, b_frames=True))
    assert facts.times_ms == pytest.approx(TIMES_MS, abs=0.1)


@pytest.mark.parametrize(
    ("form", "kind", "codec"),
    [
        (MP4, ContainerKind.MP4, "avc1"),
        (FRAGMENTS, ContainerKind.MP4, "avc1"),
        (WEBM, ContainerKind.WEBM, "v_vp8"),
        (MATROSKA, ContainerKind.WEBM, "v_mpeg4/iso/avc"),
    ],
)
def test_kind_codec_and_size_are_read(form: str, kind: ContainerKind, codec: str) -> None:
    facts = read_container(recorded(form))
    assert (facts.kind, facts.codec, facts.width, facts.height) == (kind, codec, 64, 48)


def test_brands_and_handler_of_a_file_are_read() -> None:
    facts = read_container(recorded(MP4))
    assert facts.brands[0] == "isom"
    assert facts.handler == "VideoHandler"


def test_a_file_in_fragments_is_told_from_one_in_one_piece() -> None:
    assert read_container(recorded(FRAGMENTS)).fragmented
    assert not read_container(recorded(MP4)).fragmented


def test_an_index_behind_the_pictures_is_told_from_one_before_them() -> None:
    assert not read_container(recorded(MP4)).index_first
    assert read_container(recorded(FRAGMENTS)).index_first


@pytest.mark.parametrize("form", FORMATS)
def test_the_writing_tool_is_among_the_writers(form: str) -> None:
    facts = read_container(recorded(form, tagged=True))
    assert any(writer.startswith("Lavf") for writer in facts.writers)


@pytest.mark.parametrize("form", [MP4, FRAGMENTS, MATROSKA])
def test_settings_in_the_picture_stream_are_found(form: str) -> None:
    assert any("x264 - core" in writer for writer in read_container(recorded(form)).writers)


def test_a_turned_picture_says_by_how_much() -> None:
    content = bytearray(recorded(MP4))
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 20] = struct.pack(">iiiii", 0, 1 << 16, 0, -1 << 16, 0)
    assert read_container(bytes(content)).rotation_deg == 90


def test_what_the_edit_list_leaves_out_does_not_count() -> None:
    facts = read_container(recorded(MP4, b_frames=True))
    assert facts.times_ms[0] == 0.0


@pytest.mark.parametrize("content", [b"", b"\x1a\x45\xdf\xa3", b"GIF89a", bytes(100)])
def test_what_is_no_container_gives_no_facts(content: bytes) -> None:
    facts = read_container(content)
    assert facts.times_ms == ()
    assert facts.writers == ()


def test_a_table_that_claims_billions_of_frames_is_cut() -> None:
    handler = box(b"hdlr", bytes(8) + b"vide" + bytes(12))
    claimed = box(b"stts", struct.pack(">IIII", 0, 1, 0x7FFFFFFF, 1))
    header = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0))
    trak = box(b"trak", box(b"mdia", handler + header + claimed))
    facts = read_container(box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", trak))
    assert len(facts.times_ms) == FRAMES_MAX


def test_a_fragment_that_claims_billions_of_frames_is_cut() -> None:
    handler = box(b"hdlr", bytes(8) + b"vide" + bytes(12))
    header = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0))
    track = box(b"tkhd", struct.pack(">IIII", 0, 0, 0, 1) + bytes(68))
    moov = box(b"moov", box(b"trak", track + box(b"mdia", handler + header)))
    run = box(b"trun", struct.pack(">II", 0, 0xFFFFFFFF))
    moof = box(b"moof", box(b"traf", box(b"tfhd", struct.pack(">II", 0, 1)) + run))
    facts = read_container(box(b"ftyp", b"isom\0\0\0\0") + moov + moof * 3)
    assert len(facts.times_ms) == FRAMES_MAX


def test_boxes_within_boxes_without_end_are_not_followed() -> None:
    inside = b""
    for _ in range(2000):
        inside = box(b"mdia", inside)
    content = box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", box(b"trak", inside))
    assert read_container(content).times_ms == ()


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
def test_damage_never_raises(form: str, data: st.DataObject) -> None:
    content = bytearray(recorded(form, tagged=True))
    places = st.integers(0, len(content) - 1)
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        content[at] = value
    cut = data.draw(st.integers(0, len(content)))
    facts = read_container(bytes(content[:cut]))
    assert isinstance(facts, ContainerFacts)
    assert len(facts.times_ms) <= FRAMES_MAX
    assert list(facts.times_ms) == sorted(facts.times_ms)


@pytest.mark.parametrize("form", [MP4, FRAGMENTS])
@given(data=st.data())
def test_a_lying_size_never_raises(form: str, data: st.DataObject) -> None:
    content = bytearray(recorded(form))
    names = [b"moov", b"trak", b"stts", b"stsd", b"hdlr", b"trun", b"tfhd", b"mdhd", b"elst"]
    name = data.draw(st.sampled_from([n for n in names if n in content]))
    at = content.index(name) - 4
    content[at : at + 4] = struct.pack(">I", data.draw(st.integers(0, 2**32 - 1)))
    assert isinstance(read_container(bytes(content)), ContainerFacts)


@given(st.binary(max_size=400))
def test_noise_behind_a_true_beginning_never_raises(noise: bytes) -> None:
    for start in (b"\x1a\x45\xdf\xa3", b"\0\0\0\x10ftypisom\0\0\0\0"):
        assert isinstance(read_container(start + noise), ContainerFacts)
