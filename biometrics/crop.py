"""The part of a picture that shows a face, as a person would want to look at it."""

import cv2

from biometrics.detector import Face, Image

_MARGIN = 0.6  # of the face's longer side, all around
_SIDE_PX = 320
_JPEG_QUALITY = 88


def face_with_margin(image: Image, face: Face) -> Image:
    """Cut out the face with its surroundings; a view, not a copy."""
    x, y, width, height = face.box
    margin = max(width, height) * _MARGIN
    top, bottom = max(0, int(y - margin)), int(y + height + margin)
    left, right = max(0, int(x - margin)), int(x + width + margin)
    return image[top:bottom, left:right]


def small_jpeg(part: Image) -> bytes:
    """Encode with the longer side at most 320 px, without metadata."""
    scale = min(1.0, _SIDE_PX / max(1, *part.shape[:2]))
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
