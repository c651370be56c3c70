"""Which part of the pipeline eats the time: CPU seconds by module of `biometrics`."""

import cProfile
import pstats
from collections import defaultdict
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_Place = tuple[str, int, str]


def by_step(watch: cProfile.Profile) -> dict[str, float]:
    """Seconds by module: its own code and all that it calls outside this repository.

    A module of `biometrics` bears its name, other folders of the repository count as one step each.
    """
    stats: dict[_Place, Any] = vars(pstats.Stats(watch))["stats"]
    spent: defaultdict[str, float] = defaultdict(float)
    for place, (_, _, own_s, _, callers) in stats.items():
        step = _step(place)
        if step is not None:
            spent[step] += own_s
            continue
        for caller, (_, _, _, from_caller_s) in callers.items():
            asking = _step(caller)
            if asking is not None:
                spent[asking] += from_caller_s
    return dict(sorted(spent.items(), key=lambda item: item[1], reverse=True))


def _step(place: _Place) -> str | None:
    try:
        parts = Path(place[0]).relative_to(_ROOT).with_suffix("").parts
    except ValueError:
        return None
    if parts[0] == ".venv":
        return None
    return "/".join(parts[1:]) if parts[0] == "biometrics" else parts[0]
