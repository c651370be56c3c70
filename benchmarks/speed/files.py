"""The files that everybody is measured on: two photos, one clip of 5 s, and some of its frames."""

import json
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from app.demo.clips import Camera, Codec
from app.demo.studio import Studio
from benchmarks.verify_case import five_seconds
from biometrics.detector import FaceDetector, Image
from biometrics.models import ModelStore
from biometrics.sandbox.decoder import Decoder
from biometrics.second.chip import face_chip
from domain.challenge import Action, to_json

REFERENCE, SELFIE, CLIP = "reference.jpg", "selfie.jpg", "clip.mp4"
CHALLENGE, CHIP = "challenge.json", "chip.npy"
_PERSON, _SEED = "p1", 7
_FRAMES_KEPT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How much of a clip there is. `recorded` and `reduced` are the kept frames' files."""

    frames: int
    sampled: int  # frames that the product's decoder hands over
    recorded: list[Path]  # as recorded, RGB
    reduced: list[Path]  # the same moments as the product's models see them, RGB


def make_files(folder: Path) -> Made:
    """Film one right answer (720p, 30 frames a second, H.264) and write all files."""
    studio, challenge = Studio.open(), five_seconds(Action.NOD)
    camera = Camera(width=1280, height=720, fps=30, codec=Codec.MP4_H264)
    clip = studio.clip(_PERSON, challenge, camera=camera, seed=_SEED)
    (folder / REFERENCE).write_bytes(studio.reference(_PERSON))
    (folder / SELFIE).write_bytes(studio.selfie(_PERSON))
    (folder / CLIP).write_bytes(clip)
    (folder / CHALLENGE).write_text(json.dumps(to_json(challenge)))
    _write_chip(folder)
    recorded, reduced = _recorded(folder / CLIP), _sampled(clip)
    shares = np.linspace(0.1, 0.9, _FRAMES_KEPT)
    return Made(
        frames=len(recorded),
        sampled=len(reduced),
        recorded=_written(folder, "recorded", recorded, shares),
        reduced=_written(folder, "reduced", reduced, shares),
    )


def _recorded(clip: Path) -> list[Image]:
    with av.open(str(clip)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def _sampled(clip: bytes) -> list[Image]:
    pictures: list[Image] = []
    with Decoder() as decoder:
        decoder.clip(clip, lambda _, picture: pictures.append(picture[:, :, ::-1]))
    return pictures


def _written(
    folder: Path, name: str, pictures: list[Image], shares: NDArray[np.float64]
) -> list[Path]:
    paths = [folder / f"{name}{number}.npy" for number in range(len(shares))]
    for path, share in zip(paths, shares, strict=True):
        np.save(path, np.ascontiguousarray(pictures[int(share * (len(pictures) - 1))]))
    return paths


def _write_chip(folder: Path) -> None:
    photo = cv2.imread(str(folder / SELFIE))
    assert photo is not None
    picture = np.asarray(photo, np.uint8)
    face = FaceDetector(ModelStore()).faces_tight(picture)[0]
    chip = face_chip(picture, face.points.astype(np.float64))
    np.save(folder / CHIP, np.ascontiguousarray(chip[:, :, ::-1]))
