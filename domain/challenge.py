"""The single-use liveness challenge: random steps at random moments, chosen by what a person can do."""

from enum import StrEnum


class Action(StrEnum):
    """What a step asks for. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"
    OPEN_MOUTH = "open_mouth"
    BLINK = "blink"


class Need(StrEnum):
    """A limitation the person or helper named; it only takes actions out of the set."""

    NO_TURN = "no_turn"
    NO_BLINK = "no_blink"
    SEATED = "seated"
    BEDRIDDEN = "bedridden"
