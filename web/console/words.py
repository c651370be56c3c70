"""Chinese words of closed sets, as staff read them.

A set that is shown has an entry here for each of its members; a test goes through them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.cycle import Channel
from domain.policy_values import Scheme
from domain.review import Method, Verdict
from domain.roles import Role
from web.console import (
    admin_words,
    appeal_words,
    case_words,
    contact_words,
    people_words,
    proposal_words,
    quality_words,
)

ROLES = {
    Role.VILLAGE_OFFICER: "村（社区）协办员",
    Role.TOWNSHIP_CLERK: "乡镇经办",
    Role.TOWNSHIP_HEAD: "乡镇负责人",
    Role.COUNTY_BUREAU: "县社保局",
    Role.COUNTY_ADMIN: "县系统管理员",
    Role.INSPECTOR: "稽核",
    Role.UNIT_OFFICER: "参保单位经办",
}
SCHEMES = {
    Scheme.RESIDENT_PENSION: "城乡居民养老",
    Scheme.EMPLOYEE_PENSION: "企业职工养老",
    Scheme.INSTITUTION_PENSION: "机关事业单位养老",
    Scheme.SURVIVOR_ALLOWANCE: "遗属待遇",
    Scheme.WORK_INJURY: "工伤长期待遇",
    Scheme.UNEMPLOYMENT: "失业",
}
CHANNELS = {
    Channel.DATA_MATCH: "数据比对",
    Channel.APP_SELF: "手机自助",
    Channel.HELPER: "亲属协助",
    Channel.ON_SITE: "现场",
    Channel.HOME_VISIT: "上门",
    Channel.COMMUNITY_EVENT: "社区活动",
    Channel.REMOTE: "异地协助",
    Channel.OFFICIAL: "公务核查",
}
METHODS = {
    Method.DOCUMENTS: "查验证件材料",
    Method.CALL_BACK: "电话回访",
    Method.KNOWLEDGE_QUESTIONS: "问询核实",
    Method.VISIT: "上门见面",
}
VERDICTS = {
    Verdict.CERTIFIED: "认证通过",
    Verdict.ASK_AGAIN: "请本人再拍一次",
    Verdict.SEND_VISIT: "安排上门",
    Verdict.REFER_AS_LEAD: "列为疑点",
}
SETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "role": {key.value: said for key, said in ROLES.items()},
        "scheme": {key.value: said for key, said in SCHEMES.items()},
        "channel": {key.value: said for key, said in CHANNELS.items()},
        "method": {key.value: said for key, said in METHODS.items()},
        "verdict": {key.value: said for key, said in VERDICTS.items()},
        **admin_words.SETS,
        **appeal_words.SETS,
        **case_words.SETS,
        **contact_words.SETS,
        **quality_words.SETS,
        **proposal_words.SETS,
        **people_words.SETS,
    }
)
"""Name of a set -> code -> word; templates ask `word("channel", code)`."""


def word(kind: str, code: str) -> str:
    """Say a code; one that is not known is shown as it is, never hidden."""
    return SETS[kind].get(code, code)
