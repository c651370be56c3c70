"""Reasons and states in words that can be read aloud; from the registry in `field_app_spec`."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from domain.attempt import AttemptState
from services.attempt_status import AttemptStatus

REGISTRY = Path(__file__).parents[1] / "field_app_spec" / "reason_codes.json"

_STATES = {
    AttemptState.SUBMITTED: ("材料已收到,正在核对。", "请稍等一会儿再查看结果。"),
    AttemptState.PASSED: ("认证成功。", "不用再做什么了,请放心。"),
    AttemptState.CERTIFIED: ("工作人员已核对,认证成功。", "不用再做什么了,请放心。"),
    AttemptState.IN_REVIEW: ("材料已收到,工作人员会来核对。", "不用再做什么,等通知就可以。"),
    AttemptState.ASKED_AGAIN: ("工作人员请您再拍一次。", "请再做一次,也可以请亲属帮忙。"),
    AttemptState.VISIT_SENT: ("村里的工作人员会上门看望您。", "请在家等候,不用跑腿。"),
    AttemptState.REFERRED: ("您的情况需要进一步核实。", "请联系乡镇社保中心,待遇不会因此停发。"),
    AttemptState.RETRY: ("这次没有看清。", "请再试一次。"),
}


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Return the registered reasons: code -> {say, do, next_channel}."""
    return {entry["code"]: entry for entry in json.loads(REGISTRY.read_text("utf-8"))}


def of_status(status: AttemptStatus) -> tuple[str, str]:
    """Return what to say and what to do; a person who may try again hears what was wrong."""
    if status.state is AttemptState.RETRY and status.reasons:
        first = reasons()[status.reasons[0]]
        return first["say"], first["do"]
    return _STATES[status.state]


def for_the_person(status: AttemptStatus) -> Sequence[str]:
    """Return the reason codes the person can act on. A suspicion is for the reviewer alone."""
    return status.reasons if status.state is AttemptState.RETRY else ()
