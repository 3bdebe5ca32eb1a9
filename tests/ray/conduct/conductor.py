"""Follows a trace in an unmodified Ray: messages wait on the wire until their step, faults strike at theirs."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from conduct import scene as scenes
from conduct import tables
from conduct.expected import Awaited, Cast, Matcher, content
from conduct.scene import Scene
from conduct.trace import Lane, Step, Told, Trace
from raymc_ray import processes
from wire.book import GCS, RAYLET, Process
from wire.gate import Gate, NoGate
from wire.link import AnyLink, Cut
from wire.message import REPLY, REQUEST, Message
from wire.parts import Child
from wire.stage import Stage, task_data

WAIT_SECONDS = 30.0
_QUIET_SECONDS = 0.05  # without a message of a process: it has read what it was sent
_POLL_SECONDS = 2.0
_NEWS_SECONDS = 5.0  # news of a node may also come with the list of nodes, which is fetched and not told
_DEADLINE_SECONDS = 4.0
_ROUNDS = 3
_LENT_SECONDS = 8.0  # a worker may have to be started for it
_STOPPED_SECONDS = 1.0
_ERASED_SECONDS = 7.5  # twice the subscriber's time limit and a little: what the GCS forgets it does not announce


class WentAnotherWay(Exception):
    """Ray did not do what the step says."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step


class NotConductible(Exception):
    """No verb reaches the step."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step


def refuse(trace: Trace) -> None:
    """Raises NotConductible for the first step that no verb reaches, before anything runs."""
    for step in trace.steps:
        row = tables.rules().get(step.rule)
        if row is None:
            raise NotConductible(step.number, f"{step.rule} is not in rules.tsv: the table is older than the trace")
        if row.reason:
            raise NotConductible(step.number, f"{step.rule}: {row.reason}")
        for _, index in step.events:
            if trace.messages[index].kind not in tables.carriers():
                raise NotConductible(step.number, f"{trace.messages[index].kind} is not in messages.tsv: the table is older than the trace")
    if trace.shape.get("new_head"):
        raise NotConductible(1, "a second head is not started: the stage has one GCS address, and a head brings its own")
    if tables.looks().get(trace.breaks, "none") == "none":
        raise NotConductible(len(trace.steps), f"{trace.breaks}: nothing outside shows its violation")


class Conductor:
    """One run. `players` are the owners, by name."""

    def __init__(self, trace: Trace, scene: Scene, stage: Stage, players: dict[str, Child], cast: Cast) -> None:
        self.trace = trace
        self.scene = scene
        self.stage = stage
        self.players = players
        self.cast = cast
        self.matcher = Matcher(trace, cast)
        self.submitted: set[str] = set()
        self.cancelled: set[str] = set()
        self.finished: set[str] = set()
        self.dead_owners: set[str] = set()
        self.struck_nodes: dict[str, str] = {}  # by the verb that struck them
        self.stalled: set[int] = set()  # pids whose polls wait
        self.news: dict[int, list[tuple[str, str]]] = {}  # what the GCS has told each subscriber: kind and node
        self.answers: dict[int, str] = {}  # what a reply said instead of what the trace says, by its message
        self._false: set[int] = set()
        self._hung: set[int] = set()
        self._writes_hang = any(tables.rules()[step.rule].means == "hold_write" for step in trace.steps)
        self._unwritten = _unwritten(trace)
        self._hidden: list[tuple[str, int, int, Callable[[], None]]] = []
        self._deadline = 0.0
        self._free = False
        self._gates: dict[int, Gate] = {}  # by the step that comes while a thread waits there
        self._passed: set[int] = set()  # awaited messages whose step is over: they are let through when they come again
        self._done_at: dict[int, float] = {}
        self._heal: list[Callable[[], None]] = []
        self._asked: list[asyncio.Future[Any]] = []

    async def follow(self) -> None:
        """All steps in their order; raises WentAnotherWay at the first that Ray does not take."""
        self.stage.wire.decide_by(self.decide)
        self._close_gates()
        for step in scenes.order(self.trace):
            self.stage.wire.note(step=step.number, rule=step.rule)
            row = tables.rules()[step.rule]
            if not step.fault:
                await self._receive(step)
            if row.means != "ray":
                await getattr(self, "_" + row.means)(step)
            if step.fault:
                await self._receive(step)
            await self._sent(step)
            await self._shown(step, row)
            await self._go_on(step)

    def _close_gates(self) -> None:
        for step in self.trace.steps:
            function = tables.rules()[step.rule].held_at
            lane = self.trace.lane(step.lane)
            if not function or lane is None:
                continue
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

    def open_gates(self) -> None:
        for gate in self._gates.values():
            gate.open()

    def free(self) -> None:
        """The trace has ended: what is held goes on, ends are seen; what a fault has broken for good stays broken."""
        self._free = True
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
        if self._stays(message):
            message.hold()
            return
        if message.name == "Check":
            if message.direction == REPLY and message.callee.pid in self._false:
                message.swallow()
            return
        if self._free:
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
        if said == "granted" and len(wanted) == 2:
            lane = self.trace.lane_of("worker", wanted[1])
            if lane is not None:
                self.cast.is_named(lane, message.fields.worker_pid)

    def _stays(self, message: Message) -> bool:
        """What a lasting fault keeps."""
        if message.name == "GcsSubscriberPoll" and message.direction == REQUEST and message.caller.pid in self.stalled:
            return True
        if self._writes_hang and message.name == "HSET" and message.direction == REPLY and message.call is not None:
            return b"NODE" in b"".join(message.call.labels["value"])
        if self._unwritten and message.name == "HSET" and message.direction == REQUEST:
            return any(table in b"".join(message.labels["value"]) for table in self._unwritten)
        return bool({message.caller.pid, message.callee.pid} & self._hung) and message.name != "Check"

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
        message = await self._wait(awaited, _NEWS_SECONDS if told.kind == "NodeAlive" else WAIT_SECONDS)
        if message is None:
            if told.kind == "NodeAlive":
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
            await self.stage.until(lambda: any(each.caller == receiver for each in polls()), _POLL_SECONDS)
        elif answered and message.direction == REQUEST:
            replies = partial(wire.since, before, message.name, REPLY)
            await self.stage.until(lambda: any(each.call is message.call for each in replies()), _POLL_SECONDS)
        end = time.monotonic() + _POLL_SECONDS
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
            task = step.bindings.get("task", "")
            if await self.stage.until(lambda: self.stage.executions(task) > 0, WAIT_SECONDS) is None:
                raise WentAnotherWay(step.number, f"the code of {task} does not run")
        elif row.shown_by == "returned":
            await self.stage.event("return", step.bindings.get("task", ""), WAIT_SECONDS)
        elif row.shown_by == "dead" and step.bindings.get("node"):
            if not await self.is_dead(step.bindings["node"], WAIT_SECONDS):
                raise WentAnotherWay(step.number, f"the GCS does not call {step.bindings['node']} dead within {WAIT_SECONDS:.0f} s")
        elif row.shown_by == "lent":
            # The child has been begun, so the parent waits for it; its CPU goes to whoever waits for one.
            before = self.stage.wire.count
            await self.stage.event("start", f"{step.bindings.get('task', '')}.blocks", WAIT_SECONDS)
            answers = partial(self.stage.wire.since, before, "RequestWorkerLease", REPLY)
            await self.stage.until(lambda: any(content(each) == "granted" for each in answers()), _LENT_SECONDS)
        elif row.shown_by == "gone":
            for lane, what in step.lives:
                pid = self.cast.process(self.trace.lanes[lane])
                if what in ("crashed", "ended") and pid and not await self.stage.until(partial(is_gone, pid), WAIT_SECONDS):
                    raise WentAnotherWay(step.number, f"{self._name(lane)} is still there")

    def _waiting_in(self, step: Step) -> Gate | None:
        """The gate at which the process of this step comes to wait in it: the next step of the process is one that comes meanwhile."""
        later = next((each for each in self.trace.steps[step.number :] if each.lane == step.lane and not each.fault), None)
        return self._gates.get(later.number) if later is not None else None

    async def is_dead(self, node: str, seconds: float) -> bool:
        """Whether the node table says so within so many seconds."""

        async def alive() -> bool:
            rows = await self.stage.operator.ask("nodes")
            return all(row["alive"] for row in rows if row["id"] == self.cast.node_ids[node])

        return await self.stage.until_asked(alive, lambda answer: not answer, seconds) is not None

    async def _wait(self, awaited: Awaited, seconds: float) -> Message | None:
        return await self.stage.until(lambda: awaited.message, seconds * _ROUNDS if awaited.carrier.form == "round" else seconds)

    def _tell_error(self, told: Told) -> None:
        """The caller is told that its call failed: what was lost is lost now, and the end of the called process is seen."""
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

    def _instead(self) -> str:
        held = ", ".join(sorted({str(message) for message in self.stage.wire.held}))
        return f"; on the wire: {held}" if held else ""

    # The verbs of rules.tsv.

    def owner_of(self, task: str) -> str:
        return str(self.scene.tasks[task].get("owner", next(iter(self.scene.owners))))

    async def _submit(self, step: Step) -> None:
        name = step.bindings["task"]
        await self.submit(name)

    async def submit(self, name: str) -> None:
        if name in self.submitted or name not in self.scene.tasks:
            return
        self.submitted.add(name)
        task = scenes.task(self.scene, self.trace, name)
        self.cast.tasks[name] = await self.players[self.owner_of(name)].ask("submit", task=task_data(task))

    async def _finish(self, step: Step) -> None:
        self.finish(step.bindings["task"])

    def finish(self, name: str) -> None:
        """Lets the code of a task come to its end."""
        self.finished.add(name)
        self.stage.say("finish", f"{name}.blocks")
        self.stage.say("finish", name)

    async def _unblock(self, step: Step) -> None:
        self.stage.say("finish", f"{step.bindings['task']}.blocks")

    async def _cancel(self, step: Step) -> None:
        name = step.bindings["task"]
        await self.submit(name)
        self.cancelled.add(name)
        force = bool(self.trace.shape.get("force_cancel"))
        asked = self.players[self.owner_of(name)].begin("cancel", name=name, force=force, recursive=True)
        self._asked.append(asked)
        # It returns when the owner has taken note of it, or later, if something that it asks is held.
        await asyncio.wait([asked], timeout=_POLL_SECONDS)

    async def _kill_worker(self, step: Step) -> None:
        lane = self._lane(step, "worker", step.bindings.get("worker", ""))
        pid = self.cast.process(lane)
        self._hide(step, lane, pid)
        await self._kill(step, pid)

    async def _kill_owner(self, step: Step) -> None:
        lane = next((self.trace.lanes[index] for index, what in step.lives if what == "crashed"), None)
        if lane is None or lane.name not in self.players:
            raise NotConductible(step.number, f"nobody plays the owner of {step.action}")
        pid = self.cast.process(lane)
        self.dead_owners.add(lane.name)
        self._hide(step, lane, pid)
        await self._kill(step, pid)

    async def _kill(self, step: Step, pid: int) -> None:
        if not pid or not await self.stage.kill(pid):
            raise WentAnotherWay(step.number, f"the process of {step.action} is not there")

    async def _kill_raylet(self, step: Step) -> None:
        await self._take_node(step, with_workers=False)

    async def _kill_node(self, step: Step) -> None:
        """At the deadline of the node's preemption, with its workers."""
        await self.stage.until(lambda: time.time() > self._deadline, _DEADLINE_SECONDS + 1)
        await self._take_node(step, with_workers=True)

    async def _take_node(self, step: Step, with_workers: bool) -> None:
        node = step.bindings["node"]
        self.struck_nodes[node] = step.rule
        workers = [lane for lane in self.trace.lanes if lane.kind == "worker" and lane.node == node and lane.index in self.cast.pids]
        for lane in workers:
            self._hide(step, lane, self.cast.pids[lane.index])
        raylet = self._lane(step, "raylet", node)
        self._hide(step, raylet, self.cast.process(raylet))
        if node in self.scene.late:
            await self.stage.kill(self.cast.process(raylet))
        else:
            await self.stage.kill_raylet(self.scene.index(node))
        for lane in workers if with_workers else []:
            await self.stage.kill(self.cast.pids[lane.index])

    async def _sigterm_worker(self, step: Step) -> None:
        """And a moment in which the signal reaches the executor: nothing outside shows it."""
        await self.stage.send(self.cast.process(self._lane(step, "worker", step.bindings.get("worker", ""))), signal.SIGTERM)
        await self.stage.until(lambda: False, _STOPPED_SECONDS)

    async def _sigterm_raylet(self, step: Step) -> None:
        node = step.bindings["node"]
        self.struck_nodes[node] = step.rule
        await self.stage.operator.ask("signal_raylet", index=self.scene.index(node), number=int(signal.SIGTERM), reap=True)

    async def _kill_gcs(self, step: Step) -> None:
        await self.stage.operator.ask("kill_gcs")
        self._unwritten = set()
        for message in list(self.stage.wire.held):
            if message.name == "HSET" and message.direction == REQUEST:
                message.swallow()

    async def _start_gcs(self, step: Step) -> None:
        await self.stage.gcs_process(await self.stage.operator.ask("start_gcs"))

    async def _lose(self, step: Step) -> None:
        """At once; but if the trace says when the caller is told, then."""
        for what, index in step.events:
            if what != "lost":
                continue
            told = self.trace.messages[index]
            awaited = self.matcher.of(index)
            message = await self._wait(awaited, WAIT_SECONDS) if awaited is not None else None
            if message is None:
                raise WentAnotherWay(step.number, f"there is no {told.label} to lose{self._instead()}")
            if not any(
                self._is_error_of(told, other) for later in self.trace.steps[step.number :] for what, other in later.events if what == "received"
            ):
                message.lose()

    def _is_error_of(self, told: Told, index: int) -> bool:
        other = self.trace.messages[index]
        return other.is_error and other.kind == told.kind and other.subject[:2] == told.subject[:2]

    async def _lose_poll(self, step: Step) -> None:
        raise NotConductible(step.number, "an answer to a poll is lost only with the notices in it, which the subscriber then asks for again")

    async def _drain_preemption(self, step: Step) -> None:
        self._deadline = time.time() + _DEADLINE_SECONDS
        self._drain(step, True, int(self._deadline * 1000))

    async def _drain_idle(self, step: Step) -> None:
        self._drain(step, False, 0)

    def _drain(self, step: Step, preemption: bool, deadline_ms: int) -> None:
        index = self.scene.index(step.bindings["node"])
        self._asked.append(self.stage.operator.begin("drain", index=index, preemption=preemption, deadline_ms=deadline_ms))

    async def _swallow_probes(self, step: Step) -> None:
        self._false.add(self._raylet(step).pid)

    async def _hang_raylet(self, step: Step) -> None:
        self.struck_nodes[_node(step)] = step.rule
        self._hung.add(self._raylet(step).pid)

    async def _resume_raylet(self, step: Step) -> None:
        self._hung.discard(self._raylet(step).pid)
        for message in list(self.stage.wire.held):
            if not self._stays(message) and all(each.message is not message for each in self.matcher.awaited):
                message.deliver()

    async def _cut_node(self, step: Step) -> None:
        """Everything of the node is silent to everybody else, and nothing is closed."""
        number = self.cast.wire_node(_node(step))
        self.struck_nodes[_node(step)] = step.rule
        self._cut(lambda link: (link.caller.node == number) != (link.callee.node == number))

    async def _cut_gcs(self, step: Step) -> None:
        number = self.cast.wire_node(_node(step))
        self._cut(lambda link: {link.caller.role, link.callee.role} >= {"gcs"} and number in (link.caller.node, link.callee.node))

    async def _cut_owner(self, step: Step) -> None:
        """Between the owner's process and everything at the node."""
        number = self.cast.wire_node(_node(step))
        owner = self.cast.process(self._lane(step, "driver", step.bindings.get("owner", "")))
        self.struck_nodes[_node(step)] = step.rule
        self._cut(lambda link: (link.caller.pid == owner and link.callee.node == number) or (link.callee.pid == owner and link.caller.node == number))

    def _cut(self, which: Callable[[AnyLink], bool]) -> None:
        self._heal.append(self.stage.wire.cut(Cut.BLACK, which))

    async def _heal_links(self, step: Step) -> None:
        for heal in self._heal:
            heal()

    async def _stall(self, step: Step) -> None:
        """Its polls wait on the wire from now on; the one under way is answered when it has lasted as long as a poll may."""
        pid = self._subscriber(step)
        self.stalled.add(pid)
        await self.stage.until(lambda: self.stage.wire.find("GcsSubscriberPoll", lambda message: message.caller.pid == pid), _ERASED_SECONDS)

    async def _sweep(self, step: Step) -> None:
        await self.stage.until(lambda: False, _ERASED_SECONDS)

    async def _stall_until_erased(self, step: Step) -> None:
        await self._stall(step)
        await self._sweep(step)
        await self._unstall(step)

    async def _unstall(self, step: Step) -> None:
        """The subscriber polls: one that was stalled goes on, another has a poll at the present GCS already, or soon."""
        pid = self._subscriber(step)
        if pid not in self.stalled:
            gcs = self.stage.wire.book.processes(GCS)[-1].pid
            polls = partial(self.stage.wire.since, 0, "GcsSubscriberPoll", REQUEST)
            await self.stage.until(lambda: any((each.caller.pid, each.callee.pid) == (pid, gcs) for each in polls()), WAIT_SECONDS)
        else:
            self.stalled.discard(pid)
            for message in list(self.stage.wire.held):
                if message.name == "GcsSubscriberPoll" and message.caller.pid == pid:
                    message.deliver()

    async def _hold_write(self, step: Step) -> None:
        """Writes of nodes hang from the trace's start; here one must be under way."""
        if not await self.stage.until(lambda: self.stage.wire.find("HSET"), WAIT_SECONDS):
            raise WentAnotherWay(step.number, "the GCS does not write the node's death")

    async def _reset_owner(self, step: Step) -> None:
        """The connection of the push that runs the owner is reset, and stays so."""
        owner = next((each for each in self.trace.lanes if each.name == step.bindings.get("owner") and each.kind != "raylet"), None)
        if owner is None:
            raise NotConductible(step.number, f"nobody plays the owner of {step.action}")
        pid, driver = self.cast.process(owner), self.stage.driver_process("driver")
        self._heal.append(
            self.stage.wire.cut(Cut.RESET, lambda link: link.callee.pid == pid and driver is not None and link.caller.pid == driver.pid)
        )

    async def _show_end(self, step: Step) -> None:
        """The raylet sees the connection of this worker or owner close."""
        wanted = {self.cast.process(lane) for lane in self.trace.lanes if lane.name in (step.bindings.get("worker"), step.bindings.get("owner"))}
        for entry in list(self._hidden):
            what, pid, _, show = entry
            if what == "local" and pid in wanted:
                self._hidden.remove(entry)
                before = self.stage.wire.count
                show()
                # The raylet reports what it has seen.
                await self.stage.until(partial(self.stage.wire.since, before, "ReportWorkerFailure"), _POLL_SECONDS)

    async def _holds_reference(self, step: Step) -> None:
        """The scene's idle workers hold an object of their own."""

    async def _churns_references(self, step: Step) -> None:
        """The scene's idle workers make and drop objects all the time."""

    async def _keeps_value(self, step: Step) -> None:
        """The scene's tasks return a reference that their owner keeps, so that the exit of their worker waits."""

    # Who is meant.

    def _lane(self, step: Step, kind: str, name: str) -> Lane:
        lane = self.trace.lane_of(kind, name)
        if lane is None:
            raise NotConductible(step.number, f"{step.action} names no {kind} that the trace has")
        return lane

    def _raylet(self, step: Step) -> Process:
        return self.stage.wire.book.processes(RAYLET, self.cast.wire_node(_node(step)))[-1]

    def _subscriber(self, step: Step) -> int:
        if step.bindings.get("node"):
            return self._raylet(step).pid
        return self.cast.process(self._lane(step, "driver", step.bindings.get("owner", "driver")))

    def _hide(self, step: Step, lane: Lane, pid: int) -> None:
        """Before a process is killed: its callers see its end when the trace tells them of the failed call, its raylet when the trace
        says so."""
        wire = self.stage.wire
        for later in self.trace.steps[step.number - 1 :]:
            for what, index in later.events:
                told = self.trace.messages[index]
                if what != "received" or not told.is_error:
                    continue
                asked = next((each for each in self.matcher.awaited if self._is_error_of(each.told, index)), None)
                if asked is None or asked.told.receiver != lane.index:
                    continue
                caller = self.cast.process(self.trace.lanes[asked.told.sender])
                show = wire.hide_end(lambda link, caller=caller: link.callee.pid == pid and link.caller.pid == caller)  # type: ignore[misc]
                self._hidden.append(("callee", pid, index, show))
        if lane.kind != "raylet":
            show = wire.hide_end(lambda link: link.caller.pid == pid and link.callee.role == RAYLET and getattr(link, "kind", "") == "local")
            self._hidden.append(("local", pid, -1, show))


def _unwritten(trace: Trace) -> set[bytes]:
    """The tables to which the GCS does not write before it crashes, although something would make it."""
    crash = next((step.number for step in trace.steps if step.rule == "gcs.G15.crash"), 0)
    written = {tables.rules()[rule].writes for step in trace.steps[:crash] for rule in (step.rule, *step.rules) if rule in tables.rules()}
    return {row.writes.encode() for row in tables.rules().values() if row.writes and row.writes not in written} if crash > 1 else set()


def _node(step: Step) -> str:
    """The node that a step is about."""
    node = step.bindings.get("node") or step.bindings.get("target")
    if node is None:
        raise NotConductible(step.number, f"{step.action} names no node")
    return node


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has reaped has."""
    known = processes.stat(pid)
    return known is None or known[0] in "ZX"


def verbs() -> set[str]:
    """The words that rules.tsv may use."""
    return {"ray"} | {name[1:] for name in vars(Conductor) if name.startswith("_") and asyncio.iscoroutinefunction(vars(Conductor)[name])}


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
