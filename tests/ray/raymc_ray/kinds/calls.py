"""Ray's own fault injection: calls fail before they are sent, after they were handled, or while they are under way."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import LEASE_CALLS, Draft, burst, program, rpc_failures, some_nodes, some_tasks, soon, ways
from raymc_ray.plan import Fault, Node, Trigger


@kind
def one_call_fails(generator: random.Random) -> Draft:
    """One method of the lease protocol fails once in each process that calls it."""
    config = rpc_failures((generator.choice(LEASE_CALLS), generator.choice(ways), 1))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, some_tasks(generator)))], config=config)


@kind
def several_calls_fail(generator: random.Random) -> Draft:
    """Two methods of the lease protocol fail, up to two times each."""
    calls = [(method, generator.choice(ways), generator.choice([1, 1, 2])) for method in generator.sample(LEASE_CALLS, 2)]
    return Draft(some_nodes(generator, 1, 3), [program(*burst(generator, some_tasks(generator)))], config=rpc_failures(*calls))


@kind
def calls_fail_as_raylet_dies(generator: random.Random) -> Draft:
    """A method fails once, and a raylet is killed."""
    config = rpc_failures((generator.choice(LEASE_CALLS), generator.choice(ways), 1))
    tasks = some_tasks(generator, 3, 4, runs=generator.choice([0.3, 1.0]))
    fault = Fault("kill_raylet", 1, Trigger("start", "", soon(generator)))
    return Draft([Node(), Node(), Node()], [program(*burst(generator, tasks))], [fault], config)


@kind
def cause_query_fails(generator: random.Random) -> Draft:
    """A worker dies and the question for the cause fails."""
    config = rpc_failures(("NodeManagerService.grpc_client.GetWorkerFailureCause", generator.choice(ways), 1))
    tasks = some_tasks(generator, 2, 3, runs=0.6)
    fault = Fault("kill_worker", tasks[0].name, Trigger("start", tasks[0].name, generator.choice([0.0, 0.2])))
    return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], [fault], config)
