"""Records and verdicts of the audit trail as lines: on a page, in a file, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.errors import AppError
from edge.csv_lines import BOM, csv_line
from services.accounts import StaffMember
from services.audit_check import Step, Verdict
from services.audit_search import Export, Record
from web.console import chain_drawing, pages, words
from web.console.refusals import words_of

_VALUES = {
    "acts": "action",
    "channel": "channel",
    "method": "method",
    "outcome": "outcome",
    "role": "role",
    "scheme": "scheme",
    "verdict": "verdict",
}
"""Details whose values are codes of a closed set, and the set."""
_COLUMNS = ("链", "序号", "时间", "操作人", "操作人编号", "事项", "事项代码", "内容")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record in words. `details` are label and value."""

    seq: int
    at: str
    actor: str
    actor_id: str
    action: str
    details: tuple[tuple[str, str], ...]


def line(record: Record, names: Mapping[UUID, str]) -> Line:
    """Say a record in words; ids of staff in sight become names."""
    kind, _, who = record.actor.partition(":")
    return Line(
        seq=record.seq,
        at=pages.moment(record.at),
        actor=_actor(kind, who, names),
        actor_id=record.actor,
        action=words.word("action", record.action),
        details=tuple(
            (words.word("detail", name), _value(name, value, names))
            for name, value in record.details.items()
            if value is not None
        ),
    )


def _actor(kind: str, who: str, names: Mapping[UUID, str]) -> str:
    if kind == "system":
        name, _, operator = who.partition(":")
        said = words.word("system_name", name)
        return f"{said}（{operator}）" if operator else said
    found = _name(who, names)
    return found or words.word("actor_kind", kind)


def _value(name: str, value: object, names: Mapping[UUID, str]) -> str:
    if name.endswith("_sealed"):
        return "（加密保存）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_value(name, each, names) for each in value)
    text = str(value)
    found = _name(text.removeprefix("staff:"), names)
    if found:
        return f"{found}（{text}）"
    return words.word(_VALUES[name], text) if name in _VALUES else text


def _name(text: str, names: Mapping[UUID, str]) -> str | None:
    try:
        return names.get(UUID(text))
    except ValueError:
        return None


def file(taken: Export, member: StaffMember) -> Iterator[str]:
    """Write the lines of a file: who took it when, what was looked for, and every record."""
    yield BOM + csv_line(
        [
            "健在 审计记录",
            f"导出人 {member.display_name}（{member.login}）",
            f"导出时间 {pages.moment(taken.made_at)}",
            f"共 {taken.count} 条",
        ]
    )
    asked = [
        f"{words.word('detail', name)} {_value(name, value, {})}"
        for name, value in taken.conditions.items()
    ]
    yield csv_line(["条件", *asked])
    yield csv_line(_COLUMNS)
    for record, names in taken.records:
        said = line(record, names)
        details = "；".join(f"{label} {value}" for label, value in said.details)
        who = (said.at, said.actor, said.actor_id)
        yield csv_line([record.chain, record.seq, *who, said.action, record.action, details])


def progress(step: Step) -> str:
    """Say how far a verification is."""
    return _part("audit_step.html", step=step)


def verdict(found: Verdict) -> str:
    """Say what a verification came to, in words and in a picture."""
    return _part("audit_verdict.html", found=found, picture=chain_drawing.picture(found))


def broken_off(refusal: AppError) -> str:
    """Say that a verification could not be ended."""
    return _part("audit_broken_off.html", refusal=words_of(refusal))


def _part(template: str, **values: Any) -> str:
    return bytes(pages.part(template, **values).body).decode()
