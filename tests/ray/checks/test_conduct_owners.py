"""Owners that are tasks, jobs, subscribers that do not poll, and a GCS without a store: what conducting makes of them, without a cluster."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

pytest.importorskip("h2")

from checks.conducting import Asked, NoStage, conductor, owning
from checks.traces import needs_raymc, trace_of
from conduct import asking, scene, tables
from conduct.conductor import refuse_steps
from conduct.expected import content
from conduct.outcome import WentAnotherWay
from raymc_ray import tasks as running
from raymc_ray.plan import Task, task_from_json
from wire import player
from wire.message import Message
from wire.stage import Stage, task_data

# Owners that are tasks.


@needs_raymc
def test_each_attempt_of_a_task_is_an_owner_of_its_own(tmp_path: Path) -> None:
    trace = trace_of("preempted_child_pays", tmp_path)
    made = scene.make(trace)
    assert scene.task(made, trace, "t1").serves == ("parent",) and scene.task(made, trace, "t2").serves == ()
    later = owning(trace, attempt=2)
    assert scene.task(scene.make(later), later, "t1").serves == ("", "parent")
    assert scene.make(later).is_later_attempt("parent") and not made.is_later_attempt("parent")
    assert scene.job_of(made, "parent") == "driver"


@needs_raymc
def test_the_tasks_of_a_task_are_drawn_to_a_node_by_affinity(tmp_path: Path) -> None:
    """No value can be made for them before the trace begins."""
    trace = trace_of("preempted_child_pays", tmp_path)
    shape = {**trace.shape, "task": [{**each, "locality": "n2"} for each in trace.shape["task"]]}
    near = replace(trace, shape=shape)
    made = scene.make(near)
    child, parent = scene.task(made, near, "t2"), scene.task(made, near, "t1")
    assert (child.node, child.soft, child.needs) == (made.index("n2"), True, ())
    assert (parent.node, parent.needs) == (None, (scene.near("n2"),))
    argued = replace(trace, shape={**shape, "task": [{**each, "arguments_at": "n2"} for each in shape["task"]]})
    refuse_steps(argued)
    made = scene.make(argued)
    values = scene.prepared(made, argued, "parent", True)
    assert [(each.name, each.node) for each in values] == [("argument_n2_2", made.index("n2"))], "nothing that draws them"


@needs_raymc
def test_a_task_that_is_an_owner_begins_with_what_it_submits(tmp_path: Path) -> None:
    """It subscribes to the GCS in the step in which it begins, which a program does when it submits."""
    trace = trace_of("preempted_child_pays", tmp_path)
    begins = next(step for step in trace.steps if step.rule == "worker.W7.start_task")
    parent = Asked(answers={"pid": 77, "submit": "ab"})
    on = conductor(trace, {"parent": parent}, {"driver": Asked()})
    lane = trace.lane_of("owner", "parent")
    assert lane is not None

    async def begin() -> None:
        await on._births_and_deaths(begins)
        assert on.cast.process(lane) == 77
        assert [do for do, _ in parent.asked] == ["pid", "submit"] and on.cast.tasks == {}, "its code may have to wait for a GCS"
        await on._submit(next(step for step in trace.steps if step.bindings.get("task") == "t2"))
        assert [do for do, _ in parent.asked] == ["pid", "submit"] and on.cast.tasks == {"t2": "ab"}, "it is submitted once"

    asyncio.run(begin())
    silent = conductor(trace, {}, {"driver": Asked()})
    with pytest.raises(WentAnotherWay, match="the code of t1 does not run"):
        asyncio.run(silent._births_and_deaths(begins))


@needs_raymc
def test_a_task_that_is_an_owner_makes_arguments_before_it_submits(tmp_path: Path) -> None:
    """Meanwhile its calls for leases pass, and when it goes on the worker that made them is idle again."""
    trace = trace_of("preempted_child_pays", tmp_path)
    trace = replace(trace, shape={**trace.shape, "task": [{**each, "arguments_at": "n2"} if each["id"] == "t2" else each for each in trace.shape["task"]]})
    parent = Asked(answers={"pid": 77, "submit": "ab", "ready": True})
    on = conductor(trace, {"parent": parent}, {"driver": Asked()})
    passing: list[int] = []
    back = [False]

    def since(count: int, name: str, direction: str) -> list[Any]:
        passing.append(on.preparing)
        waited = back[0]
        back[0] = True
        return [SimpleNamespace(caller=SimpleNamespace(pid=77 if waited else 78))]

    on.stage.wire = cast(Any, SimpleNamespace(count=0, since=since))
    asyncio.run(on.is_born("parent"))
    assert [do for do, _ in parent.asked] == ["pid", "submit", "ready"] and parent.asked[1][1]["task"]["name"] == "argument_n2_2"
    assert passing == [77, 77] and on.preparing == 0, "a lease of somebody else that is given back is not waited for"


@needs_raymc
def test_an_owner_that_has_ended_is_asked_no_more(tmp_path: Path) -> None:
    trace = trace_of("dead_parents_lease_blocks_pinned_task", tmp_path)
    on = conductor(trace, {}, {"driver": Asked(), "parent": Asked()})
    on.submitted = {"t1", "t2"}
    dies = next(step for step in trace.steps if step.rule == "fault.F3.owner_worker_crash")
    told = next(step for step in trace.steps if step.rule == "gcs.G8.owner_failure_reported")
    asyncio.run(on._births_and_deaths(told))
    assert asking.living(on) == ["t1", "t2"], "to be held dead is not to be dead"
    asyncio.run(on._births_and_deaths(dies))
    assert asking.living(on) == ["t2"]


@needs_raymc
@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_parent_waits_for_its_tasks_when_the_trace_says_so_and_in_the_look(one_by_one: bool, tmp_path: Path) -> None:
    trace = owning(trace_of("preempted_child_pays", tmp_path), gets_one_by_one=one_by_one)
    parent = Asked(answers={"submit": "ab"})
    on = conductor(trace, {}, {"driver": Asked(), "parent": parent})
    blocks = replace(trace.steps[0], bindings={"task": "t1"})
    waits = ("wait", {"one_by_one": one_by_one})

    async def block(step: Any) -> None:
        await on._block(step)

    asyncio.run(block(replace(blocks, bindings={"task": "t2"})))
    assert parent.asked == [], "the code of another task waits by itself"
    asyncio.run(block(blocks))
    assert [do for do, _ in parent.asked] == ["submit", "wait"] and parent.asked[-1] == waits


def test_a_parents_program_runs_in_the_thread_of_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it submits and waits for does; what it is asked besides does not, so that a `ray.get` that never ends holds up nothing else."""
    seen: list[tuple[str, int]] = []

    class _Reference:
        def task_id(self) -> bytes:
            return b"\x01"

    def submit(task: Task, known: dict[str, Any]) -> _Reference:
        seen.append((task.name, threading.get_ident()))
        if task.name == "bad":
            raise ValueError("as told")
        return _Reference()

    monkeypatch.setattr(running, "submit", submit)
    parent = player.Parent()
    answers = parent.answers()
    said: dict[str, Any] = {}
    done = threading.Event()

    def ask() -> None:
        said["pid"] = answers["pid"]()
        said["good"] = answers["submit"](task=task_data(Task("good")))
        try:
            answers["submit"](task=task_data(Task("bad")))
        except ValueError as error:
            said["bad"] = str(error)
        done.set()

    threading.Thread(target=ask, daemon=True).start()
    parent.run(done.is_set)
    assert said.keys() == {"pid", "good", "bad"} and (said["good"], said["bad"]) == ("01", "as told")
    assert seen == [("good", threading.get_ident()), ("bad", threading.get_ident())]


def test_a_cancelled_parent_does_not_go_on() -> None:
    parent = player.Parent()

    def cancelled() -> None:
        raise KeyboardInterrupt

    ask = parent._in_task(cancelled)
    answered: list[str] = []

    def asked() -> None:
        try:
            ask()
        except BaseException as error:
            answered.append(type(error).__name__)

    thread = threading.Thread(target=asked, daemon=True)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        parent.run(lambda: False)
    thread.join(10)
    assert answered == ["KeyboardInterrupt"]


def test_owners_come_through_as_data() -> None:
    task = Task("t1", serves=("", "parent"))
    assert task_from_json(task_data(task)) == task


@needs_raymc
def test_a_process_may_be_a_worker_and_an_owner(tmp_path: Path) -> None:
    """The grant that names the process again leaves the owner that it is alone."""
    trace = trace_of("preempted_child_pays", tmp_path)
    cast_ = conductor(trace, {}, {}).cast
    parent, worker, other = trace.lane_of("owner", "parent"), trace.lane_of("worker", "w1"), trace.lane_of("worker", "w2")
    assert parent is not None and worker is not None and other is not None
    cast_.pids = {parent.index: 7, worker.index: 7, other.index: 8}
    cast_.is_named(other, 7)
    assert (cast_.process(parent), cast_.process(worker), cast_.process(other)) == (7, 8, 7)


# Steps.


@needs_raymc
def test_a_raylet_that_ends_by_itself_is_reaped(tmp_path: Path) -> None:
    """Its workers ask the kernel whether it is there, and for that one that nobody has reaped is."""
    trace = trace_of("forgetful_gcs_ends_a_cluster", tmp_path)
    on = conductor(trace, {}, {})
    reaped: list[int] = []

    class _Operator:
        async def ask(self, do: str) -> None:
            reaped.append(os.waitpid(raylet, 0)[0])

    on.stage.operator = cast(Any, _Operator())
    raylet = os.posix_spawn("/bin/true", ["true"], {})
    ends = next(step for step in trace.steps if step.rule == "raylet.R44.unauthenticated")
    lane = trace.lane_of("raylet", ends.bindings["node"])
    assert lane is not None
    on.cast.pids[lane.index] = raylet
    asyncio.run(on._reap(next(step for step in trace.steps if step.rule == "gcs.G15.crash")))
    assert reaped == []
    asyncio.run(on._reap(ends))
    assert reaped == [raylet]


@needs_raymc
def test_code_that_does_not_run_for_its_argument_is_not_waited_for(tmp_path: Path) -> None:
    trace = trace_of("idle_drain_takes_a_waiting_tasks_argument", tmp_path)
    first, second = [step for step in trace.steps if step.rule == "worker.W7.start_task"]
    waited: list[str] = []

    class _Waiting(NoStage):
        async def until(self, condition: Callable[[], Any], seconds: float) -> None:
            waited.append("for it")

    on = conductor(trace, {}, {})
    on.stage = cast(Stage, _Waiting({}))
    asyncio.run(on._shown(second, tables.rules()[second.rule]))
    assert waited == []
    with pytest.raises(WentAnotherWay, match="the code of t1 does not run"):
        asyncio.run(on._shown(first, tables.rules()[first.rule]))


# Jobs, subscribers, a GCS without a store.


@needs_raymc
def test_an_idle_worker_is_of_the_job_that_takes_it(tmp_path: Path) -> None:
    trace = trace_of("stalled_raylet_serves_dead_driver", tmp_path)
    made = scene.make(trace)
    assert scene.idle_for(made, trace, "w2") == "b", "b's lease pops it"
    assert scene.idle_for(made, trace, "w1") == "a", "nobody does"
    nested = trace_of("preempted_child_pays", tmp_path)
    assert scene.idle_for(scene.make(nested), nested, "w3") == "driver", "the parent's lease is of the driver's job"


@needs_raymc
def test_which_idle_worker_is_taken_first(tmp_path: Path) -> None:
    """The newest one: a worker that dies before its grant has named it has to be the one that was popped."""
    starves = trace_of("leak_starves_the_other_drivers_task", tmp_path)
    assert scene.oldest_first(starves, ["w1", "w2"]) == ["w2", "w1"]
    asked = trace_of("lost_exit_request_forgets_worker", tmp_path)
    assert scene.oldest_first(asked, ["w2", "w1"]) == ["w1", "w2"], "the oldest one is asked to exit"
    both = trace_of("c1_dead_worker_is_pooled", tmp_path)
    assert scene.oldest_first(both, ["w1", "w2"]) == ["w2", "w1"], "w1 is popped before w2"


@needs_raymc
def test_a_request_whose_callback_is_overtaken_still_comes_before_others_of_its_raylet(tmp_path: Path) -> None:
    """The first one takes the only CPU."""
    trace = trace_of("leak_starves_the_other_drivers_task", tmp_path)
    first, second = [step.number for step in trace.steps if step.rule == "raylet.R4.new_request"]
    order = [step.number for step in scene.order(trace)]
    assert order.index(first) < order.index(second) and sorted(order) != order, "it is posted later than in the trace all the same"


@needs_raymc
def test_a_subscriber_that_is_erased_with_news_has_not_polled_since_it_heard_last(tmp_path: Path) -> None:
    trace = trace_of("stalled_raylet_serves_dead_driver", tmp_path)
    erased = next(step for step in trace.steps if step.rule == "gcs.G19.subscriber_erased")
    assert scene.silent_from(trace) == {1: [erased]}
    assert scene.silent_from(trace_of("expired_driver_waits_for_dead_raylet", tmp_path)) == {}, "it loses nothing"


@needs_raymc
def test_a_callback_of_an_owner_is_delayed_where_its_process_is(tmp_path: Path) -> None:
    theirs = scene.make(trace_of("failed_resolution_of_a_parents_task", tmp_path))
    assert "CoreWorker.SubmitTask" in theirs.node_environment[0]["RAY_testing_asio_delay_us"] and theirs.driver_environment == {}
    own = scene.make(trace_of("failed_resolution_of_cancelled_task", tmp_path))
    assert own.node_environment == [{}] and "CoreWorker.SubmitTask" in own.driver_environment["RAY_testing_asio_delay_us"]
    nested = trace_of("preempted_child_pays", tmp_path)
    assert (scene.host(nested, "parent"), scene.host(nested, "driver")) == ("n1", "n1")


@needs_raymc
def test_a_cut_between_two_hosts_is_one_of_all_owners_there(tmp_path: Path) -> None:
    trace = trace_of("partitioned_parent_waits_for_ever", tmp_path)
    on = conductor(trace, {}, {})
    driver, parent = trace.lane_of("driver", "driver"), trace.lane_of("owner", "parent")
    assert driver is not None and parent is not None
    on.cast.pids = {driver.index: 7, parent.index: 8}
    cuts: list[Callable[[Any], bool]] = []
    on.stage.wire = cast(Any, SimpleNamespace(cut=lambda how, which: cuts.append(which)))
    step = next(step for step in trace.steps if step.rule == "fault.F12.partition_owner_node")
    asyncio.run(on._cut_owner(step))

    def link(pid: int, node: int) -> Any:
        return SimpleNamespace(caller=SimpleNamespace(pid=pid, node=1), callee=SimpleNamespace(pid=99, node=node))

    n2 = on.cast.wire_node("n2")
    assert [cuts[0](link(pid, n2)) for pid in (7, 8, 9)] == [True, True, False] and not cuts[0](link(7, n2 + 1))


@needs_raymc
def test_a_gcs_that_forgets_has_no_store(tmp_path: Path) -> None:
    trace = trace_of("forgetful_gcs_ends_a_cluster", tmp_path)
    assert not scene.make(trace).plan.redis
    refuse_steps(trace)
    assert scene.make(trace_of("driver_misses_its_nodes_death", tmp_path)).plan.redis


def test_the_answer_to_a_push_tells_an_error_of_the_code_from_a_value() -> None:
    pytest.importorskip("ray")
    from wire import descriptors

    method = descriptors.lookup("/ray.rpc.CoreWorkerService/PushTask")

    def said(fill: Callable[[Any], None]) -> str:
        body = method.reply()
        fill(body)
        return content(Message(1, cast(Any, None), object(), method, "reply", descriptors.encode(body)))

    assert said(lambda body: None) == "ok"
    assert said(lambda body: setattr(body, "is_application_error", True)) == "application"
    assert said(lambda body: setattr(body, "was_cancelled_before_running", True)) == "cancelled"
