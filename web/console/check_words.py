"""Each check of a case in plain words: what it looks at, what was measured, what is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from domain.capture import Cue
from edge.timeline import ACTIONS
from web.console.case_words import PARTS


class Asked(StrEnum):
    """On which side of the threshold a value is good."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    YES = "yes"
    NONE_FOUND = "none_found"
    SOME = "some"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """`about` says what it means when it fails."""

    title: str
    about: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCheck:
    """One check as it is shown."""

    code: str
    title: str
    about: str
    measured: str
    wanted: str
    ok: bool
    at_ms: int | None


def _most(title: str, about: str) -> CheckWords:
    return CheckWords(title=title, about=about, asked=Asked.AT_MOST)


def _least(title: str, about: str) -> CheckWords:
    return CheckWords(title=title, about=about, asked=Asked.AT_LEAST)


def _as(asked: Asked, title: str, about: str) -> CheckWords:
    return CheckWords(title=title, about=about, asked=asked)


_CUES = {
    Cue.ENCODER_TAG: ("编码标记", "文件由剪辑或推流软件写成"),
    Cue.CONTAINER_UNLIKE_CLIENT: ("文件格式", "不是这种手机会录出的格式"),
    Cue.STEADY_CLOCK: ("帧间隔", "时间过于整齐，不像摄像头"),
    Cue.REPEATED_FRAMES: ("重复画面", "同一画面反复出现或循环"),
    Cue.NOISE_MISSING: ("画面噪点", "没有摄像头应有的噪点"),
    Cue.PROMPT_REACTION: ("反应快慢", "动作来得太快或每次一样快"),
    Cue.VIRTUAL_CAMERA: ("摄像头名称", "自称是虚拟摄像头"),
    Cue.SIZE_UNLIKE_CLIENT: ("画面尺寸", "不是这种手机会有的尺寸"),
    Cue.MOIRE: ("屏幕网纹", "像是翻拍屏幕"),
    Cue.STRAIGHT_EDGES: ("直边", "身前有屏幕或纸张的边"),
    Cue.PALE_COLOURS: ("肤色深浅", "比自拍淡得多，像是印刷品"),
    Cue.PASSIVE_MODEL: ("翻拍模型", "模型认为是翻拍（仅供参考）"),
}
CHECKS: Mapping[str, CheckWords] = MappingProxyType(
    {
        "recorded_live": _as(Asked.YES, "当场录制", "从相册选的视频可能是任何一天的"),
        "references": _least("登记照片数", "没有登记照片就无从比对"),
        "models": _as(Asked.SOME, "比对模型", "没有记下用的是哪个模型"),
        "open_leads": _as(Asked.NONE_FOUND, "未了结的疑点", "有疑点的人不自动通过"),
        "selfie_faults": _as(Asked.NONE_FOUND, "自拍质量问题", "太暗、模糊、没有正对等"),
        "selfie_match": _least("自拍与登记照片", "越接近 1 越像"),
        "selfie_anchor": _least("自拍与最初的登记照片", "只像后来的自拍还不够"),
        "clip": _as(Asked.YES, "有视频", "没有视频，看不出是不是活人"),
        "clip_faults": _as(Asked.NONE_FOUND, "视频质量问题", "太暗、模糊、看不到脸等"),
        "frames": _least("视频画面数", "画面太少，动作看不准"),
        "face_fraction": _least("看得到脸的画面", "脸常常不在画面里"),
        "clip_match": _least("视频与登记照片", "越接近 1 越像"),
        "clip_anchor": _least("视频与最初的登记照片", "只像后来的自拍还不够"),
        "selfie_to_clip": _least("自拍与视频", "可能不是同一张脸"),
        "same_person": _least("视频前后是一个人", "中途可能换了人"),
        "stillness": _most("画面静止程度", "几乎不动，像是照片"),
        "depth": _least("脸的立体感", "转头时鼻子不突出，像是平面"),
        "one_recording": _most("一段录成", "中间有断点，可能是拼接"),
        "earlier_clip": _most("与以前视频的相同程度", "到 1 就是同一段录像"),
        "light_seen": _least("屏幕颜色看得清", "环境光太强时看不清，不算疑点"),
        "light_follows": _least("脸上颜色跟着屏幕变", "颜色对不上，像是录像"),
        "light_ratio": _least("脸比背景更亮", "整个画面一起变色，像是翻拍"),
        "second_selfie": _most("第二模型看自拍", "距离越小越像"),
        "second_clip": _most("第二模型看视频", "距离越小越像"),
        "steps": _least("要求的动作数", "要求的动作太少"),
        "step_kinds": _least("动作种类", "种类太少，证明力不够"),
        "unasked_actions": _as(Asked.NONE_FOUND, "没有要求的动作", "可能是别的录像"),
        **{f"cue_{cue}": _most(title, about) for cue, (title, about) in _CUES.items()},
    }
)
_STEP = re.compile(r"step_(\d+)_(\w+)")
_PART = re.compile(r"(\w+)_match")
_PERCENT = frozenset({"face_fraction"})


def words_of(name: str) -> CheckWords | None:
    """Find a check's words; None for a check that nobody named."""
    if name in CHECKS:
        return CHECKS[name]
    step = _STEP.fullmatch(name)
    if step is not None and step[2] in ACTIONS:
        return _least(f"第 {step[1]} 个动作：{ACTIONS[step[2]]}", "没有看到，或不在要求的时候")
    part = _PART.fullmatch(name)
    if part is not None and part[1] in PARTS:
        return _least(f"{PARTS[part[1]]}与登记照片", "越接近 1 越像")
    return None


def said(check: Mapping[str, Any]) -> SaidCheck:
    """Put a check into words. One that nobody named shows its code, and is never hidden."""
    name = check["name"]
    found = words_of(name) or _as(Asked.SOME, name, "")
    return SaidCheck(
        code=name,
        title=found.title,
        about=found.about,
        measured=_measured(name, check["value"], found.asked),
        wanted=_wanted(name, check["threshold"], found.asked),
        ok=check["ok"],
        at_ms=check.get("at_ms"),
    )


def _measured(name: str, value: float | None, asked: Asked) -> str:
    if value is None:
        return "测不出"
    if asked is Asked.YES:
        return "是" if value else "否"
    return _number(name, value)


def _wanted(name: str, threshold: float | None, asked: Asked) -> str:
    if asked is Asked.YES:
        return "应为是"
    if asked is Asked.NONE_FOUND:
        return "应为 0"
    if threshold is None:
        return "应有" if asked is Asked.SOME else ""
    side = "不高于" if asked is Asked.AT_MOST else "不低于"
    return f"{side} {_number(name, threshold)}"


def _number(name: str, value: float) -> str:
    if name in _PERCENT:
        return f"{value:.0%}"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
