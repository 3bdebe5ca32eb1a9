"""What the model says about the question that the stress test asks."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass

from raymc_ray.places import PROJECT_ROOT

SCENARIO = "specs/scenarios/seed/raylet_killed_at_any_moment.toml"


@dataclass(frozen=True)
class ModelVerdict:
    """One row of results/golden.tsv with the scenario's own words."""

    question: str
    outcome: str
    states: int
    depth: int
    profile: str
    revision: str


def model_verdict() -> ModelVerdict:
    """Reads the kept verdict; a test of the project holds it to what the program answers."""
    scenario = tomllib.loads((PROJECT_ROOT / SCENARIO).read_text())
    lines = (PROJECT_ROOT / "results/golden.tsv").read_text().splitlines()
    revision = next((line.rsplit("ray ", 1)[1] for line in lines if line.startswith("#") and "ray " in line and "./raymc" not in line), "unknown")
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    row = next(row for row in rows if row["scenario"] == SCENARIO)
    return ModelVerdict(
        question=scenario["question"],
        outcome=row["outcome"],
        states=int(row["states"]),
        depth=int(row["depth"]),
        profile=scenario.get("protocol", {}).get("profile", "pinned"),
        revision=revision,
    )
