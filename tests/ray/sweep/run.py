"""One run of a program in a cluster of its own, with some calls struck."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from sweep.programs import PROGRAMS
from sweep.show import Facts, Show
from sweep.ways import Striker
from wire.message import REQUEST, Message
from wire.parts import Refused
from wire.stage import Stage

_LIMIT_SECONDS = 300.0


@dataclass(frozen=True)
class Run:
    """`struck` says between whom, for each striker; `calls` how often each call was made, by its name and the role of its caller."""

    facts: Facts
    struck: tuple[str, ...]
    seconds: float
    calls: dict[tuple[str, str], int] = field(default_factory=dict)


def run(program: str, strikers: tuple[Striker, ...] = ()) -> Run:
    return asyncio.run(_run(program, strikers))


async def _run(program: str, strikers: tuple[Striker, ...]) -> Run:
    began = time.monotonic()
    setting = PROGRAMS[program]
    stage = Stage(setting.plan(), log_level="info")
    calls: Counter[tuple[str, str]] = Counter()

    def count(message: Message) -> None:
        if message.direction == REQUEST and not message.method.streams:
            calls[message.name, message.caller.role] += 1

    def decide(message: Message) -> None:
        for striker in strikers:
            striker.decide(message)

    stage.wire.watch(count)
    stage.wire.decide_by(decide)
    facts: Facts = {}
    try:
        async with asyncio.timeout(_LIMIT_SECONDS), stage:
            show = Show(stage)
            facts = show.facts
            show.say("cluster", "", "comes up")
            await setting.run(show)
            await show.look()
    except (Refused, TimeoutError, RuntimeError) as reason:
        facts["cluster"] = "does not come up" if not facts else f"the program does not end: {str(reason) or 'too long'}"
    return Run(facts, tuple(striker.struck for striker in strikers), time.monotonic() - began, dict(calls))
