"""Who is who on the wire: the processes of a cluster by pid, and the process that listens at a port.

The shim writes the book (see shim.c), so that a process is known although it has ended, and its pid although nobody asked in time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

GCS, RAYLET, WORKER, DRIVER, OTHER = "gcs", "raylet", "worker", "driver", "other"


@dataclass(frozen=True)
class Process:
    """One process. `incarnation` counts the processes of the same role and node from 1: a restarted GCS is the second."""

    role: str
    node: int
    pid: int
    incarnation: int
    started: int = 0  # ticks since the machine's start, 0 if unknown

    def __str__(self) -> str:
        return f"{self.role}{self.node}:{self.pid}"


UNKNOWN = Process(OTHER, 0, 0, 1)


def role_of(command: str) -> str:
    """What a command line says of its process."""
    program = command.split(" ")[0]
    if program.endswith("gcs_server"):
        return GCS
    if program.endswith("raylet/raylet"):
        return RAYLET
    if "default_worker.py" in command or command.startswith("ray::"):
        return WORKER
    if "idle_agent.py" in command or "agent.py" in command or "wire.operator" in command:
        return OTHER
    return DRIVER if "python" in program else OTHER


@dataclass
class Book:
    """Reads the shim's file as it grows."""

    path: Path
    _offset: int = 0
    _processes: dict[int, Process] = field(default_factory=dict)
    _listeners: dict[str, int] = field(default_factory=dict)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def process(self, pid: int) -> Process:
        """The process with this pid; of role `other` if no program began under it."""
        if pid not in self._processes:
            self.read()
        return self._processes.get(pid) or Process(OTHER, 0, pid, 1)

    def listener(self, place: int | str) -> Process:
        """The process that began to listen at this port, or at this path, last."""
        self.read()
        pid = self._listeners.get(str(place))
        return self.process(pid) if pid is not None else UNKNOWN

    def processes(self, role: str, node: int | None = None) -> list[Process]:
        """All processes of a role, oldest first, those that have ended as well."""
        self.read()
        return [each for each in self._processes.values() if each.role == role and node in (None, each.node)]

    def read(self) -> None:
        """Takes in the lines that are new."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            self._take(line)

    def _take(self, line: str) -> None:
        kind, _, rest = line.partition(" ")
        if kind == "listens":
            pid, place = rest.split(" ", 1)
            self._listeners[place] = int(pid)
        elif kind == "process":
            number, node, started, command = rest.split(" ", 3)
            role = role_of(command)
            key = (role, int(node))
            self._counts[key] = self._counts.get(key, 0) + 1
            self._processes.pop(int(number), None)  # a pid that is used again: the new process comes last
            self._processes[int(number)] = Process(role, int(node), int(number), self._counts[key], int(started))
