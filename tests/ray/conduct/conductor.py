"""Follows a trace in an unmodified Ray: messages wait on the wire until their step, faults strike at theirs."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from conduct import scene as scenes
from conduct import arguments, tables
from conduct.expected import Awaited, Cast, content, redirected_to
from conduct.outcome import ChoseOtherwise, NotConductible, NotInRelease, WentAnotherWay
from conduct.scene import Scene
from conduct.trace import Step, Told, Trace
from conduct.verbs import POLL_SECONDS, WAIT_SECONDS, Verbs, is_gone
from raymc_ray import processes
from wire.gate import Gate, NoGate
from wire.message import REPLY, REQUEST, Message
from wire.parts import Child, Refused
from wire.stage import Stage

_QUIET_SECONDS = 0.05  # without a message of a process: it has read what it was sent
_NEWS_SECONDS = 5.0  # news of a node may also come with the list of nodes, which is fetched and not told
_LENT_SECONDS = 8.0  # a worker may have to be started for it


def refuse(trace: Trace) -> None:
    """Raises NotConductible for the first step that no verb reaches, before anything runs, or if nobody would see that its violation happened."""
    refuse_steps(trace)
    if trace.breaks and tables.looks().get(trace.breaks, "none") == "none":
        raise NotConductible(len(trace.steps), f"{trace.breaks}: nothing outside shows its violation")


def refuse_release(trace: Trace, release: str) -> None:
    """Raises NotInRelease if the schedule rests on a fix that this release of Ray does not have."""
    for fix in [tables.fixes()[name] for name in trace.fixes if name in tables.fixes()]:
        if not fix.is_in(release):
            raise NotInRelease(f"{fix.name}: {fix.evidence}")


def refuse_steps(trace: Trace) -> None:
    """Raises NotConductible for the first step that no verb reaches."""
    for step in trace.steps:
        row = tables.rules().get(step.rule)
        if row is None:
            raise NotConductible(step.number, f"{step.rule} is not in rules.tsv: the table is older than the trace")
        if row.reason:
            raise NotConductible(step.number, f"{step.rule}: {row.reason}")
        for _, index in step.events:
            if trace.messages[index].kind not in tables.carriers():
                raise NotConductible(step.number, f"{trace.messages[index].kind} is not in messages.tsv: the table is older than the trace")


class Conductor(Verbs):
    """One run."""

    def __init__(self, trace: Trace, scene: Scene, stage: Stage, players: dict[str, Child], cast: Cast) -> None:
        super().__init__(trace, scene, stage, players, cast)
        self.news: dict[int, list[tuple[str, str]]] = {}  # what the GCS has told each subscriber: kind and node
        self.answers: dict[int, str] = {}  # what a reply said instead of what the trace says, by its message
        self._chosen: dict[int, str] = {}  # to which node a reply redirected its owner instead, likewise
        self._free = False
        self._gates: dict[int, Gate] = {}  # by the step that comes while a thread waits there
        self._passed: set[int] = set()  # awaited messages whose step is over: they are let through when they come again
        self._done_at: dict[int, float] = {}

    async def follow(self) -> None:
        """All steps in their order; raises WentAnotherWay at the first that Ray does not take."""
        self.stage.wire.decide_by(self.decide)
        self.stage.say("lets_go")
        for step in scenes.order(self.trace):
            self.stage.wire.note(step=step.number, rule=step.rule)
            for erased in scenes.silent_from(self.trace).get(step.number, ()):
                await self._stall(erased)
            await self._close_gates(step)
            row = tables.rules()[step.rule]
            self._delayed.pop(step.number, None)  # redis refuses it no longer
            if not step.fault:
                await self._receive(step)
            if row.means != "ray":
                await getattr(self, "_" + row.means)(step)
            if step.fault:
                await self._receive(step)
            await self._births_and_deaths(step)
            await self._sent(step)
            await self._reap(step)
            await self._shown(step, row)
            await self._go_on(step)

    async def _births_and_deaths(self, step: Step) -> None:
        """Of owners. One that is a task begins with what it submits; one that has ended is asked no more."""
        for lane, what in [(self.trace.lanes[index], what) for index, what in step.lives]:
            if lane.kind != "owner":
                continue
            if what == "started":
                try:
                    await self.is_born(lane.name)
                except Refused as reason:
                    raise WentAnotherWay(step.number, f"the code of {step.bindings.get('task')} does not run: {reason}") from None
                self.submit_all(lane.name)
            elif what in ("crashed", "ended"):
                self.dead_owners.add(lane.name)

    async def _reap(self, step: Step) -> None:
        """A raylet that ends by itself is reaped, as by whoever has started it: its workers take it for alive until then."""
        for lane in [self.trace.lanes[index] for index, what in step.lives if what == "ended"]:
            pid = self.cast.process(lane) if lane.kind == "raylet" else 0
            if pid and await self.stage.until(partial(is_gone, pid), WAIT_SECONDS):
                reap = partial(self.stage.operator.ask, "reap")  # its last thread may end a little later
                await self.stage.until_asked(reap, lambda _, pid=pid: processes.stat(pid) is None, POLL_SECONDS)  # type: ignore[misc]

    async def _close_gates(self, now: Step) -> None:
        """Those that a thread comes to from this step on. Which process plays a worker is known when the worker is asked for something."""
        for step in self.trace.steps:
            function = tables.rules()[step.rule].held_at
            lane = self.trace.lane(step.lane)
            if not function or lane is None or step.number in self._gates:
                continue
            begins_later = lane.kind == "worker" or (lane.kind == "owner" and self.scene.is_task(lane.name))
            if now.number != (scenes.sets_off(self.trace, step) if begins_later else 1):
                continue
            for awaited in [self.matcher.of(index) for what, index in now.events if what == "received"]:
                if awaited is not None:
                    await self._wait(awaited, WAIT_SECONDS)
            try:
                self._gates[step.number] = Gate(self.cast.process(lane), worker_library(), function)
            except NoGate as reason:
                raise NotConductible(step.number, str(reason)) from None

    async def _go_on(self, step: Step) -> None:
        """The step has come while the thread waits; now it goes on."""
        gate = self._gates.get(step.number)
        if gate is None:
            return
        if not gate.met:
            raise WentAnotherWay(step.number, f"no thread came to {tables.rules()[step.rule].held_at} in time")
        gate.open()

    def last_sentence(self) -> str:
        """What the last step does, and what was seen of it: the messages that it sent, or those that made it happen."""
        step = self.trace.steps[-1]
        met = {each.told.index for each in self.matcher.awaited if each.message is not None}
        lost = {index for what, index in step.events if what == "lost"}
        sent = [index for what, index in step.events if what == "sent" and index in met - lost]
        came = [index for what, index in step.events if what in ("received", "held") and index in met]
        labels = [self.trace.messages[index].label for index in sent or came]
        if labels:
            return f"{step.sentence}; on the wire: {', '.join(labels)}"
        return step.sentence if tables.rules()[step.rule].shown_by != "-" else f"{step.sentence} (nothing outside shows it by itself)"

    def open_gates(self) -> None:
        for gate in self._gates.values():
            gate.open()

    def free(self) -> None:
        """The trace has ended: what is held goes on, ends are seen; what a fault has broken for good stays broken."""
        self._free = True
        for error in list(self._early):
            self._tell_early(error)
        self._delayed.clear()
        self.open_gates()
        self.stalled.clear()
        for _, _, _, show in self._hidden:
            show()
        self._hidden.clear()
        for message in list(self.stage.wire.held):
            if not self._stays(message):
                message.deliver()

    # On the wire.

    def decide(self, message: Message) -> None:
        if message.name == "GcsSubscriberPoll" and message.direction == REPLY:
            self.news.setdefault(message.caller.pid, []).extend(self.matcher.news(message))
        if self._is_refused(message):
            message.lose()
            return
        if self._stays(message):
            message.hold()
            return
        if message.name == "Check":
            if message.direction == REPLY and message.callee.pid in self._false:
                message.swallow()
            return
        if self._free or self._answers_too_late(message) or (message.caller.pid == self.preparing and message.name in arguments.CALLS):
            return
        if message.name == "GcsSubscriberPoll":
            if message.direction == REPLY:
                for told in self.matcher.notices(message):
                    told.message = message
                    message.hold()
            return
        found = self.matcher.match(message)
        if found is None:
            return
        if message.direction == REPLY:
            if found.carrier.form == "round" and content(message) != found.told.content:
                self._again(message)
                return
            self._read(found, message)
        found.message = message
        if any(each.second_copy and each.told.kind == found.told.kind for each in self.matcher.awaited):
            message.keep()
        if found.told.index in self._passed:
            return
        message.hold()

    def _again(self, reply: Message) -> None:
        """The answer is another one: the call of the next round is the one that is awaited."""
        for each in self.matcher.awaited:
            if each.message is not None and each.message.call is reply.call:
                each.message = None
                self._passed.add(each.told.index)

    def _read(self, found: Awaited, message: Message) -> None:
        """What the reply to a lease request says: who was granted, or that it says something else than the trace."""
        said = content(message)
        wanted = found.told.content.split(",")[0].split(" ")
        if said and message.status == 0 and said != wanted[0]:
            self.answers[found.told.index] = said
        elif said == "redirect" and len(wanted) == 2 and redirected_to(message) != self.cast.node_ids.get(wanted[1]):
            names = {known: node for node, known in self.cast.node_ids.items()}
            self._chosen[found.told.index] = names.get(redirected_to(message), "another node")
        if said == "granted" and len(wanted) == 2:
            lane = self.trace.lane_of("worker", wanted[1])
            if lane is not None:
                self.cast.is_named(lane, message.fields.worker_pid)

    # What a step needs, sends and shows.

    async def _receive(self, step: Step) -> None:
        for what, index in step.events:
            told = self.trace.messages[index]
            if told.is_error:
                if what == "received":
                    self._tell_error(told)
            elif what in ("received", "held") or (what == "lost" and self._is_answered(step, told)):
                await self._let_through(step, told, answered=what == "received")

    def _is_answered(self, step: Step, told: Told) -> bool:
        """A request that leaves the model in the step that answers it has arrived."""
        others = [self.trace.messages[index] for what, index in step.events if what == "sent"]
        return any(each.is_reply and each.kind == told.kind and each.sender == told.receiver for each in others)

    async def _let_through(self, step: Step, told: Told, answered: bool) -> None:
        awaited = self.matcher.of(told.index)
        if awaited is None or awaited.carrier.form == "poll":
            return
        if awaited.second_copy:
            await self._second_copy(step, told)
            return
        if told.index in self._passed:
            return
        listed = told.kind == "NodeAlive" or (awaited.sent > 0 and self.trace.steps[awaited.sent - 1].rule == "gcs.R51.subscribe_and_refetch")
        message = await self._wait(awaited, _NEWS_SECONDS if listed else WAIT_SECONDS)
        if message is None:
            if listed:
                return
            raise WentAnotherWay(step.number, f"{self._name(told.sender)} did not send {told.label} to {self._name(told.receiver)}{self._instead()}")
        if told.index in self.answers:
            raise WentAnotherWay(
                step.number, f"the answer to {' '.join([told.kind, *told.subject])} is {self.answers[told.index]}, not {told.content}"
            )
        before = self.stage.wire.count
        message.deliver()
        await self._taken(awaited, message, before, answered)

    async def _taken(self, awaited: Awaited, message: Message, before: int, answered: bool) -> None:
        """What was delivered is read before the next step: a subscriber polls again then, a request that is not kept is answered, and
        otherwise it becomes quiet around the receiver."""
        receiver = message.caller if message.direction == REPLY else message.callee
        wire = self.stage.wire
        if awaited.carrier.form == "notice":
            polls = partial(wire.since, before, "GcsSubscriberPoll", REQUEST)
            await self.stage.until(lambda: any(each.caller == receiver for each in polls()), POLL_SECONDS)
        elif answered and message.direction == REQUEST:
            replies = partial(wire.since, before, message.name, REPLY)
            await self.stage.until(lambda: any(each.call is message.call for each in replies()), POLL_SECONDS)
        end = time.monotonic() + POLL_SECONDS
        while time.monotonic() < end:
            after = partial(wire.since, wire.count)
            if not await self.stage.until(lambda after=after: any(receiver in (each.caller, each.callee) for each in after()), _QUIET_SECONDS):  # type: ignore[misc]
                return

    async def _second_copy(self, step: Step, told: Told) -> None:
        first = next(
            (each for each in self.matcher.awaited if each.told.kind == told.kind and not each.second_copy and each.direction == REQUEST), None
        )
        message = await self._wait(first, WAIT_SECONDS) if first is not None else None
        if message is None:
            raise WentAnotherWay(step.number, f"there is no first copy of {told.label}")
        message.repeat()

    async def _sent(self, step: Step) -> None:
        """A call that the step makes, or its answer, must be on the wire before the next step."""
        lost_here = {index for what, index in step.events if what == "lost"}
        for what, index in step.events:
            awaited = self.matcher.of(index) if what == "sent" and index not in lost_here else None
            if awaited is None or awaited.carrier.form not in ("call", "round") or awaited.second_copy:
                continue
            if await self._wait(awaited, WAIT_SECONDS) is None:
                told = awaited.told
                raise WentAnotherWay(
                    step.number, f"{self._name(told.sender)} did not send {told.label} to {self._name(told.receiver)}{self._instead()}"
                )
            if index in self.answers:
                raise WentAnotherWay(step.number, f"{self._name(awaited.told.sender)} answers {self.answers[index]}, not {awaited.told.content}")
            if index in self._chosen:
                raise ChoseOtherwise(step.number, f"{self._name(awaited.told.sender)} chooses {self._chosen[index]}, not {awaited.told.content}")

    async def _shown(self, step: Step, row: tables.Rule) -> None:
        self._done_at[step.number] = time.monotonic()
        posting = scenes.overtaken(self.trace, step)
        if posting is not None and not any(what == "sent" for what, _ in step.events):
            # Nothing is seen of a callback that answers nobody: its delay is known.
            await self.stage.until(lambda: False, self._done_at[posting.number] + scenes.POST_SECONDS + 0.5 - time.monotonic())
        gate = self._gates.get(step.number) or self._waiting_in(step)
        if gate is not None:
            # What a thread would show that waits at a gate is that it waits.
            await self.stage.until(lambda: gate.met, WAIT_SECONDS)
        elif row.shown_by == "started":
            if (after := self.trace.next_of(step)) is not None and after.rule == "worker.W8.argument_is_an_error":
                return  # the worker raises it instead
            task = step.bindings.get("task", "")
            if await self.stage.until(lambda: self.stage.executions(task) > 0, WAIT_SECONDS) is None:
                raise WentAnotherWay(step.number, f"the code of {task} does not run")
        elif row.shown_by == "returned":
            await self.stage.event("return", step.bindings.get("task", ""), WAIT_SECONDS)
        elif row.shown_by == "posted" and scenes.comes_after_cancel(self.trace, step):
            await self.stage.until(lambda: False, scenes.POST_SECONDS + 0.5)
        elif (row.shown_by == "dead" or (row.shown_by == "decided" and "gcs.G4.node_failed" in step.rules)) and step.bindings.get("node"):
            if not await self.is_dead(step.bindings["node"], WAIT_SECONDS):
                raise WentAnotherWay(step.number, f"the GCS does not call {step.bindings['node']} dead within {WAIT_SECONDS:.0f} s")
        elif row.shown_by == "lent":
            # The child has been begun, so the parent waits for it; its CPU goes to whoever waits for one. The child's own lease is the parent's.
            before, task = self.stage.wire.count, step.bindings.get("task", "")
            if not self.scene.owns(task):
                await self.stage.event("start", f"{task}.blocks", WAIT_SECONDS)
            begun = self.stage.log.find("start", task)
            answers = partial(self.stage.wire.since, before, "RequestWorkerLease", REPLY)
            await self.stage.until(
                lambda: any(content(each) == "granted" and (begun is None or each.caller.pid != begun["pid"]) for each in answers()), _LENT_SECONDS
            )
        elif row.shown_by == "gone":
            for lane, what in step.lives:
                pid = self.cast.process(self.trace.lanes[lane])
                if what in ("crashed", "ended") and pid and not await self.stage.until(partial(is_gone, pid), WAIT_SECONDS):
                    raise WentAnotherWay(step.number, f"{self._name(lane)} is still there")

    def _waiting_in(self, step: Step) -> Gate | None:
        """The gate at which the process of this step comes to wait in it: the next step of the process is one that comes meanwhile."""
        later = self.trace.next_of(step)
        return self._gates.get(later.number) if later is not None else None

    async def is_dead(self, node: str, seconds: float) -> bool:
        """Whether the node table says so within so many seconds."""

        async def alive() -> bool:
            rows = await self.stage.operator.ask("nodes")
            return all(row["alive"] for row in rows if row["id"] == self.cast.node_ids[node])

        return await self.stage.until_asked(alive, lambda answer: not answer, seconds) is not None

    def _tell_error(self, told: Told) -> None:
        """The caller is told that its call failed: what was lost is lost now, and the end of the called process is seen."""
        if told.index in self._early:
            self._tell_early(told.index)
            return
        for awaited in self.matcher.awaited:
            if awaited.told.kind == told.kind and awaited.told.subject[:2] == told.subject[:2] and awaited.message is not None:
                awaited.message.lose()
        for entry in list(self._hidden):
            what, _, until, show = entry
            if what == "callee" and until == told.index:
                self._hidden.remove(entry)
                show()

    def _name(self, lane: int) -> str:
        return self.trace.lanes[lane].label


def worker_library() -> Path:
    """Where the functions of drivers and workers are."""
    import ray

    return Path(ray.__file__).parent / "_raylet.so"


def log_lines(folder: Path, pattern: str) -> list[str]:
    """Lines of Ray's logs and of the drivers' output that have this text."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_file():
            with open(path, errors="replace") as file:
                found += [line.strip() for line in file if pattern in line]
    return found
