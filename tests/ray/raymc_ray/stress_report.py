"""Writes the report of a stress test: a page, the figures as JSON, and two plots."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict
from pathlib import Path

from raymc_ray.places import PROJECT_ROOT
from raymc_ray.stress_measure import Load, Measured
from raymc_ray.stress_page import Origin, page
from raymc_ray.stress_pictures import detection_picture, rounds_picture


def write_report(load: Load, rounds: list[Measured], release: dict[str, str], folder: Path) -> None:
    """Writes stress.md, stress.json, stress_rounds.svg and stress_detection.svg."""
    origin = Origin(_command(load, release["release"]), _revision(), release["release"], release["commit"], _machine())
    data = {
        "schema": 1,
        **asdict(origin),
        "load": asdict(load),
        "health_checks": load.health_checks,
        "rounds": [asdict(measured) for measured in rounds],
    }
    (folder / "stress.json").write_text(json.dumps(data, indent=1) + "\n")
    (folder / "stress_rounds.svg").write_text(rounds_picture(rounds))
    (folder / "stress_detection.svg").write_text(detection_picture(rounds))
    (folder / "stress.md").write_text(page(load, rounds, origin))


def _command(load: Load, release: str) -> str:
    checks = f" --checks {load.checks}" if load.checks != "short" else ""
    groups = f" --at-once {load.at_once}" if load.at_once else ""
    shape = f"--nodes {load.nodes} --tasks {load.tasks}{groups} --kills {load.kills} --rounds {load.rounds} --seed {load.seed}"
    return f"./raymc ray stress {shape}{checks} --ray {release}"


def _revision() -> str:
    answer = subprocess.run(["git", "-C", str(PROJECT_ROOT), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load average {os.getloadavg()[2]:.0f} at the end"
