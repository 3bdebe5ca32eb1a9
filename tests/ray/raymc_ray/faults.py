"""What the operator can do to a session; each method is one kind of fault."""

from __future__ import annotations

import heapq
import itertools
import signal
import subprocess
import time
from collections.abc import Callable

from raymc_ray import events, plan, processes
from raymc_ray.cluster import Cluster
from raymc_ray.events import Event


class Operator:
    """Strikes the plan's faults when their events have come, and continues what it has stopped."""

    def __init__(self, session: plan.Plan, cluster: Cluster, drivers: list[subprocess.Popen[bytes]], log: events.Log) -> None:
        self._cluster = cluster
        self._drivers = drivers
        self._log = log
        self._waiting = list(session.faults)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._come: dict[plan.Fault, int] = {}  # how many of a fault's events have come
        self._count = itertools.count()
        self.expected_dead: set[int] = set()
        self.gcs_is_down = False

    def notice(self, new: list[Event]) -> None:
        """Schedules the faults whose events are among the new ones."""
        for event in new:
            for fault in list(self._waiting):
                if event["what"] != fault.on.what or fault.on.name not in ("", event["name"]):
                    continue
                self._come[fault] = self._come.get(fault, 0) + 1
                if self._come[fault] == fault.on.nth:
                    self._waiting.remove(fault)
                    self._at(fault.on.delay, lambda fault=fault: self._strike(fault))  # type: ignore[misc]

    def act(self) -> None:
        """Does what is due."""
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()

    @property
    def busy(self) -> bool:
        """Whether something is due later. Faults whose event has not come do not count."""
        return bool(self._due)

    @property
    def never_struck(self) -> list[plan.Fault]:
        return self._waiting

    def _at(self, delay: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + delay, next(self._count), action))

    def _strike(self, fault: plan.Fault) -> None:
        try:
            text = getattr(self, "_" + fault.do)(fault)
        except Exception as error:
            events.emit("failed", fault.name or fault.do, do=fault.do, target=fault.target, text=repr(error)[:200])
            return
        events.emit("struck", fault.name or fault.do, do=fault.do, target=fault.target, detail=text)

    def _kill_raylet(self, fault: plan.Fault) -> str:
        """SIGKILL; unreaped for `lasts` seconds, as in a container whose first process does not reap."""
        index = int(fault.target)
        pid = self._cluster.raylet_pid(index)
        self._cluster.signal_raylet(index, signal.SIGKILL, reap=fault.lasts == 0)
        self.expected_dead.add(index)
        if fault.lasts:
            self._at(fault.lasts, lambda: self._reap_later(index))
        return f"pid {pid}"

    def _reap_later(self, index: int) -> None:
        self._cluster.reap_later(index)
        events.emit("reaped", f"node{index}")

    def _kill_node(self, fault: plan.Fault) -> str:
        """SIGKILL of a raylet and its workers at once."""
        index = int(fault.target)
        workers = self._cluster.workers_of(index)
        self._kill_raylet(fault)
        for pid in workers:
            processes.send(pid, signal.SIGKILL)
        return f"workers {workers}"

    def _terminate_raylet(self, fault: plan.Fault) -> str:
        index = int(fault.target)
        self._cluster.signal_raylet(index, signal.SIGTERM)
        self.expected_dead.add(index)
        return f"pid {self._cluster.raylet_pid(index)}"

    def _stop_raylet(self, fault: plan.Fault) -> str:
        """SIGSTOP, and SIGCONT after `lasts` seconds: long enough, and the GCS declares the node dead."""
        index = int(fault.target)
        self._cluster.signal_raylet(index, signal.SIGSTOP)
        self._at(fault.lasts, lambda: self._continue_raylet(index))
        return f"pid {self._cluster.raylet_pid(index)}"

    def _continue_raylet(self, index: int) -> None:
        self._cluster.signal_raylet(index, signal.SIGCONT)
        events.emit("continued", f"node{index}")

    def _worker_pid(self, fault: plan.Fault) -> int:
        """The process that runs the named task now: the one of its last start."""
        starts = [event for event in self._log.seen if event["what"] == "start" and event["name"] == fault.target]
        return int(starts[-1]["pid"])

    def _signal_worker(self, fault: plan.Fault, number: signal.Signals) -> str:
        pid = self._worker_pid(fault)
        return f"pid {pid}" if processes.send(pid, number) else f"pid {pid} was gone"

    def _kill_worker(self, fault: plan.Fault) -> str:
        return self._signal_worker(fault, signal.SIGKILL)

    def _terminate_worker(self, fault: plan.Fault) -> str:
        return self._signal_worker(fault, signal.SIGTERM)

    def _stop_worker(self, fault: plan.Fault) -> str:
        pid = self._worker_pid(fault)
        self._at(fault.lasts, lambda: self._continue_worker(pid))
        return self._signal_worker(fault, signal.SIGSTOP)

    def _continue_worker(self, pid: int) -> None:
        processes.send(pid, signal.SIGCONT)
        events.emit("continued", f"worker {pid}")

    def _kill_driver(self, fault: plan.Fault) -> str:
        self._drivers[int(fault.target)].kill()
        return f"pid {self._drivers[int(fault.target)].pid}"

    def _terminate_driver(self, fault: plan.Fault) -> str:
        self._drivers[int(fault.target)].terminate()
        return f"pid {self._drivers[int(fault.target)].pid}"

    def _kill_gcs(self, fault: plan.Fault) -> str:
        """Kills the GCS for good."""
        pid = self._cluster.gcs_pid()
        self.gcs_is_down = True
        self._cluster.kill_gcs()
        return f"pid {pid}"

    def _restart_gcs(self, fault: plan.Fault) -> str:
        """Kills the GCS and starts it again after `lasts` seconds; its tables are in redis, or lost."""
        self._at(fault.lasts, self._start_gcs)
        return self._kill_gcs(fault)

    def _start_gcs(self) -> None:
        self._cluster.start_gcs()
        self.gcs_is_down = False
        events.emit("gcs", "started", pid=self._cluster.gcs_pid())

    def _drain_idle(self, fault: plan.Fault) -> str:
        accepted, text = self._cluster.drain(int(fault.target), False, 0)
        if accepted:
            self.expected_dead.add(int(fault.target))
        return "accepted" if accepted else f"rejected: {text}"

    def _preempt(self, fault: plan.Fault) -> str:
        """A drain that must be accepted; the node is killed at its deadline, `lasts` seconds later, as a cloud does."""
        deadline = int((time.time() + fault.lasts) * 1000)
        accepted, text = self._cluster.drain(int(fault.target), True, deadline)
        self._at(fault.lasts, lambda: self._end_preempted(int(fault.target)))
        return "accepted" if accepted else f"rejected: {text}"

    def _end_preempted(self, index: int) -> None:
        self.expected_dead.add(index)
        if index not in self._cluster.reap():
            self._cluster.signal_raylet(index, signal.SIGKILL)
        events.emit("preempted", f"node{index}")

    def _join(self, fault: plan.Fault) -> str:
        self._cluster.join(int(fault.target))
        return self._cluster.node_id(int(fault.target))
