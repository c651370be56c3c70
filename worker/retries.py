"""How often a job is tried. One that fails every time must not hold up the others."""

from procrastinate import RetryStrategy

TRIES = 3

BACK_OFF = RetryStrategy(max_attempts=TRIES - 1, exponential_wait=5)
"""For a task that raised: again after 5 s, then after 25 s, then it is given up."""


def is_last_try(attempts: int) -> bool:
    """Whether a job that was begun `attempts` times before is now on its last try."""
    return attempts + 1 >= TRIES
