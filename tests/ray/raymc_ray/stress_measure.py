"""What a stress test asks for, and the figures of one of its rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from raymc_ray.cluster import SHORT_CHECKS
from raymc_ray.events import Event
from raymc_ray.verdict import executions

# Ray's own defaults, which the short checks of every other recording replace.
RAY_CHECKS = {"health_check_initial_delay_ms": 5000, "health_check_period_ms": 3000, "health_check_failure_threshold": 5}
RETRIES = 3


@dataclass(frozen=True)
class Load:
    """What `stress` was asked for."""

    nodes: int
    tasks: int
    kills: int
    rounds: int
    seed: int
    checks: str
    at_once: int = 0  # tasks that are in flight at a time; 0: all

    @property
    def groups(self) -> list[range]:
        """The tasks that are submitted together, by number."""
        size = self.at_once or self.tasks
        return [range(first, min(first + size, self.tasks)) for first in range(0, self.tasks, size)]

    @property
    def health_checks(self) -> dict[str, int]:
        chosen = RAY_CHECKS if self.checks == "ray" else SHORT_CHECKS
        return {key: value for key, value in chosen.items() if key.startswith("health_check")}


@dataclass(frozen=True)
class Measured:
    """One round in figures; times in seconds. A time is None if what it waits for did not happen."""

    name: str
    finished: bool
    right: int
    wrong: list[str]  # every answer that is not the task's value
    executions: int
    executed_again: int
    most_executions: int
    began: float
    killed_at: list[float]  # after the first submission
    open_at_kill: list[int]  # tasks without a value at that moment
    detected_after: list[float | None]
    values_at: float | None  # the last value, after the first submission
    free_after: float | None  # from the last value or death notice until all CPUs of living nodes are free
    problems: list[str]
    conform: str = ""  # what `raymc conform` said to its logs; empty: it was not asked


def measure(session: dict[str, Any]) -> Measured:
    """The figures of a kept round."""
    happened: list[Event] = session["events"]
    answers = [event for event in happened if event["what"] == "value"]
    submitted = [event["t"] for event in happened if event["what"] == "submitted"]
    began = min(submitted, default=session["began"])
    kills = [event for event in happened if event["what"] == "struck"]
    ids = {event["name"]: event["node"] for event in happened if event["what"] == "node"}
    deaths = {event["node"]: event["t"] for event in happened if event["what"] == "dead"}
    last = max((event["t"] for event in answers), default=None)
    quiet = next((event["t"] for event in happened if event["what"] == "quiet"), None)
    counts = executions(happened)

    def detection(kill: Event) -> float | None:
        told = deaths.get(ids[f"node{kill['target']}"])
        return None if told is None else round(told - kill["t"], 3)

    return Measured(
        name=session["name"],
        finished=bool(session.get("finished")),
        right=sum(event["answer"] == "value" for event in answers),
        wrong=[f"{event['name']}: {event['answer']}" for event in answers if event["answer"] != "value"],
        executions=sum(counts.values()),
        executed_again=sum(count > 1 for count in counts.values()),
        most_executions=max(counts.values(), default=0),
        began=began,
        killed_at=[round(kill["t"] - began, 3) for kill in kills],
        open_at_kill=[_open_at(kill["t"], happened) for kill in kills],
        detected_after=[detection(kill) for kill in kills],
        values_at=None if last is None else round(last - began, 3),
        free_after=None if quiet is None or last is None else round(quiet - max([last, *deaths.values()]), 3),
        problems=session["problems"],
    )


def _open_at(moment: float, happened: list[Event]) -> int:
    """Tasks that have been submitted and have not returned by then. Programs get values in order, so the end of a task is its `return`."""
    submitted = {event["name"] for event in happened if event["what"] == "submitted" and event["t"] <= moment}
    returned = {event["name"] for event in happened if event["what"] == "return" and event["t"] <= moment}
    return len(submitted - returned)
