"""docker-compose.yml is valid by compose's own reading, and each promise is really checked."""

import re
from pathlib import Path

import pytest

from tools.check_compose import (
    COMPOSE_FILE,
    EXAMPLE_FILE,
    compose_config,
    dummy_environment,
    faults,
    required_variables,
)

TEXT = COMPOSE_FILE.read_text(encoding="utf-8")
EXAMPLE = EXAMPLE_FILE.read_text(encoding="utf-8")

SECRETS = {
    "JIANZAI_DB_OWNER_PASSWORD",
    "JIANZAI_DB_APP_PASSWORD",
    "JIANZAI_S3_ACCESS_KEY",
    "JIANZAI_S3_SECRET_KEY",
    "JIANZAI_KEYRING_DIR",
}

# what is changed, into what, and a word of the fault that has to be reported
BREACHES = [
    ("read_only: true", "read_only: false", "root file system"),
    ("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "capabilities"),
    ("cap_drop: [ALL]", "cap_drop: [ALL]\n  cap_add: [SYS_ADMIN]", "capabilities"),
    ('security_opt: ["no-new-privileges:true"]', "security_opt: []", "gain privileges"),
    ('user: "10001:10001"', 'user: "0:0"', "runs as root"),
    ('    user: "999:999"\n', "", "runs as root"),
    ("memory: 2G, pids: 400", "memory: 2G", "limits"),
    ("haproxy:3.2.4-alpine", "haproxy:latest", "not pinned"),
    ("postgres:18.4-bookworm", "postgres", "not pinned"),
    ("networks: [seaweed]", "networks: [seaweed]\n    ports: ['127.0.0.1:1:8888']", "publishes"),
    ("networks: [seaweed]", "networks: [seaweed]\n    expose: ['8888']", "exposes"),
    ("JIANZAI_PUBLISH:-127.0.0.1:8000", "JIANZAI_PUBLISH:-8000", "beyond this machine"),
    ("networks: [seaweed]", "networks: [seaweed, objects]", "past its gate"),
    ("networks: [database, objects]", "networks: [database, seaweed]", "past its gate"),
    ("objects: { internal: true }", "objects: {}", "not internal"),
    ("networks: [database]\n", "networks: [edge]\n", "not internal"),
    ("      - -ip.bind=127.0.0.1\n", "", "-ip.bind"),
    ("      - -s3.config=/etc/seaweedfs/s3.json\n", "", "anyone may write"),
    ("      - -filer\n", "      - -filer\n      - -webdav=true\n", "another port"),
    ('    user: "99:99"\n', '    user: "99:99"\n    network_mode: host\n', "refuses"),
    ('    user: "99:99"\n', '    user: "99:99"\n    pid: host\n', "shares the host"),
    ('    user: "99:99"\n', '    user: "99:99"\n    privileged: true\n', "privileged"),
    (
        "POSTGRES_PASSWORD_FILE: /run/secrets/db_owner_password",
        "POSTGRES_PASSWORD: changeme",
        "written down",
    ),
    (
        "JIANZAI_STORE: s3",
        "JIANZAI_STORE: s3\n  JIANZAI_TOKEN: ${JIANZAI_TOKEN:-changeme}",
        "default",
    ),
    ("jianzai_app:${JIANZAI_DB_APP_PASSWORD:?", "jianzai_app:pw@postgres/${X:?", "written down"),
    ('"secretKey": "${JIANZAI_S3_SECRET_KEY:?', '"secretKey": "abc", "x": "${X:?', "written down"),
    ("    healthcheck:\n      test: [CMD, pg_isready", "    x-old:\n      test: [CMD, x", "health"),
    ("services:\n", "services:\n  web: { imagee: nginx:1 }\n", "refuses"),
]


def test_the_shipped_file_has_no_fault() -> None:
    assert faults(TEXT, EXAMPLE) == []


def test_the_secrets_and_the_key_ring_have_to_be_given() -> None:
    assert set(required_variables(TEXT)) == SECRETS


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_compose_refuses_the_file_without_a_secret_and_names_it(name: str) -> None:
    environment = dummy_environment(TEXT)
    environment.pop(name)
    answer = compose_config(TEXT, environment)
    assert answer.returncode != 0
    assert name in answer.stderr


@pytest.mark.parametrize(
    ("old", "new", "word"), BREACHES, ids=[f"{b[2]}-{n}" for n, b in enumerate(BREACHES)]
)
def test_a_planted_breach_is_reported(old: str, new: str, word: str) -> None:
    assert old in TEXT
    assert any(word in fault for fault in faults(TEXT.replace(old, new), EXAMPLE))


def test_a_variable_with_a_default_secret_is_noticed_as_no_longer_required() -> None:
    text = re.sub(r"\$\{JIANZAI_S3_SECRET_KEY:\?[^}]*\}", "${JIANZAI_S3_SECRET_KEY:-s3cr3t}", TEXT)
    found = faults(text, EXAMPLE)
    assert any("default" in fault for fault in found)


def test_the_example_lists_every_variable_and_gives_none_a_value() -> None:
    assert any(
        "JIANZAI_PUBLISH" in f for f in faults(TEXT, EXAMPLE.replace("JIANZAI_PUBLISH", "X"))
    )
    filled = EXAMPLE.replace("JIANZAI_S3_ACCESS_KEY=", "JIANZAI_S3_ACCESS_KEY=abc")
    assert any("a value" in fault for fault in faults(TEXT, filled))


def test_every_folder_the_image_copies_exists(request: pytest.FixtureRequest) -> None:
    root = Path(request.config.rootpath)
    dockerfile = (root / "docker/Dockerfile").read_text(encoding="utf-8")
    allowed = (root / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8")
    copies = re.findall(r"^COPY (?!--from)(?:--chmod=\d+ )?(.+) \S+$", dockerfile, re.MULTILINE)
    sources = [source for line in copies for source in line.split()]
    assert sources
    for source in sources:
        assert (root / source).exists(), source
        assert f"!{source}" in allowed, source
