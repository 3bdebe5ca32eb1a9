"""Looks at processes, and at what the GCS says of nodes and jobs. Each public function is a word of properties.tsv."""

from __future__ import annotations

from conduct.asking import HANG_SECONDS, Seen, ask_all, asker, failed_check, living, probe, raylet_is_gone, run_one
from conduct.conductor import Conductor, log_lines
from conduct.verbs import is_gone
from raymc_ray.plan import Task
from wire.message import REQUEST


async def process_aborts(on: Conductor) -> Seen:
    for name in living(on):
        on.finish(name)
    places = (on.stage.logs, on.stage.folder)
    lines = await on.stage.until(lambda: [line for place in places for line in log_lines(place, "Check failed")], HANG_SECONDS)
    return Seen(bool(lines), failed_check(lines[0]) if lines else "no process ends with a failed check")


async def leaving_raylet_lives(on: Conductor) -> Seen:
    told = ("raylet.R48.sigterm", "fault.F14.preemption_is_announced")
    node = next((step.bindings["node"] for step in on.trace.steps if step.rule in told), "")
    lane = on.trace.lane_of("raylet", node)
    if lane is None:
        return Seen(False, "no raylet was told to leave")
    await ask_all(on, HANG_SECONDS / 2)
    pid = on.cast.process(lane)
    gone = await on.stage.until(lambda: is_gone(pid), HANG_SECONDS)
    return Seen(not gone, "the raylet ends" if gone else f"the raylet that was told to leave is there {HANG_SECONDS:.0f} s later")


async def death_is_not_told(on: Conductor) -> Seen:
    ended = [lane.node for lane in on.trace.lanes if lane.kind == "raylet" and lane.node in on.cast.node_ids and raylet_is_gone(on, lane.node)]
    dead = next(iter([*on.struck_nodes, *ended]), "")
    if not dead or not await on.is_dead(dead, HANG_SECONDS):
        return Seen(False, "no node is dead")
    return await _bound_task_hangs(on, on.scene.index(dead))


async def later_death_is_not_told(on: Conductor) -> Seen:
    index = len(on.scene.plan.nodes) - 1
    on.cast.node_ids["spare"] = await on.stage.operator.ask("node_id", index=index)
    await on.stage.kill_raylet(index)
    if not await on.is_dead("spare", HANG_SECONDS):
        return Seen(False, "the spare node does not die")
    return await _bound_task_hangs(on, index)


async def live_node_is_held_dead(on: Conductor) -> Seen:
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
    player, at = await asker(on)
    alive = {row["id"] for row in await on.stage.operator.ask("nodes") if row["alive"]}
    for node in [node for node, known in on.cast.node_ids.items() if known in alive and node != at]:
        lane = on.trace.lane_of("raylet", node)
        if lane is None or is_gone(on.cast.process(lane)):
            continue
        said = await run_one(player, Task(f"only {node}", runs=0.0, cpus=0, resource=node, max_retries=0), HANG_SECONDS)
        another = await probe(on)
        if said == "timeout" and another == "value":
            words = f"a task submitted at {at} that only it may run: {said}; another task: {another}"
            return Seen(True, f"{node} lives and is alive in the node table; {words}")
    return Seen(False, "no living raylet is held dead")


async def live_node_is_declared_dead(on: Conductor) -> Seen:
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


async def dead_node_is_alive_again(on: Conductor) -> Seen:
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


async def worker_is_forgotten(on: Conductor) -> Seen:
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


async def process_is_left_behind(on: Conductor) -> Seen:
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


async def job_never_ends(on: Conductor) -> Seen:
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
    said = await run_one(on.players[first], Task("bound", runs=0.0, node=index, max_retries=0), HANG_SECONDS)
    another = await probe(on)
    return Seen(said == "timeout" and another == "value", f"a task bound to the dead node: {said}; another task: {another}")
