"""A worker has a core to itself, not more: its arithmetic starts no threads of its own."""

import os
import subprocess
import sys

import pytest

THREADS = """
from pathlib import Path
import app.commands.running
import numpy as np
square = np.ones((512, 512))
square @ square
status = Path("/proc/self/status").read_text(encoding="ascii")
print(next(line.split()[1] for line in status.splitlines() if line.startswith("Threads:")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads where Linux tells them")
def test_the_worker_command_computes_in_one_thread() -> None:
    bare = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    counted = subprocess.check_output([sys.executable, "-c", THREADS], env=bare, text=True)
    assert int(counted) == 1
