"""The tables that say how the model's words look in Ray."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Rule:
    """A row of rules.tsv."""

    id: str
    means: str
    shown_by: str
    settings: tuple[tuple[str, int], ...]
    redis: bool
    posted_as: str
    writes: str
    held_at: str

    @property
    def reason(self) -> str:
        """Why no verb reaches it; empty if one does."""
        return self.means.partition("none: ")[2]


@dataclass(frozen=True)
class Carrier:
    """A row of messages.tsv: how a kind of message travels."""

    kind: str
    call: str
    form: str  # call, round (a call that is made again if the answer is another), poll, notice or -
    told_by: str
    of: str  # the service or channel in Ray's own settings


@dataclass(frozen=True)
class Fix:
    """A row of fixes.tsv."""

    name: str
    releases: tuple[str, ...]  # that have it
    evidence: str


def _rows(name: str) -> list[list[str]]:
    lines = (_HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def rules() -> dict[str, Rule]:
    found = {}
    for name, means, shown_by, settings, posted_as, writes, held_at in _rows("rules.tsv"):
        words = [] if settings == "-" else settings.split(",")
        numbers = tuple((key, int(value)) for key, _, value in (word.partition("=") for word in words if "=" in word))
        found[name] = Rule(name, means, shown_by, numbers, "redis" in words, posted_as.strip("-"), writes.strip("-"), held_at.strip("-"))
    return found


@cache
def carriers() -> dict[str, Carrier]:
    return {row[0]: Carrier(*row) for row in _rows("messages.tsv")}


@cache
def looks() -> dict[str, str]:
    return {row[0]: row[1] for row in _rows("properties.tsv")}


@cache
def fixes() -> dict[str, Fix]:
    return {row[0]: Fix(row[0], tuple(row[1].strip("-").split(",")), row[2]) for row in _rows("fixes.tsv")}
