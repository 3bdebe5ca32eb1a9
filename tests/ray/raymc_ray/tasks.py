"""The function that every task runs, on the worker."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from raymc_ray import events, values
from raymc_ray.plan import Task


_WAITS_SECONDS = 600.0


class Planned(Exception):
    """An application error that the plan asks for."""


def work(task: Task, arguments: tuple[tuple[str, int], ...], *needed: Any) -> bytes | tuple[bytes, list[Any]]:
    """Says that it starts, checks its arguments, runs its children and its time, and returns its value."""
    import ray

    context = ray.get_runtime_context()
    folder = Path(os.environ[events.FOLDER_VARIABLE])
    before = sum(event["what"] == "start" and event["name"] == task.name for event in events.Log(folder).poll())
    events.emit(
        "start",
        task.name,
        execution=before,
        pid=os.getpid(),
        node=context.get_node_id(),
        worker=context.get_worker_id(),
        task=context.get_task_id(),
        **({"gpus": len(ray.get_gpu_ids())} if task.gpus else {}),
    )
    for (name, value_bytes), value in zip(arguments, needed):
        values.check(name, value_bytes, value)
    for name, value_bytes, lent in needed[-1] if task.lends else []:
        values.check(name, value_bytes, ray.get(lent))
    references = [submit(child, {}) for child in task.children]
    time.sleep(task.runs)
    finishes = (lambda: events.Log(folder).find("finish", task.name) is not None) if task.waits else None
    _serve(task, finishes)
    for child, reference in zip(task.children, references):
        values.check(child.name, child.value_bytes, ray.get(reference))
    if task.waits:
        events.emit("waits", task.name)
        events.Log(folder).wait("finish", task.name, _WAITS_SECONDS)
    if task.leaves:
        _leave(task.leaves)
    if task.raises < 0 or before < task.raises:
        _fail(task, before)
    events.emit("return", task.name, execution=before)
    value = values.expected(task.name, task.value_bytes)
    return (value, [ray.put(values.expected(f"{task.name}.kept", task.keeps_bytes))]) if task.keeps_bytes else value


def _serve(task: Task, finishes: Callable[[], bool] | None) -> None:
    """If this attempt is an owner, it does what it is told: until it may finish, or for ever."""
    import ray

    attempt = ray._private.worker.global_worker.core_worker.get_current_task_attempt_number() if task.serves else 0
    name = task.serves[attempt] if attempt < len(task.serves) else ""
    if not name:
        return
    from wire import player

    if finishes is None:
        player.play(name)
    else:
        player.play_in_task(name, finishes)


def _of_key(key: int) -> Any:
    """The same under a name of the key's own: for Ray it is another function, whose tasks have leases of their own."""
    if key == 1:
        return work

    def same(task: Task, arguments: tuple[tuple[str, int], ...], *needed: Any) -> bytes | tuple[bytes, list[Any]]:
        return work(task, arguments, *needed)

    same.__name__ = same.__qualname__ = f"work_of_key_{key}"
    return same


_left: list[Any] = []


def _leave(what: str) -> None:
    """What user code may leave behind in a worker when its task is over."""
    import ray

    _left.append(ray.put(b"left behind"))
    if what == "reference":
        return
    folder = Path(os.environ[events.FOLDER_VARIABLE])

    def let_go_and_take_another() -> None:
        events.Log(folder).wait("lets_go", "", _WAITS_SECONDS)
        _left.clear()
        if events.Log(folder).wait("takes", str(os.getpid()), _WAITS_SECONDS):
            _left.append(ray.put(b"another one"))
            events.emit("took", str(os.getpid()))

    threading.Thread(target=let_go_and_take_another, daemon=True).start()


def _fail(task: Task, execution: int) -> None:
    if task.fails_by == "exit":
        sys.exit(3)
    if task.fails_by == "abort":
        os.kill(os.getpid(), signal.SIGABRT)
    raise Planned(f"execution {execution} of {task.name}")


_remote: dict[tuple[int, int], Any] = {}  # by key and max_calls


def submit(task: Task, known: dict[str, tuple[Any, int]]) -> Any:
    """Submits a task from this process; `known` has the references and sizes of the values that it needs."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    kind = (task.key, task.max_calls)
    if kind not in _remote:
        function = _of_key(task.key)
        _remote[kind] = ray.remote(max_calls=task.max_calls)(function) if task.max_calls else ray.remote(function)
    options: dict[str, Any] = {
        "num_cpus": task.cpus,
        "num_gpus": task.gpus,
        "max_retries": task.max_retries,
        "retry_exceptions": task.retry_exceptions,
    }
    if task.resource:
        options["resources"] = {task.resource: 1}
    if task.node is not None:
        node_id = node_ids()[task.node]
        options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node_id, soft=task.soft)
    arguments = tuple((name, known[name][1]) for name in task.needs)
    needed = [known[name][0] for name in task.needs] + ([_actor()] if task.takes_actor else [])
    if task.lends:
        needed.append([(name, known[name][1], known[name][0]) for name in task.lends])
    return _remote[kind].options(**options).remote(task, arguments, *needed)


def _actor() -> Any:
    """An actor that does nothing. It is registered meanwhile, because it has no name."""
    import ray

    class Bystander:
        pass

    _left.append(ray.remote(num_cpus=0)(Bystander).remote())
    return _left[-1]


def node_ids() -> dict[int, str]:
    """The ids of the plan's nodes by their place in the plan, as far as they have joined."""
    log = events.Log(Path(os.environ[events.FOLDER_VARIABLE]))
    return {int(event["name"].removeprefix("node")): event["node"] for event in log.poll() if event["what"] == "node"}
