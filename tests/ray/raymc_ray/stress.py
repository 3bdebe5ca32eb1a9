"""The stress test: raylets are killed at random moments under concurrent load, round after round, and everything is counted."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

from raymc_ray import conforming, plan
from raymc_ray.places import INCONCLUSIVE, OK, VIOLATED
from raymc_ray.record import record
from raymc_ray.stress_measure import RETRIES, Load, Measured, measure
from raymc_ray.stress_report import write_report


# Between two groups: leases are given back and idle processes are counted by then, so that nothing is under way.
_REST = 0.6


def round_of(load: Load, index: int) -> plan.Plan:
    """One round: all tasks at once, or in groups; raylets are killed at moments spread over the time that the tasks are expected to take."""
    generator = random.Random(f"stress/{load.seed}/{index}")
    tasks = [plan.Task(f"t{number}", runs=round(generator.uniform(0.02, 0.4), 3), max_retries=RETRIES) for number in range(load.tasks)]
    victims = generator.sample(range(1, load.nodes), load.kills)
    faults, steps = [], list[plan.Step]()
    struck = {number: generator.randrange(len(load.groups)) for number in range(load.kills)} if load.at_once else dict.fromkeys(range(load.kills), 0)
    for place, numbers in enumerate(load.groups):
        group = [tasks[number] for number in numbers]
        span = sum(task.runs for task in group) / load.nodes
        kills = [number for number, chosen in struck.items() if chosen == place]
        for number in kills:
            moment = plan.Trigger("start", group[0].name if load.at_once else "", round(generator.uniform(0.0, span), 3))
            faults.append(plan.Fault("kill_raylet", victims[number], moment, name=f"kill{number}"))
        steps += [plan.Submit(task) for task in group]
        if place + 1 < len(load.groups):
            steps.append(plan.Get(tuple(task.name for task in group)))
            for number in kills:
                steps += [plan.Await("struck", f"kill{number}"), plan.Await("dead", f"node{victims[number]}")]
            steps.append(plan.Pause(_REST))
    return plan.Plan(
        kind="stress",
        seed=load.seed,
        index=index,
        nodes=tuple(plan.Node() for _ in range(load.nodes)),
        drivers=(plan.Driver(tuple(steps)),),
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
    if load.at_once:
        rounds = conformed(rounds, out, report)
    write_report(load, rounds, release, report)
    if any(not measured.finished for measured in rounds):
        return INCONCLUSIVE
    wrong = any(measured.problems or measured.wrong or measured.conform not in ("", "explained") for measured in rounds)
    return VIOLATED if wrong else OK


def conformed(rounds: list[Measured], out: Path, report: Path) -> list[Measured]:
    """The rounds with what the model says to their logs; the table of it is kept beside the report."""
    said = {one.name: one for one in conforming.conform_all(out)}
    rows = ["round\tevents\tconform\treason"]
    for measured in rounds:
        one = said[measured.name]
        rows.append(f"{one.name}\t{one.events}\t{one.verdict}\t{one.reason}")
        print(f"{one.name}: {one.verdict} {one.reason}".rstrip(), flush=True)
    (report / "stress_conformed.tsv").write_text("\n".join(rows) + "\n")
    return [replace(measured, conform=said[measured.name].verdict) for measured in rounds]
