"""What processes of a session need in their environment to be behind a wire: one set of variables for each node, kept in a file of the session."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

FILE = "wires.json"
DRIVER_NODE = 200  # the first number that no node has; drivers are told apart from the workers of their node by it
FIRST_NODE = 1  # the wire's number of the plan's node 0

Variables = dict[str, str]


class Environment:
    """Sets variables of this process meanwhile: what it starts inherits them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._variables}
        os.environ.update(self._variables)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def write(folder: Path, wires: list[Variables]) -> None:
    (folder / FILE).write_text(json.dumps(wires))


def read(folder: Path) -> list[Variables]:
    """By number of the wire's node less FIRST_NODE; empty: there is no wire."""
    path = folder / FILE
    wires: list[Variables] = json.loads(path.read_text()) if path.exists() else []
    return wires


def of_node(wires: list[Variables], index: int) -> Variables:
    return wires[index] if wires else {}


def of_driver(wires: list[Variables], index: int) -> Variables:
    """Drivers have numbers of their own, downwards."""
    return wires[DRIVER_NODE - FIRST_NODE - 1 - index] if wires else {}
