"""What a session does, as data: nodes, programs, faults. Chosen before anything runs, kept in session.json.

A plan holds every random choice, so that the same seed makes the same choices on any machine; only Ray's own timing differs.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Node:
    """One raylet. The first node of a plan is the head; a late one joins by a fault of kind `join`."""

    cpus: float = 1
    late: bool = False
    head: bool = False  # of a late one: it says that it is the head now
    resources: tuple[str, ...] = ()
    store_mb: int = 80
    gpus: float = 0


@dataclass(frozen=True)
class Task:
    """One remote call. Its value is its name, padded to `value_bytes`, so that everybody can check it."""

    name: str
    runs: float = 0.1
    waits: bool = False  # runs on until the event `finish` with its name
    leaves: str = ""  # what its code leaves in the worker: "reference", an object of its own, or "thread", which can let go of it and take another
    takes_actor: bool = False  # one of its arguments is an actor without a name that its owner has just asked for
    serves: tuple[str, ...] = ()  # its attempts are owners that do what they are told under these names, one each (wire/player.py)
    gpus: float = 0
    cpus: float = 1
    resource: str = ""
    max_retries: int = 1
    retry_exceptions: bool = False
    max_calls: int = 0
    raises: int = 0  # how many executions fail before one returns; -1: all of them
    fails_by: str = "raise"  # an exception, "exit" (sys.exit) or "abort" (SIGABRT)
    node: int | None = None  # hard or soft affinity to the node with this index
    soft: bool = False
    needs: tuple[str, ...] = ()  # earlier values of the same program that are its arguments
    lends: tuple[str, ...] = ()  # earlier values whose references it is given, and gets itself
    value_bytes: int = 0
    keeps_bytes: int = 0  # its worker also puts a value of this size, owns it, and returns the reference: NAME.kept, known after a get
    key: int = 1  # tasks of different keys never share a lease: they are different functions
    children: tuple[Task, ...] = ()  # submitted by the task itself: it is their owner


@dataclass(frozen=True)
class Submit:
    task: Task
    do: str = "submit"


@dataclass(frozen=True)
class Put:
    """`ray.put`: a value without lineage, so that it is lost with its node."""

    name: str
    value_bytes: int
    do: str = "put"


@dataclass(frozen=True)
class Get:
    names: tuple[str, ...]
    do: str = "get"


@dataclass(frozen=True)
class Ready:
    """Waits until the values exist somewhere, without bringing them here."""

    names: tuple[str, ...]
    do: str = "ready"


@dataclass(frozen=True)
class Pause:
    """A part of the random workload, never a wait for something."""

    seconds: float
    do: str = "pause"


@dataclass(frozen=True)
class Await:
    """Waits for an event of the session: `what` with the given name (see events.py)."""

    what: str
    name: str = ""
    do: str = "await"


@dataclass(frozen=True)
class Cancel:
    name: str
    force: bool = False
    recursive: bool = True
    do: str = "cancel"


@dataclass(frozen=True)
class Drop:
    """The program's reference goes out of scope."""

    name: str
    do: str = "drop"


Step = Submit | Put | Get | Ready | Pause | Await | Cancel | Drop


@dataclass(frozen=True)
class Driver:
    """One driver process, at the raylet of `node`: a list of steps, or somebody's own script."""

    steps: tuple[Step, ...] = ()
    script: tuple[str, ...] = ()
    node: int = 0
    gets_all: bool = True  # gets all values that no step has got before it says that it is done
    leaves_at_once: bool = False  # ends when it is done, instead of waiting for the cluster to be quiet


@dataclass(frozen=True)
class Trigger:
    """When a fault strikes: `delay` seconds after the `nth` event `what` with this name."""

    what: str = "go"
    name: str = ""
    delay: float = 0.0
    nth: int = 1


@dataclass(frozen=True)
class Fault:
    """What the operator does to the session. `target` is an index of a node or driver, or the name of a task whose worker is meant."""

    do: str
    target: int | str = 0
    on: Trigger = field(default_factory=Trigger)
    lasts: float = 0.0  # stopped, unreaped, down or draining for so long
    name: str = ""


@dataclass(frozen=True)
class Plan:
    kind: str
    seed: int
    index: int
    nodes: tuple[Node, ...]
    drivers: tuple[Driver, ...]
    faults: tuple[Fault, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)  # Ray's _system_config
    environment: dict[str, str] = field(default_factory=dict)  # of every process
    redis: bool = False  # the GCS keeps its tables in redis, so that it can be restarted
    agents: bool = False  # whether raylets have their dashboard and runtime environment agents
    limit: float = 600.0  # seconds from the start of the drivers until the session is cut off

    @property
    def name(self) -> str:
        return f"{self.index:04d}_{self.kind}_s{self.seed}"


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data; equal plans give equal text."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(plan)))
    return data


_STEPS: dict[str, Any] = {"put": Put, "get": Get, "ready": Ready, "pause": Pause, "await": Await, "cancel": Cancel, "drop": Drop}


def task_from_json(data: dict[str, Any]) -> Task:
    """A task from plain data, its children included."""
    children = tuple(task_from_json(child) for child in data["children"])
    lists = {name: tuple(data.get(name, ())) for name in ("needs", "lends", "serves")}
    return Task(**{**data, **lists, "children": children})


def _step(data: dict[str, Any]) -> Step:
    if data["do"] == "submit":
        return Submit(task_from_json(data["task"]))
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    step: Step = _STEPS[data["do"]](**fields)
    return step


def _driver(data: dict[str, Any]) -> Driver:
    steps = tuple(_step(step) for step in data["steps"])
    return Driver(**{**data, "steps": steps, "script": tuple(data["script"])})


def from_json(data: dict[str, Any]) -> Plan:
    """The inverse of `to_json`."""
    return Plan(
        **{
            **data,
            "nodes": tuple(Node(**{**node, "resources": tuple(node["resources"])}) for node in data["nodes"]),
            "drivers": tuple(_driver(driver) for driver in data["drivers"]),
            "faults": tuple(Fault(**{**fault, "on": Trigger(**fault["on"])}) for fault in data["faults"]),
        }
    )


def all_tasks(plan: Plan) -> list[Task]:
    """Every task of every program, with the children of nested ones."""
    found: list[Task] = []

    def add(task: Task) -> None:
        found.append(task)
        for child in task.children:
            add(child)

    for driver in plan.drivers:
        for step in driver.steps:
            if isinstance(step, Submit):
                add(step.task)
    return found
