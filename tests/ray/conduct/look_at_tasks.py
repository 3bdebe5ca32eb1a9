"""Looks at what tasks answer and how often they run. Each public function is a word of properties.tsv."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from conduct.asking import HANG_SECONDS, Seen, ask_all, asker, get, living, probe, told
from conduct.conductor import Conductor, log_lines
from conduct.expected import content
from conduct.verbs import is_gone
from raymc_ray.plan import Task
from wire.message import REPLY, REQUEST
from wire.stage import task_data

_SOON_SECONDS = 5.0
_MANY = 5  # refusals within three seconds that nobody needs


async def task_never_ends(on: Conductor) -> Seen:
    return await _hang(on, await ask_all(on, HANG_SECONDS))


async def _hang(on: Conductor, answers: dict[str, dict[str, Any]]) -> Seen:
    """Whether one of the tasks hangs: another one has to run meanwhile, unless the trace has ended every raylet that could run it."""
    hung = [name for name, said in answers.items() if said["answer"] == "timeout"]
    if not hung:
        return Seen(False, told(answers))
    words = f"ray.get of {', '.join(hung)} does not end within {HANG_SECONDS:.0f} s"
    raylets = [lane for lane in on.trace.lanes if lane.kind == "raylet"]
    if all(is_gone(on.cast.process(lane)) for lane in raylets):
        return Seen(True, f"{words}; no raylet is left")
    another = await probe(on)
    return Seen(another == "value", f"{words}; another task meanwhile: {another}")


async def task_fails(on: Conductor) -> Seen:
    """It ends with an error. If the trace has it wait for ever, that counts as well: then it has not ended with its value either."""
    answers = await ask_all(on, HANG_SECONDS)
    waits = {name: said for name, said in answers.items() if on.trace.is_left(name)}
    if any(said["answer"] == "timeout" for said in waits.values()):
        return await _hang(on, waits)
    failed = {name: said for name, said in answers.items() if said["answer"] not in ("value", "timeout")}
    words = "; ".join(f"ray.get of {name} raises {said['answer']} after {on.stage.executions(name)} executions" for name, said in failed.items())
    return Seen(bool(failed), words or told(answers))


async def owner_is_refused_again_and_again(on: Conductor) -> Seen:
    before = on.stage.wire.count
    await on.stage.until(lambda: False, 3.0)
    refusals = [each for each in on.stage.wire.since(before, "RequestWorkerLease", REPLY) if content(each) == "canceled"]
    return Seen(len(refusals) > _MANY, f"{len(refusals)} lease requests are refused in 3 s")


async def cancelled_task_runs(on: Conductor) -> Seen:
    answers = await ask_all(on, HANG_SECONDS)
    returned = [name for name in on.cancelled if answers.get(name, {}).get("answer") == "value"]
    words = ", ".join(f"{name}, cancelled, gives its value after {on.stage.executions(name)} executions" for name in returned)
    return Seen(bool(returned), words or told(answers))


async def request_is_cancelled_again_and_again(on: Conductor) -> Seen:
    counts: dict[bytes, int] = {}
    await on.stage.until(lambda: False, 3.0)
    for each in on.stage.wire.since(0, "CancelWorkerLease", REQUEST):
        if each.fields is not None:
            counts[each.fields.lease_id] = counts.get(each.fields.lease_id, 0) + 1
    most = max(counts.values(), default=0)
    return Seen(most > 1, f"one lease request is cancelled {most} times")


async def value_is_gone(on: Conductor) -> Seen:
    for node in {step.bindings["node"] for step in on.trace.steps if step.rule in ("fault.F15.idle_node_is_drained", "fault.F1.raylet_crash")}:
        await on.is_dead(node, HANG_SECONDS)
    answers = await ask_all(on, HANG_SECONDS * 2)
    on.stage.log.poll()
    lost = {name: said for name, said in answers.items() if said["answer"] != "value" and on.stage.log.find("return", name)}
    again = [name for name in answers if sum(each["what"] == "return" and each["name"] == name for each in on.stage.log.seen) > 1]
    if lost or not again or on.struck_nodes:  # with a node that is struck its values go, and are made again as they should
        return Seen(bool(lost), told(lost or answers))
    return Seen(True, f"{', '.join(again)} had returned its value, which is lost: it is made a second time")


async def retry_is_charged(on: Conductor) -> Seen:
    """Whether the next failure is the last. Where no node can run the retry, its owner's log has how many are left."""
    name = _last_task(on)
    second = await on.stage.until(lambda: on.stage.executions(name) > 1 or _first_after(on, name), HANG_SECONDS * 2)
    if not second:
        return _retries_left(on, name)
    last = [each for each in on.stage.log.seen if each["what"] == "start" and each["name"] == name][-1]
    await on.stage.kill(last["pid"])
    on.finish(name)
    answer = await get(on.players[on.owner_of(name)], name, HANG_SECONDS * 2)
    executions = on.stage.executions(name)
    return Seen(
        answer["answer"] not in ("value", "timeout"), f"its next failure: ray.get of {name} says {answer['answer']} after {executions} executions"
    )


def _retries_left(on: Conductor, name: str) -> Seen:
    """The owner notes after each failure how many retries are left; at least one failure of the trace must not be charged."""
    pattern = re.compile(rf"task {on.cast.tasks.get(name, name)} retries left: (\d+)")
    lines = {line for place in (on.stage.logs, on.stage.folder) for line in log_lines(place, "retries left: ")}
    left = [int(found.group(1)) for found in map(pattern.search, lines) if found is not None]
    if not left:
        return Seen(False, f"{name} is not tried again, and its owner notes nothing of a retry")
    allowed = int(on.scene.tasks[name].get("max_retries", 0))
    words = f"no node runs the retry of {name}; after {len(left)} failure{'' if len(left) == 1 else 's'} its owner has {min(left)} of {allowed} retries left"
    return Seen(allowed - min(left) >= len(left), words)


def _last_task(on: Conductor) -> str:
    """The submitted task of a living owner that the trace's last steps are about: its violation is that task's."""
    named = [step.bindings.get("task", "") for step in on.trace.steps]
    alive = living(on)
    return next((name for name in reversed(named) if name in alive), alive[0])


def _first_after(on: Conductor, name: str) -> bool:
    """The attempt that failed may have ended before its code ran."""
    return on.stage.executions(name) == 1 and not any("worker.W7.start_task" in each.rules and each.bindings.get("task") == name for each in on.trace.steps)


async def memory_retry_is_forfeited(on: Conductor) -> Seen:
    answers = await ask_all(on, HANG_SECONDS)
    failed = [name for name, said in answers.items() if said["answer"] == "OutOfMemoryError" and int(on.scene.tasks[name].get("max_retries", 0))]
    words = "; ".join(f"ray.get of {name} raises OutOfMemoryError after {on.stage.executions(name)} executions" for name in failed)
    return Seen(any(on.stage.executions(name) <= 1 for name in failed), words or told(answers))


async def node_is_blamed(on: Conductor) -> Seen:
    answers = await ask_all(on, HANG_SECONDS * 2)
    blamed = [name for name, said in answers.items() if said["answer"] == "NodeDiedError"]
    rows = await on.stage.operator.ask("nodes")
    alive = all(row["alive"] for row in rows)
    return Seen(bool(blamed) and alive, f"{told(answers)}; all nodes alive: {alive}")


async def task_sees_no_device(on: Conductor) -> Seen:
    name = living(on)[0]
    await on.stage.event("start", name, HANG_SECONDS)
    starts = [each for each in on.stage.log.seen if each["what"] == "start" and each["name"] == name]
    on.finish(name)
    seen = [each.get("gpus") for each in starts]
    return Seen(bool(seen) and seen[-1] == 0, f"{name} asks for one GPU and is told of {seen[-1] if seen else 'nothing'}")


async def next_tasks_suffer(on: Conductor) -> Seen:
    player, node = await asker(on)
    await ask_all(on, HANG_SECONDS / 2)
    names = [f"next{number}" for number in range(1, max(2, on.scene.idle.get(node, 0)) + 1)]
    for name in names:
        await player.ask("submit", task=task_data(Task(name, runs=0.0, waits=True, cpus=0, node=on.scene.index(node), max_retries=0)))
    # All at once, so that every worker of the pool is needed.
    await on.stage.until(lambda: all(on.stage.executions(name) for name in names), _SOON_SECONDS)
    for name in names:
        on.finish(name)
    said = [str(each["answer"]) for each in await asyncio.gather(*(get(player, name, HANG_SECONDS) for name in names))]
    return Seen(any(each != "value" for each in said), f"the next tasks: {', '.join(said)}")
