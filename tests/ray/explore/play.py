"""One run: holds the protocol's messages and releases them one by one, as the chooser or a schedule says."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conduct import scene
from conduct.conductor import Conductor
from conduct.run import keep_logs, prepare
from conduct.verbs import is_gone
from explore import outside
from explore.chooser import MESSAGE, PROGRAM, STRIKE, Option
from explore.faults import Fault, faults
from explore.names import Names
from explore.outside import Noticed
from explore.question import Question
from explore.strikes import Strikes
from wire.book import WORKER
from wire.message import REQUEST, Message
from wire.parts import Refused
from wire.stage import Stage

_QUIET_SECONDS = 0.15  # without anything new: the wire has come to rest
_REST_SECONDS = 3.0
_IDLE_SECONDS = 4.0  # a death is noticed and a retry is due in less
_START_SECONDS = 20.0  # of a worker
_MISSED_SECONDS = 8.0
_REAP_SECONDS = 0.3
_CHOICES_MAX = 150
_RUN_SECONDS = 240.0
_STILL_SECONDS = 1.5  # after which conform takes a record to be at rest

Chooser = Callable[[Sequence[Option], Sequence[Option]], Option]  # of what was taken, and what could happen


@dataclass(frozen=True)
class Played:
    """`missed` are the choices of a schedule that never could happen; `failed` says why nothing is known of Ray, empty if it is."""

    choices: tuple[str, ...]
    noticed: tuple[Noticed, ...]
    answers: str
    missed: tuple[str, ...] = ()
    failed: str = ""


class Run:
    """The state of one run. With `only`, messages of other deliveries pass unseen."""

    def __init__(self, question: Question, on: Conductor, only: set[str] | None) -> None:
        self.on = on
        self._question = question
        self._stage = on.stage
        self._names = Names(on.scene, on.stage, on.cast, on.matcher)
        self._strikes = Strikes(on, self._names)
        self._left = Counter(question.budget)
        self._only = only
        self._waiting: dict[str, tuple[Option, Message]] = {}
        self._changes = 0
        self._free = False
        self.taken: list[Option] = []
        for name in on.scene.owners:
            process = on.stage.driver_process(name)
            pid = process.pid if process is not None else _pid_of_owner(on, name)
            self._names.owner_is(name, pid)

    def decide(self, message: Message) -> None:
        if not message.method.streams and message.name != "Check":
            self._changes += 1
        if self._strikes.keeps(message):
            message.hold()
        if self._free:
            return
        option = self._names.option(message)
        if option is None or (self._only is not None and option.name not in self._only):
            return
        message.hold()
        self._waiting[option.name] = (option, message)

    # What could happen.

    def options(self) -> list[Option]:
        found = [option for option, message in self._waiting.values() if not self._strikes.keeps(message)]
        return found + self._program() + self._faults()

    def _program(self) -> list[Option]:
        """Steps of the program, and ends that a raylet may see."""
        on = self.on
        found = [Option(f"show the end of {name}", PROGRAM, "show_end", name.partition(".")[0]) for name in self._strikes.hidden]
        for name in on.scene.tasks:
            owner = on.owner_of(name)
            if name not in on.submitted and owner not in on.dead_owners:
                found.append(Option(f"submit {name}", PROGRAM, "submit", owner))
            elif name not in on.finished and on.stage.log.find("waits", name):
                found.append(Option(f"finish {name}", PROGRAM, "finish", name))
        return found

    def _faults(self) -> list[Option]:
        found = []
        for key, count in sorted(self._left.items()):
            fault = faults()[key]
            for target in self._targets(fault) if count else []:
                words = target.removeprefix("deliver ") if fault.struck in (REQUEST, "reply") else target
                found.append(Option(f"{fault.verb} {words}".strip(), STRIKE, fault.verb, target))
        return found

    def _targets(self, fault: Fault) -> list[str]:
        nodes, strikes, on, struck = self._strikes.living(self._question.struck_nodes), self._strikes, self.on, fault.struck
        match struck:
            case "node":
                return [node for node in nodes if node not in strikes.drained and node not in strikes.hung]
            case "preempted":
                return [node for node in nodes if node in strikes.announced]
            case "hung":
                return list(strikes.hung)
            case "worker":
                return strikes.workers(nodes)
            case "driver" | "owner":
                wanted = "driver" if struck == "driver" else "worker"
                return [name for name, each in on.scene.owners.items() if each.get("kind", "driver") == wanted and name not in on.dead_owners]
            case "task":
                return sorted(name for name in on.submitted - on.cancelled if on.owner_of(name) not in on.dead_owners)
            case "gcs":
                return [""]
            case _:
                return [name for name, (_, message) in self._waiting.items() if message.direction == struck and self._may_fail(message, fault)]

    def _may_fail(self, message: Message, fault: Fault) -> bool:
        calls = self._question.faulty_calls
        return message.name not in fault.never and message.name != "GcsSubscriberPoll" and (calls is None or message.name in calls)

    # What happens.

    async def take(self, option: Option) -> None:
        """Makes it happen."""
        self.taken.append(option)
        self._stage.wire.note(chosen=option.name)
        if option.sort == MESSAGE:
            self._waiting.pop(option.name)[1].deliver()
        elif option.sort == STRIKE:
            await self._strike(option)
        elif option.key == "submit":
            await self.on.submit(option.name.partition(" ")[2])
        elif option.key == "finish":
            self.on.finish(option.at)
        else:
            self._strikes.show(option.name.removeprefix("show the end of "))

    async def _strike(self, option: Option) -> None:
        fault = next(
            each for each in faults().values() if each.verb == option.key and self._left[each.budget] and option.at in self._targets(each)
        )
        self._left[fault.budget] -= 1
        message = None
        if option.at in self._waiting:
            message = self._waiting[option.at][1]
            if fault.verb == "lose":
                del self._waiting[option.at]
        await self._strikes.strike(fault.verb, option.at, message)
        if fault.verb == "resume_raylet":
            self._let_go(lambda each: not self._strikes.keeps(each) and all(each is not message for _, message in self._waiting.values()))

    def _let_go(self, which: Callable[[Message], bool]) -> None:
        for message in list(self._stage.wire.held):
            if which(message):
                message.deliver()

    def free(self) -> None:
        """What is held goes on, ends are seen, tasks finish; what a fault has broken for good stays broken."""
        self._free = True
        self._strikes.free()
        self._waiting.clear()
        self._let_go(lambda message: not self._strikes.keeps(message))

    # Waiting.

    def _activity(self) -> tuple[int, int]:
        self._stage.log.poll()
        return self._changes, len(self._stage.log.seen)

    async def rest(self, quiet: float = _QUIET_SECONDS, limit: float = _REST_SECONDS) -> None:
        """Until nothing new has come for a moment."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            before = self._activity()
            if not await self._stage.until(lambda before=before: self._activity() != before, quiet):  # type: ignore[misc]
                return

    def _starting(self) -> bool:
        """Whether a worker process has begun of which nothing was heard yet."""
        workers = self._stage.wire.book.processes(WORKER)
        return any(not self._names.knows(each.pid) and not is_gone(each.pid) for each in workers)

    async def could_happen(self) -> list[Option]:
        """What could happen, once the wire rests; empty if the run is over."""
        await self.rest()
        found = self.options()
        if any(each.sort != STRIKE for each in found):
            return found
        await self._stage.until(lambda: self._some() or not self._starting(), _START_SECONDS)
        await self._stage.until(self._some, _IDLE_SECONDS)
        await self.rest()
        found = self.options()
        if any(each.sort != STRIKE for each in found) or not all(self._stage.log.find("return", name) for name in self.on.submitted):
            return found
        return []

    def _some(self) -> bool:
        return any(not self._strikes.keeps(message) for _, message in self._waiting.values()) or bool(self._program())

    async def available(self, name: str) -> Option | None:
        """The option of this name, once it could happen."""
        await self.rest()
        return await self._stage.until(lambda: next((each for each in self.options() if each.name == name), None), _MISSED_SECONDS)


def _pid_of_owner(on: Conductor, name: str) -> int:
    """Of an owner that is a worker: the task that it runs says it."""
    started = on.stage.log.find("start", f"owner.{name}")
    return int(started["pid"]) if started else 0


async def play(question: Question, chooser: Chooser, keep: Path) -> Played:
    """A run that the chooser steers to its end."""

    async def steer(run: Run) -> list[str]:
        while len(run.taken) < _CHOICES_MAX and (options := await run.could_happen()):
            await run.take(chooser(run.taken, options))
        return []

    return await _play(question, steer, None, keep)


async def replay(question: Question, choices: Sequence[str], keep: Path) -> Played:
    """A run that follows a list of choices; messages that none of them names pass."""

    async def follow(run: Run) -> list[str]:
        missed = []
        for name in choices:
            option = await run.available(name)
            if option is None:
                missed.append(name)
            else:
                await run.take(option)
        return missed

    words = {name.partition(" ")[2] for name in choices if name.split(" ")[0] in ("deliver", "lose", "repeat")}
    return await _play(question, follow, {f"deliver {each}" for each in words}, keep)


async def _play(question: Question, body: Callable[[Run], Awaitable[list[str]]], only: set[str] | None, keep: Path) -> Played:
    trace = question.as_trace()
    made = scene.make(trace, control=True)
    run: Run | None = None
    try:
        async with asyncio.timeout(_RUN_SECONDS), Stage(made.plan, log_level="debug") as stage:
            on = await prepare(trace, made, stage, free=True)
            run = Run(question, on, only)
            stage.wire.decide_by(run.decide)
            reaping = asyncio.get_running_loop().create_task(_reap(stage))
            try:
                missed = await body(run)
                run.free()
                for name in made.tasks:
                    if on.owner_of(name) not in on.dead_owners:
                        await on.submit(name)
                answers = await outside.answers(on)
                noticed = await outside.look(on, answers, sum(each.sort == STRIKE for each in run.taken))
                await run.rest(_STILL_SECONDS, 3 * _STILL_SECONDS)
                keep_logs(stage, keep)
            finally:
                reaping.cancel()
    except (Refused, TimeoutError, RuntimeError, OSError) as reason:
        failed = str(reason) or f"it takes longer than {_RUN_SECONDS:.0f} s"
        return Played(tuple(each.name for each in run.taken) if run else (), (), "", failed=failed)
    said = ", ".join(f"{name}: {answer}" for name, answer in answers.items())
    return Played(tuple(each.name for each in run.taken), tuple(noticed), said, tuple(missed))


async def _reap(stage: Stage) -> None:
    """A raylet that has ended is reaped: to its workers a zombie seems to live."""
    while not stage.operator.ended:
        await asyncio.wait([stage.operator.begin("reap")])
        await stage.until(lambda: False, _REAP_SECONDS)
