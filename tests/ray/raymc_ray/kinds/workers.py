"""Workers that die, are told to end, or stop."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, burst, program, some_nodes, some_tasks
from raymc_ray.plan import Fault, Node, Submit, Task, Trigger


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
    faults = [Fault("kill_worker", "t0", Trigger("start", "t0", 0.1), name="first"), Fault("kill_worker", "t0", Trigger("struck", "first", 3.0))]
    steps = [Submit(Task("t0", runs=6.0, max_retries=1)), *burst(generator, some_tasks(generator, 1, 1, "u"))]
    return Draft([Node(cpus=generator.choice([1, 2]))], [program(*steps)], faults)
