"""What the client says of itself, against what the file shows.

Everything here may be a lie on either side, and clients change: so only what a client surely does
not write counts, and an unknown client gives no cue. Facts and where they are from:

- Chrome and what is built on it: the WebM muxer names itself "Chrome" (Chromium,
  media/muxers/webm_muxer.cc). Its MP4 recorder (from version 126) and an upload from the phone's
  own camera write MP4 of many makes, but never with Apple's handler.
- Firefox: WebM by "QTmuxingAppLibWebM-0.0.1" (Gecko's libmkv).
- Everything on iPhone and iPad runs on WebKit: MP4 whose video handler is "Core Media Video"
  (brands iso5/isom/hlsf: RecordRTC thread 793; mp42: videojs-record thread 479), camera files
  likewise; WebM only from iOS 18.4 (Safari 18.4 release notes).
- WeChat records and re-encodes in ways that are not documented: no cue.
"""

import re

from biometrics.container_facts import ContainerFacts, ContainerKind
from domain.capture import Cue, CueScore, RecordingClient

_APPLE_HANDLER = "core media"
_FIRST_IOS_WITH_WEBM = (18, 4)
_IOS = re.compile(r"(?:iphone|ipad|cpu) os (\d+)_(\d+)")
_UNDOCUMENTED = ("micromessenger", "miniprogram", "alipay", "dingtalk")
_VIRTUAL_CAMERAS = (
    "virtual",  # "OBS Virtual Camera", "XSplit VCam Virtual", "虚拟" below
    "虚拟",
    "obs",
    "manycam",
    "snap camera",
    "snapcamera",
    "v4l2loopback",
    "loopback",
    "dummy video device",  # v4l2loopback's own name for its device
    "vcam",  # e2eSoft VCam, XSplit VCam
    "droidcam",
    "iriun",
    "epoccam",
    "ivcam",
    "camo",
    "xsplit",
    "vmix",
    "ndi video",
    "newtek ndi",
    "splitcam",
    "youcam",
    "webcammax",
    "altercam",
    "fake_device",  # Chrome started with a fake device
    "fake device",
    "deepfacelive",
    "akvcam",
    "unity video capture",
)
_WHOLE_WORDS = frozenset({"obs", "camo"})
_GRAIN_PX = 4
_LEAST_PX = 120


def container_unlike_client(
    facts: ContainerFacts, client: RecordingClient | None
) -> CueScore | None:
    """1.0 where this client cannot have written this file; None for a client not known here."""
    agent = (client.user_agent or "").lower() if client else ""
    if not agent or facts.kind is ContainerKind.UNKNOWN or _is_undocumented(agent):
        return None
    if "iphone" in agent or "ipad" in agent:
        odd = _unlike_webkit(facts, agent)
    elif "firefox/" in agent:
        odd = facts.kind is ContainerKind.WEBM and not facts.muxer.startswith("QTmuxingApp")
    elif "chrome/" in agent:
        odd = _unlike_chrome(facts)
    else:
        return None
    return CueScore(cue=Cue.CONTAINER_UNLIKE_CLIENT, value=float(odd), limit=1.0)


def _is_undocumented(agent: str) -> bool:
    return any(name in agent for name in _UNDOCUMENTED)


def _unlike_webkit(facts: ContainerFacts, agent: str) -> bool:
    if facts.kind is ContainerKind.MP4:
        return not facts.handler.lower().startswith(_APPLE_HANDLER)
    found = _IOS.search(agent)
    return found is not None and (int(found[1]), int(found[2])) < _FIRST_IOS_WITH_WEBM


def _unlike_chrome(facts: ContainerFacts) -> bool:
    if facts.kind is ContainerKind.WEBM:
        return facts.muxer != "Chrome"
    return facts.handler.lower().startswith(_APPLE_HANDLER)


def virtual_camera(client: RecordingClient | None) -> CueScore | None:
    """1.0 where the camera's label is that of known software; None without a label."""
    label = (client.camera_label or "").lower() if client else ""
    if not label:
        return None
    words = set(re.findall(r"[a-z]+", label))
    found = any(
        name in words if name in _WHOLE_WORDS else name in label for name in _VIRTUAL_CAMERAS
    )
    return CueScore(cue=Cue.VIRTUAL_CAMERA, value=float(found), limit=1.0)


def size_unlike_client(facts: ContainerFacts, client: RecordingClient | None) -> CueScore | None:
    """1.0 for a picture size that no camera delivers; None where client or size is not known.

    Cameras deliver sides that are multiples of four and at least 120 px; tools that scale to a
    round height make 854 or 426 of the other side. Recorders that crop to a wish may do so too:
    a weak sign.
    """
    if client is None or not client.user_agent or min(facts.width, facts.height) <= 0:
        return None
    sides = (facts.width, facts.height)
    odd = any(side % _GRAIN_PX for side in sides) or min(sides) < _LEAST_PX
    return CueScore(cue=Cue.SIZE_UNLIKE_CLIENT, value=float(odd), limit=1.0)
