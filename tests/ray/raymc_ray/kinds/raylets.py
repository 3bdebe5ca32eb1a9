"""Raylets that are killed, told to end, stopped, or drained."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, burst, program, some_tasks, soon
from raymc_ray.plan import Await, Fault, Node, Pause, Put, Step, Submit, Task, Trigger


def _load(generator: random.Random, nodes: int = 3) -> tuple[list[Node], list[Step]]:
    """One CPU a node, and as many tasks or one more."""
    tasks = some_tasks(generator, nodes, nodes + 1, runs=generator.choice([0.3, 0.7, 1.2]), max_retries=generator.choice([0, 1, 1, 2]))
    return [Node() for _ in range(nodes)], burst(generator, tasks)


def _moment(generator: random.Random) -> Trigger:
    """Any moment: from the first submission on, or around the start or the value of a task."""
    what = generator.choice(["submitted", "submitted", "start", "start", "value"])
    return Trigger(what, "", soon(generator) if what != "submitted" else generator.choice([0.0, 0.005, 0.05, 0.5, 1.0, 2.0]))


@kind
def raylet_killed(generator: random.Random) -> Draft:
    """SIGKILL of a raylet at a random moment."""
    nodes, steps = _load(generator)
    return Draft(nodes, [program(*steps)], [Fault("kill_raylet", generator.randint(1, 2), _moment(generator))])


@kind
def two_raylets_killed(generator: random.Random) -> Draft:
    """SIGKILL of two raylets, at once or one after the other."""
    nodes, steps = _load(generator)
    first = Fault("kill_raylet", 1, _moment(generator), name="first")
    second = Fault("kill_raylet", 2, Trigger("struck", "first", generator.choice([0.0, 0.5, 2.0])))
    return Draft(nodes, [program(*steps)], [first, second])


@kind
def node_killed(generator: random.Random) -> Draft:
    """SIGKILL of a raylet and of its workers at once, as when a machine is lost."""
    nodes, steps = _load(generator)
    return Draft(nodes, [program(*steps)], [Fault("kill_node", generator.randint(1, 2), _moment(generator))])


@kind
def raylet_zombie(generator: random.Random) -> Draft:
    """A killed raylet stays a zombie for a while: its workers take it for alive."""
    nodes, steps = _load(generator)
    fault = Fault("kill_raylet", generator.randint(1, 2), _moment(generator), lasts=generator.choice([1.0, 4.0, 8.0]))
    return Draft(nodes, [program(*steps)], [fault])


@kind
def raylet_terminated(generator: random.Random) -> Draft:
    """SIGTERM of a raylet: it unregisters and leaves in order."""
    nodes, steps = _load(generator)
    return Draft(nodes, [program(*steps)], [Fault("terminate_raylet", generator.randint(1, 2), _moment(generator))])


@kind
def raylet_stopped(generator: random.Random) -> Draft:
    """A raylet is stopped and continues before anybody notices."""
    nodes, steps = _load(generator)
    fault = Fault("stop_raylet", generator.randint(1, 2), _moment(generator), lasts=generator.choice([0.2, 1.0]))
    return Draft(nodes, [program(*steps)], [fault])


@kind
def raylet_misses_a_probe(generator: random.Random) -> Draft:
    """A raylet is stopped so that a probe or two of the GCS fail, and answers the next one."""
    nodes, steps = _load(generator)
    config = {"health_check_timeout_ms": 300, "health_check_failure_threshold": 6}
    fault = Fault("stop_raylet", generator.randint(1, 2), _moment(generator), lasts=generator.choice([1.0, 1.4]))
    return Draft(nodes, [program(*steps)], [fault], config)


@kind
def raylet_stopped_too_long(generator: random.Random) -> Draft:
    """A raylet is stopped until the GCS declares it dead, and then continues."""
    nodes, steps = _load(generator)
    config = {"health_check_timeout_ms": 500}
    fault = Fault("stop_raylet", generator.randint(1, 2), _moment(generator), lasts=generator.choice([4.0, 6.0]))
    return Draft(nodes, [program(*steps)], [fault], config)


@kind
def drained_idle(generator: random.Random) -> Draft:
    """A node is asked to leave when it is idle; a busy one refuses."""
    nodes, steps = _load(generator, 2)
    steps.append(Submit(Task("late", runs=0.3)))
    what = generator.choice(["connected", "start", "value"])
    return Draft(nodes, [program(*steps)], [Fault("drain_idle", 1, Trigger(what, "", soon(generator)))])


@kind
def preempted(generator: random.Random) -> Draft:
    """A node is drained with a deadline and is killed when that has passed."""
    nodes, steps = _load(generator, 2)
    steps.append(Submit(Task("late", runs=0.3)))
    fault = Fault("preempt", 1, Trigger("start", "", soon(generator)), lasts=generator.choice([0.5, 2.0]))
    return Draft(nodes, [program(*steps)], [fault])


@kind
def drivers_raylet_killed(generator: random.Random) -> Draft:
    """The raylet of a driver is killed, and the driver with it; another driver goes on."""
    tasks = some_tasks(generator, 2, 2, "a", runs=generator.choice([0.5, 1.0]))
    others = some_tasks(generator, 2, 2, "b", runs=generator.choice([0.5, 1.0]))
    drivers = [program(*burst(generator, tasks)), program(*burst(generator, others), node=1)]
    fault = Fault("kill_raylet", 1, Trigger("submitted", others[-1].name, generator.choice([0.0, 0.2, 1.0])))
    return Draft([Node(cpus=2), Node(cpus=1)], drivers, [fault])


@kind
def driver_touches_plasma(generator: random.Random) -> Draft:
    """The raylet of a driver is killed, and the driver writes to its store."""
    steps: list[Step] = [Submit(Task("a", runs=0.5)), Await("struck"), Pause(generator.choice([0.0, 0.05, 0.5])), Put("p", 1 << 20)]
    others = some_tasks(generator, 1, 2, "b", runs=0.5)
    fault = Fault("kill_raylet", 1, Trigger("submitted", "a", generator.choice([0.0, 0.5])))
    return Draft([Node(cpus=2), Node(cpus=1)], [program(*burst(generator, others)), program(*steps, node=1)], [fault])


@kind
def stopped_raylet_terminated(generator: random.Random) -> Draft:
    """A raylet is stopped until it is declared dead, told to end meanwhile, and continues: it unregisters what is dead."""
    nodes, steps = _load(generator)
    stop = Fault("stop_raylet", 1, _moment(generator), lasts=generator.choice([3.0, 5.0]), name="stopped")
    end = Fault("terminate_raylet", 1, Trigger("struck", "stopped", generator.choice([0.0, 2.0])))
    return Draft(nodes, [program(*steps)], [stop, end], {"health_check_timeout_ms": 500})


@kind
def drained_twice(generator: random.Random) -> Draft:
    """A node is drained with a deadline, and again before that has passed."""
    nodes, steps = _load(generator, 2)
    first = Fault("preempt", 1, Trigger("start", "", soon(generator)), lasts=3.0, name="first")
    again = Fault(generator.choice(["preempt", "drain_idle"]), 1, Trigger("struck", "first", generator.choice([0.0, 0.5])), lasts=1.0)
    return Draft(nodes, [program(*steps)], [first, again])
