"""Health of a container: `alive.py api` asks the API, `alive.py worker` asks for a heartbeat."""

import os
import sys
import urllib.request

import psycopg

HEARTBEAT = """
select 1 from procrastinate_workers
where last_heartbeat > now() - interval '60 seconds' limit 1
"""


def api_answers() -> bool:
    with urllib.request.urlopen("http://127.0.0.1:8000/v1/health/ready", timeout=4) as answer:
        return bool(answer.status == 200)


def a_worker_beats() -> bool:
    url = os.environ["JIANZAI_APP_DATABASE_URL"].replace("+psycopg", "", 1)
    with psycopg.connect(url, connect_timeout=4) as connection:
        return connection.execute(HEARTBEAT).fetchone() is not None


CHECKS = {"api": api_answers, "worker": a_worker_beats}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
