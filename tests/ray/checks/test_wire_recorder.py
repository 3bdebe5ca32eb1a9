"""The record of a wire: a line for each message of the protocol, with what tells it from others and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("h2")

from checks.test_wire_frames import Pair, with_pair
from raymc_ray import plan
from raymc_ray.plan import Driver, Fault, Node, Submit, Task, Trigger
from raymc_ray.record import record
from wire import recorder, store
from wire.book import RAYLET, Process

_LEASES = "/ray.rpc.NodeManagerService/RequestWorkerLease"
_PUSHES = "/ray.rpc.CoreWorkerService/PushTask"
_EVENTS = "/ray.rpc.events.EventAggregatorService/AddEvents"


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / recorder.FILE).read_text().splitlines()]


def test_a_message_is_recorded_when_it_is_passed_on(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.hold() if message.direction == "request" else None)
        await pair.call(b"")
        await pair.until(lambda: pair.wire.held)
        assert len(_lines(tmp_path)) == 1, "the head alone: nobody has decided yet"
        pair.wire.held[0].deliver()
        await pair.until(lambda: pair.callee.data.get(1))
        pair.answer(1, b"")
        await pair.until(lambda: len(_lines(tmp_path)) == 3)

    with_pair(tmp_path, body)
    head, request, reply = _lines(tmp_path)
    assert head["format"] == "raymc.wire" and head["version"] == recorder.VERSION
    assert (request["is"], request["call"], reply["is"]) == ("request", "RequestWorkerLease", "reply")
    assert request["from"] == reply["to"] and request["to"] == reply["from"]
    assert head["t"] <= request["t"] <= request["at"] <= reply["t"] <= reply["at"]
    assert request["n"] < reply["n"] and reply["of"] == request["n"] and "of" not in request


def test_a_lost_message_was_never_passed_on(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.lose())
        await pair.call(b"")
        await pair.until(lambda: len(_lines(tmp_path)) == 2)

    with_pair(tmp_path, body)
    assert "at" not in _lines(tmp_path)[1]
    assert _lines(tmp_path)[1]["lost"] is True


def test_what_is_held_at_the_end_was_not_passed_on(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.hold())
        await pair.call(b"")
        await pair.until(lambda: pair.wire.held)
        pair.wire.recorder.finish()
        assert len(_lines(tmp_path)) == 2
        pair.wire.held[0].deliver()

    with_pair(tmp_path, body)
    (request,) = _lines(tmp_path)[1:]
    assert request["is"] == "request" and "at" not in request and "lost" not in request


def test_of_the_gcss_store_only_deaths_are_told() -> None:
    gcs_pb2 = pytest.importorskip("ray.core.generated.gcs_pb2")
    node = gcs_pb2.GcsNodeInfo(node_id=b"\x2c\x83", state=gcs_pb2.GcsNodeInfo.DEAD)
    alive = gcs_pb2.GcsNodeInfo(node_id=b"\x2c\x83", state=gcs_pb2.GcsNodeInfo.ALIVE)
    command = [b"HSET", b"RAY@NODE", b"2c83"]
    assert store.dead_node([*command, node.SerializeToString()]) == "2c83"
    assert store.dead_node([*command, alive.SerializeToString()]) == ""
    assert store.dead_node([b"HSET", b"RAY@JOB", b"2c83", node.SerializeToString()]) == ""
    assert store.dead_node([*command, b"dead"]) == "", "whatever it is, the wire passes it on"


def test_other_calls_are_not_in_the_record(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        await pair.call(b"secret", path=_EVENTS)
        await pair.until(lambda: pair.callee.data.get(1))

    with_pair(tmp_path, body)
    assert len(_lines(tmp_path)) == 1
    assert "secret" not in (tmp_path / recorder.FILE).read_text()


def test_nothing_of_a_task_but_its_ids_is_in_the_record(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    from ray.core.generated import core_worker_pb2

    pushed = core_worker_pb2.PushTaskRequest(intended_worker_id=b"w" * 28)
    pushed.task_spec.task_id = b"\1" * 24
    pushed.task_spec.name = "secret name"
    pushed.task_spec.function_descriptor.python_function_descriptor.function_name = "secret function"
    pushed.task_spec.args.add().data = b"secret argument"
    answer = core_worker_pb2.PushTaskReply(task_execution_error="secret error")
    answer.return_objects.add().data = b"secret value"

    async def body(pair: Pair) -> None:
        await pair.call(pushed.SerializeToString(), path=_PUSHES)
        await pair.until(lambda: pair.callee.data.get(1))
        pair.answer(1, answer.SerializeToString())
        await pair.until(lambda: len(_lines(tmp_path)) == 3)

    with_pair(tmp_path, body)
    assert "secret" not in (tmp_path / recorder.FILE).read_text()
    _, request, reply = _lines(tmp_path)
    assert request["task"] == reply["task"] == "01" * 24
    assert reply["how"] == "ok"


def test_a_process_that_nobody_reaps_has_ended() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    ended = Process(RAYLET, 1, child, 1)

    async def until_ended() -> None:
        while not recorder.has_ended(ended):
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(until_ended(), 10))
    os.waitpid(child, 0)
    assert recorder.has_ended(ended)
    assert not recorder.has_ended(Process(RAYLET, 1, os.getpid(), 1))
    assert recorder.has_ended(Process(RAYLET, 1, os.getpid(), 1, started=1)), "another process had this number before"


@pytest.mark.ray
@pytest.mark.long
def test_a_session_behind_the_wire_keeps_its_messages(tmp_path: Path) -> None:
    kill = Fault("kill_raylet", 1, Trigger("start", "", 0.1))
    session = plan.Plan("check", 1, 0, (Node(), Node()), (Driver(tuple(Submit(Task(f"t{i}", runs=0.3)) for i in range(3))),), (kill,))
    recorded = record(session, tmp_path, wired=True)
    assert recorded.problems == []
    lines = _lines(recorded.folder / "logs")
    calls = {line.get("call") for line in lines}
    assert {"RequestWorkerLease", "PushTask", "ReturnWorkerLease", "RegisterNode"} <= calls
    first = next(line for line in lines if line.get("is") == "end")
    assert first["from"].startswith("raylet2:"), "the killed one; all others end with the session"
