"""Values in plasma: arguments, spilling, reconstruction, loss."""

from __future__ import annotations

import random

from raymc_ray.kinds import kind
from raymc_ray.kinds.draft import Draft, program, some_nodes
from raymc_ray.plan import Await, Drop, Fault, Get, Node, Pause, Put, Ready, Step, Submit, Task, Trigger

_LARGE = 400 * 1024  # above max_direct_call_object_size: the value goes to plasma


@kind
def arguments(generator: random.Random) -> Draft:
    """Tasks whose arguments are other tasks' values, small or in plasma."""
    sizes = [generator.choice([0, 0, _LARGE]) for _ in range(2)]
    steps: list[Step] = [
        Submit(Task("a", runs=generator.choice([0.1, 0.5]), value_bytes=sizes[0])),
        Submit(Task("b", runs=generator.choice([0.1, 0.5]), value_bytes=sizes[1])),
        Submit(Task("c", runs=0.1, needs=("a", "b"))),
    ]
    return Draft(some_nodes(generator, 1, 3), [program(*steps)])


@kind
def pulled_arguments(generator: random.Random) -> Draft:
    """A large value is made on one node and needed on another."""
    consumers = [Submit(Task(f"b{index}", runs=0.2, needs=("a",), node=index % 2 + 1, soft=True)) for index in range(generator.randint(1, 2))]
    steps: list[Step] = [Submit(Task("a", runs=0.1, value_bytes=generator.choice([_LARGE, 12 << 20]), node=1, soft=True)), *consumers]
    return Draft([Node(), Node(), Node()], [program(*steps)])


@kind
def spilled_arguments(generator: random.Random) -> Draft:
    """Values that do not fit into the store together go to disk and come back."""
    count = generator.randint(3, 4)
    values: list[Step] = [Put(f"p{index}", 24 << 20) for index in range(count)]
    consumers: list[Step] = [Submit(Task(f"c{index}", runs=0.1, needs=(f"p{index}",))) for index in range(generator.randint(1, 2))]
    dropped: list[Step] = [Drop("p2")] if generator.random() < 0.5 else []
    return Draft([Node(cpus=1, store_mb=75)], [program(*values, *consumers, *dropped)], config={"min_spilling_size": 1 << 20})


@kind
def reconstruction(generator: random.Random) -> Draft:
    """The node of a large value dies before its consumer is submitted, or after: the value is made again."""
    early = generator.choice([True, False])
    make = Task("a", runs=0.1, value_bytes=_LARGE, node=1, soft=True, max_retries=generator.choice([1, 2]))
    use = Task("b", runs=0.3, needs=("a",), max_retries=2)
    steps: list[Step] = [Submit(make), Ready(("a",)), Await("struck")]
    steps += [Submit(use)] if early else [Await("dead"), Submit(use)]
    return Draft([Node(), Node(), Node()], [program(*steps)], [Fault("kill_raylet", 1, Trigger("ready", "a", 0.3))])


@kind
def reconstruction_chain(generator: random.Random) -> Draft:
    """Two large values, one made from the other, are lost together."""
    steps: list[Step] = [
        Submit(Task("a", runs=0.1, value_bytes=_LARGE, node=1, soft=True, max_retries=2)),
        Submit(Task("b", runs=0.1, value_bytes=_LARGE, needs=("a",), node=1, soft=True, max_retries=2)),
        Ready(("b",)),
        Await("struck"),
        Submit(Task("c", runs=0.1, needs=("b",), max_retries=2)),
    ]
    return Draft([Node(), Node()], [program(*steps)], [Fault("kill_node", 1, Trigger("ready", "b", generator.choice([0.0, 0.3])))])


@kind
def lost_object(generator: random.Random) -> Draft:
    """A large value that cannot be made again is lost with its node."""
    steps: list[Step] = [
        Submit(Task("a", runs=0.1, value_bytes=_LARGE, node=1, soft=True, max_retries=0)),
        Ready(("a",)),
        Await("struck"),
        Submit(Task("b", runs=0.1, needs=("a",), max_retries=generator.choice([0, 1]))),
        Get(("b",)),
    ]
    return Draft([Node(), Node()], [program(*steps)], [Fault("kill_raylet", 1, Trigger("ready", "a", generator.choice([0.0, 0.3])))])


@kind
def argument_dies_with_its_node(generator: random.Random) -> Draft:
    """The node of an argument dies while its consumer waits, fetches or runs."""
    steps: list[Step] = [
        Submit(Task("a", runs=0.1, value_bytes=8 << 20, node=1, soft=True, max_retries=2)),
        Submit(Task("b", runs=0.6, needs=("a",), node=2, soft=True, max_retries=2)),
    ]
    moment = generator.choice([Trigger("start", "a", generator.choice([0.0, 0.1, 0.15, 0.3])), Trigger("start", "b", 0.1)])
    return Draft([Node(), Node(), Node()], [program(*steps)], [Fault("kill_raylet", 1, moment)])


@kind
def dropped_references(generator: random.Random) -> Draft:
    """References go out of scope before, while or after their tasks run."""
    pause = Pause(generator.choice([0.0, 0.3, 1.0]))
    steps: list[Step] = [
        Submit(Task("a", runs=0.3, value_bytes=_LARGE)),
        Submit(Task("b", runs=0.3, needs=("a",))),
        Drop("a"),
        pause,
        Submit(Task("c", runs=0.2, value_bytes=_LARGE)),
        Drop("c"),
    ]
    return Draft(some_nodes(generator, 1, 2), [program(*steps)])


@kind
def arguments_too_large_together(generator: random.Random) -> Draft:
    """Two tasks could run at once, but their arguments may not be pinned at once."""
    runs = generator.choice([0.3, 0.8])
    puts: list[Step] = [Put(f"p{index}", 16 << 20) for index in range(2)]
    consumers: list[Step] = [Submit(Task(f"c{index}", runs=runs, needs=(f"p{index}",))) for index in range(2)]
    return Draft([Node(cpus=2)], [program(*puts, *consumers)], config={"max_task_args_memory_fraction": 0.3})


@kind
def other_copy_survives(generator: random.Random) -> Draft:
    """The primary copy of a value dies with its node while another node has a copy: that one is pinned instead."""
    steps: list[Step] = [
        Submit(Task("a", runs=0.1, value_bytes=_LARGE, node=1, soft=True, max_retries=generator.choice([0, 1]))),
        Submit(Task("b", runs=0.1, needs=("a",), node=2, soft=True)),
        Get(("b",)),
        Await("dead"),
        Submit(Task("c", runs=0.1, needs=("a",))),
    ]
    return Draft([Node(), Node(), Node()], [program(*steps, Get(("c",)), gets_all=False)], [Fault("kill_raylet", 1, Trigger("value", "b", 0.3))])
