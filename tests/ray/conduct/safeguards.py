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
from raymc_ray.places import PROJECT_ROOT, raymc_program

_ANSWERS = (0, 10, 11, 20)  # of raymc check: it has looked, whatever it found
NOTICED = PROJECT_ROOT / "results" / "safeguards.tsv"
GOLDEN = PROJECT_ROOT / "results" / "golden.tsv"
_SMALL = 20_000
_STATES_MAX = 1_000_000  # as much as results/safeguards.tsv has searched
_HAS = "in the pinned revision"


@dataclass(frozen=True)
class Schedule:
    """`trace` is what the schedule comes to with the safeguard, up to the first step that is not the counterexample's, its last. `own` if its
    scenario was written for the safeguard."""

    safeguard: str
    trace: Trace
    own: bool


def safeguards() -> list[str]:
    """Those that Ray has, in the order of the registry."""
    return [row["safeguard"] for row in _noticed() if row["origin"] == _HAS]


def schedules(safeguard: str, defects: Path) -> Iterator[Schedule]:
    """The schedules that need it: those of defects/ that are about it, the one in which `raymc safeguards` missed it first, and those of the small
    scenarios of ci/, the smallest first."""
    for path in sorted(defects.glob("*.trace.json")):
        if re.findall(r"(\w+) off", load(path).settings) == [safeguard]:
            yield from _with(safeguard, path, own=True)
    first = next(each["scenario"] for each in _noticed() if each["safeguard"] == safeguard)
    for scenario in dict.fromkeys([first] * (first != "-") + _small()):
        with tempfile.TemporaryDirectory() as folder:
            words = ["check", "--quiet", "--states-max", str(_STATES_MAX), "--set", f"{safeguard}=off", "--out", folder, scenario]
            done = subprocess.run([raymc_program(), *words], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
            if done.returncode not in _ANSWERS:
                raise RuntimeError(f"raymc {' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}")
            for path in sorted(Path(folder).glob("*.trace.json")):
                yield from _with(safeguard, path, own=False)


def _with(safeguard: str, path: Path, own: bool) -> Iterator[Schedule]:
    """Nothing if the safeguard makes no difference to the schedule."""
    broken = load(path)
    answer = subprocess.run(
        [raymc_program(), "trace", path, "--with", safeguard, "--format", "json"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
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
    shared = replace(kept, steps=kept.steps[: kept.leaves], chain=broken.chain, breaks=broken.breaks, claim=broken.claim)
    yield Schedule(safeguard, shared, own)


def _noticed() -> list[dict[str, str]]:
    return _rows(NOTICED)


def _small() -> list[str]:
    """The scenarios of ci/ with few states, by results/golden.tsv."""
    rows = [row for row in _rows(GOLDEN) if "/ci/" in row["scenario"] and int(row["states"]) <= _SMALL]
    return [row["scenario"] for row in sorted(rows, key=lambda row: int(row["states"]))]


def _rows(path: Path) -> list[dict[str, str]]:
    lines = path.read_text().splitlines()
    return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
