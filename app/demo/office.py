"""Who works in the demo township: a seat of every kind, and one village that has no officer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.demo.county import COUNTY, TOWN
from app.demo.log_ins import Login, Seat, open_account
from domain.regions import DivisionPath
from domain.roles import Role
from services.accounts import StaffMember
from services.backend import Backend

OTHER_TOWN = DivisionPath("990101101")
VILLAGES = {
    "990101100001": "东街村",
    "990101100002": "新华村",
    "990101100003": "河沿社区",
    "990101100004": "柳树湾村",
    "990101101001": "上坪村",
    "990101101002": "桥头村",
    "990101101003": "茶亭村",
    "990101101004": "石井村",
}
WITHOUT_OFFICER = "990101101003"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Everybody who works in the demo, by log-in."""

    logins: dict[str, Login]
    seats: dict[str, Seat]

    @classmethod
    def opened(cls, backend: Backend, ago: timedelta, seats: Iterable[Seat]) -> "Office":
        """Open the accounts of these seats, so long ago."""
        by_login = {seat.login: seat for seat in seats}
        logins = {seat.login: open_account(backend, seat, opened=ago) for seat in by_login.values()}
        return cls(logins=logins, seats=by_login)

    def member(self, login: str) -> StaffMember:
        """Return somebody as the services know them."""
        seat = self.seats[login]
        return StaffMember(
            id=self.logins[login].id,
            login=login,
            display_name=seat.title,
            role=seat.role.value,
            division_path=seat.division,
        )

    def signed_in(self, login: str, at: datetime) -> StaffMember:
        """Return somebody in a session of that moment, the password just given."""
        return replace(self.member(login), confirmed_at=at)

    def visitor(self, village: str) -> StaffMember:
        """Return who knocks at a village's doors: its officer, else a clerk of its township."""
        for login, seat in self.seats.items():
            if seat.division == village:
                return self.member(login)
        return self.member("clerk" if village.startswith(TOWN) else "clerk3")


def _officers() -> tuple[Seat, ...]:
    return tuple(
        Seat(
            login="officer" if number == 1 else f"officer{number}",
            role=Role.VILLAGE_OFFICER,
            division=DivisionPath(path),
            title=f"{name}协办员",
        )
        for number, (path, name) in enumerate(VILLAGES.items(), start=1)
        if path != WITHOUT_OFFICER
    )


_CLERK, _HEAD, _BUREAU = Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD, Role.COUNTY_BUREAU
SEATS: tuple[Seat, ...] = (
    Seat(login="clerk", role=_CLERK, division=TOWN, title="城关镇经办 方敏"),
    Seat(login="clerk2", role=_CLERK, division=TOWN, title="城关镇经办 石磊"),
    Seat(login="head", role=_HEAD, division=TOWN, title="城关镇社保中心主任 龚平"),
    Seat(login="clerk3", role=_CLERK, division=OTHER_TOWN, title="青石镇经办 尹芳"),
    Seat(login="clerk4", role=_CLERK, division=OTHER_TOWN, title="青石镇经办 段勇"),
    Seat(login="head2", role=_HEAD, division=OTHER_TOWN, title="青石镇社保中心主任 白静"),
    Seat(login="bureau", role=_BUREAU, division=COUNTY, title="县社保局 常青"),
    Seat(login="bureau2", role=_BUREAU, division=COUNTY, title="县社保局 温和"),
    Seat(login="admin", role=Role.COUNTY_ADMIN, division=COUNTY, title="县级系统管理员"),
    Seat(login="inspector", role=Role.INSPECTOR, division=COUNTY, title="石桥县稽核"),
    *_officers(),
)
