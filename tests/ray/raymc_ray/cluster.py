"""The raylets, the GCS and, if wanted, the redis of one session, all children of this process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from raymc_ray import behind, events, loopback, plan, processes

# Short health checks: a death is noticed within about two seconds. The plan may override each of them.
SHORT_CHECKS: dict[str, Any] = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 3,
    "prestart_worker_first_driver": False,
}
# By default workers have the lowest priority but four; on a busy machine they then take minutes to start.
_FAIR_PRIORITY = {"worker_niceness": 0}


class Cluster:
    """Started node by node, in the plan's order. Keeps what Ray's own test cluster does not: who is unreaped on purpose."""

    def __init__(self, session: plan.Plan, folder: Path) -> None:
        self._plan = session
        self._folder = folder
        self._wires = behind.read(folder)
        self._nodes: dict[int, Any] = {}
        self._unreaped: set[int] = set()
        self._ray: Any = None
        self._redis: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """The head and every node that is not late."""
        self.begin()
        for index, node in enumerate(self._plan.nodes):
            if not node.late:
                self.join(index)

    def begin(self) -> None:
        """What there is before the first node: the store, if the plan wants one."""
        if self._plan.redis:
            self._start_redis()
        from ray.cluster_utils import Cluster as RayCluster

        with behind.Environment(behind.of_node(self._wires, 0)):
            self._ray = RayCluster(shutdown_at_exit=False)
        if any(node.head for node in self._plan.nodes):
            _let_heads_join()

    def join(self, index: int) -> None:
        """Starts a node and says its id. From the main thread: raylets end with the thread that started them."""
        node = self._plan.nodes[index]
        arguments: dict[str, Any] = {
            "num_cpus": node.cpus,
            "num_gpus": node.gpus,
            "resources": {name: 1 for name in node.resources},
            "node_ip_address": loopback.ADDRESS,
            "object_store_memory": node.store_mb * 1024 * 1024,
            "include_dashboard": False,
            "include_log_monitor": False,
            "no_monitor": True,
        }
        if index == 0:
            arguments["_system_config"] = {**SHORT_CHECKS, **_FAIR_PRIORITY, **self._plan.config}
        _joins.as_head = node.head
        with behind.Environment(behind.of_node(self._wires, index)):
            started = self._ray.add_node(**arguments)
        self._nodes[index] = started
        events.emit("node", f"node{index}", node=started.node_id, raylet=self.raylet_pid(index), gcs=self.gcs_pid() if index == 0 else None)

    @property
    def address(self) -> str:
        return str(self._ray.address)

    @property
    def logs(self) -> Path:
        return Path(self._nodes[0].get_session_dir_path()) / "logs"

    def node_id(self, index: int) -> str:
        return str(self._nodes[index].node_id)

    def raylet_pid(self, index: int) -> int:
        return int(self._raylet(index).pid)

    def gcs_pid(self) -> int:
        return int(self._nodes[0].all_processes["gcs_server"][0].process.pid)

    def workers_of(self, index: int) -> list[int]:
        """Worker processes of a raylet, not its agents."""
        found = []
        for pid in processes.children(self.raylet_pid(index)):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if b"Agent" not in command and (command.startswith(b"ray::") or b"default_worker" in command):
                found.append(pid)
        return found

    def signal_raylet(self, index: int, number: signal.Signals, reap: bool = True) -> None:
        if not reap:
            self._unreaped.add(index)
        self._raylet(index).send_signal(number)

    def reap(self) -> list[int]:
        """Reaps raylets that have ended, but for those that are to stay zombies; the indexes of the dead."""
        dead = []
        for index in self._nodes:
            if index in self._unreaped:
                continue
            if self._raylet(index).poll() is not None:
                dead.append(index)
        return dead

    def reap_one(self, index: int) -> bool:
        """Whether this raylet has ended, and is reaped."""
        return self._raylet(index).poll() is not None

    def reap_later(self, index: int) -> None:
        self._unreaped.discard(index)

    def kill_gcs(self) -> None:
        self._nodes[0].kill_gcs_server()

    def start_gcs(self) -> None:
        with behind.Environment(behind.of_node(self._wires, 0)):
            self._nodes[0].start_gcs_server()

    def drain(self, index: int, preemption: bool, deadline_ms: int) -> tuple[bool, str]:
        """Asks the GCS to drain a node, as `ray drain-node` does."""
        import ray._raylet
        from ray.core.generated import autoscaler_pb2

        reason = "DRAIN_NODE_REASON_PREEMPTION" if preemption else "DRAIN_NODE_REASON_IDLE_TERMINATION"
        gcs_client: Any = ray._raylet.GcsClient  # a Cython class that no stub names
        client = gcs_client(address=self.address)
        accepted, text = client.drain_node(self.node_id(index), autoscaler_pb2.DrainNodeReason.Value(reason), "asked by the session", deadline_ms)
        return bool(accepted), str(text)

    def alive(self) -> dict[str, bool]:
        """What the GCS says about each node, by id."""
        return {node["NodeID"]: bool(node["Alive"]) for node in self.node_table()}

    def node_table(self) -> list[dict[str, Any]]:
        """The GCS's table as Ray's state interface tells it."""
        rows: list[dict[str, Any]] = self._ray.global_state.node_table()
        return rows

    def jobs(self) -> dict[str, bool]:
        """Which jobs have ended, by id."""
        return {row["JobID"]: bool(row["IsDead"]) for row in self._ray.global_state.job_table()}

    def cpus(self) -> dict[str, dict[str, float]]:
        """Total and free CPUs of each living node, by id, as the GCS sees them."""
        state = self._ray.global_state
        free = state.available_resources_per_node()
        total = state.total_resources_per_node()
        return {node: {"total": float(total[node].get("CPU", 0)), "free": float(free.get(node, {}).get("CPU", 0))} for node in total}

    def memory_in_use(self) -> dict[str, float]:
        """Bytes in use in the object store of each living node, by id, as the GCS sees them."""
        name = "object_store_memory"
        free = self._ray.global_state.available_resources_per_node()
        total = self._ray.global_state.total_resources_per_node()
        return {node: float(total[node].get(name, 0)) - float(free.get(node, {}).get(name, 0)) for node in total}

    def busy_cpus(self) -> float:
        """CPUs of living nodes that are in use, as the GCS sees it."""
        return sum(each["total"] - each["free"] for each in self.cpus().values())

    def _raylet(self, index: int) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = self._nodes[index].all_processes["raylet"][0].process
        return process

    def _start_redis(self) -> None:
        with socket.socket() as probe:
            probe.bind((loopback.ADDRESS, 0))
            port = probe.getsockname()[1]
        executable = redis_executable()
        if executable is None:
            raise RuntimeError("there is no redis-server on this machine")
        command = ["redis-server", "--port", str(port), "--bind", loopback.ADDRESS, "--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        self._redis = subprocess.Popen(command, executable=executable, stdout=subprocess.DEVNULL, preexec_fn=processes.die_with_parent)
        os.environ["RAY_REDIS_ADDRESS"] = f"{loopback.ADDRESS}:{port}"
        if not events.until(lambda: _listens(port), 20.0):
            raise RuntimeError("redis-server does not listen within 20 s")


_joins = threading.local()


def _let_heads_join() -> None:
    """A raylet that joins later may say that it is the head, as that of a head that is started anew does; the GCS stays."""
    from ray._private.node import Node

    said = Node.is_head
    Node.is_head = lambda node: getattr(_joins, "as_head", False) or said(node)


def redis_executable() -> str | None:
    """Debian's redis-tools has the server's program under another name, and starts no service when it is installed."""
    return shutil.which("redis-server") or shutil.which("redis-check-rdb")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((loopback.ADDRESS, port)) == 0


def say_release() -> dict[str, str]:
    import ray

    return {"release": ray.__version__, "commit": ray.__commit__, "python": sys.version.split()[0]}
