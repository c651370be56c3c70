"""Policy in the words of an office: groups, keys with their units, values, and where a change is.

A test holds that every key and every value of a closed set has its words.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.calendar import MonthArithmetic
from domain.light import LightRule
from domain.policy_override import OverrideState
from domain.policy_values import RenewalModel, Scalar, Scheme
from domain.proposal import Answer
from domain.second_opinion import SecondOpinion

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "cycle": "认证周期",
        "face": "人脸比对",
        "liveness": "活体判断",
        "quality": "照片质量",
        "challenge": "拍摄动作",
        "attempt": "次数限制",
        "review": "人工复核",
        "appeal": "申诉",
        "contact": "联系本人",
        "helper": "亲属协助",
        "visit": "上门服务",
        "retention": "资料保存",
    }
)
KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "cycle.months": ("认证周期", "个月"),
        "cycle.arithmetic": ("月份算法", ""),
        "cycle.renewal": ("续期方式", ""),
        "cycle.quarterly": ("每个自然季度另须认证一次", ""),
        "cycle.due_soon_months": ("到期前多久开始提醒", "个月"),
        "face.accept": ("相似度：视为同一人的下限", ""),
        "face.review": ("相似度：可能是同一人的下限", ""),
        "face.references": ("自动通过所需参考照片", "张"),
        "face.growth_margin": ("增补参考照片须比通过线高出", ""),
        "face.growth_days": ("两次增补至少相隔", "天"),
        "face.growth_most": ("增补照片至多", "张"),
        "face.second_opinion": ("第二比对模型", ""),
        "face.second_distance": ("第二比对模型的距离上限", ""),
        "liveness.selfie_to_clip": ("视频与自拍的最低相似度", ""),
        "liveness.self_similarity": ("视频前后的最低相似度", ""),
        "liveness.stillness": ("相邻帧平均相似度上限", ""),
        "liveness.depth": ("鼻尖视差下限", ""),
        "liveness.likeness": ("与既往视频的相似度上限", ""),
        "liveness.face_fraction": ("恰有一张脸的帧的比例下限", ""),
        "liveness.frames": ("视频帧数下限", "帧"),
        "liveness.steps": ("须看清的动作", "个"),
        "liveness.distinct_actions": ("须看清的动作种类", "种"),
        "liveness.light_snr": ("屏幕颜色可辨程度下限", ""),
        "liveness.light_follows": ("颜色跟随程度下限", ""),
        "liveness.light_contradicts": ("低于此值视为另一段颜色", ""),
        "liveness.light_ratio": ("脸与背景变色之比下限", ""),
        "quality.min_face_px": ("自拍、上门照片中人脸宽度下限", "像素"),
        "quality.min_reference_face_px": ("参考照片中人脸宽度下限", "像素"),
        "quality.max_yaw_deg": ("照片左右转头上限", "度"),
        "challenge.steps": ("动作步数", "步"),
        "challenge.session_ttl_s": ("一次拍摄的有效时间", "秒"),
        "challenge.upload_grace_s": ("提交后补传时间", "秒"),
        "challenge.light": ("拍摄时屏幕显示颜色", ""),
        "attempt.tries_before_review": ("几次未成后转人工", "次"),
        "attempt.per_person_per_day": ("每人每日尝试上限", "次"),
        "attempt.per_device_per_day": ("每台手机每日尝试上限", "次"),
        "attempt.per_address_per_hour": ("每个网络地址每小时尝试上限", "次"),
        "attempt.subjects_per_device_per_day": ("每台手机每日认证人数上限", "人"),
        "review.target_working_days": ("办理目标", "个工作日"),
        "review.clock_working_days": ("最迟时限", "个工作日"),
        "review.claim_minutes": ("领取后未办结退回队列", "分钟"),
        "review.reread_share_percent": ("结论抽取盲读复核的比例", "%"),
        "appeal.answer_working_days": ("申诉答复期限", "个工作日"),
        "contact.attempts": ("认定联系不上前至少联系", "次"),
        "contact.channels": ("至少用几种方式联系", "种"),
        "contact.days": ("至少在几个不同的日子联系", "天"),
        "helper.max_bound": ("一人可协助的亲属上限", "人"),
        "helper.max_unbinds": ("可解除协助关系的上限", "次"),
        "helper.subjects_per_day": ("每日协助人数上限", "人"),
        "visit.request_working_days": ("上门服务期限", "个工作日"),
        "visit.photo_max_age_hours": ("上门照片最迟在拍摄后提交", "小时"),
        "visit.min_photos": ("上门照片至少", "张"),
        "visit.max_accuracy_m": ("定位精度上限", "米"),
        "retention.failed_clip_days": ("未通过视频保存", "天"),
        "retention.suspected_clip_days": ("涉疑视频保存", "天"),
        "retention.passed_clip_days_after_next": ("通过视频在下次认证后保存", "天"),
        "retention.best_frame_cycles": ("最佳帧与摘要保存", "个认证周期"),
        "retention.officer_location_days": ("经办人员位置保存", "天"),
        "retention.template_days_after_end": ("人脸特征在待遇终止后保存", "天"),
        "retention.consent_years_after_end": ("同意记录在待遇终止后保存", "年"),
    }
)
"""Key -> what it is called, and the unit of its value."""
CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cycle.arithmetic": {
            MonthArithmetic.EXACT_DAY: "对应日",
            MonthArithmetic.INCLUSIVE_MONTH: "含当月，至月末",
            MonthArithmetic.FOLLOWING_MONTH_END: "次月起算，至月末",
            MonthArithmetic.DAYS_365: "满 365 天",
            MonthArithmetic.BIRTHDAY_MONTH: "至下一个生日月末",
        },
        "cycle.renewal": {
            RenewalModel.ROLLING: "递延滚动",
            RenewalModel.EVERY_N_MONTHS: "每若干个月一次",
            RenewalModel.SERVICE_PERIOD: "认证服务期",
        },
        "face.second_opinion": {
            SecondOpinion.OFF: "不用",
            SecondOpinion.REVIEW: "意见相反时转人工",
        },
        "challenge.light": {
            LightRule.OFF: "不显示",
            LightRule.SHOWN: "显示，看不出颜色不影响结果",
            LightRule.REQUIRED: "显示，看不出颜色转人工",
        },
        "cycle.quarterly": {"true": "是", "false": "否"},
    }
)
"""Values of the keys that are no numbers."""
STATES: Mapping[str, str] = MappingProxyType(
    {
        OverrideState.PENDING: "待确认",
        OverrideState.SCHEDULED: "待生效",
        OverrideState.IN_FORCE: "生效中",
        OverrideState.ENDED: "已到期",
        OverrideState.RETURNED: "已退回",
        OverrideState.WITHDRAWN: "已撤回",
        OverrideState.LAPSED: "过期未确认",
    }
)
ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        Answer.CONFIRMED: "确认",
        Answer.RETURNED: "退回",
        Answer.WITHDRAWN: "撤回",
    }
)
SCHEMES = tuple(scheme.value for scheme in Scheme)
STATE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        OverrideState.PENDING: "warn",
        OverrideState.SCHEDULED: "brand",
        OverrideState.IN_FORCE: "good",
        OverrideState.LAPSED: "bad",
    }
)
"""The colour of a state's badge; the others are grey."""


def title(key: str) -> str:
    """Call a key by its name; one that is no more is shown as it is."""
    return KEYS.get(key, (key, ""))[0]


def shown(key: str, value: Scalar | None) -> str:
    """Write a value with its unit; a dash for one that is not known any more."""
    if value is None:
        return "—"
    typed = plain(value)
    if key in CHOICES:
        return CHOICES[key].get(typed, typed)
    unit = KEYS.get(key, ("", ""))[1]
    return f"{typed} {unit}".strip()


def plain(value: Scalar) -> str:
    """Write a value as a form sends it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
