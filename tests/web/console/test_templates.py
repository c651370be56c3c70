"""What holds for every template and every file of the console."""

import hashlib
import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

from domain.cycle import Channel
from domain.policy_values import Scheme
from domain.review import Method, Verdict
from domain.roles import Role
from tests.web.console.routes import ROUTES
from web.console import nav, static_files, words

HERE = Path(static_files.__file__).parent
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
VENDOR = HERE / "static" / "vendor"
BUDGET = 60_000
"""Bytes, compressed, of all that a page of the console loads besides itself."""
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)
_POSTING = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.IGNORECASE | re.DOTALL)
_ASSET = re.compile(r"asset\(['\"]([^'\"]+)['\"]\)")
_SAFE = re.compile(r"\|\s*safe\b")
DRAWN = re.compile(
    r"\{\{\s*[\w.]*(picture|drawing|svg|timeline|chart|bar)[\w.]*(\([^)]*\))?\s*\|\s*safe"
)
"""What the server draws itself, and escapes while it draws."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_runs_and_nothing_is_styled_inside_a_page(path: Path) -> None:
    assert _INLINE.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_its_token(path: Path) -> None:
    for form in _POSTING.findall(path.read_text("utf-8")):
        if path.name != "login.html":
            assert "csrf" in form or "hidden(" in form, form[:200]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_what_the_server_drew_goes_in_unescaped(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(_SAFE.findall(text)) == len(DRAWN.findall(text))


def test_every_file_that_a_template_names_is_there() -> None:
    named = {name for path in TEMPLATES for name in _ASSET.findall(path.read_text("utf-8"))}
    assert named <= set(static_files.ASSETS.files)


def test_what_others_wrote_is_byte_for_byte_theirs() -> None:
    (package,) = tomllib.loads((VENDOR / "ORIGIN.toml").read_text("utf-8"))["package"]
    for name, file in package["files"].items():
        found = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
        assert found == file["sha256"], name
    others = {path.name for path in VENDOR.iterdir()} - {"ORIGIN.toml"}
    assert others == set(package["files"])


def test_the_console_is_light() -> None:
    sizes = [len(f.packed) for name, f in static_files.ASSETS.files.items()]
    assert sum(sizes) < BUDGET


def test_the_menu_leads_somewhere_and_offers_nothing_that_is_refused() -> None:
    found = {r.path: r.permission for r in ROUTES if r.method == "GET"}
    for entry in nav.ENTRIES:
        assert found[entry.path] is entry.permission, entry.title


def test_access_keys_lead_to_one_place_each() -> None:
    keys = [entry.key for entry in nav.ENTRIES if entry.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("role", Role),
        ("scheme", Scheme),
        ("channel", Channel),
        ("method", Method),
        ("verdict", Verdict),
    ],
)
def test_every_member_of_a_closed_set_has_a_word(kind: str, members: type[StrEnum]) -> None:
    assert set(words.SETS[kind]) == {member.value for member in members}
