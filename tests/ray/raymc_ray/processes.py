"""Finds and ends the processes of a session, by pid and never by name.

A process belongs to a session if the session's folder is in its environment, which every process of Ray inherits, or if it descends
from the session's keeper. Signals go through a pidfd that was opened before the check, so that a reused pid is never hit.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from raymc_ray.events import FOLDER_VARIABLE

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Makes this process the parent of every descendant whose own parent ends."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Asks the kernel to kill this process when the thread that started it ends. Runs between fork and exec."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def all_pids() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def stat(pid: int) -> tuple[str, int] | None:
    """State and parent of a process; None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return fields[0], int(fields[1])


def marked(pid: int, folder: Path) -> bool:
    """Whether a process carries the folder in its environment."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"{FOLDER_VARIABLE}={folder}".encode() in environment.split(b"\0")


def children(pid: int) -> list[int]:
    """The children of a process that have not ended."""
    found = []
    for other in all_pids():
        known = stat(other)
        if known and known[1] == pid and known[0] != "Z":
            found.append(other)
    return found


def _descends(pid: int, ancestor: int) -> bool:
    for _ in range(64):
        known = stat(pid)
        if not known or known[1] <= 1:
            return False
        pid = known[1]
        if pid == ancestor:
            return True
    return False


def members(folder: Path, ancestor: int | None) -> list[int]:
    """The living processes of a session, zombies left out."""
    found = []
    for pid in all_pids():
        if pid == os.getpid():
            continue
        known = stat(pid)
        if known and known[0] != "Z" and (marked(pid, folder) or (ancestor is not None and _descends(pid, ancestor))):
            found.append(pid)
    return found


def send(pid: int, number: signal.Signals, folder: Path | None = None, ancestor: int | None = None) -> bool:
    """Sends a signal; with a folder only if the process is still one of the session. False if it has gone."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if folder is not None and not (marked(pid, folder) or (ancestor is not None and _descends(pid, ancestor))):
            return False
        signal.pidfd_send_signal(handle, number)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def reap() -> None:
    """Takes leave of every child that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def sweep(folder: Path, ancestor: int | None, seconds: float = 20.0) -> list[int]:
    """Kills all processes of a session, those that appear meanwhile as well. Returns those that could not be ended."""
    end = time.monotonic() + seconds
    while True:
        left = members(folder, ancestor)
        for pid in left:
            send(pid, signal.SIGKILL, folder, ancestor)
        reap()
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.01)
