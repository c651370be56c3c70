"""How Chinese text is read: as pinyin, and as the phones that the neural voice was taught.

The phones are IPA with arrows for the tones; in the tables, `0` marks where the arrow stands, and
the sounds are the usual ones of Standard Chinese. Readings and tone changes (不 before a fourth
tone, two third tones in a row) come from `pypinyin`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

_INITIALS: Mapping[str, str] = {
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "b": "p", "p": "pʰ", "m": "m", "f": "f",
    "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
}  # fmt: skip
_FINALS: Mapping[str, str] = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0",
    "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ", "er": "ɚ0",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0",
    "ie": "je0", "in": "i0n", "ing": "i0ŋ", "iong": "jʊ0ŋ", "iou": "jou0",
    "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0",
    "u": "u0", "ua": "wa0", "uai": "wai0", "uan": "wa0n", "uang": "wa0ŋ",
    "uei": "wei0", "uen": "wə0n", "ueng": "wə0ŋ", "uo": "wo0",
    "v": "y0", "van": "ɥɛ0n", "ve": "ɥe0", "vn": "y0n",
}  # fmt: skip
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_PAUSES = str.maketrans(
    {"，": ",", "、": ",", "。": ".", "！": "!", "？": "?", "：": ":", "；": ";"}
)
_STOPS = frozenset(",.!?:;")
_HISSING = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
_GAP = re.compile(r" ([,.!?:;])")
_DIGITS = "零一二三四五六七八九"
_RUN = re.compile(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+")


def phones(text: str) -> str:
    """Spell `text` in phones; words stand apart, what is neither Chinese nor a pause is left out.

    Raises `KeyError` for a syllable that Standard Chinese does not have.
    """
    return _GAP.sub(r"\1", " ".join("".join(_runs(text)).split()))


def readable(text: str) -> str:
    """Write numbers as they are said (from 100 on digit by digit); leave out `{gaps}`."""
    return re.sub(r"\d+", lambda found: _number(found[0]), re.sub(r"\{\w+\}", "", text))


def _number(digits: str) -> str:
    if len(digits) != 2 or digits[0] == "0":
        return "".join(_DIGITS[int(digit)] for digit in digits)
    tens, ones = map(int, digits)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def pinyin(text: str) -> str:
    """Spell `text` in syllables with tone numbers: `qing3 dian2 dian3 tou2.`."""
    spelt = []
    for run in _RUN.findall(readable(text)):
        if _is_chinese(run):
            spelt += [syllable for word in _words(run) for syllable in _numbered(word)]
        else:
            spelt.append("".join(c for c in run.translate(_PAUSES) if c in _STOPS))
    return _GAP.sub(r"\1", " ".join(" ".join(spelt).split()))


def _numbered(word: str) -> list[str]:
    from pypinyin import Style  # noqa: PLC0415

    found: list[str] = _reader().lazy_pinyin(word, style=Style.TONE3)
    return [one if one[-1].isdigit() else f"{one}5" for one in found]


def _is_chinese(run: str) -> bool:
    return "\u4e00" <= run[0] <= "\u9fff"


def _runs(text: str) -> Iterator[str]:
    for run in _RUN.findall(readable(text)):
        if _is_chinese(run):
            for word in _words(run):
                yield "".join(_syllable(*parts) for parts in _readings(word)) + " "
        else:
            pauses = "".join(c for c in run.translate(_PAUSES) if c in _STOPS)
            yield f"{pauses} "


def _words(run: str) -> list[str]:
    from pypinyin.seg.mmseg import seg  # noqa: PLC0415

    return list(seg.cut(run))


def _readings(word: str) -> Iterator[tuple[str, str, str]]:
    """Yield initial, final and tone of every syllable."""
    from pypinyin import Style  # noqa: PLC0415

    styles = (Style.INITIALS, Style.FINALS, Style.TONE3)
    asked = [_reader().lazy_pinyin(word, style=style, strict=True) for style in styles]
    for initial, final, whole in zip(*asked, strict=True):
        yield initial, final.replace("ü", "v"), whole[-1] if whole[-1].isdigit() else "5"


@cache
def _reader() -> Any:
    from pypinyin.contrib.tone_sandhi import ToneSandhiMixin  # noqa: PLC0415
    from pypinyin.converter import DefaultConverter  # noqa: PLC0415
    from pypinyin.core import Pinyin  # noqa: PLC0415

    return Pinyin(type("Converter", (ToneSandhiMixin, DefaultConverter), {})())


def _syllable(initial: str, final: str, tone: str) -> str:
    spelt = "ɨ0" if final == "i" and initial in _HISSING else _FINALS[final]
    if spelt == "wo0" and final == "o" and initial == "":
        spelt = "ɔ0"
    return (_INITIALS[initial] if initial else "") + spelt.replace("0", _TONES[tone])
