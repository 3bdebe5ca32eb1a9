"""Owners: tasks that submit tasks, and drivers that end or die."""

from __future__ import annotations

import random
from dataclasses import replace

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, burst, program, some_nodes, some_tasks, soon
from raymc_ray.plan import Await, Drop, Fault, Get, Node, Pause, Step, Submit, Task, Trigger

_LARGE = 400 * 1024  # above max_direct_call_object_size: the value goes to plasma


def _family(generator: random.Random, runs: float, max_retries: int = 1) -> Task:
    """A task with one or two children; while it waits for them it lends its CPU."""
    children = tuple(Task(f"t0.{index}", runs=runs) for index in range(generator.randint(1, 2)))
    return Task("t0", runs=generator.choice([0.0, 0.2]), children=children, max_retries=max_retries)


@kind
def nested(generator: random.Random) -> Draft:
    """A task submits tasks and waits for them."""
    steps = [Submit(_family(generator, generator.choice([0.1, 0.5]))), *burst(generator, some_tasks(generator, 0, 1, "u"))]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)])


@kind
def nested_twice(generator: random.Random) -> Draft:
    """A task's child has a child of its own."""
    grandchild = Task("t0.0.0", runs=generator.choice([0.1, 0.5]))
    root = Task("t0", runs=0.1, children=(Task("t0.0", runs=0.1, children=(grandchild,)),))
    return Draft(some_nodes(generator, 1, 2), [program(Submit(root))])


@kind
def nested_owner_killed(generator: random.Random) -> Draft:
    """SIGKILL of a worker that owns running tasks: they are ended, and it is retried."""
    moment = Trigger("start", generator.choice(["t0", "t0.0"]), generator.choice([0.0, 0.05, 0.3]))
    steps = [Submit(_family(generator, 1.0, max_retries=generator.choice([0, 1])))]
    return Draft(some_nodes(generator, 1, 3), [program(*steps)], [Fault("kill_worker", "t0", moment)])


@kind
def nested_child_killed(generator: random.Random) -> Draft:
    """SIGKILL of a worker whose owner is another worker: that one asks for the cause and retries."""
    fault = Fault("kill_worker", "t0.0", Trigger("start", "t0.0", generator.choice([0.0, 0.2])))
    return Draft(some_nodes(generator, 1, 2), [program(Submit(_family(generator, 0.8)))], [fault])


@kind
def nested_raylet_killed(generator: random.Random) -> Draft:
    """SIGKILL of a raylet that hosts an owner, its children, or both."""
    fault = Fault("kill_raylet", 1, Trigger("start", generator.choice(["t0", "t0.0"]), soon(generator)))
    placed = replace(_family(generator, 1.0), node=generator.choice([1, None]), soft=True)
    return Draft([Node(), Node(), Node()], [program(Submit(placed))], [fault])


@kind
def nested_raylet_zombie(generator: random.Random) -> Draft:
    """The raylet of an owner is killed and stays a zombie: the owner takes it for alive, and goes on asking it."""
    lasts = generator.choice([4.0, 8.0])
    fault = Fault("kill_raylet", 1, Trigger("start", "t0", generator.choice([0.0, 0.05, 0.2])), lasts=lasts)
    children = tuple(Task(f"t0.{index}", runs=0.5) for index in range(2))
    placed = Task("t0", runs=generator.choice([0.0, 0.3]), children=children, node=1, soft=True)
    return Draft([Node(), Node()], [program(Submit(placed))], [fault])


@kind
def driver_killed(generator: random.Random) -> Draft:
    """SIGKILL of a driver whose tasks run or wait; another driver may go on."""
    tasks = some_tasks(generator, 2, 3, "a", runs=generator.choice([1.0, 3.0]))
    fault = Fault("kill_driver", 0, Trigger(generator.choice(["submitted", "start"]), "", generator.choice([0.0, 0.05, 0.5])))
    drivers = [program(*burst(generator, tasks))]
    if generator.random() < 0.5:
        drivers.append(program(*burst(generator, some_tasks(generator, 1, 2, "b"))))
    return Draft(some_nodes(generator, 1, 2), drivers, [fault])


@kind
def driver_terminated(generator: random.Random) -> Draft:
    """SIGTERM of a driver whose tasks run or wait."""
    tasks = some_tasks(generator, 2, 3, "a", runs=generator.choice([1.0, 3.0]))
    fault = Fault("terminate_driver", 0, Trigger(generator.choice(["submitted", "start"]), "", generator.choice([0.0, 0.05, 0.5])))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], [fault])


@kind
def driver_leaves_early(generator: random.Random) -> Draft:
    """A driver ends in order while its tasks still run or wait."""
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.5, 2.0]))
    leaving = program(*burst(generator, tasks), gets_all=False, leaves_at_once=True)
    return Draft(some_nodes(generator, 1, 2), [leaving])


@kind
def idle_owner(generator: random.Random) -> Draft:
    """An idle worker is asked to leave while somebody holds a value that it owns: it refuses."""
    config = {"idle_worker_killing_time_threshold_ms": 300, "kill_idle_workers_interval_ms": 100, "num_workers_soft_limit": 0}
    pause = Pause(generator.choice([1.0, 2.0]))
    steps: list[Step] = [Submit(Task("t0", runs=0.1, keeps_bytes=_LARGE)), Get(("t0",)), pause, Submit(Task("t1", runs=0.1, needs=("t0.kept",)))]
    dropped: list[Step] = [Get(("t1",)), Drop("t0"), Drop("t0.kept"), Pause(0.6)] if generator.random() < 0.5 else []
    return Draft(some_nodes(generator, 1, 2), [program(*steps, *dropped)], config=config)


@kind
def borrowed_value_loses_its_owner(generator: random.Random) -> Draft:
    """A value whose owner is a worker is needed after that worker was killed."""
    kept = generator.choice([100, _LARGE])
    steps: list[Step] = [
        Submit(Task("t0", runs=0.1, keeps_bytes=kept)),
        Get(("t0",)),
        Await("struck"),
        Pause(generator.choice([0.0, 0.1, 0.5])),
        Submit(Task("t1", runs=0.1, needs=("t0.kept",))),
    ]
    fault = Fault("kill_worker", "t0", Trigger("value", "t0", generator.choice([0.0, 0.2])))
    return Draft(some_nodes(generator, 1, 2), [program(*steps)], [fault])
