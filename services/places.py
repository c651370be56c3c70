"""Find the division that a roster means by a code or by a name of the importing county."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import AppError
from domain.regions import DivisionPath, Level, ancestors, parse_division

_CODE = re.compile(r"[1-9][0-9]{5,11}")
_SPACES = re.compile(r"[\s\-/、,,>]+")
_COMMITTEE = re.compile(r"(?<=村)(?:民委员会|居委会|委会|委)|(?<=社区)(?:居民委员会|居委会|居委)")
AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    path: DivisionPath
    name: str


class Places:
    """The divisions that a county's file may name; names count inside the county only.

    A village's own name is enough where it is unique in the county. What follows the village's
    name (group and house number) is cut; after a township's name nothing may follow, because that
    would be a village we do not know.
    """

    def __init__(self, county: DivisionPath, places: Iterable[Place], *, known: set[str]) -> None:
        """Take the named places around `county`, and all paths that a code may state."""
        self._known = known
        self._names: dict[str, set[DivisionPath]] = {}
        self._found: dict[str, DivisionPath | str | None] = {}
        names = {place.path: _plain(place.name) for place in places}
        for path in names:
            if path.startswith(county):
                self._learn(path, names)

    def knows(self, path: str) -> bool:
        """Whether a division is registered at all."""
        return path in self._known

    def _learn(self, path: DivisionPath, names: dict[DivisionPath, str]) -> None:
        """Remember the name alone, and behind each run of the names above it."""
        chain = [names[above] for above in ancestors(path) if above in names]
        for first in range(len(chain)):
            self._names.setdefault("".join(chain[first:]), set()).add(path)
        if len(chain) > 2:  # the township may be left out behind the county
            self._names.setdefault(chain[-3] + chain[-1], set()).add(path)

    def find(self, text: str) -> DivisionPath | str | None:
        """Return the division, `AMBIGUOUS`, or None when nothing known is meant."""
        if text not in self._found:
            if len(self._found) > 20_000:  # addresses with house numbers are all different
                self._found.clear()
            self._found[text] = self._search(text)
        return self._found[text]

    def _search(self, text: str) -> DivisionPath | str | None:
        if _CODE.fullmatch(text):
            return self._by_code(text)
        wanted = _plain(text)
        for length in range(len(wanted), 1, -1):
            paths = self._names.get(wanted[:length])
            if paths is None:
                continue
            whole = length == len(wanted)
            fit = {path for path in paths if whole or len(path) == Level.VILLAGE.digits}
            if fit:
                return min(fit) if len(fit) == 1 else AMBIGUOUS
        return None

    def _by_code(self, text: str) -> DivisionPath | None:
        try:
            path = parse_division(text)
        except AppError:
            return None
        return path if path in self._known else None


def _plain(name: str) -> str:
    """Fold a name: 东街村民委员会, 东街村委会 and 东街村 are one village."""
    return _COMMITTEE.sub("", _SPACES.sub("", unicodedata.normalize("NFKC", name)))
