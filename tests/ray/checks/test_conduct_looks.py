"""What is seen from outside once a trace was followed, without a cluster."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("h2")

from checks.conducting import NOBODY, Asked, NoStage, conductor
from checks.traces import needs_raymc, trace_of
from conduct import asking, look_at_capacity, look_at_processes, look_at_tasks, looks
from raymc_ray import events
from wire.parts import Refused
from wire.stage import Stage


@needs_raymc
def test_the_task_that_pays_is_the_one_that_the_trace_ends_with(tmp_path: Path) -> None:
    trace = trace_of("preempted_child_pays", tmp_path)
    on = conductor(trace, {}, {})
    on.submitted = {"t1", "t2"}
    assert look_at_tasks._last_task(on) == "t2"
    assert look_at_tasks._first_after(on, "t2"), "its first attempt ended before its code ran"
    assert not look_at_tasks._first_after(on, "t1"), "the trace has its code run"


@needs_raymc
def test_the_program_of_a_trap_goes_on_before_anything_is_looked_at(tmp_path: Path) -> None:
    """The trap is there before the task is submitted; what waits for ever is the task."""
    trap = trace_of("hang_c10_hung_raylet_is_waited_for", tmp_path)
    assert trap.is_trap and not any(step.bindings.get("task") for step in trap.steps)

    class Slow(Asked):
        """A driver that has submitted a little after it was told to."""

        def begin(self, do: str, **arguments: Any) -> Any:
            answer = super().begin(do, **arguments)
            asyncio.get_running_loop().call_later(0.05, lambda: (self.asked.append(("submitted", {})), answer.set_result("ab")))
            return answer

    driver = Slow(answers={"get": {"answer": "value", "text": ""}})
    assert not asyncio.run(looks.look(conductor(trap, {}, {"driver": driver}))).violated
    assert [do for do, _ in driver.asked] == ["submit", "submitted", "get"]
    on = conductor(trap, {}, {"driver": driver})
    on.dead_owners.add("driver")
    asyncio.run(looks.look(on))
    assert len(driver.asked) == 3, "an owner that is dead submits nothing"
    assert not trace_of("c10_hung_raylet_is_waited_for", tmp_path).is_trap


@needs_raymc
def test_what_the_trace_leaves_waiting(tmp_path: Path) -> None:
    waits, fails = trace_of("forgetful_gcs_ends_a_cluster", tmp_path), trace_of("idle_drain_takes_a_waiting_tasks_argument", tmp_path)
    assert waits.is_left("t1") and not fails.is_left("t1") and not fails.is_left("t2")


@needs_raymc
@pytest.mark.parametrize(
    ("name", "answer", "violated"),
    [
        ("forgetful_gcs_ends_a_cluster", "timeout", True),  # it waits for ever, and no raylet is left that could be asked
        ("forgetful_gcs_ends_a_cluster", "value", False),
        ("c3_stopped_worker_swallows_task", "timeout", False),  # the trace has it fail: that it is slow is nothing
        ("c3_stopped_worker_swallows_task", "TaskCancelledError", True),
    ],
)
def test_a_task_does_not_finish_if_it_fails_or_waits_as_in_the_trace(name: str, answer: str, violated: bool, tmp_path: Path) -> None:
    trace = trace_of(name, tmp_path)
    on = conductor(trace, {}, {"driver": Asked(answers={"get": {"answer": answer, "text": ""}})})
    on.submitted = {"t1"}
    for lane in trace.lanes:
        on.cast.pids[lane.index] = NOBODY
    seen = asyncio.run(look_at_tasks.task_fails(on))
    assert seen.violated is violated, seen


@needs_raymc
def test_another_task_is_asked_for_at_a_node_whose_raylet_lives(tmp_path: Path) -> None:
    """A raylet that left by itself cannot be asked, though nobody has struck it."""
    trace = trace_of("preempted_child_pays", tmp_path)
    driver = Asked()
    on = conductor(trace, {}, {"driver": driver})
    n1, n2 = trace.lane_of("raylet", "n1"), trace.lane_of("raylet", "n2")
    assert n1 is not None and n2 is not None
    on.cast.pids = {n1.index: os.getpid(), n2.index: os.getpid()}
    assert asyncio.run(asking.asker(on)) == (driver, "n1")
    on.cast.pids[n1.index] = NOBODY
    probe = cast(Any, Asked())
    on.players["probe"] = probe
    assert asyncio.run(asking.asker(on)) == (probe, "n2")
    on.cast.pids[n2.index] = NOBODY
    with pytest.raises(Refused, match="no node is left"):
        asyncio.run(asking.asker(on))


@needs_raymc
@pytest.mark.parametrize(("reported", "free"), [([1, 1, 1, 1], True), ([1, 0, 0, 0], False), ([0, 1, 0, 1, 1, 1], True)])
def test_cpus_that_are_free_for_a_moment_have_not_come_back(
    reported: list[float], free: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The GCS is told later: what it says at once may be from before the lease that leaks."""
    said = iter(reported)
    last = [0.0]

    class _Operator:
        async def ask(self, do: str) -> dict[str, dict[str, float]]:
            last[0] = next(said, last[0])
            return {"n1": {"free": last[0], "total": 1}}

    class _Asking(NoStage):
        async def until_asked(self, question: Callable[[], Any], holds: Callable[[Any], bool], seconds: float) -> Any:
            for _ in range(2 if seconds <= look_at_capacity.REPORTED_SECONDS else 4):
                if holds(answer := await question()):
                    return answer
            return None

    on = conductor(trace_of("preempted_child_pays", tmp_path), {}, {})
    on.stage = cast(Stage, _Asking({}))
    on.stage.operator = cast(Any, _Operator())
    assert asyncio.run(look_at_capacity._cpus_stay_free(on)) == ({"n1": {"free": 1.0 if free else 0.0, "total": 1}}, free)


@needs_raymc
def test_an_argument_is_tried_where_the_scenario_has_one(tmp_path: Path) -> None:
    trace = trace_of("exiting_worker_keeps_a_parents_pins", tmp_path)
    asked = Asked(answers={"submit": "ab", "get": {"answer": "value", "text": ""}})
    on = conductor(trace, {}, {"driver": asked, "parent": Asked()})
    for lane in trace.lanes:
        on.cast.pids[lane.index] = os.getpid()
    assert not asyncio.run(look_at_capacity.argument_starves(on)).violated
    nodes = [arguments["task"]["node"] for do, arguments in asked.asked if do == "submit"]
    assert nodes == [on.scene.index("n2")] * 2, "the leak is there, not where the driver is"


@needs_raymc
def test_a_node_that_left_by_itself_is_dead_as_well(tmp_path: Path) -> None:
    trace = trace_of("stalled_raylet_misses_a_farewell", tmp_path)
    driver = Asked(answers={"submit": "ab", "get": {"answer": "timeout", "text": ""}})
    on = conductor(trace, {}, {"driver": driver})
    for lane in trace.lanes:
        on.cast.pids[lane.index] = NOBODY if lane.label == "raylet n3" else os.getpid()
    on.cast.node_ids = {node: node for node in ("n1", "n2", "n3")}
    asked: list[str] = []

    async def is_dead(node: str, seconds: float) -> bool:
        asked.append(node)
        return True

    on.is_dead = is_dead  # type: ignore[method-assign]
    asyncio.run(look_at_processes.death_is_not_told(on))
    assert asked == ["n3"]
    assert [arguments["task"]["node"] for do, arguments in driver.asked if do == "submit"][0] == on.scene.index("n3")


@needs_raymc
@pytest.mark.parametrize(("cpus", "tasks", "words"), [(1, 2, "t1 and t2 run at once on a node with 1 CPU"), (2, 2, ""), (2, 3, "t1 and t2 and t3 run at once on a node with 2 CPUs")])
def test_tasks_are_too_many_for_the_cpus_that_their_node_has(cpus: int, tasks: int, words: str, tmp_path: Path) -> None:
    trace = trace_of("c1_dead_worker_is_granted", tmp_path)
    names = [f"t{number}" for number in range(1, tasks + 1)]
    shape = {**trace.shape, "cpus_per_node": cpus, "task": [{"id": name} for name in names]}
    on = conductor(replace(trace, shape=shape), {}, {})
    on.submitted, on.cast.node_ids = set(names), {"n1": "ab"}
    on.stage.log = events.Log(tmp_path)
    for name in names:
        for what in ("start", "waits"):
            on.stage.log.seen.append({"what": what, "name": name, "node": "ab", "pid": os.getpid()})
    seen = asyncio.run(look_at_capacity.more_tasks_than_cpus(on))
    assert (seen.violated, seen.words) == (bool(words), words or "they do not run at once")


@needs_raymc
@pytest.mark.parametrize(("lines", "violated", "words"), [((0,), True, "has 0 of 1 retries left"), ((1,), False, "has 1 of 1 retries left"), ((), False, "notes nothing")])
def test_a_retry_that_no_node_can_run_is_told_by_its_owner(lines: tuple[int, ...], violated: bool, words: str, tmp_path: Path) -> None:
    trace = trace_of("preemption_is_charged", tmp_path)
    on = conductor(trace, {}, {"driver": Asked()})
    on.submitted, on.cast.tasks, on.stage.logs = {"t1"}, {"t1": "ab12"}, tmp_path
    cast(Any, on.stage).folder = tmp_path / "drivers"
    on.scene.tasks["t1"]["max_retries"] = 1
    on.stage.executions = lambda name: 0  # type: ignore[method-assign]
    told = [f"[I] task {task} retries left: {left}, oom retries left: 0" for task, left in [("cd34", 7), *(("ab12", each) for each in lines)]]
    (tmp_path / "python-core-driver-1.log").write_text("\n".join(told))
    seen = asyncio.run(look_at_tasks.retry_is_charged(on))
    assert seen.violated is violated and words in seen.words
