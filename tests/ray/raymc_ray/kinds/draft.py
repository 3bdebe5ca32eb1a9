"""What the kinds have in common: a session in the making, and the usual random choices."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

from raymc_ray.plan import Driver, Fault, Node, Pause, Step, Submit, Task


@dataclass
class Draft:
    """The parts of a plan that a kind decides."""

    nodes: list[Node]
    drivers: list[Driver]
    faults: list[Fault] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    redis: bool = False
    limit: float = 600.0


def some_nodes(generator: random.Random, least: int = 1, most: int = 3) -> list[Node]:
    return [Node(cpus=generator.choice([1, 1, 2])) for _ in range(generator.randint(least, most))]


def duration(generator: random.Random) -> float:
    return generator.choice([0.02, 0.2, 0.4, 0.7, 1.2])


def gap(generator: random.Random) -> float:
    return generator.choice([0.0, 0.0, 0.0, 0.01, 0.3, 0.8])


def some_tasks(generator: random.Random, least: int = 2, most: int = 4, prefix: str = "t", **options: Any) -> list[Task]:
    """Tasks of random lengths. Four at most: that is what the model can hold at once."""
    return [Task(f"{prefix}{index}", **{"runs": duration(generator), **options}) for index in range(generator.randint(least, most))]


def burst(generator: random.Random, tasks: list[Task]) -> list[Step]:
    """Submits the tasks, with random pauses between them."""
    steps: list[Step] = []
    for index, task in enumerate(tasks):
        pause = gap(generator) if index else 0.0
        if pause:
            steps.append(Pause(pause))
        steps.append(Submit(task))
    return steps


def program(*steps: Step, **options: Any) -> Driver:
    return Driver(steps=tuple(steps), **options)


def soon(generator: random.Random) -> float:
    """A delay after an event, from at once to the end of a short task."""
    return generator.choice([0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8])


# Which argument of RAY_testing_rpc_failure makes a call fail in which way.
_WAYS = {
    "request": "num_lower_bound_req_failures",
    "reply": "num_lower_bound_resp_failures",
    "early": "num_lower_bound_in_flight_failures",
}


def rpc_failures(*calls: tuple[str, str, int]) -> dict[str, Any]:
    """Ray's own fault injection: the first `count` calls of a method fail, in every process that makes them."""
    spec = {}
    for method, way, count in calls:
        spec[method] = {"num_failures": count, "req_failure_prob": 0, "resp_failure_prob": 0, "in_flight_failure_prob": 0, _WAYS[way]: count}
    return {"testing_rpc_failure": json.dumps(spec)}


def handler_delays(**milliseconds: tuple[int, int]) -> dict[str, str]:
    """Ray's own delays: each handler of a method of NodeManagerService waits for a random time, so that others overtake it."""
    spec = [f"NodeManagerService.grpc_server.{method}={least * 1000}:{most * 1000}" for method, (least, most) in milliseconds.items()]
    return {"RAY_testing_asio_delay_us": ",".join(spec)}


LEASE_CALLS = [
    "NodeManagerService.grpc_client.RequestWorkerLease",
    "NodeManagerService.grpc_client.ReturnWorkerLease",
    "NodeManagerService.grpc_client.CancelWorkerLease",
    "CoreWorkerService.grpc_client.PushTask",
]
ways = sorted(_WAYS)
