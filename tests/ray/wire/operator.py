"""The process that starts the cluster and the drivers, and does to their processes what it is told.

    python -m wire.operator

It is not behind the wire itself: what it asks the GCS is nobody's schedule.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from raymc_ray import behind, cluster, events, loopback, plan, processes
from wire import parts


class Operator:
    """`wires` has the environment of the shim, by node; empty without a wire."""

    def __init__(self, folder: Path) -> None:
        said = json.loads((folder / "stage.json").read_text())
        self._plan = plan.from_json(said["plan"])
        self._wires: list[dict[str, str]] = said["wires"]
        self._node_environment: list[dict[str, str]] = said["node_environment"]
        self._folder = folder
        self._cluster = cluster.Cluster(self._plan, folder)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._began = False

    def answers(self) -> parts.Answers:
        return {
            "start": self.start,
            "join": self.join,
            "begin_join": self.begin_join,
            "driver": self.driver,
            "signal_raylet": self.signal_raylet,
            "signal": self.signal,
            "reap": self.reap,
            "kill_gcs": self.kill_gcs,
            "start_gcs": self.start_gcs,
            "drain": self.drain,
            "nodes": self.nodes,
            "node_id": self.node_id,
            "resources": self.resources,
            "memory": self.memory,
            "jobs": self.jobs,
            "ended": self.ended,
        }

    def start(self) -> dict[str, Any]:
        """All nodes that are not late."""
        with self._behind(0):
            self._cluster.begin()
            for index, node in enumerate(self._plan.nodes):
                if not node.late:
                    self.join(index)
        return {"address": self._cluster.address, "logs": str(self._cluster.logs)}

    def join(self, index: int) -> str:
        with self._behind(index):
            self._cluster.join(index)
        return self._cluster.node_id(index)

    def begin_join(self, index: int) -> None:
        """Starts a node without waiting until the GCS knows it. The thread stays, because the raylet would end with it."""

        def join() -> None:
            self._cluster.join(index)
            threading.Event().wait()

        with self._behind(index):
            started = threading.Thread(target=join, daemon=True)
            started.start()
            before = set(processes.children(os.getpid()))
            events.until(lambda: len(set(processes.children(os.getpid())) - before) > 0, 20.0)

    def node_id(self, index: int) -> str:
        return self._cluster.node_id(index)

    def driver(self, name: str, node: int, at: int, environment: dict[str, str]) -> int:
        """A driver process behind the wire as `node`, connected to the raylet with index `at`."""
        own = {**os.environ, **(self._wires[node] if self._wires else {}), **environment}
        command = [sys.executable, "-m", "wire.player", name, self._cluster.address, self._cluster.node_id(at)]
        with open(self._folder / f"{name}.out", "wb") as output:
            self._children[name] = subprocess.Popen(command, env=own, stdout=output, stderr=subprocess.STDOUT)
        return self._children[name].pid

    def signal_raylet(self, index: int, number: int, reap: bool) -> int:
        pid = self._cluster.raylet_pid(index)
        self._cluster.signal_raylet(index, signal.Signals(number), reap=reap)
        if reap and number == signal.SIGKILL:
            events.until(lambda: self._cluster.reap_one(index), 10.0)
        return pid

    def signal(self, pid: int, number: int) -> bool:
        """To a process of this session alone."""
        sent = processes.send(pid, signal.Signals(number), self._folder)
        if number == signal.SIGKILL:
            for child in self._children.values():
                if child.pid == pid:
                    child.wait(10)
        return sent

    def reap(self) -> list[int]:
        return self._cluster.reap()

    def kill_gcs(self) -> int:
        pid = self._cluster.gcs_pid()
        self._cluster.kill_gcs()
        return pid

    def start_gcs(self) -> int:
        with self._behind(0):
            self._cluster.start_gcs()
        return self._cluster.gcs_pid()

    def drain(self, index: int, preemption: bool, deadline_ms: int) -> tuple[bool, str]:
        return self._cluster.drain(index, preemption, deadline_ms)

    def nodes(self) -> list[dict[str, Any]]:
        """The node table as the GCS tells it: id, whether alive, why dead."""
        return [
            {"id": row["NodeID"], "alive": bool(row["Alive"]), "reason": row.get("DeathReason"), "text": row.get("DeathReasonMessage", "")}
            for row in self._cluster.node_table()
        ]

    def resources(self) -> dict[str, dict[str, float]]:
        """CPUs of each living node, by id: total and free, as the GCS sees them."""
        return self._cluster.cpus()

    def memory(self) -> dict[str, float]:
        """Bytes in use in the object store of each living node, by id, as the GCS sees them."""
        return self._cluster.memory_in_use()

    def jobs(self) -> dict[str, bool]:
        """Which jobs have ended, as the GCS sees them, by id."""
        return self._cluster.jobs()

    def ended(self, name: str) -> int | None:
        """The exit status of a driver, None while it runs."""
        return self._children[name].poll()

    def _behind(self, index: int) -> behind.Environment:
        """What is started meanwhile is behind the wire, as a process of that node."""
        wire = self._wires[index] if self._wires else {}
        return behind.Environment({**wire, **(self._node_environment[index] if self._node_environment else {})})


def main() -> None:
    folder = Path(os.environ[events.FOLDER_VARIABLE])
    file = os.open(folder / "operator.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    loopback.stay_on_loopback()
    loopback.without_agents()
    parts.serve("operator", Operator(folder).answers(), in_threads=lambda do: do == "drain")
    os._exit(0)


if __name__ == "__main__":
    main()
