"""A trace as `raymc check --out` writes it (specs/schema/trace.schema.json), as far as conducting needs it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_VERSION = 4
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}"  # of a scenario: folders are called so


class Unusable(Exception):
    """The file is no trace that can be conducted; the text says why."""


@dataclass(frozen=True)
class Lane:
    """A process of the model: kind driver, owner, raylet, worker or gcs."""

    index: int
    label: str
    kind: str

    @property
    def node(self) -> str:
        """n1 of "raylet n1" and of "w1 on n1"; empty for others."""
        found = re.search(r"\b(n\d+)$", self.label)
        return found.group(1) if found else ""

    @property
    def name(self) -> str:
        """w1 of "w1 on n1", and the name of an owner."""
        return self.label.split(" ")[0]


@dataclass(frozen=True)
class Told:
    """A message of the model. `label` is "KIND SUBJECT: CONTENT"; a reply has content, and an error never travels."""

    index: int
    kind: str
    label: str
    sender: int
    receiver: int

    @property
    def content(self) -> str:
        return self.label.partition(": ")[2]

    @property
    def subject(self) -> list[str]:
        return self.label.partition(": ")[0].split(" ")[1:]

    @property
    def is_reply(self) -> bool:
        return bool(self.content) and not self.is_error

    @property
    def is_error(self) -> bool:
        return self.content == "error" or self.content.startswith("error")


@dataclass(frozen=True)
class Step:
    """`number` counts from 1. `events` are (what, message), `lives` are (lane, what)."""

    number: int
    action: str
    sentence: str
    fault: bool
    lane: int | None
    rules: tuple[str, ...]
    places: tuple[str, ...]  # FILE SYMBOL of each rule, in Ray's source
    bindings: dict[str, str]
    events: tuple[tuple[str, int], ...]
    lives: tuple[tuple[int, str], ...]

    @property
    def rule(self) -> str:
        """The rule that the step is named after; the others follow from it in the same event."""
        return self.action.partition("(")[0]


@dataclass(frozen=True)
class Trace:
    name: str
    text: str  # of its scenario
    question: str
    breaks: str  # the property that is violated
    claim: str
    settings: str  # the profile of safeguards that the trace is of
    threads: tuple[str, ...]  # where the finding is known from
    shape: dict[str, Any]
    lanes: tuple[Lane, ...]
    end: dict[str, str]  # what is said of each component after the last step
    messages: tuple[Told, ...]
    steps: tuple[Step, ...]
    acts: int  # of a schedule with a safeguard switched: the first step that leads elsewhere; 0 of others
    leaves: int  # of such a schedule: the first step that is not the counterexample's
    chain: tuple[tuple[int, int], ...]  # steps and later ones whose order matters; 0 is the violation
    is_trap: bool = False  # ends in a state from which nothing helps, whatever the rest of the program does

    @property
    def is_of_pinned_ray(self) -> bool:
        """Whether no safeguard that Ray has is switched off. Some traces have more of them, so that another finding does not come first."""
        return " off" not in self.settings

    @property
    def fixes(self) -> list[str]:
        """The proposed fixes that are switched on."""
        return re.findall(r"(\w+) on\b", self.settings)

    def next_of(self, step: Step) -> Step | None:
        """The next step of the same process."""
        return next((each for each in self.steps[step.number :] if each.lane == step.lane), None)

    @property
    def rules(self) -> set[str]:
        return {rule for step in self.steps for rule in (step.rule, *step.rules)}

    def is_left(self, task: str) -> bool:
        """Whether the task has not ended when the trace has, so that it never does."""
        return bool(self.end[f"task {task}"]) and not self.end[f"task {task}"].startswith(("FINISHED", "FAILED"))

    def lane(self, index: int | None) -> Lane | None:
        return None if index is None else self.lanes[index]

    def lane_of(self, kind: str, name: str) -> Lane | None:
        """The lane of a raylet by node (n1), of a worker by name (w1), of an owner by name."""
        for lane in self.lanes:
            if lane.kind == kind and name in (lane.name, lane.node if kind == "raylet" else lane.name):
                return lane
        return None


def load(path: Path) -> Trace:
    """Reads a trace; raises Unusable with the reason, OSError if the file cannot be read."""
    try:
        data = json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        hint = "; it is a scenario: ./raymc check FILE --out DIR writes its trace" if path.suffix == ".toml" else ""
        raise Unusable(f"{path} is not JSON: {error}{hint}") from None
    if not isinstance(data, dict) or data.get("format") != "raymc.trace":
        raise Unusable(f"{path} is not a trace of raymc")
    if data.get("version") != _VERSION:
        raise Unusable(f"{path} has version {data.get('version')}; run the scenario again with this raymc")
    try:
        return _trace(data)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unusable(f"{path} is damaged: {error!r}") from None


def _check_places(data: dict[str, Any]) -> None:
    """That what refers to a place of a list refers to one that it has; raises ValueError."""
    steps, sizes = len(data["steps"]), {name: len(data[name]) for name in ("components", "lanes", "messages")}
    places = [("components", each["component"]) for step in data["steps"] for each in step["changes"]]
    places += [("messages", each["message"]) for step in data["steps"] for each in step["messages"]]
    places += [("lanes", each["lane"]) for step in data["steps"] for each in step["processes"]]
    places += [("lanes", step["lane"]) for step in data["steps"] if step["lane"] is not None]
    if any(not 0 <= place < sizes[name] for name, place in places):
        raise ValueError("a step names something that the trace does not have")
    # Steps have the numbers from 1; 0 stands for the violation.
    if any(not 0 <= each[end] <= steps for each in data["chain"] for end in ("step", "before")):
        raise ValueError("what has to come in order are steps that the trace does not have")


def _trace(data: dict[str, Any]) -> Trace:
    if not re.fullmatch(_NAME, data["scenario"]["name"]):
        raise ValueError("the scenario's name is no name of a file")
    _check_places(data)
    facts = {fact["name"]: fact["value"] for fact in data["facts"]}
    scenario = tomllib.loads(data["scenario"]["text"])
    labels = [part["label"] for part in data["components"]]
    start = dict(zip(labels, data["start"]["components"], strict=True))
    changes = [(labels[each["component"]], each["text"]) for step in data["steps"] for each in step["changes"]]
    return Trace(
        name=data["scenario"]["name"],
        text=data["scenario"]["text"],
        question=data["scenario"]["question"],
        breaks=data["property"],
        claim=data["claim"],
        settings=facts.get("profile", ""),
        threads=tuple(scenario.get("threads", [])),
        shape=scenario["shape"],
        lanes=tuple(Lane(index, lane["label"], lane["kind"]) for index, lane in enumerate(data["lanes"])),
        end={**start, **dict(changes)},
        messages=tuple(Told(index, each["kind"], each["label"], each["from"], each["to"]) for index, each in enumerate(data["messages"])),
        steps=tuple(
            Step(
                number=number,
                action=step["action"],
                sentence=step["sentence"],
                fault=step["fault"],
                lane=step["lane"],
                rules=tuple(rule["id"] for rule in step["rules"]),
                places=tuple(f"{rule['file']} {rule['symbol']}" for rule in step["rules"]),
                bindings={each["name"]: each["value"] for each in step["bindings"]},
                events=tuple((each["event"], each["message"]) for each in step["messages"]),
                lives=tuple((each["lane"], each["event"]) for each in step["processes"]),
            )
            for number, step in enumerate(data["steps"], 1)
        ),
        acts=int(facts.get("acts at step", 0)),
        leaves=int(facts.get("leaves the trace at step", 0)),
        chain=tuple((each["step"], each["before"]) for each in data["chain"]),
        is_trap=data["kind"] == "possible",
    )
