"""The wire between the processes of a real Ray: every verb on messages and processes, and that programs end alike with and without it."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("h2")

from raymc_ray import plan, processes
from raymc_ray.cluster import redis_executable
from wire.book import DRIVER, GCS, RAYLET, WORKER
from wire.link import Cut
from wire.message import REPLY, REQUEST, Message
from wire.parts import Child
from wire.stage import Stage, task_data

pytestmark = pytest.mark.ray
_LIMIT = 30.0
_NODES = (plan.Node(cpus=1), plan.Node(cpus=1, resources=("second",)))


class Running:
    """A cluster of two nodes behind a wire, and one driver at the first."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        config = {"idle_worker_killing_time_threshold_ms": 600000}
        self.stage = Stage(plan.Plan("verbs", 1, 0, _NODES, (), config=config))
        self.driver: Child
        self._count = 0

    def run(self, body: Callable[[Running], Awaitable[None]]) -> None:
        async def whole() -> None:
            try:
                await asyncio.wait_for(body(self), 120)
            finally:
                self.stage.wire.free()

        self._loop.run_until_complete(whole())

    def open(self) -> None:
        self._loop.run_until_complete(self.stage.__aenter__())

        async def connect() -> None:
            self.driver = await self.stage.driver("driver", at=0)

        self._loop.run_until_complete(connect())

    def close(self) -> None:
        self._loop.run_until_complete(self.stage.__aexit__(None, None, None))
        self._loop.close()

    async def submit(self, **more: Any) -> str:
        """A new task; its name."""
        self._count += 1
        name = f"t{self._count}"
        more.setdefault("runs", 0.0)
        await self.driver.ask("submit", task=task_data(plan.Task(name, **more)))
        return name

    async def answer(self, name: str, seconds: float = _LIMIT) -> str:
        said = await self.driver.ask("get", limit=seconds + 10, name=name, seconds=seconds)
        return str(said["answer"])

    async def until(self, condition: Callable[[], Any]) -> Any:
        found = await self.stage.until(condition, _LIMIT)
        assert found, "it did not come to that"
        return found

    async def not_within(self, condition: Callable[[], Any], seconds: float = 0.5) -> None:
        assert not await self.stage.until(condition, seconds)

    def held(self, name: str, direction: str = REQUEST) -> Callable[[], Message | None]:
        return lambda: self.stage.wire.find(name, lambda message: message.direction == direction)

    def hold(self, name: str, direction: str = REQUEST, times: int = 1) -> None:
        """Holds the next messages of this kind that the driver sends or is sent."""
        left = [times]

        def policy(message: Message) -> None:
            if left[0] and message.name == name and message.direction == direction and message.caller.role == DRIVER:
                left[0] -= 1
                message.hold()

        self.stage.wire.decide_by(policy)

    def once(self, name: str, direction: str, verb: Callable[[Message], None]) -> list[Message]:
        """Does this to the driver's next message of this kind, and lists all of them."""
        met: list[Message] = []

        def policy(message: Message) -> None:
            if message.name == name and message.direction == direction and message.caller.role == DRIVER:
                met.append(message)
                if len(met) == 1:
                    verb(message)

        self.stage.wire.decide_by(policy)
        return met


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    started = Running()
    started.open()
    yield started
    started.close()


def test_both_ends_of_every_message_are_known(running: Running) -> None:
    async def body(on: Running) -> None:
        assert await on.answer(await on.submit()) == "value"
        ends = {(each.name, each.caller.role, each.callee.role) for each in on.stage.wire.seen}
        assert {
            ("RequestWorkerLease", DRIVER, RAYLET),
            ("PushTask", DRIVER, WORKER),
            ("RegisterNode", RAYLET, GCS),
            ("StartSync", RAYLET, GCS),
            ("Check", GCS, RAYLET),
        } <= ends
        assert all("other" not in (each.caller.role, each.callee.role) for each in on.stage.wire.seen)
        push = next(each for each in on.stage.wire.seen if each.name == "PushTask")
        started = on.stage.log.find("start", "t1")
        assert started and push.callee.pid == started["pid"] and push.callee.node == 1
        assert push.caller == on.stage.driver_process("driver") and push.caller.node == 199
        assert push.fields.task_spec.name.endswith("work")

    running.run(body)


def test_hold_and_deliver(running: Running) -> None:
    async def body(on: Running) -> None:
        on.hold("PushTask")
        name = await on.submit()
        push = await on.until(on.held("PushTask"))
        await on.not_within(lambda: on.stage.executions(name))
        push.deliver()
        assert await on.answer(name) == "value"

    running.run(body)


def test_a_lost_request_is_sent_again(running: Running) -> None:
    async def body(on: Running) -> None:
        met = on.once("RequestWorkerLease", REQUEST, Message.lose)
        # A resource of its own: a lease of the last task cannot be used for it.
        name = await on.submit(resource="second")
        assert await on.answer(name) == "value"
        assert len(met) >= 2 and met[0].fields.lease_spec.lease_id == met[1].fields.lease_spec.lease_id
        assert on.stage.executions(name) == 1

    running.run(body)


def test_a_lost_reply_is_asked_for_again(running: Running) -> None:
    async def body(on: Running) -> None:
        met = on.once("PushTask", REPLY, Message.lose)
        name = await on.submit(max_retries=1)
        assert await on.answer(name) == "value"
        assert len(met) == 2 and on.stage.executions(name) == 2, "the owner took the task for failed, and ran it again"

    running.run(body)


def test_a_request_comes_twice(running: Running) -> None:
    async def body(on: Running) -> None:
        on.once("PushTask", REQUEST, Message.repeat)
        name = await on.submit(max_retries=0)
        assert await on.answer(name) == "value"
        await on.until(lambda: on.stage.executions(name) == 2)

    running.run(body)


def test_a_call_fails_early_and_is_served_all_the_same(running: Running) -> None:
    async def body(on: Running) -> None:
        met = on.once("PushTask", REQUEST, Message.fail_early)
        name = await on.submit(max_retries=1)
        assert await on.answer(name) == "value"
        await on.until(lambda: on.stage.executions(name) == 2)
        assert len(met) == 2, "its owner took the first push for failed"

    running.run(body)


def test_a_call_fails_before_its_request_comes(running: Running) -> None:
    async def body(on: Running) -> None:
        def tell_now(message: Message) -> None:
            message.hold()
            message.fail_early()

        on.once("PushTask", REQUEST, tell_now)
        name = await on.submit(max_retries=1)
        assert await on.answer(name) == "value"
        assert on.stage.executions(name) == 1
        await on.until(on.held("PushTask"))
        on.stage.wire.free()
        await on.until(lambda: on.stage.executions(name) == 2)

    running.run(body)


def test_a_call_fails_while_it_is_served(running: Running) -> None:
    async def body(on: Running) -> None:
        met = on.once("PushTask", REQUEST, lambda message: None)
        name = await on.submit(max_retries=0, waits=True)
        await on.until(lambda: on.stage.executions(name) == 1)
        met[0].fail_early()
        assert await on.answer(name) == "WorkerCrashedError"
        on.stage.say("finish", name)
        met[0].fail_early()  # nobody waits any more

    running.run(body)


def test_two_requests_are_reordered(running: Running) -> None:
    async def body(on: Running) -> None:
        on.hold("PushTask", times=2)
        first, second = await on.submit(node=0), await on.submit(resource="second", node=1)
        await on.until(lambda: len([each for each in on.stage.wire.held if each.name == "PushTask"]) == 2)
        pushes = {each.fields.task_spec.task_id.hex(): each for each in on.stage.wire.held if each.name == "PushTask"}
        order = sorted(pushes.values(), key=lambda each: each.callee.node, reverse=True)
        order[0].deliver()
        assert await on.answer(second) == "value"
        assert on.stage.executions(first) == 0
        order[1].deliver()
        assert await on.answer(first) == "value"

    running.run(body)


def test_a_message_is_replaced(running: Running) -> None:
    async def body(on: Running) -> None:
        def refuse(message: Message) -> None:
            changed = type(message.fields)()
            changed.CopyFrom(message.fields)
            changed.ClearField("worker_address")
            changed.canceled = True
            changed.scheduling_failure_message = "rewritten on the wire"
            reasons = changed.DESCRIPTOR.fields_by_name["failure_type"].enum_type.values_by_name
            changed.failure_type = reasons["SCHEDULING_CANCELLED_UNSCHEDULABLE"].number
            message.replace(changed)

        met = on.once("RequestWorkerLease", REPLY, refuse)
        name = await on.submit(cpus=0.5, max_retries=0)
        said = await on.driver.ask("get", name=name, seconds=_LIMIT)
        assert said["answer"] == "TaskUnschedulableError" and "rewritten on the wire" in said["text"]
        assert met[0].fields.canceled

    running.run(body)


def test_a_black_link_keeps_everything_and_loses_nothing(running: Running) -> None:
    async def body(on: Running) -> None:
        name = await on.submit(waits=True)
        await on.stage.event("start", name, _LIMIT)
        heal = on.stage.wire.cut(Cut.BLACK, lambda link: link.caller.role == DRIVER and link.callee.role == WORKER)
        on.stage.say("finish", name)
        await on.until(lambda: on.stage.log.find("return", name))
        assert await on.answer(name, seconds=0.5) == "timeout"
        heal()
        assert await on.answer(name) == "value"
        assert on.stage.executions(name) == 1

    running.run(body)


def test_a_reset_link_is_a_failed_push(running: Running) -> None:
    async def body(on: Running) -> None:
        name = await on.submit(waits=True, max_retries=1)
        started = await on.stage.event("start", name, _LIMIT)
        assert started
        show = on.stage.wire.cut(Cut.RESET, lambda link: link.caller.role == DRIVER and link.callee.pid == started["pid"])
        await on.until(lambda: on.stage.executions(name) == 2)
        show()
        on.stage.say("finish", name)
        assert await on.answer(name) == "value"

    running.run(body)


def test_the_death_of_a_worker_is_hidden_from_its_caller_and_from_its_raylet(running: Running) -> None:
    async def body(on: Running) -> None:
        name = await on.submit(waits=True, max_retries=1)
        started = await on.stage.event("start", name, _LIMIT)
        assert started
        show_caller = on.stage.wire.hide_end(lambda link: link.callee.pid == started["pid"])
        show_raylet = on.stage.wire.hide_end(lambda link: link.caller.pid == started["pid"])
        assert await on.stage.kill(started["pid"])
        await on.not_within(lambda: on.stage.executions(name) == 2, 1.0)
        show_raylet()
        show_caller()
        await on.until(lambda: on.stage.executions(name) == 2)
        on.stage.say("finish", name)
        assert await on.answer(name) == "value"

    running.run(body)


def test_the_resource_view_is_held_message_by_message(running: Running) -> None:
    async def body(on: Running) -> None:
        first = await on.driver.ask("node_id")
        second = next(node for node in await on.stage.operator.ask("resources") if node != first)

        def policy(message: Message) -> None:
            if message.name == "StartSync" and message.direction == REQUEST and message.caller.node == 2:
                message.hold()

        async def free() -> float:
            return float((await on.stage.operator.ask("resources"))[second]["free"])

        assert await on.stage.until_asked(free, lambda cpus: cpus == 1.0, _LIMIT)
        on.stage.wire.decide_by(policy)
        name = await on.submit(node=1, waits=True)
        await on.stage.event("start", name, _LIMIT)
        await on.until(lambda: on.stage.wire.find("StartSync"))
        assert await free() == 1.0, "the GCS has not heard of it"
        on.stage.wire.free()
        assert await on.stage.until_asked(free, lambda cpus: cpus == 0.0, _LIMIT) == 0.0
        on.stage.say("finish", name)
        assert await on.answer(name) == "value"

    running.run(body)


def test_processes_are_stopped_and_told_to_end(running: Running) -> None:
    async def body(on: Running) -> None:
        name = await on.submit(waits=True, max_retries=1)
        started = await on.stage.event("start", name, _LIMIT)
        assert started
        assert await on.stage.send(started["pid"], signal.SIGSTOP)
        on.stage.say("finish", name)
        assert await on.answer(name, seconds=0.5) == "timeout"
        assert await on.stage.send(started["pid"], signal.SIGCONT)
        assert await on.answer(name) == "value"
        assert await on.stage.send(started["pid"], signal.SIGTERM)
        await on.until(lambda: processes.stat(started["pid"]) is None or processes.stat(started["pid"])[0] == "Z")  # type: ignore[index]
        assert not await on.stage.send(os.getpid(), signal.SIGTERM), "no foreign process is signalled"

    running.run(body)


def test_a_raylet_is_killed(running: Running) -> None:
    """The last test of this cluster: its second node is dead afterwards."""

    async def body(on: Running) -> None:
        pid = await on.stage.kill_raylet(1)
        assert processes.stat(pid) is None

        async def alive() -> int:
            return sum(row["alive"] for row in await on.stage.operator.ask("nodes"))

        assert await on.stage.until_asked(alive, lambda count: count == 1, _LIMIT) == 1

    running.run(body)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder for temporary files; fails if anything is left there."""
    folder = Path(tempfile.mkdtemp(prefix="rmw-", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield folder
    folder.rmdir()


def _marked(folder: Path) -> list[int]:
    return [pid for pid in processes.all_pids() if processes.marked(pid, folder)]


@pytest.mark.skipif(redis_executable() is None, reason="there is no redis on this machine")
def test_the_gcs_restarts_and_its_store_is_held(place: Path) -> None:
    async def body() -> None:
        config = {"gcs_rpc_server_reconnect_timeout_s": 60}
        async with Stage(plan.Plan("store", 1, 0, (plan.Node(),), (), config=config, redis=True)) as stage:
            driver = await stage.driver("driver", at=0)
            first = stage.wire.book.processes(GCS)[-1]

            def policy(message: Message) -> None:
                if message.direction == REPLY and message.name == "HSET" and b"JOB" in b"".join(message.call.labels["value"]):
                    message.hold()

            stage.wire.decide_by(policy)
            second = asyncio.ensure_future(stage.driver("second", at=0))
            assert await stage.until(lambda: stage.wire.find("HSET"), _LIMIT)
            await asyncio.wait([second], timeout=0.5)
            assert not second.done(), "its job is not written yet"
            stage.wire.free()
            await second
            await driver.ask("submit", task=task_data(plan.Task("t1", runs=0.0)))
            assert (await driver.ask("get", name="t1", seconds=_LIMIT))["answer"] == "value"
            restarted = await stage.restart_gcs()
            assert (first.incarnation, restarted.incarnation) == (1, 2) and first.pid != restarted.pid
            await driver.ask("submit", task=task_data(plan.Task("t2", runs=0.0)))
            assert (await driver.ask("get", name="t2", seconds=_LIMIT))["answer"] == "value"

    asyncio.run(body())
