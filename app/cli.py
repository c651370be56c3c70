"""`jianzai`: one command for the county's operator. `jianzai COMMAND --help` explains each."""

import typer

from app.commands import (
    attacks,
    audit,
    demo,
    enrol,
    evaluate,
    imports,
    models,
    replay,
    running,
    speech,
    staff,
)
from app.console import refuse_politely
from app.verify_command import verify

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
app.command()(verify)
app.command()(enrol.enrol)
app.command()(replay.replay)
app.command()(demo.demo)
app.add_typer(models.app, name="models")
app.add_typer(attacks.app, name="attacks")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(imports.app, name="import")
app.add_typer(audit.app, name="audit")
app.add_typer(speech.app, name="speech")
app.add_typer(staff.app, name="staff")


def main() -> None:
    """Run the command line."""
    with refuse_politely():
        app()


if __name__ == "__main__":
    main()
