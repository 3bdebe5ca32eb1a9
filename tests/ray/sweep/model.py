"""What the model says of a call that fails: read from results/call_failures.tsv, which `./raymc calls` writes."""

from __future__ import annotations

import csv
from functools import cache

from conduct import tables
from raymc_ray.places import PROJECT_ROOT

TABLE = PROJECT_ROOT / "results" / "call_failures.tsv"
HOLDS = "holds"
UNKNOWN = "-"
STRIKES_NOTHING = "cannot strike"


@cache
def _said() -> dict[tuple[str, str], str]:
    """The property that breaks, or that all hold, by call and failure. A failure that leaves the states as they are without one strikes nothing."""
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    found = {}
    whole: dict[str, str] = {}
    for row in csv.DictReader(lines, delimiter="\t"):
        if row["failure"] == "none":
            whole[row["call"]] = row["states"]
        word = row["first property that breaks"]
        found[row["call"], row["failure"]] = (
            STRIKES_NOTHING if word == HOLDS and row["failure"] != "none" and row["states"] == whole[row["call"]] else word
        )
    return found


def says(call: str, way: str) -> str:
    """The property that the first counterexample breaks; "holds"; "cannot strike"; "-" if the model has no such call."""
    kinds = [kind for kind, carrier in tables.carriers().items() if carrier.call == call and carrier.form != "notice"]
    return next((_said()[kind, way] for kind in kinds if (kind, way) in _said()), UNKNOWN)


def breaks(call: str, way: str) -> bool:
    return says(call, way) not in (HOLDS, STRIKES_NOTHING, UNKNOWN)


def has_row(call: str) -> bool:
    return says(call, "none") != UNKNOWN
