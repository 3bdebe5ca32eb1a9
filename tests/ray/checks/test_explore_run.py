"""A run of the explorer on a stage that only says what was done to it: what could happen, what is struck, under which names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

pytest.importorskip("h2")

from conduct import scene
from conduct.conductor import Conductor
from conduct.expected import Cast, Matcher
from explore import question
from explore.chooser import MESSAGE, PROGRAM, STRIKE
from explore.play import Run
from raymc_ray.places import PROJECT_ROOT
from wire.book import DRIVER, GCS, RAYLET, WORKER, Process
from wire.descriptors import Method
from wire.message import REPLY, REQUEST, Message
from wire.stage import Stage

_CI = PROJECT_ROOT / "specs" / "scenarios" / "ci"
_GCS, _N1, _N2 = Process(GCS, 1, 10, 1), Process(RAYLET, 1, 11, 1), Process(RAYLET, 2, 12, 1)
_NOBODY = 1 << 23  # no process has such a pid
_DRIVER, _WORKER = Process(DRIVER, 199, 20, 1), Process(WORKER, 2, _NOBODY, 1)


@dataclass
class _Carrier:
    """Notes what becomes of the messages between two processes."""

    caller: Process
    callee: Process
    done: list[str] = field(default_factory=list)
    held: list[Message] = field(default_factory=list)

    def carry(self, message: Message) -> None:
        self.done.append("delivered")

    def fail(self, message: Message) -> None:
        self.done.append("lost")

    def copy(self, message: Message) -> None:
        self.done.append("repeated")

    def keep_open(self) -> None: ...

    def settled(self, message: Message, held: bool) -> None:
        self.held[:] = [*self.held, message] if held else [each for each in self.held if each is not message]


def _message(name: str, carrier: _Carrier, direction: str, fields: Any, call: object) -> Message:
    message = Message(1, carrier, call, Method(f"/ray.rpc.S/{name}", None, None, streams=False), direction, b"", trailers=[(b"grpc-status", b"0")])
    message.__dict__["fields"] = fields
    return message


class _Stage:
    """What a run asks of a stage."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.events: set[tuple[str, str]] = set()
        self.shown: list[str] = []
        self.carriers: list[_Carrier] = []
        book = SimpleNamespace(
            processes=lambda role, node=None: [each for each in (_GCS, _N1, _N2, _WORKER) if each.role == role and node in (None, each.node)]
        )
        self.wire = SimpleNamespace(book=book, note=lambda **_: None, hide_end=self._hide, held=[])
        self.log = SimpleNamespace(find=lambda what, name: (what, name) in self.events, poll=lambda: None, seen=[])

    def _hide(self, _: Any) -> Callable[[], None]:
        return lambda: self.shown.append("end")

    def driver_process(self, name: str) -> Process | None:
        return _DRIVER if name == "driver" else None

    async def kill(self, pid: int) -> bool:
        self.asked.append(f"kill {pid}")
        return True

    async def kill_raylet(self, index: int) -> int:
        self.asked.append(f"kill raylet {index}")
        return 0


def _run(scenario: str, only: set[str] | None = None) -> tuple[Run, _Stage]:
    asked = question.load(next(_CI.glob(f"*/{scenario}.toml")))
    trace, stage = asked.as_trace(), _Stage()
    made = scene.make(trace, control=True)
    matcher = Matcher(trace, Cast(trace, cast(Stage, stage), made.first))
    on = SimpleNamespace(scene=made, stage=stage, trace=trace, cast=matcher.cast, matcher=matcher, players={"driver": None})
    on.submitted, on.finished, on.cancelled, on.dead_owners = set(), set(), set(), set()
    on.owner_of = lambda name: str(made.tasks[name].get("owner", "driver"))
    on.finish = on.finished.add

    async def submit(name: str) -> None:
        on.submitted.add(name)
        on.cast.tasks[name] = name.encode().hex()

    on.submit = submit
    return Run(asked, cast(Conductor, on), only), stage


def _names(run: Run, sort: str) -> list[str]:
    return sorted(each.name for each in run.options() if each.sort == sort)


def _take(run: Run, name: str) -> None:
    asyncio.run(run.take(next(each for each in run.options() if each.name == name)))


def _lease(known: bytes) -> Any:
    return SimpleNamespace(lease_spec=SimpleNamespace(lease_id=known))


def test_a_program_submits_its_tasks_and_lets_those_finish_that_run() -> None:
    run, stage = _run("request_lost")
    assert _names(run, PROGRAM) == ["submit t1", "submit t2"] and _names(run, STRIKE) == []
    _take(run, "submit t1")
    assert _names(run, PROGRAM) == ["submit t2"]
    stage.events.add(("waits", "t1"))
    _take(run, "finish t1")
    assert _names(run, PROGRAM) == ["submit t2"] and [each.name for each in run.taken] == ["submit t1", "finish t1"]


def test_a_call_waits_under_the_names_of_its_ends_and_its_lease() -> None:
    run, _ = _run("request_lost")
    link = _Carrier(_DRIVER, _N1)
    first, second = object(), object()
    run.decide(_message("RequestWorkerLease", link, REQUEST, _lease(b"x"), first))
    run.decide(_message("RequestWorkerLease", link, REQUEST, _lease(b"y"), second))
    run.decide(_message("RequestWorkerLease", link, REQUEST, _lease(b"x"), second))
    run.decide(_message("GetInternalConfig", link, REQUEST, None, object()))
    assert _names(run, MESSAGE) == [f"deliver RequestWorkerLease driver>n1 driver.{lease}" for lease in ("L1", "L1 #2", "L2")]
    assert len(link.held) == 3, "what is no message of the protocol passes"
    _take(run, "lose RequestWorkerLease driver>n1 driver.L2")
    _take(run, "deliver RequestWorkerLease driver>n1 driver.L1")
    assert link.done == ["lost", "delivered"]
    none = SimpleNamespace(retry_at_raylet_address=SimpleNamespace(node_id=b""), rejected=True)
    run.decide(_message("RequestWorkerLease", link, REPLY, none, first))
    assert "deliver RequestWorkerLease driver<n1 driver.L1: rejected" in _names(run, MESSAGE)
    assert _names(run, STRIKE) == ["lose RequestWorkerLease driver>n1 driver.L1 #2"], "one request may still be lost, and no reply"
    _take(run, "lose RequestWorkerLease driver>n1 driver.L1 #2")
    assert _names(run, STRIKE) == []


def test_a_killed_workers_end_is_shown_when_the_chooser_says_so() -> None:
    run, stage = _run("worker_crash")
    stage.asked.clear()
    asyncio.run(run.on.submit("t1"))
    spec = SimpleNamespace(task_id=b"t1", attempt_number=1)
    run.decide(_message("PushTask", _Carrier(_DRIVER, _WORKER), REQUEST, SimpleNamespace(task_spec=spec), object()))
    assert _names(run, MESSAGE) == ["deliver PushTask driver>n2.w1 t1 attempt 1"]
    assert _names(run, STRIKE) == [], "a process that is not there cannot be killed"
    run._names.workers["n2.w1"] = 1  # the first process of every machine
    _take(run, "kill n2.w1")
    assert stage.asked == ["kill 1"] and stage.shown == [] and "show the end of n2.w1" in _names(run, PROGRAM)
    _take(run, "show the end of n2.w1")
    assert stage.shown == ["end"] and "show the end of n2.w1" not in _names(run, PROGRAM)


def test_a_dead_node_is_not_struck_again_and_nodes_that_may_not_crash_never_are() -> None:
    run, stage = _run("two_nodes_die")
    assert _names(run, STRIKE) == ["kill_raylet n2", "kill_raylet n3"]
    _take(run, "kill_raylet n3")
    assert stage.asked == ["kill raylet 2"] and _names(run, STRIKE) == ["kill_raylet n2"]


def test_what_was_not_asked_for_passes_in_a_replay() -> None:
    run, _ = _run("request_lost", only={"deliver RequestWorkerLease driver>n1 driver.L2"})
    link = _Carrier(_DRIVER, _N1)
    for known in (b"x", b"y"):
        run.decide(_message("RequestWorkerLease", link, REQUEST, _lease(known), object()))
    assert _names(run, MESSAGE) == ["deliver RequestWorkerLease driver>n1 driver.L2"] and len(link.held) == 1


def test_a_hung_raylet_keeps_its_messages_until_it_resumes() -> None:
    run, stage = _run("raylet_hang")
    link = _Carrier(_DRIVER, _N2)
    run.decide(_message("RequestWorkerLease", link, REQUEST, _lease(b"x"), object()))
    _take(run, "hang_raylet n2")
    assert _names(run, MESSAGE) == [] and _names(run, STRIKE) == ["resume_raylet n2"]
    run.decide(_message("GetInternalConfig", link, REQUEST, None, object()))
    stage.wire.held[:] = link.held
    assert len(link.held) == 2
    _take(run, "resume_raylet n2")
    assert link.done == ["delivered"], "what only the fault held goes on at once"
    assert _names(run, MESSAGE) == ["deliver RequestWorkerLease driver>n2 driver.L1"]
