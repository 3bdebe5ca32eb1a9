"""The report of a stress test: Markdown, JSON, and two plots."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Iterable

from raymc_ray.cluster import SHORT_CHECKS
from raymc_ray.model_verdict import SCENARIO, model_verdict
from raymc_ray.places import PROJECT_ROOT
from raymc_ray.svg import Picture, ticks

if TYPE_CHECKING:
    from raymc_ray.stress import Load, Measured

_BLUE, _RED, _ORANGE, _GREEN = "#8fb4d9", "#c0392b", "#e69f00", "#2e8b57"


def write_report(load: Load, rounds: list[Measured], release: dict[str, str], folder: Path) -> None:
    """Writes stress.md, stress.json, stress_rounds.svg and stress_detection.svg."""
    data = {
        "schema": 1,
        "command": _command(load, release),
        **release,
        "revision": _revision(),
        "machine": _machine(),
        "checks": _checks(load),
        "load": asdict(load),
        "rounds": [asdict(measured) for measured in rounds],
    }
    (folder / "stress.json").write_text(json.dumps(data, indent=1) + "\n")
    (folder / "stress_rounds.svg").write_text(_rounds_picture(rounds))
    (folder / "stress_detection.svg").write_text(_detection_picture(rounds))
    (folder / "stress.md").write_text(_page(load, rounds, release))


def _command(load: Load, release: dict[str, str]) -> str:
    checks = " --checks ray" if load.checks == "ray" else ""
    wheel = f" --ray {release.get('release')}"
    return f"./raymc ray stress --nodes {load.nodes} --tasks {load.tasks} --kills {load.kills} --rounds {load.rounds} --seed {load.seed}{checks}{wheel}"


def _revision() -> str:
    answer = subprocess.run(["git", "-C", str(PROJECT_ROOT), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores, {memory:.0f} GiB"


def _checks(load: Load) -> dict[str, int]:
    from raymc_ray.stress import RAY_CHECKS

    chosen = RAY_CHECKS if load.checks == "ray" else SHORT_CHECKS
    return {key: value for key, value in chosen.items() if key.startswith("health_check")}


def _known(times: Iterable[float | None]) -> list[float]:
    return [time for time in times if time is not None]


def _spread(times: list[float]) -> str:
    return f"{min(times):.2f} / {median(times):.2f} / {max(times):.2f} s" if times else "never"


def _page(load: Load, rounds: list[Measured], release: dict[str, str]) -> str:
    kills = [kill for measured in rounds for kill in measured.killed_at]
    detections = [found for measured in rounds for found in measured.detected_after]
    detected = _known(detections)
    right, expected = sum(measured.right for measured in rounds), load.tasks * len(rounds)
    most = max(measured.most_executions for measured in rounds)
    again = sum(measured.executed_again for measured in rounds)
    in_flight = sum(open_tasks > 0 for measured in rounds for open_tasks in measured.open_at_kill)
    freed = _known(measured.free_after for measured in rounds)
    model = model_verdict()
    checks = ", ".join(f"{key} = {value}" for key, value in _checks(load).items())
    problems = [f"- {measured.name}: {problem}" for measured in rounds for problem in measured.problems + measured.wrong]
    rows = [_row(measured) for measured in rounds]
    lines = [
        "# Stress test of an unmodified Ray",
        "",
        f"Made by `{_command(load, release)}` at revision {_revision()}.",
        f"Ray {release.get('release')} ({str(release.get('commit'))[:12]}) from the Python package index; {_machine()}; {checks}.",
        "",
        f"{len(rounds)} rounds on new clusters of {load.nodes} raylets with one CPU each. In each round {load.tasks} tasks of 0.02 to 0.4 s with three retries are "
        f"submitted at once, and {load.kills} of the raylets beside the driver's {'is' if load.kills == 1 else 'are'} killed by SIGKILL at a random moment of the expected run.",
        "",
        "## The question",
        "",
        f"> {model.question}",
        "",
        "| part of the question | stock Ray, measured | the model |",
        "|---|---|---|",
        f"| is the death detected? | {len(detected)} of {len(kills)} deaths, after {_spread(detected)} (least / median / most) | M1.dead_raylet_is_known |",
        f"| do unfinished tasks move to healthy nodes, and end with their values? | {right} of {expected} right values; tasks were open at {in_flight} of {len(kills)} kills "
        "| L1.task_ends, X2.finished_after_raylet_death |",
        f"| is nothing run more often than its retries allow? | {sum(measured.executions for measured in rounds)} executions of {expected} tasks; {again} tasks more than once, "
        f"at most {most} times (allowed: 4) | D1.attempt_starts_once, D2.executions_within_budget |",
        f"| do all resources return? | {len(freed)} of {len(rounds)} rounds, after {_spread(freed)} from the last value or death notice | I13.resources_return, I3.resources_conserved |",
        "",
        f"The model's verdict on `{SCENARIO}`: **{model.outcome}** over all interleavings of three tasks on three raylets with one crash at any moment; "
        f"{model.states:,} states, depth {model.depth}, profile {model.profile}, Ray {model.revision[:12]}.",
        "The model is exhaustive within its bounds and has no clock; the stress test is larger, has a clock, and samples a few interleavings.",
        "",
        "## Rounds",
        "",
        "![Rounds over time](stress_rounds.svg)",
        "",
        "![Times to detection](stress_detection.svg)",
        "",
        "| round | values | executions | more than once | killed at | open tasks | detected after | last value at | CPUs free after |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "## Problems",
        "",
        *(problems or ["None."]),
        "",
    ]
    return "\n".join(lines)


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
    ]
    return f"| {' | '.join(cells)} |"


def _rounds_picture(rounds: list[Measured]) -> str:
    """One bar a round, from the first submission to the last value, with its kills and death notices."""
    left, right, top, row = 60, 20, 56, 20
    longest = max([*_known(measured.values_at for measured in rounds), *(_notices(rounds)), 1.0])
    marks = ticks(longest)
    picture = Picture(760, top + row * len(rounds) + 50, "From the first submission to the last value")
    scale = (760 - left - right) / marks[-1]
    bottom = top + row * len(rounds)
    for mark in marks:
        picture.line(left + mark * scale, top, left + mark * scale, bottom, "grid")
        picture.text(left + mark * scale, bottom + 18, f"{mark:g} s", "middle")
    for index, (colour, words) in enumerate([(_BLUE, "tasks run"), (_RED, "raylet killed"), (_ORANGE, "death known")]):
        picture.dot(left + 120 * index, 40, colour, words)
        picture.text(left + 10 + 120 * index, 44, words)
    for index, measured in enumerate(rounds):
        y = top + row * index
        picture.text(left - 8, y + 14, str(index), "end")
        if measured.values_at is not None:
            picture.bar(left, y + 4, measured.values_at * scale, row - 8, _BLUE, f"round {index}: last value after {measured.values_at:.2f} s")
        for killed, detected in zip(measured.killed_at, measured.detected_after):
            picture.dot(left + killed * scale, y + row / 2, _RED, f"killed at {killed:.2f} s")
            if detected is not None:
                picture.dot(left + (killed + detected) * scale, y + row / 2, _ORANGE, f"death known {detected:.2f} s later")
    return str(picture)


def _notices(rounds: list[Measured]) -> list[float]:
    return [killed + found for measured in rounds for killed, found in zip(measured.killed_at, measured.detected_after) if found is not None]


def _detection_picture(rounds: list[Measured]) -> str:
    """The times from a kill to the death notice, sorted: a cumulative distribution."""
    times = sorted(_known(found for measured in rounds for found in measured.detected_after))
    left, top, width, height = 60, 40, 660, 220
    picture = Picture(760, top + height + 50, "From SIGKILL of a raylet to its death in the node table")
    marks = ticks(max(times, default=1.0))
    for mark in marks:
        x = left + mark / marks[-1] * width
        picture.line(x, top, x, top + height, "grid")
        picture.text(x, top + height + 18, f"{mark:g} s", "middle")
    for share in (0, 50, 100):
        y = top + height - height * share / 100
        picture.line(left, y, left + width, y, "grid")
        picture.text(left - 8, y + 4, f"{share} %", "end")
    for index, time in enumerate(times):
        picture.dot(left + time / marks[-1] * width, top + height - height * (index + 1) / len(times), _GREEN, f"{time:.2f} s")
    return str(picture)
