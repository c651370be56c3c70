"""Settings strings that software encoders leave in the picture stream.

H.264 and H.265 carry free text in SEI messages of type "user data unregistered" (ITU-T H.264
annex D.1.6): x264 and x265 write their version and all settings there.
"""

from biometrics.container_facts import strings_in

_NALS_MAX = 16
_SEI_BYTES = 2048
_SEI_H264, _SEI_H265 = 6, 39
_USER_DATA = 5
_UUID_BYTES = 16


def encoder_strings(sample: memoryview, *, length_bytes: int, hevc: bool) -> list[str]:
    """Texts in the SEI messages of one length-prefixed sample."""
    texts: list[str] = []
    at = 0
    for _ in range(_NALS_MAX):
        size = int.from_bytes(sample[at : at + length_bytes], "big")
        at += length_bytes
        if size == 0 or at >= len(sample):
            break
        texts += _user_data(bytes(sample[at : at + min(size, _SEI_BYTES)]), hevc=hevc)
        at += size
    return texts


def _user_data(nal: bytes, *, hevc: bool) -> list[str]:
    kind = nal[0] >> 1 & 0x3F if hevc else nal[0] & 0x1F
    if kind != (_SEI_H265 if hevc else _SEI_H264):
        return []
    body = nal[2 if hevc else 1 :].replace(b"\0\0\3", b"\0\0")
    if not body or body[0] != _USER_DATA:
        return []
    after_size = 1
    while after_size < len(body) and body[after_size] == 0xFF:
        after_size += 1
    return strings_in(body[after_size + 1 + _UUID_BYTES :])
