"""The other side of a counterexample: the schedule that would break Ray without a safeguard that it has.

The model gives both halves: the counterexample with the safeguard off, and what the same schedule comes to with it on, with the step at which it
acts (`raymc trace FILE --with SAFEGUARD --format json`).
"""

from __future__ import annotations

import csv
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conduct.trace import Trace, load
from raymc_ray.places import PROJECT_ROOT

PROGRAM = PROJECT_ROOT / "build" / "release" / "raymc"
NOTICED = PROJECT_ROOT / "results" / "safeguards.tsv"
_STATES_MAX = 1_000_000  # as much as results/safeguards.tsv has searched
_HAS = "in the pinned revision"


@dataclass(frozen=True)
class Schedule:
    """`trace` is what the schedule comes to with the safeguard, up to the first step that is not the counterexample's, its last."""

    safeguard: str
    trace: Trace


def safeguards() -> list[str]:
    """Those that Ray has, in the order of the registry."""
    return [row["safeguard"] for row in _noticed() if row["origin"] == _HAS]


def schedules(safeguard: str, defects: Path) -> Iterator[Schedule]:
    """The schedules that need it: those of defects/ that are about it, and the one in which `raymc safeguards` missed it first."""
    for path in sorted(defects.glob("*.trace.json")):
        if re.findall(r"(\w+) off", load(path).settings) == [safeguard]:
            yield from _with(safeguard, path)
    row = next(each for each in _noticed() if each["safeguard"] == safeguard)
    if row["scenario"] == "-":
        return
    with tempfile.TemporaryDirectory() as folder:
        words = ["check", "--quiet", "--states-max", str(_STATES_MAX), "--set", f"{safeguard}=off", "--out", folder, row["scenario"]]
        subprocess.run([PROGRAM, *words], cwd=PROJECT_ROOT, capture_output=True, check=False)
        for path in sorted(Path(folder).glob("*.trace.json")):
            yield from _with(safeguard, path)


def _with(safeguard: str, path: Path) -> Iterator[Schedule]:
    """Nothing if the safeguard makes no difference to the schedule."""
    broken = load(path)
    answer = subprocess.run(
        [PROGRAM, "trace", path, "--with", safeguard, "--format", "json"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise RuntimeError(f"raymc trace --with {safeguard}: {answer.stdout}{answer.stderr}")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(answer.stdout)
        file.flush()
        kept = load(Path(file.name))
    if not kept.acts or kept.acts > len(kept.steps):
        return
    # What has to come before what is known of the counterexample, which shares all steps but the last.
    yield Schedule(safeguard, replace(kept, steps=kept.steps[: kept.leaves], chain=broken.chain, breaks=broken.breaks, claim=broken.claim))


def _noticed() -> list[dict[str, str]]:
    lines = NOTICED.read_text().splitlines()
    return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
