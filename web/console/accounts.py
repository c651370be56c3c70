"""Accounts: who sits where, opened and closed by the county; and one's own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from domain.errors import AppError
from domain.regions import parse_division
from domain.roles import Permission, Role
from edge.errors import STATUS
from services import accounts, second_factor, staff_accounts, village_officers
from services.accounts import StaffMember
from services.staff_accounts import Listed, Seating, Wanted
from web.console import pages
from web.console.again import confirmed
from web.console.asked import Asked, asked_of
from web.console.forms import Posted, PostedForm
from web.console.refusals import words_of
from web.console.session import CurrentDesk, Desk, requires

router = APIRouter(tags=["accounts"])
OPEN, CLOSED = "open", "closed"
FILTERS = ("role", "place", "login", "state")


@router.get("/staff", dependencies=[requires(Permission.STAFF_READ)])
def staff(request: Request, desk: CurrentDesk) -> Response:
    """List the accounts in sight."""
    asked = asked_of(request)
    found = staff_accounts.page_of_staff(
        desk.backend, desk.member, _wanted(asked), after=asked.uuid_or_none("after")
    )
    return pages.page(
        request,
        desk,
        "staff.html",
        title="账号",
        found=found,
        kept=asked.kept(FILTERS),
        is_first=not asked.raw("after"),
        **_choices(desk),
    )


def _wanted(asked: Asked) -> Wanted:
    state, role = asked.raw("state"), asked.choice_or_none("role", Role)
    return Wanted(
        role=role.value if role else None,
        division=parse_division(asked.raw("place")) if asked.raw("place") else None,
        login=accounts.known_login(asked.text("login", most=64, needed=False)) or None,
        is_disabled={OPEN: False, CLOSED: True}.get(state),
    )


def _choices(desk: Desk) -> dict[str, Any]:
    return {
        "roles": list(Role),
        "to_open": staff_accounts.roles_to_open(desk.member),
        "seats": staff_accounts.seats_below(desk.backend, desk.member),
    }


@router.get("/villages", dependencies=[requires(Permission.SIGNED_IN)])
def villages(request: Request, desk: CurrentDesk) -> Response:
    """List the villages that no officer is named for."""
    after = asked_of(request).text("after", most=12, needed=False)
    found = village_officers.villages_without_officer(desk.backend, desk.member, after=after)
    return pages.page(
        request,
        desk,
        "villages.html",
        title="没有协办员的村",
        found=found,
        is_first=not after,
        may_open=Role.VILLAGE_OFFICER in staff_accounts.roles_to_open(desk.member),
    )


@router.get("/staff/new", dependencies=[requires(Permission.STAFF_CREATE)])
def ask_new(request: Request, desk: CurrentDesk) -> Response:
    """Ask who is to sit where."""
    return _form_page(request, desk, asked_of(request))


@router.post("/staff/new", dependencies=[requires(Permission.STAFF_CREATE)])
def open_account(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Open an account and show its first password, this once."""
    try:
        seating = Seating(
            login=form.text("login", most=64),
            display_name=form.text("display_name", most=40),
            role=form.choice("role", Role),
            division_path=parse_division(form.raw("place")),
        )
        opened = staff_accounts.open_account(desk.backend, confirmed(desk, form), seating)
    except AppError as refusal:
        return _form_page(request, desk, form, refusal=refusal)
    return pages.page(request, desk, "staff_opened.html", title="账号已开通", opened=opened)


def _form_page(
    request: Request, desk: Desk, typed: Posted, *, refusal: AppError | None = None
) -> Response:
    return pages.page(
        request,
        desk,
        "staff_new.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title="开通账号",
        typed=typed,
        refusal=words_of(refusal) if refusal else None,
        **_choices(desk),
    )


@router.get("/staff/{staff_id}", dependencies=[requires(Permission.STAFF_READ)])
def account(request: Request, desk: CurrentDesk, staff_id: UUID) -> Response:
    """Show one account and what can be done about it."""
    return _account_page(request, desk, staff_id)


@router.post("/staff/{staff_id}/close", dependencies=[requires(Permission.STAFF_CREATE)])
def close(request: Request, desk: CurrentDesk, staff_id: UUID, form: PostedForm) -> Response:
    """Close an account at once."""

    def act(by: StaffMember) -> str:
        accounts.disable_staff(desk.backend, by, staff_id)
        return "账号已停用，所有登录都已结束。"

    return _act(request, desk, staff_id, form=form, act=act)


@router.post("/staff/{staff_id}/unbind", dependencies=[requires(Permission.STAFF_CREATE)])
def unbind(request: Request, desk: CurrentDesk, staff_id: UUID, form: PostedForm) -> Response:
    """Take the second factor away from who lost it."""

    def act(by: StaffMember) -> str:
        second_factor.remove(desk.backend, by, staff_id)
        return "验证器已解除，下次登录时重新绑定。"

    return _act(request, desk, staff_id, form=form, act=act)


@router.post("/staff/{staff_id}/sign-out", dependencies=[requires(Permission.STAFF_CREATE)])
def end_sessions(request: Request, desk: CurrentDesk, staff_id: UUID, form: PostedForm) -> Response:
    """End every session of an account."""

    def act(by: StaffMember) -> str:
        ended = staff_accounts.end_sessions(desk.backend, by, staff_id)
        return f"已结束 {ended} 处登录。" if ended else "这个账号没有登录着。"

    return _act(request, desk, staff_id, form=form, act=act)


def _act(
    request: Request,
    desk: Desk,
    staff_id: UUID,
    *,
    form: Posted,
    act: Callable[[StaffMember], str],
) -> Response:
    # Out of sight comes before the password: a stranger's account is not there for anybody.
    staff_accounts.account(desk.backend, desk.member, staff_id)
    try:
        by = confirmed(desk, form)
        accounts.check_confirmed(by, desk.now)
        said = act(by)
    except AppError as refusal:
        return _account_page(request, desk, staff_id, refusal=refusal)
    return pages.go(request, f"/staff/{staff_id}", said=said)


def _account_page(
    request: Request, desk: Desk, staff_id: UUID, *, refusal: AppError | None = None
) -> Response:
    found: Listed = staff_accounts.account(desk.backend, desk.member, staff_id)
    return pages.page(
        request,
        desk,
        "staff_one.html",
        status=STATUS[refusal.kind] if refusal else 200,
        title=found.display_name,
        found=found,
        may_keep=staff_accounts.may_keep(desk.member, found) and found.disabled_at is None,
        now=desk.now,
        refusal=words_of(refusal) if refusal else None,
    )


@router.get("/me", dependencies=[requires(Permission.SIGNED_IN)])
def me(request: Request, desk: CurrentDesk) -> Response:
    """Show one's own account: password, second factor, where one is signed in."""
    return _own_page(request, desk)


@router.post("/me/password", dependencies=[requires(Permission.SIGNED_IN)])
def change_password(request: Request, desk: CurrentDesk, form: PostedForm) -> Response:
    """Change one's own password."""
    new = form.secret("new")
    if new != form.secret("again"):
        return _own_page(request, desk, mistyped=True)
    try:
        ended = staff_accounts.change_password(desk.backend, desk.access, form.secret("old"), new)
    except AppError as refusal:
        return _own_page(request, desk, refusal=refusal)
    elsewhere = f"，其他 {ended} 处登录已结束" if ended else ""
    return pages.go(request, "/me", said=f"密码已修改{elsewhere}。")


def _own_page(
    request: Request, desk: Desk, *, refusal: AppError | None = None, mistyped: bool = False
) -> Response:
    member = desk.member
    status = 422 if mistyped else 200
    return pages.page(
        request,
        desk,
        "me.html",
        status=STATUS[refusal.kind] if refusal else status,
        title="我的账号",
        sessions=staff_accounts.own_sessions(desk.backend, member),
        seat=staff_accounts.account(desk.backend, member, member.id),
        refusal=words_of(refusal) if refusal else None,
        mistyped=mistyped,
        min_password=accounts.MIN_PASSWORD,
        now=desk.now,
    )
