"""The tables of the sweep: which calls, which kinds of fact, which reasons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Call:
    """A row of calls.tsv."""

    name: str
    caller: str
    program: str
    about: str = "-"


@dataclass(frozen=True)
class Reason:
    """A row of reasons.tsv."""

    call: str
    caller: str
    way: str
    nth: str
    text: str

    def is_of(self, call: str, caller: str, way: str, nth: int) -> bool:
        return (self.call, self.caller) == (call, caller) and self.way in ("*", way) and self.nth in ("*", str(nth))


def _rows(name: str) -> list[list[str]]:
    lines = (_HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def calls() -> tuple[Call, ...]:
    return tuple(Call(*row) for row in _rows("calls.tsv"))


@cache
def looks_of_facts() -> dict[str, frozenset[str]]:
    """As which looks a difference counts, by kind of fact."""
    return {kind: frozenset(looks.split(",")) - {"-"} for kind, _, looks in _rows("facts.tsv")}


@cache
def reasons() -> tuple[Reason, ...]:
    return tuple(Reason(*row) for row in _rows("reasons.tsv"))
