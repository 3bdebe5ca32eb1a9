"""The programs under which calls fail: few, and each makes many calls at least twice."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import Any

from raymc_ray import plan
from raymc_ray.plan import Node, Task
from sweep.show import Program, Show

_PLASMA_BYTES = 1_500_000
# Idle workers end soon, all of them, so that one that stays was forgotten.
_CONFIG: dict[str, Any] = {
    "num_workers_soft_limit": 0,
    "idle_worker_killing_time_threshold_ms": 2500,
    "kill_idle_workers_interval_ms": 200,
    "health_check_timeout_ms": 2000,
}


@dataclass(frozen=True)
class Setting:
    """A program, and the cluster for it."""

    run: Program
    nodes: tuple[Node, ...]
    redis: bool = False
    config: dict[str, Any] = field(default_factory=dict)

    def plan(self) -> plan.Plan:
        return plan.Plan("sweep", 1, 0, self.nodes, (), config={**_CONFIG, **self.config}, redis=self.redis)


async def _tasks(show: Show) -> None:
    """Tasks on two nodes, more than there are CPUs; a task in a task; workers that crash, with and without a retry."""
    await show.driver("driver")
    burst = [f"t{number}" for number in range(1, 5)]
    await show.submit(*(Task(name, runs=0.1, max_retries=2) for name in burst))
    await show.answer(*burst)
    await show.submit(Task("parent", runs=0.0, max_retries=1, children=(Task("child", runs=0.0, max_retries=1),)))
    await show.answer("parent")
    for name in ("crashes", "crashes too"):
        await show.submit(Task(name, runs=0.0, raises=-1, fails_by="abort", max_retries=0))
        await show.answer(name)
    await show.submit(Task("crashes once", runs=0.0, raises=1, fails_by="abort", max_retries=3))
    await show.answer("crashes once")


async def _values(show: Show) -> None:
    """Values in plasma at both nodes, taken and borrowed at the other one; a value that its worker owns; all are dropped."""
    await show.driver("driver")
    await show.put("put", _PLASMA_BYTES)
    await show.put("put too", _PLASMA_BYTES)
    await show.submit(Task("far", runs=0.0, node=1, value_bytes=_PLASMA_BYTES, max_retries=1))
    await show.submit(Task("near", runs=0.0, node=0, value_bytes=_PLASMA_BYTES, max_retries=1))
    await show.submit(Task("takes", runs=0.0, node=1, needs=("put", "near"), max_retries=1))
    await show.submit(Task("takes too", runs=0.0, node=0, needs=("put too", "far"), max_retries=1))
    await show.submit(Task("borrows", runs=0.0, node=1, lends=("near",), max_retries=1))
    await show.submit(Task("borrows too", runs=0.0, node=0, lends=("far",), max_retries=1))
    await show.submit(Task("keeps", runs=0.0, node=1, keeps_bytes=_PLASMA_BYTES, max_retries=1))
    await show.submit(Task("keeps too", runs=0.0, node=0, keeps_bytes=10, max_retries=1))
    await show.answer("takes", "takes too", "borrows", "borrows too", "keeps", "keeps too", "far", "near")
    await show.kept("keeps", "keeps too")


async def _cancels(show: Show) -> None:
    """Two running tasks are cancelled, two that wait for a CPU, one by force, and one with a child."""
    await show.driver("driver")
    for name in ("runs", "runs too"):
        await show.submit(Task(name, runs=0.0, waits=True, max_retries=1))
        await show.started(name)
        await show.cancel(name)
    await show.submit(Task("holds", runs=0.0, waits=True, max_retries=1))
    await show.started("holds")
    for key, name in enumerate(("waits", "waits too"), 2):
        await show.submit(Task(name, runs=0.0, key=key, max_retries=1))
        await show.cancel(name)
    show.finish("holds")
    await show.answer("holds")
    await show.submit(Task("is forced", runs=0.0, waits=True, max_retries=1))
    await show.started("is forced")
    await show.cancel("is forced", force=True)
    await show.submit(Task("parent", runs=0.0, max_retries=1, children=(Task("child", runs=0.0, waits=True, cpus=0, max_retries=1),)))
    await show.started("child")
    await show.cancel("parent")


async def _ends(show: Show) -> None:
    """One raylet gets SIGTERM, two are drained while idle, one is killed while a task runs there."""
    await show.driver("driver")
    await show.submit(*(Task(f"t{index}", runs=0.0, node=index, soft=True, max_retries=2) for index in range(1, 5)))
    await show.answer(*(f"t{index}" for index in range(1, 5)))
    await show.terminate(1)
    await show.drain(2)
    await show.gone(2)
    await show.drain(3)
    await show.gone(3)
    await show.submit(Task("survives", runs=0.0, waits=True, node=4, soft=True, max_retries=2))
    await show.started("survives")
    await show.kill(4)
    await show.again("survives")
    show.finish("survives")
    await show.answer("survives")


async def _drivers(show: Show) -> None:
    """A driver leaves in order, one is killed while its task runs and the task of a task."""
    await show.driver("driver")
    await show.driver("leaves", at=1)
    await show.driver("is killed", at=1)
    await show.submit(Task("of the first", runs=0.0, max_retries=1))
    await show.submit(Task("of the second", runs=0.0, max_retries=1), by="leaves")
    await show.answer("of the first", "of the second")
    nested = Task("of the task", runs=0.0, waits=True, cpus=0, max_retries=1)
    await show.submit(Task("of the third", runs=0.0, waits=True, max_retries=1, children=(nested,)), by="is killed")
    await show.started("of the third", "of the task")
    await show.leave("leaves", signal.SIGTERM)
    await show.leave("is killed", signal.SIGKILL)


async def _gcs(show: Show) -> None:
    """The GCS is killed and comes back with its tables, while a task runs."""
    await show.driver("driver")
    await show.submit(Task("runs", runs=0.0, waits=True, max_retries=1))
    await show.started("runs")
    await show.restart_gcs()
    await show.submit(Task("after", runs=0.0, max_retries=1, node=1))
    show.finish("runs")
    await show.answer("runs", "after")


_ONE = Node(cpus=1)
PROGRAMS: dict[str, Setting] = {
    "tasks": Setting(_tasks, (_ONE, _ONE)),
    "values": Setting(_values, (_ONE, _ONE)),
    "cancels": Setting(_cancels, (_ONE,)),
    "ends": Setting(_ends, (_ONE,) * 5),
    "drivers": Setting(_drivers, (_ONE, _ONE)),
    "gcs": Setting(_gcs, (_ONE, _ONE), redis=True, config={"gcs_rpc_server_reconnect_timeout_s": 60}),
}
