"""A loopback TCP proxy with the faults of a bad network, changed while it runs."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

_PIECE_BYTES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Nothing set: a plain proxy. Faults hold for connections and bytes from now on."""

    refuse: bool = False
    black_hole: bool = False
    drop_reply: bool = False
    latency_s: float = 0
    bytes_per_s: float = 0
    cut_after_bytes: int = 0


class Way(StrEnum):
    """Which way a piece of a connection goes."""

    UP = "up"
    DOWN = "down"


Judge = Callable[[Way, bytes], bool]
"""Sees every piece before it is forwarded; at a `False` the connection is cut instead."""


class FaultProxy:
    """Forwards 127.0.0.1:`port` to `target` on a thread of its own, past `passes`."""

    def __init__(self, target_port: int, passes: Judge | None = None) -> None:
        self.faults = Faults()
        self._passes = passes or (lambda _way, _piece: True)
        self.connections = 0
        self.port = 0
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stopping = asyncio.Event()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.faults.refuse:
            _reset(writer)
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            _reset(writer)
            return
        try:
            await asyncio.gather(
                self._requests(reader, up_writer, writer), self._replies(up_reader, writer)
            )
        except (asyncio.CancelledError, ConnectionAbortedError):
            pass  # the test is over
        finally:
            _close(writer)
            _close(up_writer)

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
    ) -> None:
        sent = 0
        while piece := await _read(reader):
            await self._hold_up(piece)
            sent += len(piece)
            is_cut = self.faults.cut_after_bytes and sent >= self.faults.cut_after_bytes
            if is_cut or not self._passes(Way.UP, piece):
                _reset(client)
                break
            await _write(writer, piece)
        _close(writer)

    async def _replies(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await _read(reader):
            await self._hold_up(piece)
            if self.faults.drop_reply or not self._passes(Way.DOWN, piece):
                _reset(writer)
                return
            await _write(writer, piece)
        _close(writer)

    async def _hold_up(self, piece: bytes) -> None:
        if self.faults.black_hole:
            await self._stopping.wait()
            raise ConnectionAbortedError  # what a hole swallowed never comes out again
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        if self.faults.bytes_per_s:
            await asyncio.sleep(len(piece) / self.faults.bytes_per_s)


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(_PIECE_BYTES)
    except OSError:
        return b""


async def _write(writer: asyncio.StreamWriter, piece: bytes) -> None:
    try:
        writer.write(piece)
        await writer.drain()
    except OSError:
        _close(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _close(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        writer.close()
