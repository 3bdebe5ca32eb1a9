"""The parent's side of a keeper: starts one, waits for its session, takes the files, lets it clean up."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from raymc_ray import processes
from raymc_ray.places import PACKAGE_ROOT

_SUN_PATH_MAX = 107
_RAY_PATH = len("ray/session_2026-01-01_00-00-00_000000_1234567/sockets/plasma_store.12")  # the longest that Ray appends


class Kept:
    """A command in a short folder of its own; leaving the block ends every process of it and removes the folder.

    with Kept() as kept:
        status = kept.start(["python", "-m", "..."], environment).wait()
        shutil.copytree(kept.folder / "logs", ...)
    """

    def __init__(self) -> None:
        base = tempfile.gettempdir()
        if len(base) + len("/rmc-12345678/") + _RAY_PATH > _SUN_PATH_MAX:
            base = "/tmp"  # a unix socket's path has a limit
        self.folder = Path(tempfile.mkdtemp(prefix="rmc-", dir=base))
        self._socket, self._theirs = socket.socketpair()
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        processes.adopt_orphans()  # if the keeper itself is killed, its processes come here
        return self

    def start(self, command: list[str], environment: dict[str, str]) -> Kept:
        """Starts the keeper, which starts the command."""
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "raymc_ray.keeper", str(self._theirs.fileno()), str(self.folder), *command],
            env={**environment, "PYTHONPATH": str(PACKAGE_ROOT)},
            pass_fds=[self._theirs.fileno()],
            start_new_session=True,  # a terminal's interrupt is for us; we tell the keeper by closing the socket
        )
        self._theirs.close()
        return self

    def wait(self) -> int:
        """The command's exit status, negative for a signal, once all of its processes have ended."""
        answer = b""
        while not answer.endswith(b"\n"):
            part = self._socket.recv(256)
            if not part:
                raise RuntimeError("the session's keeper was killed")
            answer += part
        _, status, left = answer.decode().split()
        if left != "0":
            raise RuntimeError(f"{left} processes of the session cannot be ended; they hold {self.folder}")
        return int(status)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()
        if self._keeper is not None:
            self._keeper.wait()
        # The keeper has done this, unless it was killed.
        processes.sweep(self.folder, None)
        shutil.rmtree(self.folder, ignore_errors=True)
