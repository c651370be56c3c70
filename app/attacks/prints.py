"""Paper: held, tilted, waved, bent, with holes for the attacker's eyes and mouth, cut out.

Whoever holds it tries: the paper is turned and nodded in time with what the challenge asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from app.attacks.sheets import (
    Axis,
    Lens,
    Place,
    Sheet,
    lay_bent,
    lay_cut_out,
    lay_flat,
    rotation_of,
    seen_points,
)
from app.attacks.sitters import LIPS, Portrait, Sitter, eye_outlines, landmarks, paper_framing
from app.attacks.species import Presentation, Species, attack, through_phone
from app.attacks.stage import Setting, framing_of
from app.demo.held_photo import hand_shake, thumbs
from app.demo.puppet import Framing, Light, Pose
from app.demo.reading import Floats, Image, floats, pixels

_INK_BLACK, _PAPER_WHITE = 26.0, 232.0
_INK_COLOUR = 0.82  # saturation that survives printing
_HOLE_DEPTH_MM = 16.0  # of the attacker's eyes behind the paper
_RADII_MM = (150, 80, 50)
_BENT_FACE_MM = {  # as large as still shows from brow to chin, and from eye to eye
    (Axis.VERTICAL, 150): 140,
    (Axis.VERTICAL, 80): 140,
    (Axis.VERTICAL, 50): 115,
    (Axis.HORIZONTAL, 150): 140,
    (Axis.HORIZONTAL, 80): 105,
    (Axis.HORIZONTAL, 50): 72,
}

Moves = Callable[[Setting, float], Pose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A print: how wide the face is on it, and the sheet."""

    face_mm: float
    sheet: Sheet


def printed(picture: Image, seed: int) -> Image:
    """Put a picture on paper with ink: fewer tones, paler colours, the grain of a printer."""
    chance = np.random.default_rng([seed, 51])
    grey = picture.mean(axis=2, keepdims=True)
    paler = grey + (picture - grey) * _INK_COLOUR
    tones = _INK_BLACK + paler * ((_PAPER_WHITE - _INK_BLACK) / 255)
    grain = chance.normal(0, 2.5, (*picture.shape[:2], 1))
    return pixels(np.clip(tones + grain, 0, 255).astype(np.uint8))


def _photo_of(setting: Setting, sitter: Sitter, framing: Framing) -> Image:
    wall = setting.wall(framing.width, framing.height, other=True)
    return sitter.before(wall, framing, Light(noise=0)).frame(Pose())


def answering(setting: Setting, at_ms: float) -> Pose:
    """Turn and nod the paper as the challenge asks."""
    return setting.answer.pose_at(at_ms)


def resting(setting: Setting, at_ms: float) -> Pose:
    """Hold it as still as a hand can."""
    return hand_shake(setting.idle.pose_at(at_ms))


def waving(setting: Setting, at_ms: float) -> Pose:
    """Turn it as asked and move it about besides."""
    pose, at_s = setting.answer.pose_at(at_ms), at_ms / 1000
    across, down = 0.16 * np.sin(5.1 * at_s), 0.09 * np.sin(3.7 * at_s + 1)
    return replace(
        pose,
        roll_deg=pose.roll_deg + 7 * float(np.sin(4.3 * at_s)),
        shift=(pose.shift[0] + float(across), pose.shift[1] + float(down)),
    )


def place_of(setting: Setting, pose: Pose, face_mm: float) -> Place:
    """Hold it where the face is as large as a live one would be."""
    camera = setting.camera
    lens = lens_of(setting)
    framing = framing_of(camera)
    size = float(setting.chance_of("distance").uniform(0.95, 1.2)) * framing.face * framing.width
    distance = lens.focal_px * face_mm / size
    return Place(
        distance_mm=distance,
        rotation=rotation_of(pose),
        shift_mm=(pose.shift[0] * face_mm, pose.shift[1] * face_mm),
    )


def lens_of(setting: Setting) -> Lens:
    """Return the lens of the setting's camera."""
    return Lens(width=setting.camera.width, height=setting.camera.height)


def life_size(framing: Framing, *, face_mm: float, bend: Sheet | None = None) -> Format:
    """Print a picture in `framing` so that the face is `face_mm` wide."""
    width = face_mm / framing.face
    sheet = Sheet(
        width_mm=width,
        height_mm=width * framing.height / framing.width,
        radius_mm=bend.radius_mm if bend else None,
        axis=bend.axis if bend else Axis.VERTICAL,
    )
    return Format(face_mm=face_mm, sheet=sheet)


def hold(picture: Image, sheet: Sheet, place: Place, lens: Lens) -> None:
    """Draw the thumbs of whoever holds a plane sheet by its lower corners."""
    corners = floats([[-0.44, 0.43], [0.44, 0.43]]) * floats([sheet.width_mm, sheet.height_mm])
    thumbs(picture, seen_points(corners, place, lens))


def _flat(moves: Moves, setting: Setting) -> Presentation:
    framing = paper_framing()
    paper = printed(setting.photo(framing), setting.seed)
    form = life_size(framing, face_mm=140)
    wall, lens = setting.wall(lens_of(setting).width, lens_of(setting).height), lens_of(setting)

    def scene(at_ms: int, _number: int) -> Image:
        picture, place = wall.copy(), place_of(setting, moves(setting, at_ms), form.face_mm)
        lay_flat(picture, paper, form.sheet, place=place, lens=lens)
        hold(picture, form.sheet, place, lens)
        return picture

    return through_phone(setting, setting.filmed(scene, take=10))


def _bent(radius_mm: int, axis: Axis, setting: Setting) -> Presentation:
    framing = paper_framing(0.62)
    paper = printed(setting.photo(framing), setting.seed)
    face_mm = _BENT_FACE_MM[axis, radius_mm]
    bend = Sheet(width_mm=0, height_mm=0, radius_mm=radius_mm, axis=axis)
    form = life_size(framing, face_mm=face_mm, bend=bend)
    wall, lens = setting.wall(lens_of(setting).width, lens_of(setting).height), lens_of(setting)

    def scene(at_ms: int, _number: int) -> Image:
        picture = wall.copy()
        place = place_of(setting, answering(setting, at_ms), form.face_mm)
        lay_bent(picture, paper, form.sheet, place=place, lens=lens)
        return picture

    return through_phone(setting, setting.filmed(scene, take=11))


def _with_holes(parts: Sequence[str], setting: Setting) -> Presentation:
    """Paper with holes; behind them eyes that blink, and a mouth that opens when asked."""
    victim, attacker = setting.portrait, setting.other
    framing = paper_framing()
    paper = printed(_photo_of(setting, victim, framing), setting.seed)
    behind = attacker.before(np.full_like(paper, 40), framing, setting.light)
    holes = _holes(victim, attacker, framing, parts)
    form = life_size(framing, face_mm=140)
    lens = lens_of(setting)
    wall = setting.wall(lens.width, lens.height)
    per_px = form.sheet.width_mm / framing.width

    def scene(at_ms: int, number: int) -> Image:
        pose = setting.answer.pose_at(at_ms)
        face = behind.frame(Pose(blink=pose.blink, mouth=pose.mouth), number=number)
        turn = np.radians([pose.yaw_deg - pose.view[0], -pose.pitch_deg - pose.view[1]])
        aside = _HOLE_DEPTH_MM / per_px * np.tan(turn)
        sheet = paper.copy()
        for hole in holes:
            hole.fill(sheet, face, floats(aside))
        picture, place = wall.copy(), place_of(setting, pose, form.face_mm)
        lay_flat(picture, sheet, form.sheet, place=place, lens=lens)
        return picture

    return replace(through_phone(setting, setting.filmed(scene, take=12)), who=victim)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Hole:
    """An outline in the paper, and how the attacker's face is brought behind it."""

    outline: Floats  # N x 2, pixels of the print
    behind: Floats  # 2 x 3, attacker's pixels to the print's

    def fill(self, sheet: Image, face: Image, aside: Floats) -> None:
        x, y, wide, tall = cv2.boundingRect(self.outline)
        corner = floats([x, y])
        affine = self.behind.copy()
        affine[:, 2] -= corner - aside
        seen = cv2.warpAffine(face, affine, (wide, tall), borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros((tall, wide), np.uint8)
        points = np.round((self.outline - corner) * 16).astype(np.int32)
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, 4)
        part = sheet[y : y + tall, x : x + wide]
        cv2.copyTo(pixels(seen), pixels(cv2.inRange(mask, 128, 255)), part)
        cv2.polylines(part, [points], isClosed=True, color=(70, 74, 84), shift=4)


def _holes(
    victim: Portrait, attacker: Portrait, framing: Framing, parts: Sequence[str]
) -> list[_Hole]:
    eyes = zip(eye_outlines(victim.rig, framing), eye_outlines(attacker.rig, framing), strict=True)
    found = [_hole(mine, theirs, room=1.45) for mine, theirs in eyes]
    if "mouth" in parts:
        lips = [landmarks(who.rig, framing)[list(LIPS)] for who in (victim, attacker)]
        found.append(_hole(lips[0], lips[1], room=1.3, below=0.9))
    return found


def _hole(outline: Floats, theirs: Floats, *, room: float, below: float = 0.0) -> _Hole:
    """Cut a little outside the outline; `below` leaves room for a jaw that drops, in heights."""
    middle, their_middle = outline.mean(axis=0), theirs.mean(axis=0)
    larger = middle + (outline - middle) * room
    height = float(np.ptp(outline[:, 1]))
    larger[:, 1] += np.where(outline[:, 1] > middle[1], below * height, 0)
    scale = float(np.ptp(outline[:, 0]) / np.ptp(theirs[:, 0]))
    behind = np.hstack([np.eye(2) * scale, (middle - their_middle * scale)[:, None]])
    return _Hole(outline=floats(larger), behind=floats(behind))


def _cut_out(setting: Setting) -> Presentation:
    """Show a print with the background cut away: no straight edge around the face."""
    framing = paper_framing()
    black, white = (
        np.full((framing.height, framing.width, 3), tone, np.uint8) for tone in (0, 255)
    )
    dark, pale = (
        setting.sitter.before(wall, framing, Light(noise=0)).frame(Pose())
        for wall in (black, white)
    )
    alpha = 255 - cv2.extractChannel(cv2.subtract(pale, dark), 1)
    paper = np.dstack([printed(dark, setting.seed), alpha]).astype(np.uint8)
    form, lens = life_size(framing, face_mm=140), lens_of(setting)
    wall = setting.wall(lens.width, lens.height)

    def scene(at_ms: int, _number: int) -> Image:
        picture = wall.copy()
        place = place_of(setting, answering(setting, at_ms), form.face_mm)
        lay_cut_out(picture, paper, form.sheet, place=place, lens=lens)
        return picture

    return through_phone(setting, setting.filmed(scene, take=13))


SPECIES: tuple[Species, ...] = (
    attack("print_held", "a flat print, held still", partial(_flat, resting)),
    attack("print_tilted", "a flat print, turned and nodded as asked", partial(_flat, answering)),
    attack("print_waved", "a flat print, turned as asked and waved about", partial(_flat, waving)),
    *(
        attack(
            f"print_bent_{radius}_{axis}",
            f"a print bent to {radius} mm along its {axis} axis, turned as asked",
            partial(_bent, radius, axis),
        )
        for radius in _RADII_MM
        for axis in Axis
    ),
    attack(
        "cut_eyes", "a print with the attacker's eyes in holes", partial(_with_holes, ("eyes",))
    ),
    attack(
        "cut_eyes_mouth",
        "a print with the attacker's eyes and mouth in holes",
        partial(_with_holes, ("eyes", "mouth")),
    ),
    attack("print_cut_out", "a print without its background, turned as asked", _cut_out),
)
