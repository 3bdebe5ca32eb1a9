"""The kinds of session that can be recorded.

A kind is a function from a random generator to a `Draft`: the nodes, programs and faults of one session. It is registered by its decorator; the
first line of its docstring is what `raymc ray kinds` says. Each module has the kinds of one subject.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable

from raymc_ray import plan
from raymc_ray.kinds.draft import Draft

Kind = Callable[[random.Random], Draft]

_MODULES = ("tasks", "raylets", "workers", "calls", "owners", "objects", "gcs", "mixed")
_registry: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    """Registers a kind under its function's name."""
    name = function.__name__
    assert name not in _registry, f"two kinds are called {name}"
    assert function.__doc__, f"{name} does not say what it is for"
    _registry[name] = function
    return function


def all_kinds() -> dict[str, Kind]:
    """Every kind by name, in the order of the modules."""
    for module in _MODULES:
        importlib.import_module(f"raymc_ray.kinds.{module}")
    return dict(_registry)


def describe(name: str) -> str:
    return str(all_kinds()[name].__doc__).strip().splitlines()[0]


def make(name: str, seed: int, index: int) -> plan.Plan:
    """The plan of one session. Depends on its three arguments alone."""
    draft = all_kinds()[name](random.Random(f"{seed}/{index}/{name}"))
    return plan.Plan(
        kind=name,
        seed=seed,
        index=index,
        nodes=tuple(draft.nodes),
        drivers=tuple(draft.drivers),
        faults=tuple(draft.faults),
        config=draft.config,
        environment=draft.environment,
        redis=draft.redis,
        limit=draft.limit,
    )


def choose(count: int, seed: int, names: list[str]) -> list[plan.Plan]:
    """`count` plans: the kinds in a random order, each as often as the others, give or take one."""
    generator = random.Random(f"{seed}/order")
    order: list[str] = []
    while len(order) < count:
        turn = sorted(names)
        generator.shuffle(turn)
        order += turn
    return [make(name, seed, index) for index, name in enumerate(order[:count])]


def wants_redis(names: list[str]) -> bool:
    """Whether one of the kinds needs a redis-server."""
    return any(all_kinds()[name](random.Random(0)).redis for name in names)
