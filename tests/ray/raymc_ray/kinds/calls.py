"""Ray's own fault injection: calls fail before they are sent, after they were handled, or while they are under way."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import LEASE_CALLS, Draft, burst, handler_delays, program, rpc_failures, some_nodes, some_tasks, soon, ways
from raymc_ray.plan import Fault, Node, Submit, Task, Trigger


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


@kind
def calls_wait(generator: random.Random) -> Draft:
    """Handlers of the lease protocol wait for random times: calls overtake each other."""
    delays = handler_delays(RequestWorkerLease=(0, generator.choice([50, 400])), ReturnWorkerLease=(0, generator.choice([50, 400])))
    return Draft(some_nodes(generator, 1, 3), [program(*burst(generator, some_tasks(generator, 3, 4)))], environment=delays)


@kind
def owner_dies_while_its_calls_wait(generator: random.Random) -> Draft:
    """An owner is killed while its lease requests wait to be handled."""
    delays = handler_delays(RequestWorkerLease=(200, 1500))
    if generator.random() < 0.5:
        tasks = some_tasks(generator, 2, 3, "a", runs=0.5)
        fault = Fault("kill_driver", 0, Trigger("submitted", tasks[-1].name, generator.choice([0.0, 0.1, 0.5])))
        return Draft(some_nodes(generator, 1, 2), [program(*burst(generator, tasks))], [fault], environment=delays)
    children = tuple(Task(f"t0.{index}", runs=0.3) for index in range(2))
    fault = Fault("kill_worker", "t0", Trigger("start", "t0", generator.choice([0.05, 0.3, 0.8])))
    return Draft(some_nodes(generator, 1, 2), [program(Submit(Task("t0", runs=0.1, children=children)))], [fault], environment=delays)


@kind
def cancellations_overtake(generator: random.Random) -> Draft:
    """Lease requests wait at the raylet while the one lease serves all tasks: the surplus ones are cancelled before they are handled."""
    delays = handler_delays(RequestWorkerLease=(0, generator.choice([1500, 3000])))
    tasks = some_tasks(generator, 3, 4, runs=generator.choice([0.02, 0.2]))
    return Draft([Node(cpus=1)] * generator.randint(1, 2), [program(*burst(generator, tasks))], environment=delays)


@kind
def queued_request_is_repeated(generator: random.Random) -> Draft:
    """A lease request is answered early, and sent again while the first one still waits for a CPU."""
    config = rpc_failures(("NodeManagerService.grpc_client.RequestWorkerLease", "early", generator.choice([1, 2])))
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.7, 1.5]))
    return Draft([Node(cpus=1)], [program(*burst(generator, tasks))], config=config)
