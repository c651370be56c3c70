"""The glossary holds every word of the domain's closed sets; decisions have their five parts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

# Sets that name things of the machine, not of the business: their words are in the contract
TECHNICAL = {
    "ActorKind",
    "AuditAction",
    "CertificationBlock",
    "Cue",
    "CueSource",
    "Kind",
    "LightRule",
    "MediaFault",
    "Medium",
    "NotLearnt",
    "Permission",
    "Reason",
    "Refusal",
    "SecondOpinion",
    "SystemName",
    "VisitReason",
}


@pytest.fixture(scope="module")
def root(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.rootpath)


def closed_sets(root: Path) -> Iterator[tuple[str, set[str]]]:
    for file in sorted((root / "domain").glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases
            ):
                values = {
                    item.value.value
                    for item in node.body
                    if isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant)
                }
                yield node.name, {value for value in values if isinstance(value, str)}


def rows(root: Path) -> list[list[str]]:
    lines = (root / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    tables = [line for line in lines if line.startswith("|") and not line.startswith("|---")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in tables]
    return [row for row in cells if row[0] != "Chinese"]


def test_every_member_of_a_closed_set_of_the_domain_is_in_the_glossary(root: Path) -> None:
    written = set(re.findall(r"`([^`]+)`", (root / "docs/glossary.md").read_text(encoding="utf-8")))
    sets = list(closed_sets(root))
    assert {"Scheme", "Level", "Role", "MonthArithmetic"} <= {name for name, _ in sets}
    missing = {
        f"{name}.{value}"
        for name, values in sets
        if name not in TECHNICAL
        for value in values - written
    }
    assert missing == set()


def test_every_row_of_the_glossary_is_complete(root: Path) -> None:
    found = rows(root)
    assert len(found) > 150
    assert [row for row in found if len(row) != 4 or not all(row)] == []


def test_no_two_rows_of_the_glossary_have_the_same_head_and_meaning(root: Path) -> None:
    heads = [(row[0], row[1]) for row in rows(root)]
    assert sorted({head for head in heads if heads.count(head) > 1}) == []


def test_every_link_of_the_documentation_leads_somewhere(root: Path) -> None:
    for page in sorted((root / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target and page.name != "template.md":
                if target == "../README.md":
                    continue
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_decision_has_its_five_parts_and_a_line_in_the_index(root: Path) -> None:
    index = (root / "docs/adr/README.md").read_text(encoding="utf-8")
    records = sorted((root / "docs/adr").glob("[0-9]*.md"))
    assert len(records) >= 11
    for record in records:
        heads = re.findall(r"^## (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE)
        parts = " ".join(heads).lower()
        for part in ("context", "options", "decision", "consequences", "checked"):
            assert part in parts, f"{record.name} has no part `{part}`"
        assert record.name[:4] in index, record.name
