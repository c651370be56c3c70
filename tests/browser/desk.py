"""Somebody at an office PC: signs in with both factors, reads, types, presses keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from domain.regions import DivisionPath
from domain.roles import Role, needs_second_factor
from services import accounts, second_factor
from storage.crypto.one_time_codes import STEP_S, code_at, new_secret
from storage.db.repositories import accounts as rows
from tests.browser import looking
from tests.browser.installation import Installation
from tests.certification_world import PASSWORD, Account, County

OFFICE_PC = (1366, 768)
TABLET = (1024, 768)
PATIENCE_MS = 30_000
AXE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(kw_only=True)
class Desk:
    """One browser window in an office. `strangers` are requests that left the installation."""

    page: Page
    address: str
    account: Account
    scripts: bool = True
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        scheme = urlsplit(request.url).scheme
        if scheme in {"http", "https", "ws"} and not request.url.startswith(self.address):
            self.strangers.append(request.url)

    def opens(self, path: str) -> None:
        """Go to a page of the console."""
        self.page.goto(f"{self.address}/office{path}")

    def clicks(self, name: str) -> None:
        """Press what is called so: a button or a link."""
        button = self.page.get_by_role("button", name=name, exact=False)
        link = self.page.get_by_role("link", name=name, exact=False)
        button.or_(link).first.click()

    def types(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(text)

    def reads(self, text: str) -> None:
        """Find a sentence on the screen."""
        expect(self.page.locator("body")).to_contain_text(text)

    def misses(self, text: str) -> None:
        """Find that a sentence is not on the screen."""
        expect(self.page.locator("body")).not_to_contain_text(text)

    def looks(self, name: str) -> None:
        """Keep pictures on a PC and on a tablet; fail when the page shuts somebody out.

        Where no script runs axe cannot either: the same page is looked at with scripts elsewhere.
        """
        looking.SEEN.mkdir(exist_ok=True)
        for width, height in (TABLET, OFFICE_PC):
            self.page.set_viewport_size({"width": width, "height": height})
            picture = looking.SEEN / f"office-{name}-{width}.png"
            self.page.screenshot(path=picture, full_page=True)
            assert looking.overflow(self.page) <= 0, f"{name} is wider than {width} px"
        if self.scripts:
            assert looking.violations(self.page, AXE) == [], name

    def must_be_clean(self) -> None:
        """No script failed, the page's policy stopped nothing, nobody else was asked."""
        assert self.errors == []
        assert self.strangers == []


@contextmanager
def at_desk(
    browser: Browser, made: Installation, account: Account, *, scripts: bool = True
) -> Iterator[Desk]:
    """Sit down at a PC and sign in as people do; whoever leaves it leaves it clean."""
    context: BrowserContext = browser.new_context(
        viewport={"width": OFFICE_PC[0], "height": OFFICE_PC[1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    try:
        desk = Desk(page=context.new_page(), address=made.address, account=account, scripts=scripts)
        _sign_in(desk, made)
        yield desk
        desk.must_be_clean()
    finally:
        context.close()


def _sign_in(desk: Desk, made: Installation) -> None:
    desk.opens("/login")
    desk.page.fill("input[name=login]", desk.account.login)
    desk.page.fill("input[name=password]", PASSWORD)
    desk.page.click("button.primary")
    if needs_second_factor(desk.account.role):
        desk.page.fill("input[name=code]", _code(made, desk.account))
        desk.page.click("button.primary")
    expect(desk.page.locator("header.side")).to_be_visible()


def hire(made: Installation, role: Role, division: DivisionPath, name: str) -> Account:
    """Open an account whose second factor is set up already."""
    county = County(backend=made.backend)
    account = county.staff(role, division, name=name)
    if needs_second_factor(role):
        secret = new_secret()
        member = accounts.access_of(made.backend, account.token(made.backend)).member
        with made.backend.unit(accounts.actor_of(member), accounts.scope_of(member)) as unit:
            second_factor.add(made.backend, unit, account.id, secret)
            kept = rows.factor_of(unit.session, account.id)
            assert kept is not None
            rows.use_step(unit.session, kept.id, 1, unit.now)
    return account


def _code(made: Installation, account: Account) -> str:
    """What the account's authenticator shows: the next one that was not used."""
    member = accounts.StaffMember(
        id=account.id,
        login=account.login,
        display_name="",
        role=account.role.value,
        division_path=account.division,
    )
    with made.backend.unit(accounts.actor_of(member), accounts.scope_of(member)) as unit:
        kept = rows.factor_of(unit.session, account.id)
        assert kept is not None
        secret = made.backend.staff_secrets.open(kept.secret_sealed, account.id)
        now = int(unit.now.timestamp()) // STEP_S
        ahead = max(0, kept.last_step + 1 - now)
        return code_at(secret, unit.now + timedelta(seconds=STEP_S * ahead))
