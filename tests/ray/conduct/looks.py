"""How the violation of a property looks from outside. Each look is named in properties.tsv; none of them knows a scenario."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from conduct import look_at_capacity, look_at_processes, look_at_tasks, tables, traps
from conduct.asking import HANG_SECONDS, Seen, ask_all, failed_check, told
from conduct.conductor import Conductor, log_lines

_MODULES = (look_at_capacity, look_at_processes, look_at_tasks)
Look = Callable[[Conductor], Awaitable[Seen]]


async def look(on: Conductor) -> Seen:
    """Looks at what the trace's property is about. The program of a trap goes on first. Meanwhile owners that are tasks wait for what they have
    submitted, as their code does."""
    if on.trace.is_trap:
        await traps.go_on(on)
    for owner in on.players:
        if owner in on.scene.owners and on.scene.is_task(owner) and owner not in on.dead_owners:
            on.lets_wait(owner)
    return await known()[tables.looks()[on.trace.breaks]](on)


def known() -> dict[str, Look]:
    """The words that properties.tsv may use, and the look of each."""
    functions = [value for module in _MODULES for value in vars(module).values() if asyncio.iscoroutinefunction(value) and value.__module__ == module.__name__]
    return {function.__name__: function for function in functions if not function.__name__.startswith("_")}


async def ends_well(on: Conductor) -> Seen:
    """Of a control: whether something is wrong although there was no fault."""
    answers = await ask_all(on, HANG_SECONDS * 2)
    wrong = {name: said for name, said in answers.items() if said["answer"] != "value"}
    lost = await look_at_capacity.capacity_is_lost(on)
    return Seen(bool(wrong) or lost.violated, told(wrong) if wrong else lost.words if lost.violated else f"{told(answers)}; {lost.words}")


async def stands(on: Conductor) -> Seen:
    """After a schedule that would break a Ray without some safeguard: whether anything is wrong."""
    name = tables.looks().get(on.trace.breaks, "none")
    if name == "task_never_ends":
        # What saves it may take longer than that look waits before it speaks of a hang.
        await ask_all(on, HANG_SECONDS * 3)
    seen = await look(on) if name != "none" else Seen(False, "")
    if seen.violated:
        return seen
    answers = await ask_all(on, HANG_SECONDS * 2)
    wrong = {task: said for task, said in answers.items() if said["answer"] in ("timeout", "wrong", "ended")}
    often = {task: on.stage.executions(task) for task in answers if on.stage.executions(task) > 1 + int(on.scene.tasks[task].get("max_retries", 0))}
    lost = await look_at_capacity.capacity_is_lost(on)
    checks = [line for place in (on.stage.logs, on.stage.folder) for line in log_lines(place, "Check failed")]
    if wrong or often or lost.violated or checks:
        parts = [told(wrong), f"executed too often: {often}" if often else "", lost.words if lost.violated else "", *map(failed_check, checks[:1])]
        return Seen(True, "; ".join(part for part in parts if part))
    return Seen(False, "; ".join(part for part in (told(answers), lost.words, seen.words) if part))
