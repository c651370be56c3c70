"""The HTTP server: its socket first, so that a taken port is known before anything is started."""

import errno
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from app.container import CannotStart
from app.reachable import Tls

BACKLOG = 2048
DRAIN_S = 10
"""How long a stop waits for requests that are under way."""


def bind(host: str, port: int) -> socket.socket:
    """Take the address; port 0 takes a free one. Raises `CannotStart`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotStart(f"cannot listen on {host}: {error.strerror}") from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        # Phones that come while the database starts wait in the queue, they are not turned away.
        taken.listen(BACKLOG)
    except OSError as error:
        taken.close()
        raise CannotStart(_refusal(error, host, port)) from error
    return taken


def _refusal(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken: end what listens there, or choose with --port"
    return f"cannot listen on {host}:{port}: {error.strerror}"


def address_of(taken: socket.socket, *, scheme: str = "http", host: str | None = None) -> str:
    """Return the address that the socket answers at, under its own host or another."""
    own, port = taken.getsockname()[:2]
    name = own if host is None else host
    return f"{scheme}://[{name}]:{port}" if ":" in name else f"{scheme}://{name}:{port}"


class Server(uvicorn.Server):
    """Says when it answers, and stops when it is told to."""

    def __init__(
        self,
        app: Any,
        *,
        trusted_proxies: str,
        on_ready: Callable[[], None],
        tls: Tls | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,  # or its own handlers would write what ours leave out
                access_log=False,
                server_header=False,
                proxy_headers=True,
                forwarded_allow_ips=trusted_proxies,
                backlog=BACKLOG,
                timeout_graceful_shutdown=DRAIN_S,
                ws="none",
                ssl_certfile=tls.certificate if tls else None,
                ssl_keyfile=tls.key if tls else None,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    def stop(self) -> None:
        """End after the requests under way."""
        self.should_exit = True
