"""What staff read of the contact log."""

from domain.contact import ContactChannel, ContactOutcome, Reachability
from services.contact_worklist import Worklist

CHANNELS = {
    ContactChannel.CALL: "打电话",
    ContactChannel.SMS: "发短信",
    ContactChannel.LETTER: "寄信",
    ContactChannel.VISIT: "上门",
    ContactChannel.RELATIVE: "找亲属",
    ContactChannel.VILLAGE_NOTICE: "村里通知",
}
OUTCOMES = {
    ContactOutcome.REACHED: "联系上了",
    ContactOutcome.PROMISED: "答应来认证",
    ContactOutcome.NO_ANSWER: "没人接、没人在",
    ContactOutcome.WRONG_NUMBER: "号码或地址不对",
    ContactOutcome.REFUSED: "本人拒绝",
    ContactOutcome.MESSAGE_LEFT: "留了话",
}
MARKS = {
    ContactOutcome.REACHED: "good",
    ContactOutcome.PROMISED: "good",
    ContactOutcome.REFUSED: "warn",
}
REACHABILITIES = {Reachability.REACHED: "能联系上", Reachability.UNREACHABLE: "联系不上"}
WORKLISTS = {
    Worklist.UNTRIED: "还没联系",
    Worklist.TRIED: "联系过，没联系上",
    Worklist.UNREACHABLE: "联系不上",
}
EMPTY = {
    Worklist.UNTRIED: "快到期和逾期的人都联系过了。",
    Worklist.TRIED: "没有联系过又没联系上的人。",
    Worklist.UNREACHABLE: "没有标为联系不上的人。",
}
SETS = {
    "contact_channel": {key.value: said for key, said in CHANNELS.items()},
    "contact_outcome": {key.value: said for key, said in OUTCOMES.items()},
    "contact_mark": {key.value: MARKS.get(key, "") for key in OUTCOMES},
    "reachability": {key.value: said for key, said in REACHABILITIES.items()},
    "worklist": {key.value: said for key, said in WORKLISTS.items()},
}
