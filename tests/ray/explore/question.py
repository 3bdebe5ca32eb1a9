"""The scenario that is explored: its cluster as conduct builds it, and what the model says about it under the pinned protocol."""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conduct.trace import Step, Trace, Unusable
from explore.faults import faults
from raymc_ray.places import PROJECT_ROOT, raymc_program

TASKS_MAX = 4  # conform's model has room for so many, an owner that is a worker included
_CHECK_SECONDS = 180
_OF_SHAPE = {"prestarted_workers": 0, "submission": "any_time", "delivery": "unordered"}
_NOT_BUILT = ("new_head", "joins_late")


@dataclass(frozen=True)
class Question:
    """A scenario file. Messages overtake each other on the wire, workers are started when they are needed and tasks are submitted at any time, whatever
    the scenario says."""

    name: str
    path: Path
    data: dict[str, Any]

    @property
    def shape(self) -> dict[str, Any]:
        return {**self.data["shape"], **_OF_SHAPE}

    @property
    def budget(self) -> dict[str, int]:
        """What the explorer may strike, and how often."""
        return {key: count for key, count in self.data.get("budget", {}).items() if count and not faults()[key].reason}

    @property
    def struck_nodes(self) -> list[str]:
        every = [f"n{number + 1}" for number in range(self.shape["nodes"])]
        return [str(node) for node in self.shape.get("may_crash", every)]

    @property
    def faulty_calls(self) -> list[str] | None:
        """The calls of which messages may be lost; None for all."""
        return self.shape.get("faulty_calls")

    def as_trace(self) -> Trace:
        """For conduct's scene: a trace of nothing but what may strike, since the settings and a head of its own depend on it."""
        rules = [(rule, node) for key in self.budget for rule in faults()[key].rules for node in self.struck_nodes]
        steps = [Step(number, rule, "", True, None, (rule,), (), {"node": node}, (), ()) for number, (rule, node) in enumerate(rules, 1)]
        return Trace(self.name, "", self.data["question"], "", "", "pinned", (), self.shape, (), {}, (), tuple(steps), 0, 0, ())

    def asked_of_the_model(self) -> str:
        """The same situation as a scenario of the pinned protocol, with every property."""
        shape = {key: value for key, value in self.shape.items() if key not in ("task", "owner")}
        lines = ["schema = 1", f"question = {json.dumps(self.data['question'])}"]
        if "features" in self.data:
            lines.append(f"features = {json.dumps(self.data['features'])}")
        lines += ["[shape]", *_pairs(shape)]
        for name in ("owner", "task"):
            for each in self.shape.get(name, []):
                lines += [f"[[shape.{name}]]", *_pairs(each)]
        lines += ["[budget]", *_pairs(self.data.get("budget", {})), "[protocol]", 'profile = "pinned"', "[check]", 'properties = ["all"]']
        return "\n".join(lines) + "\n"


def _pairs(values: dict[str, Any]) -> list[str]:
    return [f"{key} = {json.dumps(value)}" for key, value in values.items()]


def load(path: Path) -> Question:
    """Reads a scenario; raises Unusable with the reason if it is none, or if the explorer cannot build it."""
    try:
        data = tomllib.loads(path.read_text())
        found = Question(path.stem, path, data)
        owners = found.shape.get("owner", [])
        if len(found.shape["task"]) + sum(each.get("kind") == "worker" for each in owners) > TASKS_MAX:
            raise Unusable(f"{path} has more tasks than conform has room for ({TASKS_MAX}, an owner that is a worker included)")
    except (KeyError, tomllib.TOMLDecodeError) as error:
        raise Unusable(f"{path} is no scenario: {error!r}") from None
    if any(each.get("kind") == "task" for each in owners):
        raise Unusable(f"{path} has an owner that is one of its tasks; the explorer plays drivers and owners that are workers")
    if missing := [key for key in _NOT_BUILT if found.shape.get(key)]:
        raise Unusable(f"{path} has {missing[0]}, which the explorer does not build")
    unknown = set(data.get("budget", {})) - set(faults())
    if unknown:
        raise Unusable(f"{path} has a fault that faults.tsv does not know: {', '.join(sorted(unknown))}")
    return found


@dataclass(frozen=True)
class Claims:
    """What the model's exhaustive check says. `complete` if every behaviour was explored."""

    violated: frozenset[str]
    complete: bool
    states: int

    def also(self, other: Claims) -> Claims:
        """What either violates."""
        return Claims(self.violated | other.violated, self.complete and other.complete, self.states + other.states)


def ask_the_model(question: Question, folder: Path) -> Claims:
    """Explores every interleaving of the situation; the scenario is kept in the folder. Raises RuntimeError if the program cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{question.name}.toml"
    asked = question.asked_of_the_model()
    if path.exists() and path.read_text() != asked:
        raise Unusable(f"{folder.parent} has runs of another scenario called {question.name}; choose another --out or --seed")
    path.write_text(asked)
    return claims_of(path, _CHECK_SECONDS)


def claims_of(scenario: Path, seconds: int) -> Claims:
    """What the model says about a scenario file within so many seconds. Raises RuntimeError if the program cannot."""
    words = ["check", "--keep-going", "--quiet", "--time-max", f"{seconds}s", "--format", "json", str(scenario)]
    answer = subprocess.run([str(raymc_program()), *words], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    try:
        verdict = json.loads(answer.stdout)["answers"][0]["verdict"]
    except (ValueError, LookupError):
        raise RuntimeError(f"raymc check {scenario}: {answer.stdout[-500:]}{answer.stderr[-500:]}") from None
    violated = frozenset(each["id"] for each in verdict["properties"] if each["outcome"] == "violated")
    complete = verdict["outcome"] != "inconclusive" and "limit" not in verdict["reason"]
    return Claims(violated, complete, int(verdict["states"]))
