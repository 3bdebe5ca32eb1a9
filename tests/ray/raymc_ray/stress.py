"""The stress test: raylets are killed at random moments under concurrent load, round after round, and everything is counted."""

from __future__ import annotations

import json
import random
from pathlib import Path

from raymc_ray import plan
from raymc_ray.places import INCONCLUSIVE, OK, VIOLATED
from raymc_ray.record import record
from raymc_ray.stress_measure import RETRIES, Load, measure
from raymc_ray.stress_report import write_report


def round_of(load: Load, index: int) -> plan.Plan:
    """One round: all tasks at once, and raylets killed at moments spread over the time that the tasks are expected to take."""
    generator = random.Random(f"stress/{load.seed}/{index}")
    tasks = [plan.Task(f"t{number}", runs=round(generator.uniform(0.02, 0.4), 3), max_retries=RETRIES) for number in range(load.tasks)]
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
        config=dict(load.health_checks),
        limit=600.0,
    )


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
