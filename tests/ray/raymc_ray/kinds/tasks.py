"""Tasks without any fault: what happens when all goes well, and what programs ask for."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, burst, duration, program, some_nodes, some_tasks
from raymc_ray.plan import Await, Cancel, Driver, Fault, Get, Node, Pause, Step, Submit, Task, Trigger


@kind
def plain(generator: random.Random) -> Draft:
    """A few tasks on one to three nodes; nothing goes wrong."""
    return Draft(some_nodes(generator), [program(*burst(generator, some_tasks(generator)))])


@kind
def spillback(generator: random.Random) -> Draft:
    """More tasks at once than the head has CPUs: their leases are redirected to other raylets."""
    nodes = [Node(cpus=1) for _ in range(generator.randint(2, 3))]
    tasks = some_tasks(generator, 3, 4, runs=generator.choice([0.4, 1.0]))
    return Draft(nodes, [program(*[Submit(task) for task in tasks])])


@kind
def rounds(generator: random.Random) -> Draft:
    """Two bursts with a pause: the second finds idle workers."""
    first, second = some_tasks(generator, 1, 2, "a"), some_tasks(generator, 1, 2, "b")
    pause = Pause(generator.choice([0.1, 0.6, 1.5]))
    steps = [*burst(generator, first), Get(tuple(task.name for task in first)), pause, *burst(generator, second)]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)])


@kind
def lease_reuse(generator: random.Random) -> Draft:
    """Several short tasks of one shape on one CPU: one lease serves them all."""
    tasks = some_tasks(generator, 3, 4, runs=generator.choice([0.01, 0.05, 0.2]))
    return Draft([Node(cpus=1)], [program(*[Submit(task) for task in tasks])])


@kind
def two_shapes(generator: random.Random) -> Draft:
    """Tasks that want one, half or two CPUs: leases of different shapes wait in different queues."""
    cpus = [generator.choice([0.5, 1, 1, 2]) for _ in range(4)]
    tasks = [Task(f"t{index}", runs=duration(generator), cpus=wanted) for index, wanted in enumerate(cpus)]
    return Draft([Node(cpus=2), Node(cpus=generator.choice([1, 2]))], [program(*burst(generator, tasks))])


@kind
def idle_exit(generator: random.Random) -> Draft:
    """Idle workers are ended after a short time, and the next task needs a new process."""
    tasks = some_tasks(generator, 2, 2, "a", runs=0.1)
    again = some_tasks(generator, 1, 2, "b", runs=0.1)
    config = {"idle_worker_killing_time_threshold_ms": 300, "kill_idle_workers_interval_ms": 100, "num_workers_soft_limit": 0}
    pause = Pause(generator.choice([0.5, 1.2]))
    steps = [*burst(generator, tasks), Get(tuple(task.name for task in tasks)), pause, *burst(generator, again)]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)], config=config)


@kind
def max_calls(generator: random.Random) -> Draft:
    """A worker that may run one or two tasks leaves after them."""
    tasks = some_tasks(generator, 2, 4, max_calls=generator.choice([1, 1, 2]), runs=generator.choice([0.02, 0.2]))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))])


@kind
def retry_exceptions(generator: random.Random) -> Draft:
    """A task raises once, twice or always, and is retried for that."""
    raises = generator.choice([1, 1, 2, -1])
    failing = Task("t0", raises=raises, retry_exceptions=True, max_retries=generator.choice([1, 2]), runs=0.1)
    return Draft(some_nodes(generator, 1, 2), [program(Submit(failing), *burst(generator, some_tasks(generator, 1, 2, "u")))])


@kind
def application_error(generator: random.Random) -> Draft:
    """A task raises and is not retried; another task needs its value."""
    failing = Task("t0", raises=-1, max_retries=1, runs=duration(generator))
    heir = Task("t1", needs=("t0",), raises=-1)
    return Draft(some_nodes(generator, 1, 2), [program(Submit(failing), Submit(heir))])


@kind
def cancel_queued(generator: random.Random) -> Draft:
    """A task is cancelled while it waits for a CPU."""
    first, second = Task("t0", runs=1.0), Task("t1", runs=0.2)
    pause = Pause(generator.choice([0.0, 0.01, 0.1, 0.5]))
    steps: list[Step] = [Submit(first), Submit(second), pause, Cancel("t1"), *burst(generator, some_tasks(generator, 1, 1, "u"))]
    return Draft([Node(cpus=1)] * generator.randint(1, 2), [program(*steps)])


@kind
def cancel_running(generator: random.Random) -> Draft:
    """A task is cancelled while it runs, by an exception or by force."""
    force = generator.choice([False, True])
    steps: list[Step] = [
        Submit(Task("t0", runs=2.0)),
        Submit(Task("t1", runs=0.5)),
        Await("start", "t0"),
        Pause(generator.choice([0.0, 0.05, 0.3])),
        Cancel("t0", force=force),
        Submit(Task("t2", runs=0.1)),
    ]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)])


@kind
def cancel_nested(generator: random.Random) -> Draft:
    """A task with children is cancelled, with or without them."""
    children = tuple(Task(f"t0.{index}", runs=1.5, cpus=1) for index in range(2))
    steps: list[Step] = [
        Submit(Task("t0", runs=0.1, children=children)),
        Await("start", generator.choice(["t0", "t0.0"])),
        Pause(generator.choice([0.0, 0.2])),
        Cancel("t0", recursive=generator.choice([True, True, False])),
        Submit(Task("t1", runs=0.1)),
    ]
    return Draft([Node(cpus=2), Node(cpus=1)], [program(*steps)])


@kind
def affinity_soft(generator: random.Random) -> Draft:
    """Tasks prefer a node that is busy, or that dies."""
    tasks = [Task(f"t{index}", runs=generator.choice([0.3, 0.8]), node=1, soft=True) for index in range(generator.randint(2, 3))]
    faults = [Fault("kill_raylet", 1, Trigger("start", "t0", generator.choice([0.0, 0.2])))] if generator.random() < 0.5 else []
    steps: list[Step] = [*burst(generator, tasks)]
    if faults:
        steps += [Await("dead"), Submit(Task("t9", runs=0.1, node=1, soft=True))]
    return Draft([Node(), Node(), Node()], [program(*steps)], faults)


@kind
def affinity_hard(generator: random.Random) -> Draft:
    """Tasks insist on a node; when it dies, they cannot be scheduled."""
    tasks = [Task(f"t{index}", runs=generator.choice([0.3, 0.8]), node=1, max_retries=generator.choice([0, 1])) for index in range(2)]
    dies = generator.random() < 0.6
    faults = [Fault("kill_raylet", 1, Trigger("start", "t0", generator.choice([0.0, 0.2])))] if dies else []
    return Draft([Node(), Node()], [program(*burst(generator, tasks), Submit(Task("u0", runs=0.1)))], faults)


@kind
def infeasible_then_join(generator: random.Random) -> Draft:
    """A task wants a resource that no node has until one joins."""
    steps: list[Step] = [Submit(Task("t0", runs=0.2, resource="special")), *burst(generator, some_tasks(generator, 1, 2, "u"))]
    join = Fault("join", 1, Trigger("connected", "", generator.choice([0.2, 1.0])))
    return Draft([Node(), Node(late=True, resources=("special",))], [program(*steps)], [join])


@kind
def join_late(generator: random.Random) -> Draft:
    """A node joins while leases wait for a CPU."""
    tasks = some_tasks(generator, 3, 4, runs=generator.choice([1.0, 2.0]))
    join = Fault("join", 1, Trigger("start", "", generator.choice([0.0, 0.3])))
    return Draft([Node(), Node(late=True)], [program(*[Submit(task) for task in tasks])], [join])


@kind
def several_drivers(generator: random.Random) -> Draft:
    """Two drivers compete for the same CPUs, at the same or at different raylets."""
    nodes = some_nodes(generator, 2, 2)
    drivers: list[Driver] = []
    for index in range(2):
        tasks = some_tasks(generator, 1, 2, f"d{index}.t")
        drivers.append(program(*burst(generator, tasks), node=generator.choice([0, 0, 1]), leaves_at_once=generator.choice([True, False])))
    return Draft(nodes, drivers)


@kind
def cancel_waiting_for_arguments(generator: random.Random) -> Draft:
    """A task is cancelled while the values that it needs are not there."""
    pause = Pause(generator.choice([0.0, 0.1, 0.5]))
    steps: list[Step] = [Submit(Task("t0", runs=1.0)), Submit(Task("t1", runs=0.1, needs=("t0",))), pause, Cancel("t1"), Submit(Task("t2", runs=0.1))]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)])


@kind
def stale_views(generator: random.Random) -> Draft:
    """Raylets report their resources seldom: two drivers send leases to nodes that are no longer free."""
    config = {"raylet_report_resources_period_milliseconds": generator.choice([1000, 3000])}
    drivers = [program(*burst(generator, some_tasks(generator, 2, 2, f"d{index}.t", runs=0.5)), node=index) for index in range(2)]
    return Draft([Node(), Node(), Node()], drivers, config=config)
