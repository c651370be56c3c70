"""One file under inspection, and the breach that a rule reports about it."""

import ast
import io
import re
import tokenize
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

PRODUCT = ("domain", "services", "storage", "biometrics", "edge", "api", "web", "worker", "app")
MIGRATIONS = "storage/db/migrations/versions"

_SKIP = re.compile(r"#\s*lint-skip:\s*([a-z-]+(?:\s*,\s*[a-z-]+)*)")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Breach:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file with its tree (empty for TOML) and its `lint-skip` comments, by line."""

    path: PurePosixPath  # relative to the root, so that rules can speak of `storage/`
    text: str
    tree: ast.Module
    skips: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def package(self) -> str:
        return self.path.parts[0]

    @property
    def is_product(self) -> bool:
        return self.package in PRODUCT

    def under(self, *folders: str) -> bool:
        return any(self.path.is_relative_to(folder) for folder in folders)

    def breach(self, rule: str, line: int, message: str) -> Breach:
        return Breach(path=str(self.path), line=line, rule=rule, message=message)

    def skip_line(self, breach: Breach) -> int | None:
        """The line of the comment that excuses `breach`: its own, or a comment line above it."""
        if breach.rule in self.skips.get(breach.line, frozenset()):
            return breach.line
        above = breach.line - 1
        if breach.rule in self.skips.get(above, frozenset()) and self._is_comment(above):
            return above
        return None

    def _is_comment(self, line: int) -> bool:
        return self.text.splitlines()[line - 1].lstrip().startswith("#")


def read_source(root: Path, file: Path) -> Source:
    """Read and parse one file; a file that does not parse raises SyntaxError."""
    text = file.read_text(encoding="utf-8")
    python = file.suffix == ".py"
    return Source(
        path=PurePosixPath(file.relative_to(root).as_posix()),
        text=text,
        tree=ast.parse(text, filename=str(file))
        if python
        else ast.Module(body=[], type_ignores=[]),
        skips=_python_skips(text) if python else _line_skips(text),
    )


def _python_skips(text: str) -> dict[int, frozenset[str]]:
    # tokens, not a search by line: a test may hold the comment inside a string
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}
    return {line: rules for line, comment in comments.items() if (rules := _rules_named(comment))}


def _line_skips(text: str) -> dict[int, frozenset[str]]:
    lines = enumerate(text.splitlines(), start=1)
    return {number: rules for number, line in lines if (rules := _rules_named(line))}


def _rules_named(comment: str) -> frozenset[str]:
    found = _SKIP.search(comment)
    if found is None:
        return frozenset()
    return frozenset(name.strip() for name in found[1].split(","))
