"""The process that owns a session: it outlives its parent for as long as it takes to clean up.

    python -m raymc_ray.keeper SOCKET FOLDER COMMAND...

The parent holds the other end of the socket. When that end is closed, by an orderly end, by SIGINT or by SIGKILL of the parent, the keeper kills
every process of the session and removes its folder. Orphans become its children, so that no zombie stays. When the command ends by itself, the
keeper kills what the command has left, says "ended STATUS LEFT", and keeps the folder until the parent has taken what it wants.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from raymc_ray import processes
from raymc_ray.events import FOLDER_VARIABLE


def _wake_on_child() -> int:
    """A file that becomes readable when a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def _status_of(pid: int) -> int | None:
    """Reaps whatever has ended; the status of one child if it is among them."""
    found = None
    try:
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == 0:
                return found
            if ended == pid:
                found = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return found


def main(arguments: list[str]) -> int:
    parent, folder, command = int(arguments[0]), Path(arguments[1]), arguments[2:]
    os.set_inheritable(parent, False)
    processes.adopt_orphans()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # only the pipe ends a keeper, so that it always cleans up
    woken = _wake_on_child()
    environment = {**os.environ, FOLDER_VARIABLE: str(folder)}
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, preexec_fn=_as_a_child)
    try:
        ended = False
        while True:
            readable, _, _ = select.select([parent, woken], [], [])
            if parent in readable and not os.read(parent, 1):
                return 0
            if woken in readable:
                os.read(woken, 4096)
            status = _status_of(child.pid)
            if status is not None and not ended:
                ended = True
                left = processes.sweep(folder, os.getpid())
                _say(parent, f"ended {status} {len(left)}\n")
    finally:
        processes.sweep(folder, os.getpid())
        shutil.rmtree(folder, ignore_errors=True)


def _as_a_child() -> None:
    processes.die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _say(parent: int, line: str) -> None:
    try:
        os.write(parent, line.encode())
    except OSError:  # the parent has gone; the next read says so
        pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
