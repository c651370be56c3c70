"""What the first bytes may say before any decoder sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.sandbox import sniff
from domain.biometric import MediaFault
from tests.biometrics import media

JPEG = media.encoded(media.noise(40, 30))


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp"])
def test_the_size_of_a_photo_is_read_from_its_header(kind: str) -> None:
    header = sniff.photo(media.encoded(media.noise(41, 29), kind))
    assert header == sniff.PhotoHeader(width=41, height=29)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", MediaFault.UNREADABLE),
        (b"hello, I am a selfie", MediaFault.WRONG_TYPE),
        (b"GIF89a" + bytes(20), MediaFault.WRONG_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", MediaFault.WRONG_TYPE),
        (media.FFCONCAT, MediaFault.WRONG_TYPE),
        (media.jpeg_that_claims(32000, 32000), MediaFault.TOO_LARGE),
        (media.jpeg_that_claims(0, 100), MediaFault.UNREADABLE),
        (media.jpeg_with_two_sizes(), MediaFault.UNREADABLE),
        (media.png_of_nothing(12000, 12000), MediaFault.TOO_LARGE),
        (JPEG[:20], MediaFault.UNREADABLE),
        (JPEG + bytes(sniff.PHOTO_BYTES_MAX), MediaFault.TOO_LARGE),
    ],
    ids=lambda value: value.value if isinstance(value, MediaFault) else None,
)
def test_a_photo_that_is_none_is_refused_by_its_first_bytes(
    content: bytes, fault: MediaFault
) -> None:
    assert sniff.photo(content) is fault


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", MediaFault.UNREADABLE),
        (b"I am a text file named .webm", MediaFault.WRONG_TYPE),
        (media.FFCONCAT, MediaFault.WRONG_TYPE),
        (media.PLAYLIST, MediaFault.WRONG_TYPE),
        (JPEG, MediaFault.WRONG_TYPE),
        (b"RIFF\0\0\0\0AVI LIST", MediaFault.WRONG_TYPE),
        (b"\0\0\0\x18ftypmp42" + bytes(sniff.CLIP_BYTES_MAX), MediaFault.TOO_LARGE),
    ],
)
def test_a_clip_that_is_none_is_refused_by_its_first_bytes(
    content: bytes, fault: MediaFault
) -> None:
    assert sniff.clip(content) is fault


@pytest.mark.parametrize(("kind", "codec"), [("webm", "libvpx"), ("mp4", "libx264")])
def test_the_containers_that_phones_write_are_let_through(kind: str, codec: str) -> None:
    assert sniff.clip(media.clip([0, 40], kind=kind, codec=codec)) is None


@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBPVP8X"]), st.data()
)
def test_no_bytes_make_the_reading_of_a_header_fail(start: bytes, data: st.DataObject) -> None:
    content = start + data.draw(st.binary(max_size=300))
    assert isinstance(sniff.photo(content), sniff.PhotoHeader | MediaFault)
    assert sniff.clip(content) in {None, *MediaFault}


@given(st.integers(0, len(JPEG) - 1), st.binary(min_size=1, max_size=4))
def test_a_mutated_photo_is_read_or_refused(at: int, patch: bytes) -> None:
    content = JPEG[:at] + patch + JPEG[at + len(patch) :]
    assert isinstance(sniff.photo(content), sniff.PhotoHeader | MediaFault)
