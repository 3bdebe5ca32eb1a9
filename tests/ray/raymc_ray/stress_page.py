"""The page of a stress test: what was asked, what stock Ray did, what the model says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from raymc_ray.model_verdict import SCENARIO, model_verdict
from raymc_ray.stress_measure import RETRIES, Load, Measured


@dataclass(frozen=True)
class Origin:
    """Where the figures come from."""

    command: str
    revision: str
    release: str
    commit: str
    machine: str


def page(load: Load, rounds: list[Measured], origin: Origin) -> str:
    """The whole page in Markdown."""
    checks = ", ".join(f"{key} = {value}" for key, value in load.health_checks.items())
    verb = "is" if load.kills == 1 else "are"
    problems = [f"- {measured.name}: {problem}" for measured in rounds for problem in measured.problems + measured.wrong]
    lines = [
        "# Stress test of an unmodified Ray",
        "",
        f"Made by `{origin.command}` at revision {origin.revision}.",
        f"Ray {origin.release} ({origin.commit[:12]}) from the Python package index; {origin.machine}; {checks}.",
        "",
        f"{len(rounds)} rounds on new clusters of {load.nodes} raylets with one CPU each. In each round {load.tasks} tasks of 0.02 to 0.4 s with "
        + f"{RETRIES} retries are submitted {_manner(load)},",
        f"and {load.kills} of the raylets beside the driver's {verb} killed by SIGKILL at a random moment of the expected run.",
        "",
        "## The question",
        "",
        *_answers(load, rounds),
        "",
        "## Rounds",
        "",
        "![Rounds over time](stress_rounds.svg)",
        "",
        "![Times to detection](stress_detection.svg)",
        "",
        "| round | values | executions | tasks executed again | killed at | open tasks then | death known after | last value at | CPUs free after | conform |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, rounds),
        "",
        "## Problems",
        "",
        *(problems or ["None."]),
        "",
    ]
    return "\n".join(lines)


def _answers(load: Load, rounds: list[Measured]) -> list[str]:
    """The question part by part: stock Ray beside the model's properties."""
    kills = [kill for measured in rounds for kill in measured.killed_at]
    detected = _known(found for measured in rounds for found in measured.detected_after)
    freed = _known(measured.free_after for measured in rounds)
    right, expected = sum(measured.right for measured in rounds), load.tasks * len(rounds)
    executions, again = sum(measured.executions for measured in rounds), sum(measured.executed_again for measured in rounds)
    most = max((measured.most_executions for measured in rounds), default=0)
    under_load = sum(open_tasks > 0 for measured in rounds for open_tasks in measured.open_at_kill)
    model = model_verdict()
    explained = sum(measured.conform == "explained" for measured in rounds)
    asked = [f"The model explains the logs of {explained} of {len(rounds)} rounds ([`stress_conformed.tsv`](stress_conformed.tsv))."] if load.at_once else []
    return [
        f"> {model.question}",
        "",
        "| part of the question | stock Ray, measured | the model's properties |",
        "|---|---|---|",
        f"| Is the death detected? | {len(detected)} of {len(kills)} deaths, after {_spread(detected)} | M1.dead_raylet_is_known |",
        f"| Does every task end with its value? | {right} of {expected} values are right; tasks were open at {under_load} of {len(kills)} kills "
        + "| L1.task_ends, X2.finished_after_raylet_death |",
        f"| Is a task executed at most as often as its retries allow? | {executions} executions; {again} tasks more than once, none more than {most} times "
        + f"(allowed: {RETRIES + 1}) | D1.attempt_starts_once, D2.executions_within_budget |",
        f"| Do all resources return? | in {len(freed)} of {len(rounds)} rounds, {_spread(freed)} after the last value or death notice "
        + "| I13.resources_return, I3.resources_conserved |",
        "",
        "Times are least / median / most.",
        f"The model's verdict on `{SCENARIO}`: **{model.outcome}** over all interleavings of three tasks on three raylets with one crash at any moment;",
        f"{model.states:,} states, depth {model.depth}, profile {model.profile}, Ray {model.revision[:12]}.",
        *asked,
        "The model is exhaustive within its bounds and has no clock; the stress test is larger, has a clock, and samples a few interleavings.",
    ]


def _manner(load: Load) -> str:
    return f"{load.at_once} at a time, each group when the one before has ended" if load.at_once else "at once"


def _known(times: Iterable[float | None]) -> list[float]:
    return [time for time in times if time is not None]


def _spread(times: list[float]) -> str:
    return f"{min(times):.2f} / {median(times):.2f} / {max(times):.2f} s" if times else "never"


def _times(times: Iterable[float | None]) -> str:
    return ", ".join("never" if time is None else f"{time:.2f} s" for time in times)


def _row(measured: Measured) -> str:
    cells = [
        measured.name,
        str(measured.right),
        str(measured.executions),
        str(measured.executed_again),
        _times(measured.killed_at),
        ", ".join(map(str, measured.open_at_kill)),
        _times(measured.detected_after),
        _times([measured.values_at]),
        _times([measured.free_after]),
        measured.conform or "not asked",
    ]
    return f"| {' | '.join(cells)} |"
