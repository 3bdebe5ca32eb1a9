"""Reads faults.tsv: how the explorer strikes the faults of a scenario's budget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """A row of faults.tsv."""

    budget: str
    struck: str
    verb: str
    rules: tuple[str, ...]
    never: frozenset[str]  # calls that it does not strike

    @property
    def reason(self) -> str:
        """Why the explorer strikes no such fault; empty if it does."""
        return self.verb.partition("none: ")[2]


@cache
def faults() -> dict[str, Fault]:
    lines = (Path(__file__).parent / "faults.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {budget: Fault(budget, struck, verb, tuple(rules.split(",")), frozenset(never.split(","))) for budget, struck, verb, rules, never in rows}
