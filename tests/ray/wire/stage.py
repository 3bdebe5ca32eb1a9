"""A cluster behind a wire: started under a keeper, driven by this process, gone without a trace when the block is left.

    async with Stage(plan, wired=True) as stage:
        driver = await stage.driver("driver", at=0)
        await driver.ask("submit", task=...)
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from raymc_ray import events, loopback, plan
from raymc_ray.behind import DRIVER_NODE, FIRST_NODE
from raymc_ray.keeping import Kept
from wire import parts
from wire.book import GCS, Process
from wire.wire import Wire

T = TypeVar("T")
_START_SECONDS = 150.0


class Stage:
    """`node_environment` are further variables of the processes of each node, in the plan's order (Ray's own settings, for example)."""

    def __init__(self, session: plan.Plan, wired: bool = True, node_environment: list[dict[str, str]] | None = None, log_level: str = "info") -> None:
        self.plan = session
        self._wired = wired
        self._node_environment = node_environment or [{} for _ in session.nodes]
        self._log_level = log_level
        self._kept = Kept()
        self.wire = Wire(self._kept.folder)
        self._parts = parts.Parts(self._kept.folder)
        self.log = events.Log(self._kept.folder)
        self.logs = self._kept.folder
        self._drivers: dict[str, int] = {}

    @property
    def folder(self) -> Path:
        return self._kept.folder

    async def __aenter__(self) -> Self:
        self._kept.__enter__()
        try:
            await self.wire.start()
            for index in range(len(self.plan.nodes)):
                self.memory(index, 1.0)
            await self._parts.start()
            wires = [self.wire.environment(FIRST_NODE + index) for index in range(DRIVER_NODE)] if self._wired else []
            said = {"plan": plan.to_json(self.plan), "wires": wires, "node_environment": self._node_environment}
            (self.folder / "stage.json").write_text(json.dumps(said))
            ours = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
            environment = {**ours, **loopback.environment(str(self.folder), self._log_level), **self.plan.environment}
            self._kept.start([sys.executable, "-m", "wire.operator"], environment)
            self.operator = await self._parts.child("operator", 60.0)
            started = await self.operator.ask("start", limit=_START_SECONDS)
            self.logs = Path(started["logs"])
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._leave()

    async def _leave(self) -> None:
        self._parts.stop()
        await self.wire.stop()
        self._kept.__exit__(None, None, None)

    async def driver(self, name: str, at: int, environment: dict[str, str] | None = None) -> parts.Child:
        """Starts a driver connected to the raylet of node `at` of the plan. On the wire its node is DRIVER_NODE or the next free number."""
        number = DRIVER_NODE - FIRST_NODE - 1 - len(self._drivers)
        await self.operator.ask("driver", name=name, node=number, at=at, environment=environment or {})
        self._drivers[name] = FIRST_NODE + number
        return await self._parts.child(name, 90.0)

    async def child(self, name: str, seconds: float = 60.0) -> parts.Child:
        """Whoever does what it is told under this name, once it is there: an owner that is a task."""
        return await self._parts.child(name, seconds)

    def driver_process(self, name: str) -> Process | None:
        """The process of a driver, as the wire knows it."""
        found = self.wire.book.processes("driver", self._drivers.get(name, -1))
        return found[-1] if found else None

    # Processes.

    async def kill(self, pid: int) -> bool:
        return bool(await self.operator.ask("signal", pid=pid, number=int(signal.SIGKILL)))

    async def send(self, pid: int, number: signal.Signals) -> bool:
        return bool(await self.operator.ask("signal", pid=pid, number=int(number)))

    async def kill_raylet(self, index: int, reap: bool = True) -> int:
        return int(await self.operator.ask("signal_raylet", index=index, number=int(signal.SIGKILL), reap=reap))

    async def restart_gcs(self) -> Process:
        """Kills the GCS and starts it again; the new process."""
        await self.operator.ask("kill_gcs")
        return await self.gcs_process(await self.operator.ask("start_gcs"))

    async def gcs_process(self, pid: int) -> Process:
        """The GCS with this pid, once the shim has said that it began."""
        await self.wire.until(lambda: self.wire.book.process(pid).role == GCS, 20.0)
        return self.wire.book.process(pid)

    def memory(self, index: int, free: float) -> None:
        """Which part of a node's memory is free, as its processes read it; all of it at first, whatever the machine has."""
        self.wire.say_memory(FIRST_NODE + index, free)

    # What is seen from outside.

    async def until(self, condition: Callable[[], T], seconds: float) -> T | None:
        """Like the wire's, for what the tasks say: the condition may read `self.log`."""
        return await self.wire.until(condition, seconds)

    async def until_asked(self, question: Callable[[], Any], holds: Callable[[Any], bool], seconds: float) -> Any:
        """Asks again and again until the answer is such; the last answer, or None if the time is over first."""
        end = time.monotonic() + seconds
        while True:
            answer = await question()
            if holds(answer):
                return answer
            if time.monotonic() > end:
                return None
            await self.wire.until(lambda: False, 0.1)

    async def event(self, what: str, name: str, seconds: float) -> events.Event | None:
        return await self.until(lambda: self.log.find(what, name), seconds)

    def executions(self, name: str) -> int:
        """How often a task was started, by what it wrote itself."""
        self.log.poll()
        return sum(event["what"] == "start" and event["name"] == name for event in self.log.seen)

    def say(self, what: str, name: str = "") -> None:
        """An event of the session, for tasks that wait for one."""
        line = json.dumps({"t": time.time(), "what": what, "name": name}) + "\n"
        with open(self.folder / "happened.jsonl", "a") as file:
            file.write(line)


def task_data(task: plan.Task) -> dict[str, Any]:
    """A task as data, for a player."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(task)))
    return data
