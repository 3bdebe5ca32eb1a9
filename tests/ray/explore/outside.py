"""What a run came to, seen through Ray's public interface: answers, CPUs, failed checks. Each finding is named as in properties.tsv."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from conduct.conductor import Conductor, log_lines
from conduct.asking import failed_check
from wire.parts import Refused

_GET_SECONDS = 45.0
_CPUS_SECONDS = 15.0
_CANCELLED = "TaskCancelledError"


@dataclass(frozen=True)
class Noticed:
    """Something that should not be: `look` names it as properties.tsv does, or is empty if no property speaks of it."""

    look: str
    words: str


async def answers(on: Conductor) -> dict[str, str]:
    """What `ray.get` of every task of a living owner says, once all may finish: value, wrong, timeout, ended or the class of the error."""
    names = [name for name in sorted(on.submitted) if on.owner_of(name) not in on.dead_owners]
    for name in on.submitted:
        on.finish(name)
    said = await asyncio.gather(*(_get(on, name) for name in names))
    return dict(zip(names, said, strict=True))


async def _get(on: Conductor, name: str) -> str:
    try:
        return str((await on.players[on.owner_of(name)].ask("get", limit=_GET_SECONDS + 20, name=name, seconds=_GET_SECONDS))["answer"])
    except Refused:
        return "ended"
    except TimeoutError:
        return "timeout"


def may_fail(retries: int, struck: int) -> bool:
    """Whether a task may end with an error: each fault ends one attempt at most, and a task has one attempt more than retries."""
    return struck > retries


async def look(on: Conductor, said: dict[str, str], struck: int) -> list[Noticed]:
    """`struck`: how many faults there were."""
    found = []
    for name, answer in said.items():
        if answer == "timeout":
            found.append(Noticed("task_never_ends", f"ray.get of {name} does not end within {_GET_SECONDS:.0f} s"))
        elif answer == "wrong":
            found.append(Noticed("", f"{name} has another value"))
        elif answer == _CANCELLED and name in on.cancelled or answer == "value":
            continue
        elif not may_fail(int(on.scene.tasks[name].get("max_retries", 0)), struck):
            found.append(Noticed("task_fails", f"ray.get of {name} raises {answer}"))
    found += await _capacity(on)
    checks = [line for place in (on.stage.logs, on.stage.folder) for line in log_lines(place, "Check failed")]
    if checks:
        found.append(Noticed("process_aborts", failed_check(checks[0])))
    return found


async def _capacity(on: Conductor) -> list[Noticed]:
    async def free() -> dict[str, dict[str, Any]]:
        known: dict[str, dict[str, Any]] = await on.stage.operator.ask("resources")
        return known

    if await on.stage.until_asked(free, lambda cpus: all(each["free"] >= each["total"] for each in cpus.values()), _CPUS_SECONDS):
        return []
    busy = [each for each in (await free()).values() if each["free"] < each["total"]]
    said = ", ".join(f"{each['free']:g} of {each['total']:g}" for each in busy)
    return [Noticed("capacity_is_lost", f"{said} CPUs free for {_CPUS_SECONDS:.0f} s")] if busy else []
