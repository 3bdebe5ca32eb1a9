"""A schedule: the choices of one run by name, as a file that `--replay` follows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conduct.trace import Unusable

_FORMAT, _VERSION = "raymc.schedule", 1


@dataclass(frozen=True)
class Schedule:
    """`run` counts from 1."""

    scenario: str
    seed: int
    run: int
    release: str
    choices: tuple[str, ...]

    def of(self, choices: tuple[str, ...]) -> Schedule:
        """The same with other choices."""
        return replace(self, choices=choices)


def write(schedule: Schedule, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"format": _FORMAT, "version": _VERSION, **asdict(schedule)}, indent=1) + "\n")


def read(path: Path) -> Schedule:
    """Raises Unusable with the reason if the file is no schedule."""
    try:
        data: Any = json.loads(path.read_text())
        if data.get("format") != _FORMAT or data.get("version") != _VERSION:
            raise Unusable(f"{path} is no schedule of this raymc")
        choices = tuple(str(each) for each in data["choices"])
        return Schedule(str(data["scenario"]), int(data["seed"]), int(data["run"]), str(data["release"]), choices)
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise Unusable(f"{path} is no schedule: {error!r}") from None
