"""Asks the tasks and the nodes of a conducted cluster from outside, for the looks at what came of a trace."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any

from conduct.conductor import Conductor
from conduct.verbs import is_gone
from raymc_ray.plan import Task
from wire.parts import Child, Refused
from wire.stage import task_data

HANG_SECONDS = 12.0
PROBE_SECONDS = 25.0


@dataclass(frozen=True)
class Seen:
    """Whether the property is violated, as far as one can see, and in words what was seen."""

    violated: bool
    words: str


def living(on: Conductor) -> list[str]:
    """Submitted tasks whose owner has not been killed."""
    return [name for name in sorted(on.submitted) if on.owner_of(name) not in on.dead_owners]


async def get(player: Child, name: str, seconds: float) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = await player.ask("get", limit=seconds + 20, name=name, seconds=seconds)
        return answer
    except Refused as error:
        return {"answer": "ended", "text": str(error)}
    except TimeoutError:
        return {"answer": "timeout", "text": "the driver does not answer"}


async def ask_all(on: Conductor, seconds: float, finish: bool = True) -> dict[str, dict[str, Any]]:
    """What every task of a living owner answers, once the tasks may finish."""
    names = living(on)
    for name in names if finish else []:
        on.finish(name)
    said = await asyncio.gather(*(get(on.players[on.owner_of(name)], name, seconds) for name in names))
    return dict(zip(names, said, strict=True))


async def asker(on: Conductor) -> tuple[Child, str]:
    """A driver at a node that nobody has struck and whose raylet has not ended, and that node; a new one if the first driver is at another node,
    or is gone."""
    first = next(iter(on.scene.owners))
    at = str(on.scene.owners[first].get("node", "n1"))
    healthy = [node for node in on.scene.idle if node not in on.struck_nodes and not raylet_is_gone(on, node)]
    if at in healthy and first not in on.dead_owners and not on.players[first].ended:
        return on.players[first], at
    if not healthy:
        healthy = [node for node in on.scene.late if node in on.cast.node_ids and node not in on.struck_nodes]
    if not healthy:
        raise Refused("no node is left that could be asked")
    if "probe" not in on.players:
        on.players["probe"] = await on.stage.driver("probe", at=on.scene.index(healthy[0]))
    return on.players["probe"], healthy[0]


def raylet_is_gone(on: Conductor, node: str) -> bool:
    lane = on.trace.lane_of("raylet", node)
    return lane is not None and is_gone(on.cast.process(lane))


async def run_one(player: Child, task: Task, seconds: float) -> str:
    await player.ask("submit", task=task_data(task))
    return str((await get(player, task.name, seconds))["answer"])


async def probe(on: Conductor) -> str:
    """What a task answers that has nothing to do with the others; it needs no CPU."""
    player, node = await asker(on)
    return await run_one(player, Task(f"probe{time.monotonic_ns()}", runs=0.0, cpus=0, node=on.scene.index(node), max_retries=0), PROBE_SECONDS)


def told(answers: dict[str, dict[str, Any]]) -> str:
    return ", ".join(f"{name}: {said['answer']}" for name, said in answers.items())


def failed_check(line: str) -> str:
    """Where it is and what it says, without time, process and advice."""
    place = re.search(r"\S+\.cc:\d+", line)
    said = re.sub(r"\b[0-9a-f]{16,}\b", "...", line.partition("Check failed: ")[2])
    return f"{place.group(0) if place else 'a process'}: Check failed: {said[:100].strip()}"
