"""What a conductor gets wrong if it is not careful, each as a test, without a cluster: messages are made by hand from the wheel's descriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("h2")
pytest.importorskip("ray")

from checks.traces import needs_raymc, trace_of
from conduct import run, scene
from conduct.conductor import Conductor
from conduct.expected import Cast
from conduct.outcome import ChoseOtherwise, Try, Verdict, WentAnotherWay
from conduct.trace import Trace
from wire import descriptors
from wire.book import DRIVER, GCS, RAYLET, WORKER, Process
from wire.link import AnyLink
from wire.message import REPLY, REQUEST, Message, State
from wire.stage import Stage
from wire.wire import Wire

_DRIVER = Process(DRIVER, 199, 100, 1)
_RAYLETS = {"n1": Process(RAYLET, 1, 201, 1), "n2": Process(RAYLET, 2, 202, 1)}
_WORKER = Process(WORKER, 1, 301, 1)
_GCS = Process(GCS, 1, 401, 1)
_N1 = "11" * 28


@dataclass
class _Ends:
    """Carries nothing: what happened to a message is in its state."""

    caller: Process
    callee: Process
    told: list[str] = field(default_factory=list)  # of the callers whose calls fail early

    def carry(self, message: Message) -> None: ...
    def fail(self, message: Message) -> None: ...
    def fail_early(self, message: Message) -> None:
        self.told.append(message.name)

    def copy(self, message: Message) -> None: ...
    def keep_open(self) -> None: ...
    def settled(self, message: Message, held: bool) -> None: ...


@dataclass
class _Stage:
    """As much of a stage as following a trace needs, without processes."""

    wire: Wire

    async def until(self, condition: Callable[[], Any], seconds: float) -> Any:
        return await self.wire.until(condition, min(seconds, 0.05))


@dataclass
class Following:
    """A conductor in the middle of a trace."""

    trace: Trace
    stage: _Stage
    conductor: Conductor
    count: int = 0
    calls: dict[str, object] = field(default_factory=dict)

    def message(self, caller: Process, callee: Process, path: str, direction: str, fill: Callable[[Any], None], call: str = "") -> Message:
        """A message of Ray, shown to the conductor."""
        method = descriptors.lookup(path)
        body = (method.request if direction == REQUEST else method.reply)()
        fill(body)
        self.count += 1
        key = self.calls.setdefault(call or f"{path}{self.count}", object())
        made = Message(self.count, _Ends(caller, callee), key, method, direction, descriptors.encode(body))
        self.conductor.decide(made)
        return made

    def lease(self, lease: bytes, raylet: Process) -> Message:
        def fill(body: Any) -> None:
            body.lease_spec.lease_id = lease

        return self.message(_DRIVER, raylet, "/ray.rpc.NodeManagerService/RequestWorkerLease", REQUEST, fill, call=lease.hex())

    def answer(self, lease: bytes, raylet: Process, fill: Callable[[Any], None]) -> Message:
        return self.message(_DRIVER, raylet, "/ray.rpc.NodeManagerService/RequestWorkerLease", REPLY, fill, call=lease.hex())

    def poll(self, subscriber: Process, fill: Callable[[Any], None]) -> Message:
        path = next(each for each in descriptors.methods() if each.endswith("/GcsSubscriberPoll"))
        return self.message(subscriber, _GCS, path, REPLY, fill)


def follow(name: str, tmp_path: Path) -> Following:
    trace = trace_of(name, tmp_path)
    stage = _Stage(Wire(tmp_path))
    made = scene.make(trace)
    cast_ = Cast(trace, cast(Stage, stage), made.first)
    cast_.pids = {lane.index: _DRIVER.pid for lane in trace.lanes if lane.kind == "driver"}
    cast_.pids |= {lane.index: _WORKER.pid for lane in trace.lanes if lane.label == "w1 on n1"}
    cast_.node_ids = {"n1": _N1}
    return Following(trace, stage, Conductor(trace, made, cast(Stage, stage), {}, cast_))


def _granted(body: Any) -> None:
    body.worker_address.worker_id = b"w" * 28
    body.worker_pid = _WORKER.pid


def _canceled(body: Any) -> None:
    body.canceled = True


@needs_raymc
def test_both_ends_of_a_message_are_told_by_process(tmp_path: Path) -> None:
    on = follow("lost_cause_query_blames_the_node", tmp_path)
    stranger = Process(DRIVER, 198, 999, 1)

    def fill(body: Any) -> None:
        body.lease_spec.lease_id = b"1"

    path = "/ray.rpc.NodeManagerService/RequestWorkerLease"
    assert on.message(stranger, _RAYLETS["n1"], path, REQUEST, fill).state is State.NEW, "another driver's request is not the trace's"
    assert on.lease(b"2", _RAYLETS["n2"]).state is State.NEW, "nor is one to another raylet"
    assert on.lease(b"3", _RAYLETS["n1"]).state is State.HELD


@needs_raymc
def test_leases_are_told_apart(tmp_path: Path) -> None:
    on = follow("c1_dead_worker_is_pooled", tmp_path)
    first, again, second = on.lease(b"1", _RAYLETS["n1"]), on.lease(b"1", _RAYLETS["n1"]), on.lease(b"2", _RAYLETS["n1"])
    assert (first.state, again.state, second.state) == (State.HELD, State.NEW, State.HELD)
    assert on.conductor.cast.leases == {"L1": b"1", "L2": b"2"}


@needs_raymc
def test_replies_are_told_apart_by_content(tmp_path: Path) -> None:
    """A trace that is granted a worker is not followed by a Ray that refuses it, or redirects its owner."""
    on = follow("lost_cause_query_blames_the_node", tmp_path)
    on.lease(b"1", _RAYLETS["n1"])
    reply = on.answer(b"1", _RAYLETS["n1"], _canceled)
    assert reply.state is State.HELD
    step = next(step for step in on.trace.steps if step.rule == "raylet.R22.grant")
    with pytest.raises(WentAnotherWay, match="answers canceled, not granted w1") as other:
        asyncio.run(on.conductor._sent(step))
    assert other.value.step == step.number


@needs_raymc
@pytest.mark.parametrize("node", [_N1, "99" * 28])
def test_a_raylet_that_chooses_another_node_has_only_chosen_otherwise(node: str, tmp_path: Path) -> None:
    on = follow("spillback_after_the_death_notice", tmp_path)
    step = next(step for step in on.trace.steps if any(on.trace.messages[index].content.startswith("redirect") for what, index in step.events if what == "sent"))
    index = next(index for what, index in step.events if what == "sent" and on.trace.messages[index].content.startswith("redirect"))
    target = on.trace.messages[index].content.split()[1]
    raylet = Process(RAYLET, 1 + on.conductor.scene.first, 201, 1)
    on.conductor.cast.node_ids = {target: _N1, "n9": "99" * 28}

    def answered(node: str) -> None:
        def fill(body: Any) -> None:
            body.retry_at_raylet_address.node_id = bytes.fromhex(node)

        on.lease(b"1", raylet)
        on.lease(b"2", raylet)
        assert on.answer(b"2", raylet, fill).state is State.HELD
        asyncio.run(on.conductor._sent(step))

    with pytest.raises(ChoseOtherwise, match=f"chooses n9, not redirect {target}") if node == "99" * 28 else nullcontext():
        answered(node)


def test_a_run_that_only_chose_otherwise_is_no_try(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    otherwise, happened = Try(Verdict.ANOTHER_WAY, 2, "n3", 1.0, by_chance=True), Try(Verdict.HAPPENED, 0, "so", 1.0)
    coming = iter([otherwise, otherwise, happened, happened, *[otherwise] * 9])
    kept: list[str] = []

    async def play(trace: Trace, keep: Path, stands: bool) -> Try:
        kept.append(keep.name)
        return next(coming)

    monkeypatch.setattr(run, "play", play)
    done = asyncio.run(run.conduct(cast(Any, None), 3, with_control=False, keep=tmp_path / "x"))
    assert [each.verdict for each in done.tries] == [Verdict.HAPPENED, Verdict.HAPPENED, Verdict.ANOTHER_WAY]
    assert kept[:4] == ["x_try1", "x_try1_2", "x_try1_3", "x_try2"] and len(kept) == 11, "it is not tried for ever"


@needs_raymc
def test_a_grant_says_which_process_is_the_traces_worker(tmp_path: Path) -> None:
    on = follow("lost_cause_query_blames_the_node", tmp_path)
    worker = on.trace.lane_of("worker", "w1")
    assert worker is not None
    on.conductor.cast.pids[worker.index] = 777
    on.lease(b"1", _RAYLETS["n1"])
    on.answer(b"1", _RAYLETS["n1"], _granted)
    assert on.conductor.cast.process(worker) == _WORKER.pid


def _says_dead(node: str) -> Callable[[Any], None]:
    def fill(body: Any) -> None:
        told = body.pub_messages.add()
        kind = "node_address_and_liveness_message" if "node_address_and_liveness_message" in told.DESCRIPTOR.fields_by_name else "node_info_message"
        inner = getattr(told, kind)
        inner.node_id = bytes.fromhex(node)
        inner.state = 1

    return fill


@needs_raymc
def test_notices_are_found_inside_answers_to_polls_for_each_subscriber(tmp_path: Path) -> None:
    on = follow("c8_driver_is_refused_for_ever", tmp_path)
    # The head stands before n1 here, so that n1 and n2 are the wire's nodes 2 and 3.
    n2, bystander = Process(RAYLET, 3, 203, 1), Process(RAYLET, 1, 201, 1)
    assert on.poll(bystander, _says_dead(_N1)).state is State.NEW, "a subscriber that the trace does not have is told"
    assert on.poll(n2, _says_dead("22" * 28)).state is State.NEW, "news of another node passes"
    held = on.poll(n2, _says_dead(_N1))
    assert held.state is State.HELD
    assert on.poll(_DRIVER, _says_dead(_N1)).state is State.HELD, "the driver's news of the same death is another message"
    assert on.poll(n2, _says_dead(_N1)).state is State.NEW, "it is told once"


@needs_raymc
def test_polls_that_the_trace_does_not_have_pass(tmp_path: Path) -> None:
    on = follow("c8_driver_is_refused_for_ever", tmp_path)
    path = next(each for each in descriptors.methods() if each.endswith("/GcsSubscriberPoll"))
    assert on.message(Process(RAYLET, 3, 203, 1), _GCS, path, REQUEST, lambda body: None).state is State.NEW
    assert on.poll(Process(RAYLET, 3, 203, 1), lambda body: None).state is State.NEW


@needs_raymc
def test_a_request_is_on_the_wire_before_the_next_step(tmp_path: Path) -> None:
    on = follow("c8_driver_is_refused_for_ever", tmp_path)
    with pytest.raises(WentAnotherWay, match="driver did not send RequestWorkerLease L1 to raylet n2"):
        asyncio.run(on.conductor._sent(on.trace.steps[0]))
    assert on.lease(b"1", Process(RAYLET, 3, 203, 1)).state is State.HELD
    asyncio.run(on.conductor._sent(on.trace.steps[0]))


@needs_raymc
def test_the_end_of_a_called_process_is_hidden_until_its_step(tmp_path: Path) -> None:
    on = follow("lost_cause_query_blames_the_node", tmp_path)
    crash = next(step for step in on.trace.steps if step.rule == "worker.W10.crash")
    told = next(step for step in on.trace.steps if step.rule == "owner.S15.push_failed")
    worker = on.trace.lane_of("worker", "w1")
    assert worker is not None
    on.conductor._hide(crash, worker, _WORKER.pid)
    push = cast(AnyLink, _Ends(_DRIVER, _WORKER))
    assert on.stage.wire.hides_end_of(push)
    assert not on.stage.wire.hides_end_of(cast(AnyLink, _Ends(_GCS, _WORKER))), "others may know"
    asyncio.run(on.conductor._receive(told))
    assert not on.stage.wire.hides_end_of(push)


@needs_raymc
def test_a_gate_that_is_never_met_is_not_taken_for_a_property_that_holds(tmp_path: Path) -> None:
    on = follow("lost_cause_query_blames_the_node", tmp_path)
    lost = next(step for step in on.trace.steps if step.rule == "fault.F7.request_lost")
    with pytest.raises(WentAnotherWay, match="there is no GetWorkerFailureCause L1 t1 to lose"):
        asyncio.run(on.conductor._lose(lost))


def _push(on: Following, direction: str = REQUEST) -> Message:
    on.conductor.cast.tasks["t1"] = b"t1".hex()

    def fill(body: Any) -> None:
        if direction == REQUEST:
            body.task_spec.task_id = b"t1"

    return on.message(_DRIVER, _WORKER, "/ray.rpc.CoreWorkerService/PushTask", direction, fill, call="push")


def _told(message: Message) -> list[str]:
    return cast(_Ends, message.carrier).told


@needs_raymc
def test_the_caller_of_a_call_that_fails_early_is_told_at_its_step(tmp_path: Path) -> None:
    """The request is under way meanwhile or being served, and an answer that comes before that step is lost instead."""
    name = "push_that_fails_early_leaves_worker_behind"
    on = follow(name, tmp_path)
    fails, told = (next(step for step in on.trace.steps if step.rule == rule) for rule in ("fault.F9.early_error", "owner.S15.push_failed"))
    with pytest.raises(WentAnotherWay, match="there is no PushTask L1 t1 attempt 0 to fail early"):
        asyncio.run(on.conductor._fail_early(fails))
    push = _push(on)
    asyncio.run(on.conductor._fail_early(fails))
    assert (push.state, _told(push)) == (State.HELD, [])
    asyncio.run(on.conductor._receive(told))
    assert (push.state, _told(push)) == (State.HELD, ["PushTask"]), "and the request can still arrive"

    on = follow(name, tmp_path)
    push = _push(on)
    asyncio.run(on.conductor._fail_early(fails))
    push.deliver()
    answer = _push(on, REPLY)
    assert answer.state is State.HELD
    asyncio.run(on.conductor._receive(told))
    assert (answer.state, _told(push)) == (State.LOST, [])

    on = follow(name, tmp_path)
    push = _push(on)
    asyncio.run(on.conductor._fail_early(fails))
    on.conductor.free()
    assert _told(push) == ["PushTask"], "a trace that ends before that step leaves nobody waiting"


@needs_raymc
def test_after_the_trace_everything_goes_on_but_what_is_broken_for_good(tmp_path: Path) -> None:
    on = follow("c10_hung_raylet_is_waited_for", tmp_path)
    on.conductor._hung.add(202)
    on.conductor.free()
    path = "/ray.rpc.NodeManagerService/RequestWorkerLease"
    hung, well = Process(RAYLET, 3, 202, 1), Process(RAYLET, 2, 201, 1)
    assert on.message(_DRIVER, hung, path, REQUEST, lambda body: None).state is State.HELD
    assert on.message(_DRIVER, well, path, REQUEST, lambda body: None).state is State.NEW
