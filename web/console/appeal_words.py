"""What staff read of appeals."""

from domain.appeal import AppealChannel, AppealOutcome
from domain.attempt import AttemptState
from domain.review import Verdict
from services.appeal_desk import Shelf

CHANNELS = {
    AppealChannel.PHONE_PAGE: "手机页面",
    AppealChannel.WINDOW: "窗口",
    AppealChannel.VILLAGE_OFFICER: "协办员转交",
    AppealChannel.LETTER: "来信",
    AppealChannel.HOTLINE: "12333 热线",
}
OUTCOMES = {
    AppealOutcome.CERTIFIED: "支持：认证通过",
    AppealOutcome.ASK_AGAIN: "支持：请本人再拍一次",
    AppealOutcome.SEND_VISIT: "支持：安排上门",
    AppealOutcome.STANDS: "维持原结果",
}
MARKS = {
    AppealOutcome.CERTIFIED: "good",
    AppealOutcome.ASK_AGAIN: "brand",
    AppealOutcome.SEND_VISIT: "brand",
    AppealOutcome.STANDS: "",
}
SHELVES = {Shelf.WAITING: "等待答复", Shelf.ANSWERED: "已答复"}
RESULTS = {
    AttemptState.SUBMITTED.value: "正在核对",
    AttemptState.PASSED.value: "自动通过",
    AttemptState.RETRY.value: "机器请本人再拍一次",
    AttemptState.IN_REVIEW.value: "还在审核",
    AttemptState.CERTIFIED.value: "认证通过",
    AttemptState.ASKED_AGAIN.value: "请本人再拍一次",
    AttemptState.VISIT_SENT.value: "安排上门",
    AttemptState.REFERRED.value: "列为疑点",
    Verdict.SEND_VISIT.value: "安排上门",
    Verdict.REFER_AS_LEAD.value: "列为疑点",
}
SAID = {
    AppealOutcome.CERTIFIED: "已答复，认证通过，有效期已更新。",
    AppealOutcome.ASK_AGAIN: "已答复，请本人再拍一次，次数重新计算。",
    AppealOutcome.SEND_VISIT: "已答复，已安排上门。",
    AppealOutcome.STANDS: "已答复，维持原结果。",
}
SETS = {
    "appeal_channel": {key.value: said for key, said in CHANNELS.items()},
    "appeal_outcome": {key.value: said for key, said in OUTCOMES.items()},
    "appeal_mark": {key.value: said for key, said in MARKS.items()},
    "result": RESULTS,
}
