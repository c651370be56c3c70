"""Reasons and states in words that can be read aloud; from the registry in `field_app_spec`."""

import json
from functools import cache
from pathlib import Path

from domain.appeal import AppealOutcome
from domain.attempt import AttemptState
from domain.visit_request import Progress
from services.attempt_status import AttemptStatus

REGISTRY = Path(__file__).parents[1] / "field_app_spec" / "reason_codes.json"

_STATES = {
    AttemptState.SUBMITTED: ("材料已收到，正在核对。", "请稍等一会儿再查看结果。"),
    AttemptState.PASSED: ("认证成功。", "不用再做什么了，请放心。"),
    AttemptState.CERTIFIED: ("工作人员已核对，认证成功。", "不用再做什么了，请放心。"),
    AttemptState.IN_REVIEW: (
        "材料已收到，工作人员会来核对。",
        "不用再拍，等通知就可以；也可以预约上门或到窗口办理。",
    ),
    AttemptState.ASKED_AGAIN: ("工作人员请您再拍一次。", "请再做一次，也可以请亲属帮忙。"),
    AttemptState.VISIT_SENT: ("村里的工作人员会上门看望您。", "请在家等候，不用跑腿。"),
    AttemptState.REFERRED: (
        "工作人员还在为您核实。",
        "请等工作人员联系您，也可以到窗口办理。",
    ),
    AttemptState.RETRY: ("这次没有看清。", "请再试一次。"),
}
_VISITS = {
    Progress.ASKED: "已经记下，村里的工作人员会上门看望您。",
    Progress.ASSIGNED: "已经安排工作人员上门看望您。",
    Progress.DONE: "工作人员已经上门看望过您。",
}
_APPEALS = {
    None: "已经记下，会换一位工作人员再看一次。",
    AppealOutcome.CERTIFIED: "重新看过了，认证通过。",
    AppealOutcome.ASK_AGAIN: "重新看过了，请您再拍一次。",
    AppealOutcome.SEND_VISIT: "重新看过了，工作人员会上门看您。",
    AppealOutcome.STANDS: "重新看过了，结果没有变，可到窗口说明。",
}
VISIT_WANTED = "村里的工作人员会上门看望您，请在家等候。"


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Return the registered reasons: code -> {say, do, next_channel}."""
    return {entry["code"]: entry for entry in json.loads(REGISTRY.read_text("utf-8"))}


def of_visit(state: Progress) -> str:
    """Say how far a visit that was asked for has come."""
    return _VISITS[state]


def of_appeal(outcome: AppealOutcome | None) -> str:
    """Say what came of an appeal; None while it is open."""
    return _APPEALS[outcome]


def of_status(status: AttemptStatus) -> tuple[str, str]:
    """Return what to say and what to do; a person who may try again hears what was wrong."""
    if status.reasons:
        first = reasons()[status.reasons[0]]
        return first["say"], first["do"]
    return _STATES[status.state]
