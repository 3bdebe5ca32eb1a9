"""A GCS that is killed and started again, with its tables in redis."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, burst, program, some_tasks, soon
from raymc_ray.plan import Await, Fault, Node, Submit, Task, Trigger


def _restart(generator: random.Random, moment: Trigger) -> Fault:
    return Fault("restart_gcs", 0, moment, lasts=generator.choice([0.1, 1.0, 3.0]), name="gcs killed")


@kind
def gcs_restarted(generator: random.Random) -> Draft:
    """The GCS restarts while tasks run; more are submitted meanwhile."""
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.5, 1.5]))
    steps = [*burst(generator, tasks), Await("struck"), Submit(Task("late", runs=0.2))]
    moment = Trigger(generator.choice(["submitted", "start"]), "", soon(generator))
    return Draft([Node(), Node()], [program(*steps)], [_restart(generator, moment)], redis=True)


@kind
def raylet_dies_without_gcs(generator: random.Random) -> Draft:
    """A raylet is killed while the GCS is away: nobody is told until it is back."""
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.5, 1.5]))
    restart = _restart(generator, Trigger("start", "", soon(generator)))
    kill = Fault("kill_raylet", 1, Trigger("struck", "gcs killed", generator.choice([0.0, 0.05])))
    return Draft([Node(), Node(), Node()], [program(*burst(generator, tasks))], [restart, kill], redis=True)


@kind
def gcs_dies_before_it_tells(generator: random.Random) -> Draft:
    """A raylet is killed, and the GCS a moment later: before, while or after it declares the death."""
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.5, 1.5]))
    kill = Fault("kill_raylet", 1, Trigger("start", "", 0.1), name="raylet killed")
    restart = _restart(generator, Trigger("struck", "raylet killed", generator.choice([0.0, 0.5, 1.3, 1.6, 2.0])))
    return Draft([Node(), Node(), Node()], [program(*burst(generator, tasks))], [kill, restart], redis=True)


@kind
def gcs_lost(generator: random.Random) -> Draft:
    """The GCS is killed for good: after a while raylets and drivers give up."""
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.5, 1.5]))
    kill = Fault("kill_gcs", 0, Trigger(generator.choice(["submitted", "start"]), "", soon(generator)))
    return Draft([Node(), Node()], [program(*burst(generator, tasks))], [kill], {"gcs_rpc_server_reconnect_timeout_s": 3}, limit=240.0)


@kind
def gcs_forgets(generator: random.Random) -> Draft:
    """The GCS restarts without redis and knows nothing: raylets of the old cluster must end."""
    tasks = some_tasks(generator, 2, 3, runs=generator.choice([0.5, 1.5]))
    restart = _restart(generator, Trigger("start", "", soon(generator)))
    return Draft([Node(), Node()], [program(*burst(generator, tasks))], [restart], limit=240.0)
