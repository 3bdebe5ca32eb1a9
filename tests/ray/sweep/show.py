"""A cluster on which a program runs, and the facts that are seen of it from outside: what each names, in words, is the same with and without a fault
unless the fault is seen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from conduct.conductor import log_lines
from conduct.verbs import is_gone
from raymc_ray.behind import FIRST_NODE
from raymc_ray.plan import Task
from wire.book import RAYLET, WORKER
from wire.parts import Child, Refused
from wire.stage import Stage, task_data

ANSWER_SECONDS = 25.0
EFFECT_SECONDS = 6.0  # a cancel that has not taken effect by then is lost
END_SECONDS = 15.0
_START_SECONDS = 60.0
_BACK_SECONDS = 12.0

Facts = dict[str, str]


class Show:
    """What a program has at hand. Whatever fails becomes a fact, and the program goes on."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.facts: Facts = {}
        self._players: dict[str, Child] = {}
        self._tasks: dict[str, tuple[str, Task]] = {}  # by name: whose, and what
        self._values: list[tuple[str, str]] = []  # owner and name of what was put
        self._answered: set[str] = set()
        self._leaving: dict[int, int] = {}  # raylets that were told to end: their pids, by the plan's index
        self._gone_drivers: set[str] = set()

    def say(self, kind: str, subject: str, what: object) -> None:
        """A fact; its kind is one of facts.tsv."""
        self.facts[f"{kind} {subject}".strip()] = str(what)

    # Drivers and tasks.

    async def driver(self, name: str, at: int = 0) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                self._players[name] = await self.stage.driver(name, at=at)
            self.say("driver", name, "connects")
        except (Refused, TimeoutError):
            self.say("driver", name, f"does not connect within {_START_SECONDS:.0f} s")

    async def submit(self, *tasks: Task, by: str = "driver") -> None:
        for task in tasks:
            if await self._ask(by, "submit", task=task_data(task)) is not None:
                self._tasks[task.name] = (by, task)

    async def put(self, name: str, value_bytes: int, by: str = "driver") -> None:
        try:
            await self._players[by].ask("put", limit=ANSWER_SECONDS, name=name, value_bytes=value_bytes)
            self._values.append((by, name))
        except (KeyError, Refused, TimeoutError):
            self.say("answer", name, "is not put")

    async def started(self, *names: str) -> None:
        """Waits until each has begun to run."""
        for name in names:
            if await self.stage.event("start", name, ANSWER_SECONDS) is None:
                self.say("answer", name, "does not start")

    def finish(self, *names: str) -> None:
        for name in names:
            self.stage.say("finish", name)

    async def answer(self, *names: str, seconds: float = ANSWER_SECONDS) -> None:
        """What `ray.get` of each says becomes a fact."""
        said = await asyncio.gather(*(self._get(name, seconds) for name in names))
        for name, word in zip(names, said, strict=True):
            self.say("answer", name, word)

    async def kept(self, *names: str) -> None:
        """What `ray.get` says of the value that a task's worker keeps."""
        for name in names:
            by, task = self._tasks[name]
            said = await self._ask(by, "get_kept", name=name, value_bytes=task.keeps_bytes, seconds=ANSWER_SECONDS / 2)
            self.say("answer", f"{name}, kept", said or "the driver does not say")

    async def cancel(self, name: str, force: bool = False) -> None:
        """Cancels a task, and looks whether that takes effect; if it does not, the task may finish."""
        by = self._tasks[name][0] if name in self._tasks else "driver"
        await self._ask(by, "cancel", name=name, force=force, recursive=True)
        word = await self._get(name, EFFECT_SECONDS)
        if word == "timeout":
            self.finish(name)
            word = f"runs on for {EFFECT_SECONDS:.0f} s although it is cancelled, then: {await self._get(name, ANSWER_SECONDS)}"
        self.say("answer", name, word)

    # Processes.

    async def terminate(self, index: int) -> None:
        """SIGTERM to a raylet, which has to end."""
        pid = await self._raylet(index)
        if pid is not None:
            await self.stage.operator.ask("signal_raylet", index=index, number=int(signal.SIGTERM), reap=True)
            await self.gone(index)

    async def kill(self, index: int) -> None:
        await self.stage.kill_raylet(index)

    async def again(self, name: str) -> None:
        """Waits until a task whose worker has gone runs a second time."""
        if not await self.stage.until(lambda: self.stage.executions(name) > 1, ANSWER_SECONDS):
            self.say("answer", name, "is not tried again")

    async def drain(self, index: int, preemption: bool = False, deadline_ms: int = 0) -> None:
        """Asks the GCS to drain a node; an idle one has to end."""
        try:
            accepted, _ = await self.stage.operator.ask("drain", limit=ANSWER_SECONDS, index=index, preemption=preemption, deadline_ms=deadline_ms)
            self.say("drain", f"of node {index}", "accepted" if accepted else "rejected")
        except (Refused, TimeoutError):
            self.say("drain", f"of node {index}", "no answer")

    async def gone(self, index: int) -> None:
        """A raylet that was told to leave has to end."""
        pid = await self._raylet(index)
        ended = pid is None or await self.stage.until(lambda: is_gone(pid), END_SECONDS)
        self.say("end", f"of raylet {index}", "ends" if ended else f"lives {END_SECONDS:.0f} s later")
        await self.stage.operator.ask("reap")

    async def leave(self, name: str, number: signal.Signals) -> None:
        """A driver ends: in order after SIGTERM, at once after SIGKILL."""
        self._gone_drivers.add(name)
        process = self.stage.driver_process(name)
        if process is None:
            return
        await self.stage.send(process.pid, number)
        ended = await self.stage.until(lambda: is_gone(process.pid), END_SECONDS)
        self.say("end", f"of {name}", "ends" if ended else f"lives {END_SECONDS:.0f} s later")

    async def restart_gcs(self) -> None:
        try:
            await self.stage.restart_gcs()
            self.say("gcs", "", "is back")
        except (Refused, TimeoutError):
            self.say("gcs", "", "is not back")

    # The end of every program.

    async def look(self) -> None:
        """What is left when everything has ended: answers, executions, CPUs, stores, nodes, workers, jobs, processes, failed checks."""
        left = [name for name in self._tasks if f"answer {name}" not in self.facts and self._tasks[name][0] not in self._gone_drivers]
        self.finish(*left)
        await self.answer(*left)
        for name, (_, task) in self._tasks.items():
            self._executions(task)
        for by, name in [*((by, name) for name, (by, _) in self._tasks.items()), *self._values]:
            if by not in self._gone_drivers:
                await self._ask(by, "drop", name=name)
        await self._nodes()
        await self._back("cpus", "resources", lambda row: not row["free"] < row["total"], lambda row: f"{row['free']:g} of {row['total']:g} free")
        await self._back("store", "memory", lambda used: not used, lambda used: "bytes stay in use")
        await self._probes()
        await self._workers()
        await self._jobs()
        self._processes()

    def _executions(self, task: Task) -> None:
        """How often its code ran; of more than its retries allow, so many."""
        count = self.stage.executions(task.name)
        allowed = 1 + max(0, task.max_retries)
        self.say("executions", f"of {task.name}", count if count <= allowed else f"{count}, and {allowed} are allowed")
        for child in task.children:
            self._executions(child)

    async def _back(self, kind: str, question: str, is_back: Callable[[Any], bool], words: Callable[[Any], str]) -> None:
        async def asked() -> dict[str, Any]:
            answer: dict[str, Any] = await self.stage.operator.ask(question)
            return answer

        try:
            rows = await self.stage.until_asked(asked, lambda rows: all(map(is_back, rows.values())), _BACK_SECONDS)
            rows = rows if rows is not None else await asked()
        except (Refused, TimeoutError):
            self.say(kind, "", "nobody says")
            return
        for index, node in (await self._node_ids()).items():
            if node in rows:
                self.say(kind, f"of node {index}", "come back" if is_back(rows[node]) else words(rows[node]))

    async def _nodes(self) -> None:
        """Each node in the GCS's table, beside its process."""
        ids = await self._node_ids()
        pids = {index: await self._raylet(index) for index in ids}
        gone = {node for index, node in ids.items() if is_gone(pids[index] or 0)}

        async def table() -> dict[str, list[bool]]:
            found: dict[str, list[bool]] = {}
            for row in await self.stage.operator.ask("nodes"):
                found.setdefault(row["id"], []).append(row["alive"])
            return found

        try:
            rows = await self.stage.until_asked(table, lambda rows: not [node for node in gone if any(rows.get(node, []))], _BACK_SECONDS)
            rows = rows if rows is not None else await table()
        except (Refused, TimeoutError):
            self.say("node", "", "the GCS does not say")
            return
        for index, node in ids.items():
            said = sorted({"alive" if alive else "dead" for alive in rows.get(node, [])}) or ["unknown"]
            self.say("node", str(index), f"{' and '.join(said)}, its process {'has ended' if node in gone else 'lives'}")

    async def _workers(self) -> None:
        """Every worker that nobody needs ends: the configuration keeps no idle ones."""
        for index in await self._node_ids():
            if not is_gone(await self._raylet(index) or 0):
                ended = await self.stage.until(partial(self._has_no_worker, index), _BACK_SECONDS)
                self.say("workers", f"of node {index}", "end when idle" if ended else f"{len(self._living_workers(index))} stay")

    def _has_no_worker(self, index: int) -> bool:
        return not self._living_workers(index)

    def _living_workers(self, index: int) -> list[int]:
        return [each.pid for each in self.stage.wire.book.processes(WORKER, FIRST_NODE + index) if not is_gone(each.pid)]

    async def _probes(self) -> None:
        """A task more on each node that lives, and one that no dead node may run."""
        names = []
        for index in await self._node_ids():
            if not is_gone(await self._raylet(index) or 0):
                names.append(f"last at node {index}")
                await self.submit(Task(names[-1], runs=0.0, node=index, max_retries=1))
        await self.answer(*names)

    async def _jobs(self) -> None:
        async def jobs() -> list[bool]:
            rows = await self.stage.operator.ask("jobs")
            return [bool(rows[job]) for job in sorted(rows)]

        ended = len(self._gone_drivers)
        try:
            said = await self.stage.until_asked(jobs, lambda rows: sum(rows) >= ended, _BACK_SECONDS)
            said = said if said is not None else await jobs()
            self.say("jobs", "", f"{sum(said)} of {len(said)} have ended")
        except (Refused, TimeoutError):
            self.say("jobs", "", "the GCS does not say")

    def _processes(self) -> None:
        for name, player in self._players.items():
            if name not in self._gone_drivers:
                self.say("driver", name, "has ended" if player.ended else "connects")
        for place in (self.stage.logs, self.stage.folder):
            for line in log_lines(place, "Check failed"):
                self.say("check", "", f"a process ends with a failed check: {line.partition('Check failed: ')[2][:60].strip()}")

    # Asking.

    async def _ask(self, player: str, do: str, **arguments: Any) -> Any:
        """True or the answer; None, and a fact, if the driver does not do it."""
        try:
            answer = await self._players[player].ask(do, limit=ANSWER_SECONDS, **arguments)
            return True if answer is None else answer
        except KeyError:
            return None
        except (Refused, TimeoutError):
            self.say("driver", player, f"does not {do}")
            return None

    async def _get(self, name: str, seconds: float) -> str:
        if name not in self._tasks:
            return "was not submitted"
        try:
            said = await self._players[self._tasks[name][0]].ask("get", limit=seconds + 20, name=name, seconds=seconds)
            return str(said["answer"])
        except (Refused, TimeoutError):
            return "the driver does not say"

    async def _node_ids(self) -> dict[int, str]:
        """The nodes that have joined, by the plan's index."""
        found = {}
        for index in range(len(self.stage.plan.nodes)):
            try:
                found[index] = str(await self.stage.operator.ask("node_id", index=index))
            except (Refused, TimeoutError):
                pass
        return found

    async def _raylet(self, index: int) -> int | None:
        found = self.stage.wire.book.processes(RAYLET, FIRST_NODE + index)
        return found[-1].pid if found else None


Program = Callable[[Show], Awaitable[None]]
