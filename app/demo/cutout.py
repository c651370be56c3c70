"""Lift a person out of a portrait: upright, at working size, with a soft alpha edge."""

import cv2
import numpy as np

from app.demo.reading import FaceReading, Floats, Image, floats, moved, pixels

FACE_PX = 250  # width of the face in the texture: enough for a 720p selfie
SIDE, ABOVE, BELOW = 2.3, 1.5, 4.2  # texture extent around the face centre, in face widths
RIGHT_CHEEK, LEFT_CHEEK, CHIN = 234, 454, 152
_LIP = 0  # middle of the upper lip
_NO_RECT = (0, 0, 1, 1)  # grabCut starts from the guess instead
_MASK_SCALE = 0.4  # grabCut needs no more, and its time is the price of opening a portrait
_SURE_SKIN = 0.92  # the mesh may overshoot the jaw by a few pixels; inside that is the person


def upright(image: Image, reading: FaceReading) -> tuple[Image, FaceReading]:
    """Turn the portrait so that the eyes are level, cropped and scaled to `FACE_PX`."""
    cheeks = reading.mesh[[RIGHT_CHEEK, LEFT_CHEEK], :2]
    right_eye, left_eye = (lid[[0, 8]].mean(axis=0) for lid in reading.lids)
    across = left_eye - right_eye
    scale = FACE_PX / float(np.linalg.norm(cheeks[1] - cheeks[0]))
    centre = cheeks.mean(axis=0)
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    affine = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    affine[:, 2] += np.array([SIDE, ABOVE]) * FACE_PX - centre
    affine32 = affine.astype(np.float32)
    size = (int(2 * SIDE * FACE_PX), int((ABOVE + BELOW) * FACE_PX))
    crisp = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    texture = cv2.warpAffine(image, affine32, size, flags=crisp, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(
        np.full(image.shape[:2], 255, np.uint8), affine32, size, flags=cv2.INTER_NEAREST
    )
    texture_with_edge = np.dstack([texture, inside]).astype(np.uint8)
    return texture_with_edge, moved(reading, affine32, scale)


def cut_out(texture: Image, reading: FaceReading) -> Image:
    """`texture` with its alpha channel narrowed to the person."""
    small = pixels(
        cv2.resize(texture, None, fx=_MASK_SCALE, fy=_MASK_SCALE, interpolation=cv2.INTER_AREA)
    )
    guess = _guess(small, (reading.mesh[:, :2] * _MASK_SCALE).astype(np.float32))
    colours = pixels(np.ascontiguousarray(small[:, :, :3]))
    cv2.setRNGSeed(7)
    models = (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.grabCut(colours, guess, _NO_RECT, *models, 4, cv2.GC_INIT_WITH_MASK)
    person = np.isin(guess, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    person = _one_piece(person)
    alpha = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 1.4)
    alpha = np.clip((alpha - 0.35) / 0.5, 0, 1)  # pull the edge inwards: no halo of the old wall
    alpha = cv2.resize(alpha, texture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    cut = texture.copy()
    cut[:, :, 3] = np.minimum(texture[:, :, 3], np.clip(alpha * 255, 0, 255).astype(np.uint8))
    return cut


def _guess(small: Image, mesh: Floats) -> Image:
    """Draw the trimap that grabCut starts from."""
    height, width = small.shape[:2]
    face = FACE_PX * _MASK_SCALE
    centre = mesh[[RIGHT_CHEEK, LEFT_CHEEK]].mean(axis=0)
    chin_y = float(mesh[CHIN, 1])
    guess = np.full((height, width), cv2.GC_BGD, np.uint8)

    def ellipse(label: int, middle: Floats, axes: tuple[float, float]) -> None:
        at = (int(middle[0]), int(middle[1]))
        cv2.ellipse(guess, at, (int(axes[0]), int(axes[1])), 0, 0, 360, label, -1)

    def trapezoid(label: int, *, half_top: float, half_bottom: float, top: float) -> None:
        x = float(centre[0])
        corners = [
            (x - half_top, top),
            (x + half_top, top),
            (x + half_bottom, top + 0.9 * face),
            (x + half_bottom, height),
            (x - half_bottom, height),
            (x - half_bottom, top + 0.9 * face),
        ]
        cv2.fillPoly(guess, [np.array(corners, np.int32)], label)

    trapezoid(cv2.GC_PR_BGD, half_top=0.55 * face, half_bottom=1.85 * face, top=chin_y)
    trapezoid(cv2.GC_PR_FGD, half_top=0.4 * face, half_bottom=1.6 * face, top=chin_y + 0.1 * face)
    ellipse(cv2.GC_PR_BGD, centre, (0.72 * face, 1.0 * face))
    ellipse(cv2.GC_PR_BGD, centre - floats([0, 0.35 * face]), (0.92 * face, 1.0 * face))
    ellipse(cv2.GC_PR_FGD, centre - floats([0, 0.12 * face]), (0.58 * face, 0.9 * face))
    ellipse(cv2.GC_FGD, centre - floats([0, 0.22 * face]), (0.42 * face, 0.5 * face))
    trapezoid(cv2.GC_FGD, half_top=0.12 * face, half_bottom=0.5 * face, top=chin_y)
    hull = floats(cv2.convexHull(mesh)[:, 0])
    _clear_beside_jaw(guess, mesh, hull)
    shrunk = centre + (hull - centre) * _SURE_SKIN
    cv2.fillConvexPoly(guess, shrunk.astype(np.int32), cv2.GC_FGD)
    guess[small[:, :, 3] < 250] = cv2.GC_BGD
    return guess


def _clear_beside_jaw(guess: Image, mesh: Floats, hull: Floats) -> None:
    """Between ear lobe and chin, what is well outside the face is wall, whatever its colour."""
    jaw = np.zeros_like(guess)
    centre = mesh[[RIGHT_CHEEK, LEFT_CHEEK]].mean(axis=0)
    cv2.fillConvexPoly(jaw, (centre + (hull - centre) * 1.1).astype(np.int32), 1)
    rows = slice(int(mesh[_LIP, 1]), int(mesh[CHIN, 1] - 0.06 * FACE_PX * _MASK_SCALE))
    guess[rows][jaw[rows] == 0] = cv2.GC_BGD


def _one_piece(person: Image) -> Image:
    """Keep the largest connected piece; fill its dents and holes, cut its whiskers."""
    person = pixels(cv2.morphologyEx(person, cv2.MORPH_CLOSE, _disc(0.16)))
    person = pixels(cv2.morphologyEx(person, cv2.MORPH_OPEN, _disc(0.06)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(person)
    if count > 1:
        person = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    contours, _ = cv2.findContours(person, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(person)
    cv2.drawContours(filled, contours, -1, 1, -1)
    return filled


def _disc(face_widths: float) -> Image:
    side = int(face_widths * FACE_PX * _MASK_SCALE) | 1
    return pixels(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
