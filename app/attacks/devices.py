"""Phones that the bench films with, and what each says of itself."""

from dataclasses import dataclass, replace

from app.demo.clips import Camera, Codec
from app.demo.containers import Writer

_CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/{} Mobile Safari/537.36"
)
_SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
VIRTUAL_LABEL = "OBS Virtual Camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A phone with its recorder."""

    name: str
    camera: Camera
    user_agent: str
    camera_label: str


def _chrome(name: str, version: str, camera: Camera) -> Device:
    return Device(
        name=name,
        camera=camera,
        user_agent=_CHROME.format(version),
        camera_label="camera2 1, facing front",
    )


def _iphone(name: str, camera: Camera) -> Device:
    return Device(
        name=name,
        camera=replace(camera, codec=Codec.MP4_H264, writer=Writer.IPHONE),
        user_agent=_SAFARI,
        camera_label="Front Camera",
    )


VGA_VP8 = _chrome("android_vga_vp8", "126.0.0.0", Camera(codec=Codec.WEBM_VP8))
VGA_VP9 = _chrome("android_vga_vp9", "118.0.0.0", Camera(codec=Codec.WEBM_VP9))
VGA_H264 = _chrome("android_vga_h264", "129.0.0.0", Camera(codec=Codec.MP4_H264, jitter=0.2))
UPRIGHT = _iphone("iphone_upright", Camera(width=480, height=640, rotated=True, jitter=0.1))
HD = _chrome("android_720p", "126.0.0.0", Camera(width=1280, height=720, codec=Codec.WEBM_VP8))
TALL = _iphone("iphone_720p_upright", Camera(width=720, height=1280, rotated=True, jitter=0.1))
FAST = _chrome("android_vga_30fps", "126.0.0.0", Camera(fps=30, codec=Codec.WEBM_VP8))
FILM = _chrome("android_vga_24fps", "129.0.0.0", Camera(fps=24, codec=Codec.MP4_H264, jitter=0.2))

USUAL = (VGA_VP8, UPRIGHT, VGA_H264, VGA_VP9)
"""Small files: what attacks are filmed with."""
ALL = (VGA_VP8, UPRIGHT, VGA_H264, VGA_VP9, FAST, VGA_VP8, UPRIGHT, FILM, HD, TALL)
"""Bona fide go through all of them."""


def smaller(device: Device) -> Device:
    """Return the same recorder at half the size and 15 frames a second."""
    camera = device.camera
    wide, tall = (240, 320) if camera.height > camera.width else (320, 240)
    return replace(device, camera=replace(camera, width=wide, height=tall, fps=15))
