"""Runs the page's scripts outside a browser, with the Node that comes along with Playwright."""

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

from web.phone.static_files import FOLDER

NODE = compute_driver_executable()[0]


def run(body: str, *modules: str, given: Any = None) -> Any:
    """Run `body` with the modules' names in reach; `answer(…)` is what comes back."""
    imports = "".join(
        f"import * as {name.removesuffix('.js')} from {json.dumps((FOLDER / name).as_uri())};\n"
        for name in modules
    )
    script = (
        f"{imports}const given = {json.dumps(given)};\n"
        "const answer = (found) => console.log(JSON.stringify(found));\n"
        f"{body}\n"
    )
    return json.loads(_node(script))


def check(path: Path) -> None:
    """Read a script as a module, without running it."""
    _node(path.read_text("utf-8"), "--check")


def _node(script: str, *options: str) -> str:
    ran = subprocess.run(
        [NODE, *options, "--input-type=module", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
