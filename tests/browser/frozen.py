"""`jianzai` without chance in what it asks for, so that a clip made beforehand answers it.

Only `secrets.randbelow` is fixed: tokens, keys and identifiers stay random.
"""

import secrets


def _middle(exclusive_upper_bound: int) -> int:
    return exclusive_upper_bound // 2


secrets.randbelow = _middle

from app.cli import main  # noqa: E402 - chance goes first

main()
