"""`jianzai staff`: the county opens accounts for itself, its townships and its officers."""

import getpass
import sys
from contextlib import closing
from typing import Annotated

import typer

from app import container
from app.clock import SystemClock
from app.console import err, misuse, print_json
from app.demo import log_ins
from app.settings import Settings
from domain.regions import parse_division
from domain.roles import Role
from services import accounts
from services.accounts import NewStaff

app = typer.Typer(help="Staff accounts.", no_args_is_help=True)


@app.command()
def create(
    login: Annotated[str, typer.Argument(help="Log-in name, lower case.")],
    name: Annotated[str, typer.Option(help="Display name.")],
    role: Annotated[Role, typer.Option(help="Seat that the account fills.")],
    division: Annotated[str, typer.Option(help="Division code of the seat, up to 12 digits.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print for a program.")] = False,
) -> None:
    """Open an account. The password is asked for, or read as one line from standard input."""
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise misuse("a password is needed: type it, or pipe it in")
    settings = Settings()
    with (
        container.database(settings) as where,
        closing(container.build_backend(settings, where.app_url)) as backend,
    ):
        new = NewStaff(
            login=login,
            display_name=name,
            role=role,
            division_path=parse_division(division),
            password=password,
        )
        staff_id = accounts.create_staff_from_console(backend, getpass.getuser(), new)
    if as_json:
        print_json({"id": str(staff_id), "login": login, "role": role.value})
        return
    err.print(f"opened {login} ({role.value}): {staff_id}")


@app.command("demo-code")
def demo_code(login: Annotated[str, typer.Argument(help="Log-in name of a demo account.")]) -> None:
    """Print the six digits that an authenticator app would show now, for a demo account only."""
    try:
        code = log_ins.demo_code(Settings().folder, login, SystemClock().now())
    except log_ins.NoDemoAccount as error:
        raise misuse(str(error)) from error
    typer.echo(code)
