"""`python -m tools.lint [PATH ...]`: exit 0 clean, 1 with breaches, 2 when nothing was read."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.lint.rules import RULES
from tools.lint.source import PRODUCT, Breach, Source, read_source

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (*PRODUCT, "tools", "tests", "benchmarks")


def inspect(source: Source) -> list[Breach]:
    """All breaches that no `lint-skip` excuses, and every `lint-skip` that excuses nothing."""
    found = [breach for rule in RULES.values() for breach in rule(source)]
    used = {(line, b.rule) for b in found if (line := source.skip_line(b)) is not None}
    kept = [breach for breach in found if source.skip_line(breach) is None]
    return sorted([*kept, *_stale_skips(source, used)])


def _stale_skips(source: Source, used: set[tuple[int, str]]) -> Iterator[Breach]:
    for line, rules in source.skips.items():
        for rule in rules:
            if (line, rule) not in used:
                yield source.breach("stale-skip", line, f"`lint-skip: {rule}` excuses nothing here")


def files_of(root: Path, paths: Sequence[Path]) -> list[Path]:
    chosen = paths or [root / folder for folder in FOLDERS] + [root / "policies"]
    found: set[Path] = set()
    for path in chosen:
        found.update([path] if path.is_file() else [*path.rglob("*.py"), *path.rglob("*.toml")])
    return sorted(found)


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.lint", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders (default: the tree)")
    parser.add_argument("--rules", action="store_true", help="list the rules and stop")
    arguments = parser.parse_args(argv)
    if arguments.rules:
        for name, rule in RULES.items():
            print(f"{name:<18}{(rule.__doc__ or '').strip().splitlines()[0]}")
        return 0
    files = files_of(root, [path.resolve() for path in arguments.paths])
    if not files:
        print("no file to inspect", file=sys.stderr)
        return 2
    breaches = [breach for file in files for breach in inspect(read_source(root, file))]
    for breach in breaches:
        print(breach)
    print(f"{len(files)} files, {len(RULES)} rules, {len(breaches)} breaches", file=sys.stderr)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
