"""What a clip's file says of how it was made: writer, brands, times of the frames, sizes.

Read from untrusted bytes in plain Python, before and apart from any decoder. Every loop is bounded
by the bytes that are there and by a cap, nothing is allocated by what a header claims.
"""

import struct

from biometrics.container_facts import ContainerFacts, ContainerKind
from biometrics.container_mp4 import read_mp4
from biometrics.container_webm import read_webm

__all__ = ["ContainerFacts", "ContainerKind", "read_container"]

_EBML = b"\x1a\x45\xdf\xa3"


def read_container(content: bytes) -> ContainerFacts:
    """Read ISO base media (whole or in fragments) or WebM/Matroska. Never raises.

    What is damaged is left out: the facts then say less, they do not guess.
    """
    view = memoryview(content)
    try:
        if content[:4] == _EBML:
            return read_webm(view)
        if content[4:8] == b"ftyp":
            return read_mp4(view)
    except (struct.error, IndexError, ValueError, OverflowError, ZeroDivisionError):
        pass
    return ContainerFacts()
