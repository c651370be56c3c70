"""Each house rule reports a planted breach, lets the right form pass, and heeds its escape."""

from pathlib import Path

import pytest

from tools.lint.__main__ import inspect, main
from tools.lint.rules import RULES
from tools.lint.source import read_source

LONG_BODY = "\n".join(f"    step_{n} = {n}" for n in range(41))
ROUTE_BODY = "\n".join(f"    step_{n} = {n}" for n in range(16))
ROUTE = '@router.post("/x", dependencies=[requires(Permission.X)])\n'

TITLE = '[preset]\nregion = "990101"\n'
ENTRY = '[[cycle.months]]\nvalue = 12\neffective_from = 2021-01-01\nbasis = "clause 2"\n'

# rule, file, the line that breaks it (marked by <<), the same thing done right
CASES = [
    ("one-commit", "services/review.py", "session.commit()<<", "unit.audit(action)"),
    ("one-commit", "storage/db/engine.py", "session.rollback()<<", "session.flush()"),
    (
        "one-commit",
        "services/review.py",
        "with sessions.begin() as s:<<\n    pass",
        "with unit_of_work(sessions) as unit:\n    pass",
    ),
    ("sql-home", "services/review.py", "from sqlalchemy import select<<", "from x import select"),
    (
        "sql-home",
        "app/cli.py",
        'import sqlalchemy as sa\nq = sa.text("select 1")<<',
        'q = label.text("select 1")',
    ),
    ("sql-home", "worker/reap.py", 'cursor.execute("delete from jobs")<<', "reap(unit)"),
    (
        "unit-scope",
        "api/deps.py",
        "UnitDep = Annotated[Unit, Depends(get_unit)]<<",
        'UnitDep = Annotated[Unit, Depends(get_unit, scope="function")]',
    ),
    (
        "unit-scope",
        "api/deps.py",
        'UnitDep = Annotated[Unit, Depends(staff_unit, scope="request")]<<',
        "StaffDep = Annotated[Staff, Depends(current_staff)]",
    ),
    (
        "http-home",
        "services/review.py",
        "from fastapi import HTTPException<<",
        "from domain.errors import AppError",
    ),
    (
        "http-home",
        "services/review.py",
        "import http\nx = http.HTTPStatus.OK<<",
        "x = Kind.CONFLICT",
    ),
    ("http-home", "services/review.py", "refuse(status_code=409)<<", "refuse(Kind.CONFLICT)"),
    (
        "http-home",
        "worker/tasks.py",
        "if answer.status in {409, 412}:<<\n    pass",
        "if state.status == 'open':\n    pass",
    ),
    (
        "route-permission",
        "api/routers/review.py",
        '@router.post("/reviews")<<\ndef take(): ...',
        '@router.post("/reviews", dependencies=[requires(Permission.REVIEW)])\ndef take(): ...',
    ),
    (
        "route-permission",
        "api/main.py",
        '@app.get("/healthz", dependencies=[Depends(log_in)])<<\ndef health(): ...',
        '@app.get("/healthz", dependencies=[public("liveness probe")])\ndef health(): ...',
    ),
    (
        "route-permission",
        "api/main.py",
        'router.add_api_route("/x", endpoint)<<',
        'router.add_api_route("/x", endpoint, dependencies=[own_session()])',
    ),
    (
        "log-fields",
        "services/review.py",
        'log.info(f"{name} failed")<<',
        'log.info("review.taken", review=review.id, reason=reason)',
    ),
    ("log-fields", "worker/tasks.py", 'log.info("retry", full_name=x)<<', "log_in(full_name=x)"),
    ("log-fields", "worker/tasks.py", 'log.info("retry %s", x)<<', 'log.info("retry", job=x)'),
    ("log-fields", "worker/tasks.py", 'log.info("retry", **extra)<<', 'logs.add("retry", **extra)'),
    ("log-fields", "worker/tasks.py", 'log.info("retry", job=f"{x}")<<', 'log.error("retry")'),
    ("log-fields", "app/logging.py", "log.bind(phone=x)<<", "log.bind(job=x)"),
    (
        "log-fields",
        "app/cli.py",
        'structlog.get_logger().info("x", score=1)<<',
        'structlog.get_logger().info("x", count=1)',
    ),
    (
        "lazy-raise",
        "storage/db/models/people.py",
        'visits = relationship("Visit")<<',
        'visits = relationship("Visit", lazy="raise")',
    ),
    (
        "function-size",
        "domain/decision.py",
        f"def decide():<<\n{LONG_BODY}",
        "def decide():\n    return 1",
    ),
    (
        "function-size",
        "api/routers/x.py",
        f"{ROUTE}def create():<<\n{ROUTE_BODY}",
        f"{ROUTE}def create():\n    return 1",
    ),
    (
        "function-size",
        "worker/tasks.py",
        f"@queue.task(name='x')\ndef decide():<<\n{ROUTE_BODY}",
        f"def decide():\n{ROUTE_BODY}",
    ),
    (
        "policy-basis",
        "policies/regions/990101.toml",
        f"{TITLE}{ENTRY}\n[[cycle.months]]<<\nvalue = 6\neffective_from = 2021-11-01\n",
        f"{TITLE}{ENTRY}",
    ),
    (
        "policy-basis",
        "policies/national.toml",
        f"{TITLE}[[face.accept]]<<\nvalue = 0.45\nbasis = 'x'\neffective_from = '2021'\n",
        f"{TITLE}{ENTRY}",
    ),
]


def breaches(root: Path, path: str, text: str) -> list[tuple[str, int]]:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return [(breach.rule, breach.line) for breach in inspect(read_source(root, file))]


def marked_line(text: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if line.endswith("<<"))


def name_of(case: tuple[str, str, str, str]) -> str:
    return f"{case[0]}-{case[2].splitlines()[0][:30]}"


@pytest.mark.parametrize(("rule", "path", "wrong", "right"), CASES, ids=map(name_of, CASES))
def test_a_planted_breach_is_named_with_its_line_and_the_right_form_passes(
    tmp_path: Path, rule: str, path: str, wrong: str, right: str
) -> None:
    assert breaches(tmp_path, path, wrong.replace("<<", "")) == [(rule, marked_line(wrong))]
    assert breaches(tmp_path, path, right) == []


@pytest.mark.parametrize(("rule", "path", "wrong", "right"), CASES, ids=map(name_of, CASES))
def test_a_lint_skip_on_the_line_or_the_line_above_excuses_that_rule_only(
    tmp_path: Path, rule: str, path: str, wrong: str, right: str
) -> None:
    other = next(name for name in RULES if name != rule)
    above = [
        f"# lint-skip: {rule}\n{line[:-2]}" if line.endswith("<<") else line
        for line in wrong.splitlines()
    ]
    assert breaches(tmp_path, path, wrong.replace("<<", f"  # lint-skip: {rule}")) == []
    assert breaches(tmp_path, path, "\n".join(above)) == []
    misnamed = breaches(tmp_path, path, wrong.replace("<<", f"  # lint-skip: {other}"))
    assert sorted(name for name, _ in misnamed) == sorted([rule, "stale-skip"])
    assert breaches(tmp_path, path, right) == []


def test_every_rule_has_a_planted_breach() -> None:
    assert {case[0] for case in CASES} == set(RULES)


def test_a_skip_that_excuses_nothing_is_itself_a_breach(tmp_path: Path) -> None:
    text = "x = 1  # lint-skip: one-commit\n"
    assert breaches(tmp_path, "services/x.py", text) == [("stale-skip", 1)]


def test_a_skip_inside_a_string_excuses_nothing(tmp_path: Path) -> None:
    text = 'session.commit("# lint-skip: one-commit")\n'
    assert breaches(tmp_path, "services/x.py", text) == [("one-commit", 1)]


def test_the_unit_of_work_may_commit_and_storage_may_speak_sql(tmp_path: Path) -> None:
    assert breaches(tmp_path, "services/unit_of_work.py", "session.commit()\n") == []
    text = "from sqlalchemy import select, text\nq = select(text('1'))\n"
    assert breaches(tmp_path, "storage/db/repositories/x.py", text) == []


def test_a_policy_value_outside_any_entry_has_no_basis(tmp_path: Path) -> None:
    found = breaches(tmp_path, "policies/national.toml", f"cycle_months = 12\n{TITLE}{ENTRY}")
    assert {rule for rule, _ in found} == {"policy-basis"}
    dated = f"{TITLE}[cycle]\nbasis = 'x'\neffective_from = 2021-01-01\nmonths = 12\n"
    assert breaches(tmp_path, "policies/national.toml", dated) == []


def test_word_lists_beside_the_presets_need_no_basis(tmp_path: Path) -> None:
    text = '[headers]\nname = ["姓名"]\n[words]\nrow = "行"\n'
    assert breaches(tmp_path, "policies/import/words.toml", text) == []
    assert breaches(tmp_path, "policies/regions/990101.toml", text) != []
    assert breaches(tmp_path, "policies/extra.toml", f"{TITLE}{text}") != []


def test_a_long_file_is_a_breach_in_the_product_and_not_in_tests(tmp_path: Path) -> None:
    text = "x = 1\n" * 401
    assert breaches(tmp_path, "domain/long.py", text) == [("function-size", 1)]
    assert breaches(tmp_path, "tests/domain/test_long.py", text) == []
    assert breaches(tmp_path, "domain/long.py", "x = 1\n" * 400) == []


def test_a_function_of_exactly_forty_lines_passes(tmp_path: Path) -> None:
    body = "\n".join(f"    x{n} = {n}" for n in range(39))
    assert breaches(tmp_path, "domain/x.py", f"def f():\n{body}\n") == []
    assert breaches(tmp_path, "domain/x.py", f"def f():\n{body}\n    y = 1\n") != []


def test_the_command_prints_place_and_rule_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "services/x.py"
    file.parent.mkdir()
    file.write_text("\nsession.commit()\n")
    assert main([], root=tmp_path) == 1
    assert capsys.readouterr().out.startswith("services/x.py:2: one-commit: ")


def test_the_command_fails_when_it_finds_nothing_to_inspect(tmp_path: Path) -> None:
    assert main([], root=tmp_path) == 2
