"""The stress test: raylets are killed at random moments under concurrent load, round after round, and everything is counted."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raymc_ray import plan
from raymc_ray.events import Event
from raymc_ray.places import INCONCLUSIVE, OK, VIOLATED
from raymc_ray.record import record
from raymc_ray.stress_report import write_report
from raymc_ray.verdict import executions

# Ray's own defaults, which the short checks of every other recording replace.
RAY_CHECKS = {"health_check_initial_delay_ms": 5000, "health_check_period_ms": 3000, "health_check_failure_threshold": 5}
_RETRIES = 3


@dataclass(frozen=True)
class Load:
    """What `stress` was asked for."""

    nodes: int
    tasks: int
    kills: int
    rounds: int
    seed: int
    checks: str


def round_of(load: Load, index: int) -> plan.Plan:
    """One round: all tasks at once, and raylets killed at moments spread over the time that the tasks are expected to take."""
    generator = random.Random(f"stress/{load.seed}/{index}")
    tasks = [plan.Task(f"t{number}", runs=round(generator.uniform(0.02, 0.4), 3), max_retries=_RETRIES) for number in range(load.tasks)]
    span = sum(task.runs for task in tasks) / load.nodes
    victims = generator.sample(range(1, load.nodes), load.kills)
    faults = [
        plan.Fault("kill_raylet", victim, plan.Trigger("start", "", round(generator.uniform(0.0, span), 3)), name=f"kill{number}")
        for number, victim in enumerate(victims)
    ]
    return plan.Plan(
        kind="stress",
        seed=load.seed,
        index=index,
        nodes=tuple(plan.Node() for _ in range(load.nodes)),
        drivers=(plan.Driver(tuple(plan.Submit(task) for task in tasks)),),
        faults=tuple(faults),
        config=dict(RAY_CHECKS) if load.checks == "ray" else {},
        limit=240.0,
    )


@dataclass(frozen=True)
class Measured:
    """One round in figures; times in seconds. A time is None if what it waits for did not happen."""

    name: str
    finished: bool
    right: int
    wrong: list[str]  # every answer that is not the task's value
    executions: int
    executed_again: int
    most_executions: int
    began: float
    killed_at: list[float]  # after the first submission
    open_at_kill: list[int]  # tasks without a value at that moment
    detected_after: list[float | None]
    values_at: float | None  # the last value, after the first submission
    free_after: float | None  # from the last value or death notice until all CPUs of living nodes are free
    problems: list[str]


def measure(session: dict[str, Any]) -> Measured:
    """The figures of a kept round."""
    happened: list[Event] = session["events"]
    answers = [event for event in happened if event["what"] == "value"]
    submitted = [event["t"] for event in happened if event["what"] == "submitted"]
    began = min(submitted, default=session["began"])
    kills = [event for event in happened if event["what"] == "struck"]
    ids = {event["name"]: event["node"] for event in happened if event["what"] == "node"}
    deaths = {event["node"]: event["t"] for event in happened if event["what"] == "dead"}
    last = max((event["t"] for event in answers), default=None)
    quiet = next((event["t"] for event in happened if event["what"] == "quiet"), None)
    counts = executions(happened)

    def detection(kill: Event) -> float | None:
        told = deaths.get(ids[f"node{kill['target']}"])
        return None if told is None else round(told - kill["t"], 3)

    return Measured(
        name=session["name"],
        finished=bool(session.get("finished")),
        right=sum(event["answer"] == "value" for event in answers),
        wrong=[f"{event['name']}: {event['answer']}" for event in answers if event["answer"] != "value"],
        executions=sum(counts.values()),
        executed_again=sum(count > 1 for count in counts.values()),
        most_executions=max(counts.values(), default=0),
        began=began,
        killed_at=[round(kill["t"] - began, 3) for kill in kills],
        open_at_kill=[_open_at(kill["t"], happened) for kill in kills],
        detected_after=[detection(kill) for kill in kills],
        values_at=None if last is None else round(last - began, 3),
        free_after=None if quiet is None or last is None else round(quiet - max([last, *deaths.values()]), 3),
        problems=session["problems"],
    )


def _open_at(moment: float, happened: list[Event]) -> int:
    """Tasks that have been submitted and have not returned by then. Programs get values in order, so the end of a task is its `return`."""
    submitted = {event["name"] for event in happened if event["what"] == "submitted" and event["t"] <= moment}
    returned = {event["name"] for event in happened if event["what"] == "return" and event["t"] <= moment}
    return len(submitted - returned)


def stress(load: Load, out: Path, report: Path) -> int:
    """Runs the rounds, those that `out` has of the same choices excepted, and writes the report."""
    out.mkdir(parents=True, exist_ok=True)
    report.mkdir(parents=True, exist_ok=True)
    rounds, release = [], {}
    for index in range(load.rounds):
        session = round_of(load, index)
        path = out / session.name / "session.json"
        if not (path.exists() and json.loads(path.read_text())["plan"] == plan.to_json(session)):
            record(session, out)
        kept = json.loads(path.read_text())
        measured = measure(kept)
        rounds.append(measured)
        release = {key: kept.get(key, "unknown") for key in ("release", "commit", "python")}
        state = "ok" if not measured.problems and measured.finished else "; ".join(measured.problems) or "cut off"
        print(f"{index + 1}/{load.rounds} {session.name}: {measured.right} values, {measured.executions} executions: {state}", flush=True)
    write_report(load, rounds, release, report)
    if any(not measured.finished for measured in rounds):
        return INCONCLUSIVE
    return VIOLATED if any(measured.problems or measured.wrong for measured in rounds) else OK
