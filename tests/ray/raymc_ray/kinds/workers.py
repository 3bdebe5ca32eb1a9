"""Workers that die, are told to end, or stop."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, burst, program, some_nodes, some_tasks
from raymc_ray.plan import Await, Cancel, Fault, Node, Pause, Step, Submit, Task, Trigger


def _struck(generator: random.Random, do: str, lasts: float = 0.0) -> Draft:
    retries = generator.choice([0, 1, 1, 2])
    tasks = some_tasks(generator, 2, 4, runs=generator.choice([0.4, 1.0]), max_retries=retries)
    victim = generator.choice(tasks).name
    fault = Fault(do, victim, Trigger("start", victim, generator.choice([0.0, 0.01, 0.1, 0.3])), lasts=lasts)
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], [fault])


@kind
def worker_killed(generator: random.Random) -> Draft:
    """SIGKILL of a worker while it runs a task."""
    return _struck(generator, "kill_worker")


@kind
def worker_terminated(generator: random.Random) -> Draft:
    """SIGTERM of a worker while it runs a task."""
    return _struck(generator, "terminate_worker")


@kind
def worker_stopped(generator: random.Random) -> Draft:
    """A worker is stopped while it runs a task, and continues."""
    return _struck(generator, "stop_worker", generator.choice([0.5, 2.0]))


@kind
def worker_killed_idle(generator: random.Random) -> Draft:
    """SIGKILL of a worker right after its task: it is idle, or about to be used again."""
    tasks = some_tasks(generator, 2, 4, runs=0.2)
    first = tasks[0].name
    fault = Fault("kill_worker", first, Trigger("value", first, generator.choice([0.0, 0.002, 0.05, 0.3])))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], [fault])


@kind
def worker_killed_twice(generator: random.Random) -> Draft:
    """Both executions of a task lose their worker: its retries are used up."""
    faults = [Fault("kill_worker", "t0", Trigger("start", "t0", 0.1, nth)) for nth in (1, 2)]
    steps = [Submit(Task("t0", runs=1.5, max_retries=1)), *burst(generator, some_tasks(generator, 1, 1, "u"))]
    return Draft([Node(cpus=generator.choice([1, 2]))], [program(*steps)], faults)


@kind
def worker_terminated_idle(generator: random.Random) -> Draft:
    """SIGTERM of a worker right after its task."""
    tasks = some_tasks(generator, 2, 4, runs=0.2)
    first = tasks[0].name
    fault = Fault("terminate_worker", first, Trigger("value", first, generator.choice([0.0, 0.05, 0.3])))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], [fault])


@kind
def worker_exits(generator: random.Random) -> Draft:
    """The task's own code ends its worker, once or always."""
    failing = Task(
        "t0", runs=0.1, raises=generator.choice([1, 1, -1]), fails_by=generator.choice(["exit", "abort"]), max_retries=generator.choice([0, 1])
    )
    return Draft(some_nodes(generator, 1, 2), [program(Submit(failing), *burst(generator, some_tasks(generator, 1, 2, "u")))])


@kind
def killed_for_memory(generator: random.Random) -> Draft:
    """The memory monitor is told that memory is always short, and kills whatever runs when it looks."""
    config = {"memory_usage_threshold": 0.01, "memory_monitor_refresh_ms": generator.choice([100, 400]), "task_oom_retries": generator.choice([0, 1])}
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.1, 0.6]), max_retries=generator.choice([0, 1]))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], config=config)


@kind
def cancelled_as_worker_dies(generator: random.Random) -> Draft:
    """A task is cancelled at the moment when its worker is killed."""
    fault = Fault("kill_worker", "t0", Trigger("start", "t0", 0.2), name="killed")
    steps: list[Step] = [
        Submit(Task("t0", runs=2.0, max_retries=1)),
        Await("struck", "killed"),
        Pause(generator.choice([0.0, 0.001, 0.005, 0.02, 0.1])),
        Cancel("t0", force=generator.choice([False, True])),
        Submit(Task("t1", runs=0.1)),
    ]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)], [fault])
