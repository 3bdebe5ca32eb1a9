"""A conductor without a cluster: a stage that has no processes, and players that note what they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from conduct import scene
from conduct.conductor import Conductor
from conduct.expected import Cast
from conduct.trace import Trace
from wire.parts import Refused
from wire.stage import Stage

NOBODY = 2**22 + 1  # above the greatest pid


@dataclass
class Asked:
    """A player that notes what it is asked."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    ended: bool = False

    async def ask(self, do: str, limit: float = 60.0, **arguments: Any) -> Any:
        self.asked.append((do, arguments))
        return self.answers.get(do)

    def begin(self, do: str, **arguments: Any) -> Any:
        self.asked.append((do, arguments))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if do in self.answers:
            answer.set_result(self.answers[do])
        return answer


@dataclass
class NoStage:
    """As much of a stage as owners need."""

    children: dict[str, Asked]
    wire: Any = None

    async def until(self, condition: Callable[[], Any], seconds: float) -> Any:
        """Asks until it holds, as the wire does."""
        for _ in range(200):
            if answer := condition():
                return answer
            await asyncio.sleep(0.01)
        return None

    async def until_asked(self, question: Callable[[], Any], holds: Callable[[Any], bool], seconds: float) -> Any:
        answer = await question()
        return answer if holds(answer) else None

    async def child(self, name: str, seconds: float) -> Asked:
        if name not in self.children:
            raise Refused(f"{name} is not there")
        return self.children[name]

    def say(self, what: str, name: str = "") -> None: ...

    def executions(self, name: str) -> int:
        return 1


def conductor(trace: Trace, children: dict[str, Asked], players: dict[str, Asked]) -> Conductor:
    stage, made = cast(Stage, NoStage(children)), scene.make(trace)
    return Conductor(trace, made, stage, cast(Any, players), Cast(trace, stage, made.first))


def owning(trace: Trace, **changed: Any) -> Trace:
    """The same trace with an owner that is another attempt of its task, or waits otherwise."""
    owners = [{**each, **changed} if each.get("kind") == "task" else each for each in trace.shape["owner"]]
    return replace(trace, shape={**trace.shape, "owner": owners})
