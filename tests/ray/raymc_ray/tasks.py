"""The function that every task runs, on the worker."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from raymc_ray import events, values
from raymc_ray.plan import Task


_WAITS_SECONDS = 600.0


class Planned(Exception):
    """An application error that the plan asks for."""


def work(task: Task, arguments: tuple[tuple[str, int], ...], *needed: bytes) -> bytes | tuple[bytes, list[Any]]:
    """Says that it starts, checks its arguments, runs its children and its time, and returns its value."""
    import ray

    context = ray.get_runtime_context()
    folder = Path(os.environ[events.FOLDER_VARIABLE])
    before = sum(event["what"] == "start" and event["name"] == task.name for event in events.Log(folder).poll())
    events.emit(
        "start", task.name, execution=before, pid=os.getpid(), node=context.get_node_id(), worker=context.get_worker_id(), task=context.get_task_id()
    )
    for (name, value_bytes), value in zip(arguments, needed):
        values.check(name, value_bytes, value)
    references = [submit(child, {}) for child in task.children]
    time.sleep(task.runs)
    if task.waits:
        events.Log(folder).wait("finish", task.name, _WAITS_SECONDS)
    for child, reference in zip(task.children, references):
        values.check(child.name, child.value_bytes, ray.get(reference))
    if task.raises < 0 or before < task.raises:
        _fail(task, before)
    events.emit("return", task.name, execution=before)
    value = values.expected(task.name, task.value_bytes)
    return (value, [ray.put(values.expected(f"{task.name}.kept", task.keeps_bytes))]) if task.keeps_bytes else value


def _fail(task: Task, execution: int) -> None:
    if task.fails_by == "exit":
        sys.exit(3)
    if task.fails_by == "abort":
        os.kill(os.getpid(), signal.SIGABRT)
    raise Planned(f"execution {execution} of {task.name}")


_remote: dict[int, Any] = {}


def submit(task: Task, known: dict[str, tuple[Any, int]]) -> Any:
    """Submits a task from this process; `known` has the references and sizes of the values that it needs."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    if task.max_calls not in _remote:
        _remote[task.max_calls] = ray.remote(max_calls=task.max_calls)(work) if task.max_calls else ray.remote(work)
    options: dict[str, Any] = {
        "num_cpus": task.cpus,
        "max_retries": task.max_retries,
        "retry_exceptions": task.retry_exceptions,
    }
    if task.resource:
        options["resources"] = {task.resource: 1}
    if task.node is not None:
        node_id = node_ids()[task.node]
        options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node_id, soft=task.soft)
    arguments = tuple((name, known[name][1]) for name in task.needs)
    needed = [known[name][0] for name in task.needs]
    return _remote[task.max_calls].options(**options).remote(task, arguments, *needed)


def node_ids() -> list[str]:
    """The ids of the plan's nodes, in the plan's order, as far as they have joined."""
    log = events.Log(Path(os.environ[events.FOLDER_VARIABLE]))
    return [event["node"] for event in log.poll() if event["what"] == "node"]
