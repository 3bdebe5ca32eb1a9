"""Makes the values that the tasks of an owner take, before it submits them."""

from __future__ import annotations

from conduct import scene as scenes
from conduct import tables
from conduct.scene import Scene
from conduct.trace import Trace
from wire.message import REPLY, Message
from wire.parts import Child, Refused
from wire.stage import Stage, task_data

_SECONDS = 80.0
# What a task that only makes a value needs of its owner.
CALLS = frozenset({"RequestWorkerLease", "PushTask", "ReturnWorkerLease"})


async def make(trace: Trace, scene: Scene, owner: str, player: Child) -> None:
    """Raises Refused if one is not made."""
    pinned = tables.looks().get(trace.breaks) == "argument_starves" or bool(trace.shape.get("pin_budget"))
    for task in scenes.prepared(scene, trace, owner, pinned):
        await player.ask("submit", task=task_data(task))
        if not await player.ask("ready", limit=_SECONDS + 10, name=task.name, seconds=_SECONDS):
            raise Refused(f"the argument {task.name} is not made")


async def make_in_task(stage: Stage, trace: Trace, scene: Scene, owner: str, player: Child, pid: int) -> None:
    """The same by an owner that is a task, in the middle of the trace: the workers that made the values have to be idle again before it goes on."""
    tasks = scenes.prepared(scene, trace, owner, False)
    if not tasks:
        return
    before = stage.wire.count
    await make(trace, scene, owner, player)

    def returned() -> list[Message]:
        return [message for message in stage.wire.since(before, "ReturnWorkerLease", REPLY) if message.caller.pid == pid]

    if not await stage.until(lambda: len(returned()) >= len(tasks), _SECONDS):
        raise Refused("the worker that made an argument is not given back")
