"""Programs end alike with and without the wire, and nothing of either is left."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("h2")

from raymc_ray import plan, processes
from raymc_ray.plan import Task
from wire.parts import Child
from wire.stage import Stage, task_data

pytestmark = pytest.mark.ray
_LIMIT = 60.0
_NODES = (plan.Node(cpus=2), plan.Node(cpus=1, resources=("second",)))
_MIB = 1024 * 1024

Answers = dict[str, tuple[str, int]]


async def _programs(stage: Stage, driver: Child) -> Answers:
    """What each task answers, and how often it ran."""

    async def submit(task: Task) -> None:
        await driver.ask("submit", task=task_data(task))

    await submit(Task("plain", runs=0.0))
    await submit(Task("nested", runs=0.0, cpus=1, children=(Task("child", runs=0.0, cpus=1),)))
    await submit(Task("raises", runs=0.0, raises=-1))
    await submit(Task("raises once", runs=0.0, raises=1, retry_exceptions=True))
    await submit(Task("aborts once", runs=0.0, raises=1, fails_by="abort", max_retries=2))
    await submit(Task("exits", runs=0.0, raises=-1, fails_by="exit", max_retries=0))
    await submit(Task("large", runs=0.0, node=1, resource="second", value_bytes=20 * _MIB))
    await submit(Task("takes it", runs=0.0, node=0, needs=("large",)))
    await submit(Task("one call", runs=0.0, max_calls=1))
    await submit(Task("cancelled", waits=True, cpus=1))
    names = ["plain", "nested", "raises", "raises once", "aborts once", "exits", "large", "takes it", "one call"]
    answers = {}
    for name in names:
        answers[name] = (await driver.ask("get", limit=_LIMIT + 10, name=name, seconds=_LIMIT))["answer"]
    assert await stage.event("start", "cancelled", _LIMIT)
    await driver.ask("cancel", name="cancelled", force=False, recursive=True)
    answers["cancelled"] = (await driver.ask("get", limit=_LIMIT + 10, name="cancelled", seconds=_LIMIT))["answer"]
    return {name: (answer, stage.executions(name)) for name, answer in answers.items()}


def _ends(wired: bool, place: Path) -> Answers:
    async def run() -> Answers:
        async with Stage(plan.Plan("transparent", 1, 0, _NODES, ()), wired=wired) as stage:
            driver = await stage.driver("driver", at=0)
            answers = await _programs(stage, driver)
            assert bool(stage.wire.seen) == wired
            return answers

    answers = asyncio.run(run())
    assert list(place.iterdir()) == [], "files are left"
    assert not [pid for pid in processes.all_pids() if pid != os.getpid() and f"{place}/".encode() in _environment(pid)], "processes are left"
    return answers


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rmw-", dir="/tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    folder.rmdir()


def test_programs_end_alike_with_and_without_the_wire(place: Path) -> None:
    without, wired = _ends(False, place), _ends(True, place)
    assert wired == without
    assert without == {
        "plain": ("value", 1),
        "nested": ("value", 1),
        "raises": ("RayTaskError(Planned)", 1),
        "raises once": ("value", 2),
        "aborts once": ("value", 2),
        "exits": ("WorkerCrashedError", 1),
        "large": ("value", 1),
        "takes it": ("value", 1),
        "one call": ("value", 1),
        "cancelled": ("RayTaskError(TaskCancelledError)", 1),
    }


@pytest.mark.soak
def test_a_large_argument_and_many_tasks_pass_and_what_they_cost(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """200 MiB across two nodes, and 300 short tasks; the times are printed."""

    async def run(wired: bool) -> tuple[float, float]:
        nodes = (plan.Node(cpus=2, store_mb=500), plan.Node(cpus=1, resources=("second",), store_mb=500))
        async with Stage(plan.Plan("cost", 1, 0, nodes, ()), wired=wired) as stage:
            driver = await stage.driver("driver", at=0)
            await driver.ask("submit", task=task_data(Task("large", runs=0.0, node=1, resource="second", value_bytes=200 * _MIB)))
            assert await driver.ask("ready", limit=130.0, name="large", seconds=120.0)
            began = time.monotonic()
            await driver.ask("submit", task=task_data(Task("takes it", runs=0.0, node=0, needs=("large",))))
            assert (await driver.ask("get", limit=130.0, name="takes it", seconds=120.0))["answer"] == "value"
            moved = time.monotonic() - began
            began = time.monotonic()
            for index in range(300):
                await driver.ask("submit", task=task_data(Task(f"t{index}", runs=0.0)))
            for index in range(300):
                assert (await driver.ask("get", limit=130.0, name=f"t{index}", seconds=120.0))["answer"] == "value"
            return moved, time.monotonic() - began

    without, wired = asyncio.run(run(False)), asyncio.run(run(True))
    with capsys.disabled():
        print(f"\n200 MiB: {without[0]:.1f} s without the wire, {wired[0]:.1f} s with it; 300 tasks: {without[1]:.1f} s and {wired[1]:.1f} s")


@pytest.mark.soak
def test_twenty_wired_clusters_in_a_row_leave_nothing(place: Path) -> None:
    async def run() -> None:
        async with Stage(plan.Plan("soak", 1, 0, _NODES, ())) as stage:
            driver = await stage.driver("driver", at=0)
            await driver.ask("submit", task=task_data(Task("t", runs=0.0)))
            assert (await driver.ask("get", name="t", seconds=50.0))["answer"] == "value"

    for _ in range(20):
        asyncio.run(run())
        assert list(place.iterdir()) == []
