"""The way around the console: what each seat is offered, in the order of a working day."""

from dataclasses import dataclass

from domain.roles import Permission
from web.console.session import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One place. `key` is the access key that leads there (Alt, or Alt-Shift)."""

    title: str
    path: str
    permission: Permission
    key: str = ""


ENTRIES: tuple[Entry, ...] = (
    Entry(title="今日", path="/", permission=Permission.SIGNED_IN, key="1"),
    Entry(title="审核", path="/queue", permission=Permission.REVIEW_READ, key="2"),
    Entry(title="第二人复核", path="/proposals", permission=Permission.REVIEW_READ),
    Entry(title="复核申请", path="/appeals", permission=Permission.REVIEW_READ),
    Entry(title="联系名单", path="/contacts", permission=Permission.VISIT_READ, key="5"),
    Entry(title="等待上门", path="/visits", permission=Permission.VISIT_READ),
    Entry(title="人员", path="/people", permission=Permission.REGISTRY_READ, key="4"),
    Entry(title="质量", path="/quality", permission=Permission.QUALITY_READ),
    Entry(title="政策", path="/policy", permission=Permission.POLICY_READ),
    Entry(title="账号", path="/staff", permission=Permission.STAFF_READ),
    Entry(title="审计", path="/audit", permission=Permission.AUDIT_READ),
    Entry(title="系统", path="/system", permission=Permission.SYSTEM_READ),
)


def entries(desk: Desk) -> tuple[Entry, ...]:
    """List what a seat may see."""
    return tuple(entry for entry in ENTRIES if desk.may(entry.permission))
