"""How the violation of a property looks from outside. Each look is named in properties.tsv; none of them knows a scenario."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from conduct import tables
from conduct.conductor import Conductor, log_lines
from conduct.expected import content
from conduct.scene import PINNED_BYTES
from conduct.verbs import is_gone
from raymc_ray.plan import Task
from wire.message import REPLY, REQUEST
from wire.parts import Child, Refused
from wire.stage import task_data

HANG_SECONDS = 12.0
_SOON_SECONDS = 5.0
_REPORTED_SECONDS = 1.0  # a raylet reports ten times a second
_ENDING_SECONDS = 0.5
_PROBE_SECONDS = 25.0
_MANY = 5  # refusals within three seconds that nobody needs


@dataclass(frozen=True)
class Seen:
    """Whether the property is violated, as far as one can see, and in words what was seen."""

    violated: bool
    words: str


async def look(on: Conductor) -> Seen:
    """Looks at what the trace's property is about. Meanwhile owners that are tasks wait for what they have submitted, as their code does."""
    for owner in on.players:
        if owner in on.scene.owners and on.scene.is_task(owner) and owner not in on.dead_owners:
            on.lets_wait(owner)
    name = tables.looks()[on.trace.breaks]
    found: Callable[[Conductor], Awaitable[Seen]] = globals()["_" + name]
    return await found(on)


def known() -> set[str]:
    """The words that properties.tsv may use."""
    return {name[1:] for name, value in globals().items() if name.startswith("_") and asyncio.iscoroutinefunction(value)} - _HELPERS


async def ends_well(on: Conductor) -> Seen:
    """Of a control: whether something is wrong although there was no fault."""
    answers = await _answers(on, HANG_SECONDS * 2)
    wrong = {name: said for name, said in answers.items() if said["answer"] != "value"}
    lost = await _capacity_is_lost(on)
    return Seen(bool(wrong) or lost.violated, _said(wrong) if wrong else lost.words if lost.violated else f"{_said(answers)}; {lost.words}")


async def stands(on: Conductor) -> Seen:
    """After a schedule that would break a Ray without some safeguard: whether anything is wrong."""
    name = tables.looks().get(on.trace.breaks, "none")
    if name == "task_never_ends":
        # What saves it may take longer than that look waits before it speaks of a hang.
        await _answers(on, HANG_SECONDS * 3)
    seen = await look(on) if name != "none" else Seen(False, "")
    if seen.violated:
        return seen
    answers = await _answers(on, HANG_SECONDS * 2)
    wrong = {task: said for task, said in answers.items() if said["answer"] in ("timeout", "wrong", "ended")}
    often = {task: on.stage.executions(task) for task in answers if on.stage.executions(task) > 1 + int(on.scene.tasks[task].get("max_retries", 0))}
    lost = await _capacity_is_lost(on)
    checks = [line for place in (on.stage.logs, on.stage.folder) for line in log_lines(place, "Check failed")]
    if wrong or often or lost.violated or checks:
        parts = [_said(wrong), f"executed too often: {often}" if often else "", lost.words if lost.violated else "", *map(failed_check, checks[:1])]
        return Seen(True, "; ".join(part for part in parts if part))
    return Seen(False, "; ".join(part for part in (_said(answers), lost.words, seen.words) if part))


_HELPERS = {"answers", "get", "probe", "asker", "run", "hang", "nodes_that_lend_less", "cpus_stay_free"}


def _living(on: Conductor) -> list[str]:
    """Submitted tasks whose owner has not been killed."""
    return [name for name in sorted(on.submitted) if on.owner_of(name) not in on.dead_owners]


async def _get(player: Child, name: str, seconds: float) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = await player.ask("get", limit=seconds + 20, name=name, seconds=seconds)
        return answer
    except Refused as error:
        return {"answer": "ended", "text": str(error)}
    except TimeoutError:
        return {"answer": "timeout", "text": "the driver does not answer"}


async def _answers(on: Conductor, seconds: float, finish: bool = True) -> dict[str, dict[str, Any]]:
    """What every task of a living owner answers, once the tasks may finish."""
    names = _living(on)
    for name in names if finish else []:
        on.finish(name)
    said = await asyncio.gather(*(_get(on.players[on.owner_of(name)], name, seconds) for name in names))
    return dict(zip(names, said, strict=True))


async def _asker(on: Conductor) -> tuple[Child, str]:
    """A driver at a node that nobody has struck and whose raylet has not ended, and that node; a new one if the first driver is at another node,
    or is gone."""
    first = next(iter(on.scene.owners))
    at = str(on.scene.owners[first].get("node", "n1"))
    healthy = [node for node in on.scene.idle if node not in on.struck_nodes and not _raylet_is_gone(on, node)]
    if at in healthy and first not in on.dead_owners and not on.players[first].ended:
        return on.players[first], at
    if not healthy:
        healthy = [node for node in on.scene.late if node in on.cast.node_ids and node not in on.struck_nodes]
    if not healthy:
        raise Refused("no node is left that could be asked")
    if "probe" not in on.players:
        on.players["probe"] = await on.stage.driver("probe", at=on.scene.index(healthy[0]))
    return on.players["probe"], healthy[0]


def _raylet_is_gone(on: Conductor, node: str) -> bool:
    lane = on.trace.lane_of("raylet", node)
    return lane is not None and is_gone(on.cast.process(lane))


async def _run(player: Child, task: Task, seconds: float) -> str:
    await player.ask("submit", task=task_data(task))
    return str((await _get(player, task.name, seconds))["answer"])


async def _probe(on: Conductor) -> str:
    """What a task answers that has nothing to do with the others; it needs no CPU."""
    player, node = await _asker(on)
    return await _run(player, Task(f"probe{time.monotonic_ns()}", runs=0.0, cpus=0, node=on.scene.index(node), max_retries=0), _PROBE_SECONDS)


def _said(answers: dict[str, dict[str, Any]]) -> str:
    return ", ".join(f"{name}: {said['answer']}" for name, said in answers.items())


async def _task_never_ends(on: Conductor) -> Seen:
    return await _hang(on, await _answers(on, HANG_SECONDS))


async def _hang(on: Conductor, answers: dict[str, dict[str, Any]]) -> Seen:
    """Whether one of the tasks hangs: another one has to run meanwhile, unless the trace has ended every raylet that could run it."""
    hung = [name for name, said in answers.items() if said["answer"] == "timeout"]
    if not hung:
        return Seen(False, _said(answers))
    words = f"ray.get of {', '.join(hung)} does not end within {HANG_SECONDS:.0f} s"
    raylets = [lane for lane in on.trace.lanes if lane.kind == "raylet"]
    if all(is_gone(on.cast.process(lane)) for lane in raylets):
        return Seen(True, f"{words}; no raylet is left")
    probe = await _probe(on)
    return Seen(probe == "value", f"{words}; another task meanwhile: {probe}")


async def _task_fails(on: Conductor) -> Seen:
    """It ends with an error. If the trace has it wait for ever, that counts as well: then it has not ended with its value either."""
    answers = await _answers(on, HANG_SECONDS)
    waits = {name: said for name, said in answers.items() if on.trace.is_left(name)}
    if any(said["answer"] == "timeout" for said in waits.values()):
        return await _hang(on, waits)
    failed = {name: said for name, said in answers.items() if said["answer"] not in ("value", "timeout")}
    words = "; ".join(f"ray.get of {name} raises {said['answer']} after {on.stage.executions(name)} executions" for name, said in failed.items())
    return Seen(bool(failed), words or _said(answers))


async def _owner_is_refused_again_and_again(on: Conductor) -> Seen:
    before = on.stage.wire.count
    await on.stage.until(lambda: False, 3.0)
    refusals = [each for each in on.stage.wire.since(before, "RequestWorkerLease", REPLY) if content(each) == "canceled"]
    return Seen(len(refusals) > _MANY, f"{len(refusals)} lease requests are refused in 3 s")


async def _capacity_is_lost(on: Conductor) -> Seen:
    await _answers(on, HANG_SECONDS / 2)
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
        if await on.stage.until_asked(ask, lambda cpus: not all_free(cpus), _REPORTED_SECONDS) is None:
            return await ask(), True
    return await ask(), False


async def _nodes_that_lend_less(on: Conductor, cpus: dict[str, float]) -> list[str]:
    """Those of these nodes, with the CPUs of each, on which no task gets all of them, although one without CPUs runs there."""
    if not cpus:
        return []
    player, _ = await _asker(on)

    async def lends(node: str, wanted: float, seconds: float) -> bool:
        task = Task(f"all.{node}.{wanted:g}", runs=0.0, cpus=wanted, node=on.scene.index(node), soft=False, max_retries=0)
        return await _run(player, task, seconds) != "timeout"

    found = []
    for node, wanted in sorted(cpus.items()):
        if not await lends(node, wanted, HANG_SECONDS) and await lends(node, 0, _PROBE_SECONDS):
            found.append(node)
    return found


async def _two_tasks_on_one_cpu(on: Conductor) -> Seen:
    def running() -> dict[str, list[str]]:
        on.stage.log.poll()
        found: dict[str, list[str]] = {}
        for name in on.submitted:
            waits = [each for each in on.stage.log.seen if each["what"] == "waits" and each["name"] == name]
            starts = [each for each in on.stage.log.seen if each["what"] == "start" and each["name"] == name]
            if waits and starts and not on.stage.log.find("return", name) and not is_gone(starts[-1]["pid"]):
                found.setdefault(starts[-1]["node"], []).append(name)
        return found

    def crowded_now() -> list[list[str]]:
        return [names for names in running().values() if len(names) > 1]

    crowded = await on.stage.until(crowded_now, HANG_SECONDS)
    if crowded:
        # A process that is about to end runs nothing any more, and is gone soon.
        await on.stage.until(lambda: not crowded_now(), _ENDING_SECONDS)
        crowded = crowded_now()
    return Seen(bool(crowded), f"{' and '.join(sorted(crowded[0]))} run at once on a node with one CPU" if crowded else "they do not run at once")


async def _next_tasks_suffer(on: Conductor) -> Seen:
    player, node = await _asker(on)
    await _answers(on, HANG_SECONDS / 2)
    names = [f"next{number}" for number in range(1, max(2, on.scene.idle.get(node, 0)) + 1)]
    for name in names:
        await player.ask("submit", task=task_data(Task(name, runs=0.0, waits=True, cpus=0, node=on.scene.index(node), max_retries=0)))
    # All at once, so that every worker of the pool is needed.
    await on.stage.until(lambda: all(on.stage.executions(name) for name in names), _SOON_SECONDS)
    for name in names:
        on.finish(name)
    said = [str(each["answer"]) for each in await asyncio.gather(*(_get(player, name, HANG_SECONDS) for name in names))]
    return Seen(any(each != "value" for each in said), f"the next tasks: {', '.join(said)}")


async def _argument_starves(on: Conductor) -> Seen:
    await _answers(on, HANG_SECONDS)
    player, at = await _asker(on)
    await player.ask("put", name="large", value_bytes=PINNED_BYTES)
    words = []
    for node in _nodes_of_arguments(on) or [at]:
        index = on.scene.index(node)
        starved = await _run(player, Task(f"takes.{node}", runs=0.0, node=index, needs=("large",), max_retries=0), HANG_SECONDS)
        free = await _run(player, Task(f"takes nothing.{node}", runs=0.0, cpus=0, node=index, max_retries=0), HANG_SECONDS)
        words.append(f"a task with an argument of {PINNED_BYTES >> 20} MiB: {starved}; one without: {free}")
        if starved == "timeout" and free == "value":
            return Seen(True, words[-1])
    return Seen(False, "; ".join(words))


def _nodes_of_arguments(on: Conductor) -> list[str]:
    """Those whose raylet lives, and where tasks of the scenario have an argument."""
    named = dict.fromkeys(str(each["arguments_at"]) for each in on.scene.tasks.values() if each.get("arguments_at"))
    return [node for node in named if node not in on.struck_nodes and not _raylet_is_gone(on, node)]


async def _process_aborts(on: Conductor) -> Seen:
    for name in _living(on):
        on.finish(name)
    places = (on.stage.logs, on.stage.folder)
    lines = await on.stage.until(lambda: [line for place in places for line in log_lines(place, "Check failed")], HANG_SECONDS)
    return Seen(bool(lines), failed_check(lines[0]) if lines else "no process ends with a failed check")


def failed_check(line: str) -> str:
    """Where it is and what it says, without time, process and advice."""
    place = re.search(r"\S+\.cc:\d+", line)
    said = re.sub(r"\b[0-9a-f]{16,}\b", "...", line.partition("Check failed: ")[2])
    return f"{place.group(0) if place else 'a process'}: Check failed: {said[:100].strip()}"


async def _leaving_raylet_lives(on: Conductor) -> Seen:
    told = ("raylet.R48.sigterm", "fault.F14.preemption_is_announced")
    node = next((step.bindings["node"] for step in on.trace.steps if step.rule in told), "")
    lane = on.trace.lane_of("raylet", node)
    if lane is None:
        return Seen(False, "no raylet was told to leave")
    await _answers(on, HANG_SECONDS / 2)
    pid = on.cast.process(lane)
    gone = await on.stage.until(lambda: is_gone(pid), HANG_SECONDS)
    return Seen(not gone, "the raylet ends" if gone else f"the raylet that was told to leave is there {HANG_SECONDS:.0f} s later")


async def _cancelled_task_runs(on: Conductor) -> Seen:
    answers = await _answers(on, HANG_SECONDS)
    returned = [name for name in on.cancelled if answers.get(name, {}).get("answer") == "value"]
    words = ", ".join(f"{name}, cancelled, gives its value after {on.stage.executions(name)} executions" for name in returned)
    return Seen(bool(returned), words or _said(answers))


async def _request_is_cancelled_again_and_again(on: Conductor) -> Seen:
    counts: dict[bytes, int] = {}
    await on.stage.until(lambda: False, 3.0)
    for each in on.stage.wire.since(0, "CancelWorkerLease", REQUEST):
        if each.fields is not None:
            counts[each.fields.lease_id] = counts.get(each.fields.lease_id, 0) + 1
    most = max(counts.values(), default=0)
    return Seen(most > 1, f"one lease request is cancelled {most} times")


async def _death_is_not_told(on: Conductor) -> Seen:
    ended = [lane.node for lane in on.trace.lanes if lane.kind == "raylet" and lane.node in on.cast.node_ids and _raylet_is_gone(on, lane.node)]
    dead = next(iter([*on.struck_nodes, *ended]), "")
    if not dead or not await on.is_dead(dead, HANG_SECONDS):
        return Seen(False, "no node is dead")
    return await _bound_task_hangs(on, on.scene.index(dead))


async def _later_death_is_not_told(on: Conductor) -> Seen:
    index = len(on.scene.plan.nodes) - 1
    on.cast.node_ids["spare"] = await on.stage.operator.ask("node_id", index=index)
    await on.stage.kill_raylet(index)
    if not await on.is_dead("spare", HANG_SECONDS):
        return Seen(False, "the spare node does not die")
    return await _bound_task_hangs(on, index)


async def _value_is_gone(on: Conductor) -> Seen:
    for node in {step.bindings["node"] for step in on.trace.steps if step.rule in ("fault.F15.idle_node_is_drained", "fault.F1.raylet_crash")}:
        await on.is_dead(node, HANG_SECONDS)
    answers = await _answers(on, HANG_SECONDS * 2)
    on.stage.log.poll()
    lost = {name: said for name, said in answers.items() if said["answer"] != "value" and on.stage.log.find("return", name)}
    again = [name for name in answers if sum(each["what"] == "return" and each["name"] == name for each in on.stage.log.seen) > 1]
    if lost or not again or on.struck_nodes:  # with a node that is struck its values go, and are made again as they should
        return Seen(bool(lost), _said(lost or answers))
    return Seen(True, f"{', '.join(again)} had returned its value, which is lost: it is made a second time")


async def _retry_is_charged(on: Conductor) -> Seen:
    name = _last_task(on)
    second = await on.stage.until(lambda: on.stage.executions(name) > 1 or _first_after(on, name), HANG_SECONDS * 2)
    if not second:
        return Seen(False, f"{name} is not tried again")
    last = [each for each in on.stage.log.seen if each["what"] == "start" and each["name"] == name][-1]
    await on.stage.kill(last["pid"])
    on.finish(name)
    said = await _get(on.players[on.owner_of(name)], name, HANG_SECONDS * 2)
    executions = on.stage.executions(name)
    return Seen(
        said["answer"] not in ("value", "timeout"), f"its next failure: ray.get of {name} says {said['answer']} after {executions} executions"
    )


def _last_task(on: Conductor) -> str:
    """The submitted task of a living owner that the trace's last steps are about: its violation is that task's."""
    named = [step.bindings.get("task", "") for step in on.trace.steps]
    living = _living(on)
    return next((name for name in reversed(named) if name in living), living[0])


def _first_after(on: Conductor, name: str) -> bool:
    """The attempt that failed may have ended before its code ran."""
    return on.stage.executions(name) == 1 and not any("worker.W7.start_task" in each.rules and each.bindings.get("task") == name for each in on.trace.steps)


async def _memory_retry_is_forfeited(on: Conductor) -> Seen:
    answers = await _answers(on, HANG_SECONDS)
    failed = [name for name, said in answers.items() if said["answer"] == "OutOfMemoryError" and int(on.scene.tasks[name].get("max_retries", 0))]
    words = "; ".join(f"ray.get of {name} raises OutOfMemoryError after {on.stage.executions(name)} executions" for name in failed)
    return Seen(any(on.stage.executions(name) <= 1 for name in failed), words or _said(answers))


async def _live_node_is_held_dead(on: Conductor) -> Seen:
    async def held_dead() -> list[str]:
        rows = await on.stage.operator.ask("nodes")
        dead = {row["id"] for row in rows if not row["alive"]}
        return [
            node
            for node, known in on.cast.node_ids.items()
            if known in dead and (lane := on.trace.lane_of("raylet", node)) is not None and not is_gone(on.cast.process(lane))
        ]

    nodes = await on.stage.until_asked(held_dead, bool, HANG_SECONDS)
    await on.stage.until(lambda: False, HANG_SECONDS / 2)
    nodes = await held_dead() if nodes else []
    return Seen(True, f"{', '.join(nodes)} lives and is dead in the node table") if nodes else await _live_node_is_not_used(on)


async def _live_node_is_not_used(on: Conductor) -> Seen:
    """A raylet that holds another one dead sends nothing there, though the node table has it alive."""
    player, at = await _asker(on)
    alive = {row["id"] for row in await on.stage.operator.ask("nodes") if row["alive"]}
    for node in [node for node, known in on.cast.node_ids.items() if known in alive and node != at]:
        lane = on.trace.lane_of("raylet", node)
        if lane is None or is_gone(on.cast.process(lane)):
            continue
        said = await _run(player, Task(f"only {node}", runs=0.0, cpus=0, resource=node, max_retries=0), HANG_SECONDS)
        probe = await _probe(on)
        if said == "timeout" and probe == "value":
            words = f"a task submitted at {at} that only it may run: {said}; another task: {probe}"
            return Seen(True, f"{node} lives and is alive in the node table; {words}")
    return Seen(False, "no living raylet is held dead")


async def _live_node_is_declared_dead(on: Conductor) -> Seen:
    """Of a node that nobody has struck, and whose place no other head takes. Its raylet may end itself when it reads that."""
    replaced = {0} if any(each.head for each in on.scene.plan.nodes) else set()
    names = {known: node for node, known in on.cast.node_ids.items() if node not in on.struck_nodes and on.scene.index(node) not in replaced}

    async def held_dead() -> list[str]:
        return sorted({names[row["id"]] for row in await on.stage.operator.ask("nodes") if not row["alive"] and row["id"] in names})

    nodes = await on.stage.until_asked(held_dead, bool, HANG_SECONDS)
    if not nodes:
        return Seen(False, "no node that lives is dead in the node table")
    lanes = [lane for lane in (on.trace.lane_of("raylet", node) for node in nodes) if lane is not None]
    ended = await on.stage.until(lambda: all(is_gone(on.cast.process(lane)) for lane in lanes), HANG_SECONDS)
    ending = "and its raylet, which nobody has struck, ends itself" if ended else "and lives"
    return Seen(True, f"{', '.join(nodes)} is dead in the node table {ending}")


async def _dead_node_is_alive_again(on: Conductor) -> Seen:
    async def revived() -> list[str]:
        rows = await on.stage.operator.ask("nodes")
        alive = {row["id"] for row in rows if row["alive"]}
        return [
            node
            for node, known in on.cast.node_ids.items()
            if known in alive and (lane := on.trace.lane_of("raylet", node)) is not None and is_gone(on.cast.process(lane))
        ]

    for told in on.news.values():
        for place, (kind, node) in enumerate(told):
            if kind == "NodeDead" and ("NodeAlive", node) in told[place:]:
                return Seen(True, f"the GCS tells a subscriber that {node} is dead, and later that it is alive; its raylet has ended")
    nodes = await on.stage.until_asked(revived, bool, HANG_SECONDS / 2)
    return Seen(
        bool(nodes), f"{', '.join(nodes)} has ended and is alive in the node table" if nodes else "no ended raylet is alive in the node table"
    )


async def _worker_is_forgotten(on: Conductor) -> Seen:
    step = next((each for each in on.trace.steps if each.rule == "raylet.W16.ask_idle_worker_to_exit"), None)
    lane = on.trace.lane_of("worker", step.bindings["worker"]) if step else None
    if lane is None:
        return Seen(False, "no worker was asked to exit")
    pid, before = on.cast.process(lane), on.stage.wire.count
    gone = await on.stage.until(lambda: is_gone(pid), HANG_SECONDS)
    asked = [each for each in on.stage.wire.since(before, "Exit", REQUEST) if each.callee.pid == pid]
    if gone or asked:
        return Seen(False, "the worker ends" if gone else "the worker is asked again")
    return Seen(True, f"the idle worker lives {HANG_SECONDS:.0f} s later and is not asked to exit any more")


async def _process_is_left_behind(on: Conductor) -> Seen:
    """The worker of the push that failed: its raylet closes its connection, and does nothing else about it."""
    push = next((each for each in on.trace.steps if "PushTask" in each.action and each.fault), None)
    lane = on.trace.lane_of("worker", push.bindings["worker"]) if push else None
    if lane is None:
        return Seen(False, "no push failed")
    pid = on.cast.process(lane)
    if await on.stage.until(lambda: is_gone(pid), HANG_SECONDS):
        return Seen(False, "the worker ends")
    ids = [path.stem.split("-")[-1].split("_")[0] for path in on.stage.logs.glob(f"python-core-worker-*_{pid}.log")]
    if not any(line for line in log_lines(on.stage.logs, "Disconnecting worker") if any(each in line for each in ids)):
        return Seen(False, "its raylet still holds the worker")
    return Seen(True, f"the worker lives {HANG_SECONDS:.0f} s after its raylet has closed its connection")


async def _node_is_blamed(on: Conductor) -> Seen:
    answers = await _answers(on, HANG_SECONDS * 2)
    blamed = [name for name, said in answers.items() if said["answer"] == "NodeDiedError"]
    rows = await on.stage.operator.ask("nodes")
    alive = all(row["alive"] for row in rows)
    return Seen(bool(blamed) and alive, f"{_said(answers)}; all nodes alive: {alive}")


async def _task_sees_no_device(on: Conductor) -> Seen:
    name = _living(on)[0]
    await on.stage.event("start", name, HANG_SECONDS)
    starts = [each for each in on.stage.log.seen if each["what"] == "start" and each["name"] == name]
    on.finish(name)
    seen = [each.get("gpus") for each in starts]
    return Seen(bool(seen) and seen[-1] == 0, f"{name} asks for one GPU and is told of {seen[-1] if seen else 'nothing'}")


async def _job_never_ends(on: Conductor) -> Seen:
    async def unended() -> list[str]:
        jobs = await on.stage.operator.ask("jobs")
        return [job for job, dead in jobs.items() if not dead]

    ended = await on.stage.until_asked(unended, lambda jobs: not jobs, HANG_SECONDS)
    return Seen(
        ended is None, "its job ends" if ended is not None else f"the job of a driver whose node is dead has not ended {HANG_SECONDS:.0f} s later"
    )


async def _bound_task_hangs(on: Conductor, index: int) -> Seen:
    """A task that only the dead node may run ought to fail at once."""
    first = next(iter(on.scene.owners))
    said = await _run(on.players[first], Task("bound", runs=0.0, node=index, max_retries=0), HANG_SECONDS)
    probe = await _probe(on)
    return Seen(said == "timeout" and probe == "value", f"a task bound to the dead node: {said}; another task: {probe}")


_HELPERS |= {"bound_task_hangs", "live_node_is_not_used"}
