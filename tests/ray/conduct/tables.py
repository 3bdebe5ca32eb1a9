"""The tables that say how the model's words look in Ray."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from raymc_ray.places import PROJECT_ROOT

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
    since: tuple[int, ...]  # the first release that has it, such as (2, 58); empty if none has
    evidence: str

    def is_in(self, release: str) -> bool:
        """Whether a release such as "2.60.0" has it."""
        return bool(self.since) and numbers(release) >= self.since


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


def numbers(release: str) -> tuple[int, ...]:
    """The first two numbers of a release: those by which the registry tells releases apart."""
    return tuple(int(part) for part in release.split(".")[:2])


@cache
def since() -> dict[str, tuple[int, ...]]:
    """The fixes of the registry that a release of Ray has, with the first one."""
    entries = json.loads((PROJECT_ROOT / "results/safeguards.json").read_text(encoding="utf8"))
    said = {entry["id"]: entry["is"].partition("since Ray ")[2] for entry in entries}
    return {name: numbers(release) for name, release in said.items() if release}


@cache
def fixes() -> dict[str, Fix]:
    return {name: Fix(name, since().get(name, ()), evidence) for name, evidence in _rows("fixes.tsv")}
