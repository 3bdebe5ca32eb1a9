"""Several things at once, chosen blindly: what the other kinds have not thought of."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import LEASE_CALLS, Draft, burst, duration, program, rpc_failures, some_nodes, some_tasks, soon, ways
from raymc_ray.plan import Fault, Step, Submit, Task, Trigger


def _fault(generator: random.Random, index: int, nodes: int, victim: str) -> Fault:
    on = Trigger(generator.choice(["submitted", "start", "start", "value"]), "", soon(generator))
    choices = ["kill_worker", "terminate_worker", "stop_worker"]
    if nodes > 1:
        choices += ["kill_raylet", "kill_node", "terminate_raylet", "stop_raylet"]
    do = generator.choice(choices)
    lasts = generator.choice([0.3, 2.0]) if do.startswith("stop") else 0.0
    if do.endswith("worker"):
        return Fault(do, victim, Trigger("start", victim, on.delay), lasts, f"fault{index}")
    return Fault(do, nodes - 1, on, lasts, f"fault{index}")


@kind
def mixed(generator: random.Random) -> Draft:
    """Random tasks with nesting and arguments, up to two random faults, and perhaps failing calls."""
    nodes = some_nodes(generator, 1, 3)
    tasks = some_tasks(generator, 1, 3)
    steps: list[Step] = burst(generator, tasks)
    if generator.random() < 0.4:
        steps.append(Submit(Task("parent", runs=0.1, children=(Task("parent.0", runs=duration(generator)),))))
    if generator.random() < 0.4:
        steps.append(Submit(Task("heir", runs=0.1, needs=(tasks[0].name,))))
    victim = generator.choice(tasks).name
    count = generator.choice([0, 1, 1, 2])
    faults = [_fault(generator, index, len(nodes), victim) for index in range(count)]
    if len(faults) == 2 and faults[0].target == faults[1].target:
        faults.pop()  # what is dead cannot be struck again
    config = rpc_failures((generator.choice(LEASE_CALLS), generator.choice(ways), 1)) if generator.random() < 0.4 else {}
    return Draft(nodes, [program(*steps)], faults, config)
