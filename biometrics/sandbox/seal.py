"""What the decoding child may do: read and write what it has open, use memory and time up to a cap.

Taken in this order in the child: resource limits, no new privileges, death with the parent, and the
system-call filter. Without libseccomp the filter is left out and the caller is told.
"""

import ctypes
import resource
import signal
import sys
import tempfile
from functools import cache
from typing import Any

_MEMORY_BYTES = 1 << 30
_CPU_S = 15
_WALL_S = 60
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_SECCOMP_MODE_FILTER = 2
_INSTRUCTION_BYTES = 8
_EPERM = 1

_ALLOWED = (
    "read readv write writev close lseek fstat newfstatat mmap munmap mremap mprotect madvise brk "
    "recvfrom recvmsg sendto sendmsg poll ppoll select pselect6 fcntl "
    "futex sched_yield sched_getaffinity getpid gettid rseq set_robust_list get_mempolicy "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack "
    "clock_gettime clock_nanosleep nanosleep getrusage times getrandom exit exit_group"
)


class _Program(ctypes.Structure):
    """`struct sock_fprog`: a filter as the kernel takes it."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@cache
def _filter() -> bytes | None:
    """Compile the filter once, in the zygote, as that takes longer than to decode a small photo.

    None where there is no libseccomp.
    """
    try:
        import pyseccomp  # noqa: PLC0415  the import itself fails where the library is missing
    except (ImportError, OSError, RuntimeError):
        return None
    sieve = pyseccomp.SyscallFilter(pyseccomp.ERRNO(_EPERM))
    for name in _ALLOWED.split():
        try:
            sieve.add_rule(pyseccomp.ALLOW, name)
        except (ValueError, OSError):  # this processor has no such call
            continue
    with tempfile.TemporaryFile() as compiled:
        sieve.export_bpf(compiled)
        compiled.seek(0)
        return compiled.read()


@cache
def _prctl() -> Any:
    return ctypes.CDLL(None, use_errno=True).prctl


def prepare() -> None:
    """Do what can be done before the fork."""
    _filter()
    if sys.platform == "linux":
        _prctl()


def seal() -> bool:
    """Shut this process in for good; True when system calls are filtered too.

    Raises `OSError` when the kernel refuses a filter that could be compiled.
    """
    prepare()
    for kind, limit in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    signal.setitimer(signal.ITIMER_REAL, _WALL_S)  # its default action ends the process
    if sys.platform != "linux":
        return False
    prctl, sieve = _prctl(), _filter()
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if sieve is None:
        return False
    program = _Program(len(sieve) // _INSTRUCTION_BYTES, sieve)
    if prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refuses the system-call filter")
    return True
