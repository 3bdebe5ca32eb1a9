"""The verbs of faults.tsv: how a fault strikes the run."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

from conduct.conductor import Conductor
from conduct.verbs import is_gone
from explore.names import Names
from wire.book import RAYLET
from wire.message import REPLY, Message

_DEADLINE_SECONDS = 5.0  # of a preemption
_CANCEL_SECONDS = 0.5


class Strikes:
    """What has been struck in one run, and what it keeps from then on."""

    def __init__(self, on: Conductor, names: Names) -> None:
        self._on = on
        self._names = names
        self.dead_nodes: set[str] = set()
        self.announced: dict[str, float] = {}  # deadlines of preempted nodes
        self.drained: set[str] = set()
        self.hung: dict[str, int] = {}
        self._probes: set[int] = set()
        self.hidden: dict[str, Callable[[], None]] = {}  # ends that a raylet has not seen, by process
        self._asked: list[asyncio.Future[Any]] = []

    def keeps(self, message: Message) -> bool:
        """Whether a fault that lasts stops the message."""
        if message.name == "Check":
            if message.direction == REPLY and message.callee.pid in self._probes:
                message.swallow()
            return False
        return bool({message.caller.pid, message.callee.pid} & set(self.hung.values()))

    async def strike(self, verb: str, target: str, message: Message | None) -> None:
        await getattr(self, "_" + verb)(target, message)

    def show(self, process: str) -> None:
        """The raylet of a killed process sees its connection close."""
        self.hidden.pop(process)()

    def free(self) -> None:
        for process in list(self.hidden):
            self.show(process)

    def living(self, nodes: list[str]) -> list[str]:
        return [node for node in nodes if node not in self.dead_nodes]

    def workers(self, nodes: list[str]) -> list[str]:
        """Workers of these nodes that have not ended."""
        return [name for name, pid in self._names.workers.items() if name.partition(".")[0] in nodes and not is_gone(pid)]

    def _index(self, node: str) -> int:
        return self._on.scene.index(node)

    def _raylet(self, node: str) -> int:
        return self._on.stage.wire.book.processes(RAYLET, self._on.cast.wire_node(node))[-1].pid

    # The verbs.

    async def _kill_raylet(self, node: str, _: Message | None) -> None:
        self.dead_nodes.add(node)
        await self._on.stage.kill_raylet(self._index(node))

    async def _kill_node(self, node: str, _: Message | None) -> None:
        """At the deadline of its preemption, with its workers."""
        await self._on.stage.until(lambda: time.time() > self.announced[node], _DEADLINE_SECONDS + 1)
        self.dead_nodes.add(node)
        await self._on.stage.kill_raylet(self._index(node))
        for worker in self.workers([node]):
            await self._on.stage.kill(self._names.workers[worker])

    async def _kill(self, process: str, _: Message | None) -> None:
        """Of a worker or owner. Its raylet sees its end when the chooser says so."""
        pid = self._names.workers.get(process, 0)
        if process in self._on.players:
            driver = self._on.stage.driver_process(process)
            pid = driver.pid if driver is not None else self._names.owners[process]
            self._on.dead_owners.add(process)
        self.hidden[process] = self._on.stage.wire.hide_end(
            lambda link: link.caller.pid == pid and link.callee.role == RAYLET and getattr(link, "kind", "") == "local"
        )
        await self._on.stage.kill(pid)

    async def _terminate(self, worker: str, _: Message | None) -> None:
        await self._on.stage.send(self._names.workers[worker], signal.SIGTERM)

    async def _terminate_raylet(self, node: str, _: Message | None) -> None:
        self.dead_nodes.add(node)
        await self._on.stage.operator.ask("signal_raylet", index=self._index(node), number=int(signal.SIGTERM), reap=True)

    async def _restart_gcs(self, _: str, __: Message | None) -> None:
        await self._on.stage.restart_gcs()

    async def _lose(self, _: str, message: Message | None) -> None:
        assert message is not None
        message.lose()

    async def _repeat(self, _: str, message: Message | None) -> None:
        assert message is not None
        message.repeat()

    async def _cancel(self, task: str, _: Message | None) -> None:
        """It returns when the owner has taken note of it, or later, if something that it asks is held."""
        self._on.cancelled.add(task)
        force = bool(self._on.trace.shape.get("force_cancel"))
        asked = self._on.players[self._on.owner_of(task)].begin("cancel", name=task, force=force, recursive=True)
        self._asked.append(asked)
        await asyncio.wait([asked], timeout=_CANCEL_SECONDS)

    async def _announce_preemption(self, node: str, _: Message | None) -> None:
        self.announced[node] = time.time() + _DEADLINE_SECONDS
        self._drain(node, True, int(self.announced[node] * 1000))

    async def _drain_idle(self, node: str, _: Message | None) -> None:
        self._drain(node, False, 0)

    def _drain(self, node: str, preemption: bool, deadline_ms: int) -> None:
        self.drained.add(node)
        self._asked.append(self._on.stage.operator.begin("drain", index=self._index(node), preemption=preemption, deadline_ms=deadline_ms))

    async def _fail_probes(self, node: str, _: Message | None) -> None:
        self._probes.add(self._raylet(node))
        self.dead_nodes.add(node)

    async def _hang_raylet(self, node: str, _: Message | None) -> None:
        self.hung[node] = self._raylet(node)

    async def _resume_raylet(self, node: str, _: Message | None) -> None:
        del self.hung[node]


def verbs() -> set[str]:
    """The words that faults.tsv may use."""
    return {name[1:] for name, value in vars(Strikes).items() if name.startswith("_") and asyncio.iscoroutinefunction(value)}
