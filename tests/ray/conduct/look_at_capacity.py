"""Looks at the CPUs and the object stores of nodes. Each public function is a word of properties.tsv."""

from __future__ import annotations

import math
import time

from conduct import scene
from conduct.asking import HANG_SECONDS, PROBE_SECONDS, Seen, ask_all, asker, raylet_is_gone, run_one
from conduct.conductor import Conductor
from conduct.verbs import is_gone
from raymc_ray.plan import Task

REPORTED_SECONDS = 1.0  # a raylet reports ten times a second
_ENDING_SECONDS = 0.5


async def capacity_is_lost(on: Conductor) -> Seen:
    await ask_all(on, HANG_SECONDS / 2)
    names = {value: name for name, value in on.cast.node_ids.items()}
    cpus, stay_free = await _cpus_stay_free(on)
    if stay_free:
        # The GCS knows of a lease once the raylet has reported it, and one that was restarted calls all CPUs free until then: the raylets are asked.
        totals = {names[node]: each["total"] for node, each in cpus.items() if node in names}
        stingy = await _nodes_that_lend_less(on, {node: cpus for node, cpus in totals.items() if cpus and node not in on.struck_nodes})
        if not stingy:
            return Seen(False, "all CPUs come back")
        return Seen(True, f"a task that takes all CPUs of {', '.join(stingy)} does not run within {HANG_SECONDS:.0f} s, and one that takes none does")
    busy = [
        f"{names.get(node, 'head')}: {each['free']:g} of {each['total']:g} CPUs free" for node, each in cpus.items() if each["free"] < each["total"]
    ]
    return Seen(True, f"{'; '.join(busy)} for {HANG_SECONDS:.0f} s although no task of a living owner is left to run")


async def _cpus_stay_free(on: Conductor) -> tuple[dict[str, dict[str, float]], bool]:
    """The CPUs of each living node, by id, and whether all are free, and still are when every raylet has had time to report: what the GCS
    says is a little old."""

    async def ask() -> dict[str, dict[str, float]]:
        answer: dict[str, dict[str, float]] = await on.stage.operator.ask("resources")
        return answer

    def all_free(cpus: dict[str, dict[str, float]]) -> bool:
        return all(each["free"] >= each["total"] for each in cpus.values())

    end = time.monotonic() + HANG_SECONDS
    while await on.stage.until_asked(ask, all_free, end - time.monotonic()) is not None:
        if await on.stage.until_asked(ask, lambda cpus: not all_free(cpus), REPORTED_SECONDS) is None:
            return await ask(), True
    return await ask(), False


async def _nodes_that_lend_less(on: Conductor, cpus: dict[str, float]) -> list[str]:
    """Those of these nodes, with the CPUs of each, on which no task gets all of them, although one without CPUs runs there."""
    if not cpus:
        return []
    player, _ = await asker(on)

    async def lends(node: str, wanted: float, seconds: float) -> bool:
        task = Task(f"all.{node}.{wanted:g}", runs=0.0, cpus=wanted, node=on.scene.index(node), soft=False, max_retries=0)
        return await run_one(player, task, seconds) != "timeout"

    found = []
    for node, wanted in sorted(cpus.items()):
        if not await lends(node, wanted, HANG_SECONDS) and await lends(node, 0, PROBE_SECONDS):
            found.append(node)
    return found


async def more_tasks_than_cpus(on: Conductor) -> Seen:
    """Whether tasks run at once on a node that has too few CPUs for them. One whose code waits for others lends its CPU and is not counted."""
    cpus = {known: float(on.scene.plan.nodes[on.scene.index(node)].cpus) for node, known in on.cast.node_ids.items()}

    def crowded_now() -> list[tuple[str, list[str]]]:
        on.stage.log.poll()
        running: dict[str, list[str]] = {}
        for name in sorted(on.submitted):
            waits = [each for each in on.stage.log.seen if each["what"] == "waits" and each["name"] == name]
            starts = [each for each in on.stage.log.seen if each["what"] == "start" and each["name"] == name]
            if waits and starts and not on.stage.log.find("return", name) and not is_gone(starts[-1]["pid"]):
                running.setdefault(starts[-1]["node"], []).append(name)
        return [(node, names) for node, names in running.items() if sum(_cpus_of(on, name) for name in names) > cpus.get(node, math.inf)]

    crowded = await on.stage.until(crowded_now, HANG_SECONDS)
    if crowded:
        # A process that is about to end runs nothing any more, and is gone soon.
        await on.stage.until(lambda: not crowded_now(), _ENDING_SECONDS)
        crowded = crowded_now()
    if not crowded:
        return Seen(False, "they do not run at once")
    node, names = crowded[0]
    return Seen(True, f"{' and '.join(names)} run at once on a node with {cpus[node]:g} CPU{'' if cpus[node] == 1 else 's'}")


def _cpus_of(on: Conductor, name: str) -> float:
    return float(scene.task(on.scene, on.trace, name).cpus)


async def argument_starves(on: Conductor) -> Seen:
    await ask_all(on, HANG_SECONDS)
    player, at = await asker(on)
    await player.ask("put", name="large", value_bytes=scene.PINNED_BYTES)
    words = []
    for node in _nodes_of_arguments(on) or [at]:
        index = on.scene.index(node)
        starved = await run_one(player, Task(f"takes.{node}", runs=0.0, node=index, needs=("large",), max_retries=0), HANG_SECONDS)
        free = await run_one(player, Task(f"takes nothing.{node}", runs=0.0, cpus=0, node=index, max_retries=0), HANG_SECONDS)
        words.append(f"a task with an argument of {scene.PINNED_BYTES >> 20} MiB: {starved}; one without: {free}")
        if starved == "timeout" and free == "value":
            return Seen(True, words[-1])
    return Seen(False, "; ".join(words))


def _nodes_of_arguments(on: Conductor) -> list[str]:
    """Those whose raylet lives, and where tasks of the scenario have an argument."""
    named = dict.fromkeys(str(each["arguments_at"]) for each in on.scene.tasks.values() if each.get("arguments_at"))
    return [node for node in named if node not in on.struck_nodes and not raylet_is_gone(on, node)]
