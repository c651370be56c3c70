"""`jianzai`: one command for the county's operator. `jianzai COMMAND --help` explains each."""

import typer

from app.commands import audit, faces, models, running, staff
from app.commands.demo import demo
from app.verify_command import verify
from app.console import refuse_politely

app = typer.Typer(
    name="jianzai",
    help="Certify that social-insurance beneficiaries are alive and entitled (待遇资格认证).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(running.serve)
app.command()(running.worker)
app.command()(running.migrate)


def main() -> None:
    """Run the command line."""
    with refuse_politely():
        app()
