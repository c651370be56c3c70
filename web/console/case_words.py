"""What a reviewer reads of a case: grounds, reasons and sources, plainly, for who has to judge.

To the person a suspicion is said gently (`field_app_spec/reason_codes.json`); who decides is told
what was found.
"""

from collections.abc import Mapping
from typing import Any

from domain.beneficiary import EntitlementStatus, KeyGroup, SuspensionCause
from domain.cycle import State
from domain.decision import Outcome
from domain.enrolment import Source
from domain.home_visit import VisitOutcome
from domain.review_grounds import VerdictGround
from domain.urgency import Urgency
from edge import words
from services.review_context import Tie
from services.reviews import ReviewState

URGENCIES = {
    Urgency.LATE: "已超期",
    Urgency.PRESSING: "今天该办",
    Urgency.FIRST: "优先",
    Urgency.USUAL: "一般",
}
URGENCY_MARKS = {
    Urgency.LATE: "bad",
    Urgency.PRESSING: "warn",
    Urgency.FIRST: "brand",
    Urgency.USUAL: "",
}
GROUNDS = {
    VerdictGround.SAME_AND_ALIVE: "图像和视频能对上，是本人且健在",
    VerdictGround.PHOTO_OUTDATED: "登记照片太旧，核对后确认是本人",
    VerdictGround.CONFIRMED_OTHERWISE: "图像不足为据，用其他方式确认了本人",
    VerdictGround.PICTURE_UNUSABLE: "光线、清晰度或角度不行，看不出",
    VerdictGround.TASK_INCOMPLETE: "动作没有做或没有做全",
    VerdictGround.CLIP_INCOMPLETE: "视频没有、中断或不是当场录的",
    VerdictGround.CANNOT_TELL: "远程判断不了，需要见面",
    VerdictGround.UNREACHABLE: "电话联系不上",
    VerdictGround.NEEDS_HELP: "本人操作有困难，需要上门协助",
    VerdictGround.OTHER_PERSON: "看起来不是本人",
    VerdictGround.NOT_LIVE: "像是翻拍、照片或旧录像",
    VerdictGround.DEATH_REPORTED: "有情况反映本人已去世",
    VerdictGround.DEVICE_SHARED: "同一设备或电话为多人认证，情况可疑",
}
KEY_GROUPS = {
    KeyGroup.ADVANCED_AGE: "高龄",
    KeyGroup.SEVERE_DISABILITY: "重残",
    KeyGroup.INCAPACITY: "失能",
}
SOURCES = {
    Source.ID_CARD_CHIP: "身份证芯片照",
    Source.POLICE_DATABASE: "公安库照片",
    Source.WINDOW_CAPTURE: "窗口采集",
    Source.OFFICER_VISIT: "上门采集",
    Source.ID_CARD_PHOTO: "身份证证面照",
    Source.STRONG_SELF_CERTIFICATION: "以往自助认证",
}
TIES = {
    Tie.SAME_PHONE: "同电话",
    Tie.SAME_DEVICE: "同设备",
    Tie.SAME_HELPER: "同一协助人",
}
STATES = {State.CURRENT: "在有效期内", State.DUE_SOON: "快到期", State.OVERDUE: "已过期"}
STATE_MARKS = {State.CURRENT: "good", State.DUE_SOON: "warn", State.OVERDUE: "bad"}
BENEFITS = {
    EntitlementStatus.ACTIVE: "正常发放",
    EntitlementStatus.SUSPENDED: "暂停发放",
    EntitlementStatus.TERMINATED: "已终止",
}
CAUSES = {
    SuspensionCause.UNCERTIFIED: "未通过认证",
    SuspensionCause.DUPLICATE: "重复领取",
    SuspensionCause.CUSTODY: "服刑",
    SuspensionCause.DEATH: "死亡",
    SuspensionCause.IMPERSONATION: "冒领",
    SuspensionCause.NO_CARD: "无社保卡",
    SuspensionCause.DUAL_HUKOU: "双重户籍",
    SuspensionCause.UNEXPLAINED: "不明原因",
}
OUTCOMES = {
    Outcome.PASS.value: "自动通过",
    Outcome.RETRY.value: "请重拍",
    Outcome.REVIEW.value: "转人工",
    VisitOutcome.CERTIFIED.value: "走访通过",
}
CASE_STATES = {
    ReviewState.WAITING: "待领取",
    ReviewState.CLAIMED: "审核中",
    ReviewState.PROPOSED: "待第二人",
    ReviewState.CERTIFIED: "已认证通过",
    ReviewState.ASKED_AGAIN: "已请本人重拍",
    ReviewState.VISIT_SENT: "已安排上门",
    ReviewState.REFERRED: "已列为疑点",
}
PARTS = {
    "selfie": "自拍",
    "video": "视频",
    "person": "本人照片",
    "person_2": "本人照片二",
    "person_3": "本人照片三",
    "person_4": "本人照片四",
    "person_with_id_card": "手持身份证",
    "doorway": "门口",
}
LEADS = {"referred_by_review": "审核时列为疑点", "reported_death": "有人反映去世"}
_PLAINLY = {
    "face_uncertain": "和登记照片像得不够，机器拿不准",
    "face_differs": "和登记照片不像",
    "selfie_not_in_clip": "自拍和视频里可能不是同一张脸",
    "no_reference": "没有登记照片可比",
    "no_clip": "没有视频",
    "no_challenge": "视频没有对应的动作要求",
    "clip_from_file": "视频是从相册选的，不是当场录的",
    "challenge_limited": "只要求了一种动作，证明力不够",
    "challenge_weak": "动作不明显或不在要求的时候",
    "challenge_blink_unseen": "没有看清眨眼",
    "depth_unseen": "转头不够，看不出脸的立体",
    "learnt_only": "只像后来的自拍，不像最初的登记照片",
    "light_unseen": "看不出屏幕颜色照在脸上",
    "light_doubtful": "脸上的屏幕颜色不清楚",
    "second_differs": "第二个比对模型认为不像",
    "flagged_by_lead": "此人有未了结的疑点",
    "tries_exhausted": "重拍次数已用完",
    "model_missing": "没有记录用的是哪个模型",
    "not_measured": "有检查项没能测出",
    "still_image": "画面几乎不动，像是照片",
    "person_changed": "视频前后可能换了人",
    "flat_face": "脸是平的，像是照片或屏幕",
    "clip_spliced": "视频中间有断点，可能是拼接的",
    "clip_seen_before": "和以前的一段视频几乎相同",
    "injection_suspected": "多处迹象表明视频不是摄像头当场录的",
    "screen_or_print": "画面像是翻拍屏幕或纸张",
    "light_contradicts": "脸上的颜色和屏幕闪的对不上",
    "challenge_missing": "要求的动作没有做",
    "challenge_unseen": "要求动作时看不到脸",
    "challenge_wrong_sequence": "做了没有要求的动作，或顺序不对",
    "visit_photo_seen_before": "照片在别处用过",
    "visit_place_doubtful": "定位可疑",
    "visit_flagged_by_lead": "此人有未了结的疑点",
    "visit_face_differs": "和登记照片不像",
    "visit_face_uncertain": "和登记照片像得不够，机器拿不准",
    "visit_photos_disagree": "几张照片里可能不是同一个人",
}


def reason(code: str) -> str:
    """Say why a case was flagged."""
    known = words.reasons().get(code)
    return _PLAINLY.get(code) or (known["say"] if known else code)


def reasons() -> list[str]:
    """List every reason that a case can be flagged for."""
    return [code for code in words.reasons() if not code.startswith("reference_")]


def _coded(entries: Mapping[Any, str]) -> dict[str, str]:
    return {getattr(key, "value", key): said for key, said in entries.items()}


SETS = {
    "urgency": _coded(URGENCIES),
    "urgency_mark": _coded(URGENCY_MARKS),
    "ground": _coded(GROUNDS),
    "key_group": _coded(KEY_GROUPS),
    "source": _coded(SOURCES),
    "tie": _coded(TIES),
    "state": _coded(STATES),
    "state_mark": _coded(STATE_MARKS),
    "benefit": _coded(BENEFITS),
    "cause": _coded(CAUSES),
    "outcome": OUTCOMES,
    "case_state": _coded(CASE_STATES),
    "part": PARTS,
    "lead": LEADS,
}
