"""Counterexamples of the project's own scenarios, for checks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conduct.trace import Trace, load
from raymc_ray.places import PROJECT_ROOT

PROGRAM = PROJECT_ROOT / "build" / "release" / "raymc"
needs_raymc = pytest.mark.skipif(not PROGRAM.exists(), reason="raymc is not built")


def trace_of(name: str, folder: Path) -> Trace:
    """The counterexample of a scenario of the project, which is left in the folder."""
    (scenario,) = (PROJECT_ROOT / "specs" / "scenarios").glob(f"*/{name}.toml")
    subprocess.run([PROGRAM, "check", "--quiet", "--out", folder, scenario], cwd=PROJECT_ROOT, capture_output=True, check=True)
    return load(folder / f"{name}.trace.json")
