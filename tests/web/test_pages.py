"""The page as it is served: its words, its size, its policy, its files."""

import gzip
import hashlib
import json
import re
import tomllib
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import Path
from typing import cast

import pytest

from app.speech.texts import read_texts
from domain.attempt import AttemptState
from domain.challenge import Action, Need
from domain.light import RGB
from domain.policy_values import Scheme
from domain.visit_request import Progress
from services.backend import Backend
from tests.certification_world import County
from tests.phone_world import Http
from tests.web.scripts import check
from web import i18n
from web.assets import VENDOR
from web.main import create_phone_app
from web.phone import static_files
from web.phone.pages import TEMPLATES_ONLY
from web.site import Site
from web.templating import TEMPLATES

ROOT = Path(__file__).parents[2]
OWN_SCRIPTS = [static_files.FOLDER / name for name in static_files.first_scripts()]
FIRST_LOAD_BYTES = 150_000
FINDER_BYTES = 250_000
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
_IN_TEMPLATE = re.compile(r"_\('([a-z0-9_.]+)'(?: \+ )?|begin\('\w+', '([a-z0-9_.]+)'\)")
_IN_SCRIPT = re.compile(r'"([a-z]+\.[a-z0-9_]*)"')
_CODE = re.compile(r'code === "[a-z_.]+"')  # of a refusal: no word


@pytest.fixture
def page() -> Http:
    """The page alone: it is the same for everybody, so it needs nothing behind it."""
    phone = create_phone_app(cast("Backend", None))
    return Http(Site(api=phone, phone=phone, office=phone))


def html(page: Http, path: str = "/m/") -> str:
    return page.ask("GET", path, headers=PLAIN).text


def written(folder: Path, pattern: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.glob(pattern)))


def in_templates() -> set[str]:
    found = _IN_TEMPLATE.findall(written(TEMPLATES, "*.html"))
    return {one or other for one, other in found}


def in_scripts() -> set[str]:
    """Keys, and beginnings of keys (`step.`) that a script completes.

    A word in quotes with a point in it is a key if its family is one; `reason.` and `notice.` are
    only spoken.
    """
    families = {key.split(".")[0] for key in i18n.words(i18n.FIRST)}
    found = _IN_SCRIPT.findall(_CODE.sub("", written(static_files.FOLDER, "*.js")))
    return {key for key in found if key.split(".")[0] in families}


def is_used(key: str, used: set[str]) -> bool:
    return key in used or any(
        start.endswith((".", "_")) and key.startswith(start) for start in used
    )


@pytest.mark.parametrize("lang", i18n.languages())
def test_no_word_is_missing_and_none_is_left_over(lang: str) -> None:
    known, used = set(i18n.words(lang)), in_templates() | in_scripts()
    assert {key for key in used if not key.endswith((".", "_"))} - known == set()
    assert {key for key in known if not is_used(key, used)} == set()
    assert {key for key, text in i18n.words(lang).items() if not text.strip()} == set()


@pytest.mark.parametrize("lang", i18n.languages())
def test_languages_fill_in_the_same_things(lang: str) -> None:
    brace, first = re.compile(r"\{\w+\}"), i18n.words(i18n.FIRST)
    assert {
        key
        for key, text in i18n.words(lang).items()
        if sorted(brace.findall(text)) != sorted(brace.findall(first[key]))
    } == set()


def test_scripts_ask_for_no_word_that_only_templates_have() -> None:
    assert {key for key in in_scripts() if key.startswith(TEMPLATES_ONLY)} == set()


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("step", Action),
        ("need", Need),
        ("scheme", Scheme),
        ("visit", Progress),
        ("result", AttemptState),
    ],
)
def test_whatever_the_server_says_has_a_word(family: str, values: type[AttemptState]) -> None:
    assert {f"{family}.{value.value}" for value in values} <= set(i18n.words(i18n.FIRST))


def test_every_movement_has_its_picture() -> None:
    assert {f"pictures/{action.value}.svg" for action in Action} <= set(static_files.files())


def test_speech_says_what_the_screen_says() -> None:
    words = i18n.words(i18n.FIRST)
    reasons = json.loads((ROOT / "field_app_spec/reason_codes.json").read_text("utf-8"))
    heard = {f"reason.{r['code']}": f"{r['say']}。{r['do']}。" for r in reasons}
    notice = (ROOT / "policies/notices/certification.zh.txt").read_text("utf-8")
    version, _, text = notice.partition("\n")
    heard["notice." + version.removeprefix("version:").strip()] = " ".join(text.split())
    spoken = read_texts()
    assert {k: t for k, t in spoken.items() if t != {**words, **heard}.get(k)} == {}
    again = {f"reason.{r['code']}" for r in reasons if r["next_channel"] == "self"}
    assert again | {f"step.{a.value}" for a in Action} <= set(spoken)
    assert {f"result.{state.value}" for state in AttemptState} <= set(spoken)


def test_every_sentence_that_a_script_speaks_has_its_text() -> None:
    said = set(re.findall(r'\bsay\("([a-z_]+\.[a-z_]+)"', written(static_files.FOLDER, "*.js")))
    assert said - set(read_texts()) == set()


class Seen(HTMLParser):
    """What a browser would run or style that stands in the page itself, and the ids."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        is_data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.inline.append(tag)
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("lang", i18n.languages())
def test_nothing_is_run_or_styled_but_from_our_own_files(page: Http, lang: str) -> None:
    seen = Seen()
    seen.feed(html(page, f"/m/?lang={lang}"))
    assert seen.inline == []
    assert len(seen.ids) == len(set(seen.ids))
    assert {address for address in seen.addresses if not address.startswith("/m/static/")} == set()
    for address in seen.addresses:
        assert page.ask("GET", address).status_code == HTTPStatus.OK, address


def test_scripts_ask_for_no_element_that_the_page_lacks(page: Http) -> None:
    seen = Seen()
    seen.feed(html(page))
    asked = set(re.findall(r'\$\("([\w-]+)"\)', written(static_files.FOLDER, "*.js")))
    assert asked - set(seen.ids) == set()


def test_a_link_opens_the_same_page_as_typing_and_never_shows_its_token(page: Http) -> None:
    token = "a-token-of-one-person"
    assert html(page, f"/m/k/{token}") == html(page)
    assert token not in html(page, f"/m/k/{token}")


def test_a_poster_shows_its_office(county: County) -> None:
    phone = create_phone_app(county.backend)
    http = Http(Site(api=phone, phone=phone, office=phone))
    assert "城关镇一号（虚构）" in html(http, "/m/p/990101100")
    assert "城关镇一号（虚构）" not in html(http, "/m/p/nonsense")


def test_a_language_is_chosen_by_name_and_unknown_ones_get_the_first(page: Http) -> None:
    assert '<html lang="en"' in html(page, "/m/?lang=en")
    assert '<html lang="zh-CN"' in html(page, "/m/?lang=xx")
    assert page.ask("GET", "/m/?lang=en").headers["content-language"] == "en"


def test_the_first_load_is_small(page: Http) -> None:
    whole = page.ask("GET", "/m/", headers=GZIP)
    sizes = {"page": len(gzip.compress(whole.content))} | {
        name: len(file.packed)
        for name, file in static_files.files().items()
        if not name.startswith(VENDOR)
    }
    assert whole.headers["content-encoding"] == "gzip"
    assert sum(sizes.values()) < FIRST_LOAD_BYTES, sizes


def test_the_finder_of_faces_is_small_and_comes_later(page: Http) -> None:
    finder = [n for n in static_files.files() if n.startswith(VENDOR)]
    assert len(finder) == 2
    assert sum(len(static_files.files()[name].plain) for name in finder) < FINDER_BYTES
    assert not any(name in html(page) for name in finder)


def test_files_are_kept_for_ever_under_their_digest_only(page: Http) -> None:
    now = page.ask("GET", f"/m/static/{static_files.digest()}/main.js")
    former = page.ask("GET", "/m/static/0123456789abcdef/main.js")
    assert "immutable" in now.headers["cache-control"]
    assert former.headers["cache-control"] == "no-cache"
    assert former.content == now.content
    assert page.ask("GET", "/m/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["vendor/ORIGIN.toml", "../pages.py", "..%2Fpages.py", "nowhere.js", ""]
)
def test_nothing_else_is_sent(page: Http, name: str) -> None:
    answer = page.ask("GET", f"/m/static/{static_files.digest()}/{name}")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_what_others_wrote_is_as_their_package_has_it() -> None:
    folder = static_files.FOLDER / VENDOR
    (package,) = tomllib.loads((folder / "ORIGIN.toml").read_text("utf-8"))["package"]
    for name, origin in package["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == origin["sha256"]
    others = {path.name for path in folder.iterdir()} - {"ORIGIN.toml"}
    assert others == set(package["files"])
    assert package["licence_file"] in others


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_sound_and_old_browsers_can_read_them(path: Path) -> None:
    check(path)
    text = path.read_text("utf-8")
    newer = re.findall(
        r"\?\.\w|\?\?|catch \{|\{ \.\.\.|, \.\.\.\w+ \}|\w \*\* \w|#\w+\(|\?\?=", text
    )
    assert newer == [], "beyond ES2017"
    assert len(text.splitlines()) < 300


def test_colours_of_the_light_are_those_that_are_measured() -> None:
    style = (static_files.FOLDER / "phone.css").read_text("utf-8")
    shown = dict(re.findall(r'\[data-light="(\w+)"\] body \{ background: rgb\(([^)]+)\)', style))
    assert shown == {c.value: ", ".join(str(part) for part in rgb) for c, rgb in RGB.items()}
