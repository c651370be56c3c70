"""What staff read on lists of people and on the page of a person."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.listing import Column, Due, OpenWork, Order
from domain.opening import OpenReason
from domain.visit_request import Progress, SentBy
from services.registry import ChangeReason
from web.console.case_words import PARTS

DUES = {
    Due.CURRENT: "有效",
    Due.DUE_SOON: "即将到期",
    Due.OVERDUE: "已逾期",
    Due.NEVER: "尚未认证",
}
WORKS = {OpenWork.REVIEW: "待审核", OpenWork.LEAD: "有疑点", OpenWork.APPEAL: "申请复核"}
ORDERS = {Order.DUE: "到期先后", Order.REGISTERED: "登记先后"}
COLUMNS = {
    Column.ID_NUMBER: "身份证号",
    Column.PHONE: "电话",
    Column.AGE: "年龄",
    Column.RESIDENCE: "居住地",
    Column.HOUSEHOLD: "户籍地",
    Column.SCHEMES: "险种",
    Column.KEY_GROUPS: "重点人群",
    Column.VALID_UNTIL: "有效期至",
    Column.CHANNEL: "上次方式",
    Column.FLAGS: "提示",
}
FLAGS = {"suspended": "待遇暂停", "unreachable": "联系不上", "erased": "（已依法删除）"}
REASONS = {
    OpenReason.CALL: "打电话联系本人",
    OpenReason.VISIT: "准备上门",
    OpenReason.AT_THE_WINDOW: "本人在窗口办事",
    OpenReason.REVIEW: "审核需要",
    OpenReason.APPEAL: "答复复核申请",
    OpenReason.CORRECTION: "核对、更正资料",
    OpenReason.INSPECTION: "稽核检查",
    OpenReason.OTHER: "其他（请写明）",
}
VISIT_STATES = {
    Progress.ASKED: "等待安排",
    Progress.ASSIGNED: "等待上门",
    Progress.DONE: "已上门",
}
FILES = {**PARTS, "reference": "登记底照", "other": "其他材料"}
CHANGE_REASONS = {
    ChangeReason.TOLD_BY_PERSON: "本人告知",
    ChangeReason.TOLD_BY_FAMILY: "家属告知",
    ChangeReason.FOUND_ON_VISIT: "上门发现",
    ChangeReason.TYPING_ERROR: "录入有误",
}
CHANGED = {"phone": "电话"}
SENT = {
    SentBy.REVIEW: "审核后安排",
    SentBy.APPEAL: "复核后安排",
    SentBy.STAFF: "工作人员安排",
}
CONSENTS = {"certification": "认证", "enrolment": "登记底照"}
SETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "due": {key.value: said for key, said in DUES.items()},
        "work": {key.value: said for key, said in WORKS.items()},
        "order": {key.value: said for key, said in ORDERS.items()},
        "flag": FLAGS,
        "visit_state": {key.value: said for key, said in VISIT_STATES.items()},
        "file": FILES,
        "changed": CHANGED,
        "change_reason": {key.value: said for key, said in CHANGE_REASONS.items()},
        "visit_reason": {key.value: said for key, said in SENT.items()},
        "consent": CONSENTS,
        "open_reason": {key.value: said for key, said in REASONS.items()},
        "column": {key.value: said for key, said in COLUMNS.items()},
    }
)
