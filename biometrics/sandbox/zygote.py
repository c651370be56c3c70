"""A small process that imported the decoder once and forks a sealed child for each piece of media.

It has no models, no keys and no files open. It lives as long as the control socket on its standard
input does. Started by `biometrics.sandbox.decoder`.
"""

import os
import socket

import cv2

from biometrics.sandbox import child, seal
from biometrics.sandbox.wire import REPORT, REQUEST_BYTES, SEALED, UNSEALED, Record, Task


def main() -> None:
    """Serve until the parent hangs up."""
    cv2.setNumThreads(1)
    seal.prepare()
    control = socket.socket(fileno=0)
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, REQUEST_BYTES, 1)
        if not request:
            return
        channel = socket.socket(fileno=descriptors[0])
        pid = os.fork()
        if pid == 0:
            _run_child(control, channel, request)
        channel.close()
        _, status, usage = os.wait4(pid, 0)
        control.sendall(REPORT.pack(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss))


def _run_child(control: socket.socket, channel: socket.socket, request: bytes) -> None:
    """Never returns: whatever happens in here ends this process and no other."""
    code = 1
    try:
        control.close()
        content = child.read_all(channel)
        kind = SEALED if seal.seal() else UNSEALED
        channel.sendall(Record(kind=kind).packed())
        if request[:1] == Task.PHOTO.value:
            child.decode_photo(channel, content, request[1])
        else:
            child.decode_clip(channel, content)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
