"""The verbs of rules.tsv: how a step of the environment is brought about, and what a fault keeps from then on."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from conduct import scene as scenes
from conduct import arguments, tables, writes
from conduct.expected import Awaited, Cast, Matcher
from conduct.outcome import NotConductible, WentAnotherWay
from conduct.scene import Scene
from conduct.trace import Lane, Step, Told, Trace
from raymc_ray import processes
from wire import store
from wire.book import GCS, RAYLET, Process
from wire.link import AnyLink, Cut
from wire.message import REPLY, REQUEST, Message
from wire.parts import Child
from wire.stage import Stage, task_data

WAIT_SECONDS = 30.0
POLL_SECONDS = 2.0
_SUBMIT_SECONDS = 60.0
_SCARCE = 0.0499  # of a node's memory is left: below the twentieth that raylets keep, by less than any worker takes, so that one has to go and no more
_DEADLINE_SECONDS = 4.0
_ROUNDS = 3
_SCHEDULING_CANCELLED = 19  # of Ray's StatusCode
_STOPPED_SECONDS = 1.0
_ERASED_SECONDS = 7.5  # twice the subscriber's time limit and a little: what the GCS forgets it does not announce


class Verbs:
    """What happens in one run. `players` are the owners, by name."""

    def __init__(self, trace: Trace, scene: Scene, stage: Stage, players: dict[str, Child], cast: Cast) -> None:
        self.trace = trace
        self.scene = scene
        self.stage = stage
        self.players = players
        self.cast = cast
        self.matcher = Matcher(trace, cast)
        self.submitted: set[str] = set()
        self.submissions: dict[str, asyncio.Future[Any]] = {}  # by task; the answer is its id
        self.cancelled: set[str] = set()
        self.finished: set[str] = set()
        self.dead_owners: set[str] = set()
        self.struck_nodes: dict[str, str] = {}  # by the verb that struck them
        self.preparing = 0  # the pid of an owner that makes the arguments of its tasks
        self.stalled: set[int] = set()  # pids whose polls wait
        self._false: set[int] = set()
        self._hung: set[int] = set()
        self._writes_hang = any(tables.rules()[step.rule].means == "hold_write" for step in trace.steps)
        self._unwritten, self._refuses = writes.unwritten(trace)
        self._registration_fails = "owner.O3.actor_registration_failed" in trace.rules
        self._delayed = scenes.delayed_writes(trace)
        self._hidden: list[tuple[str, int, int, Callable[[], None]]] = []
        self._deadline = 0.0
        self._heal: list[Callable[[], None]] = []
        self._asked: list[asyncio.Future[Any]] = []
        self._early: dict[int, tuple[Message, list[Message]]] = {}  # by the error that its caller will be told: a request, and its answer once it comes

    def _stays(self, message: Message) -> bool:
        """What a lasting fault keeps."""
        if message.name == "GcsSubscriberPoll" and message.direction == REQUEST and message.caller.pid in self.stalled:
            return True
        if self._writes_hang and message.name == "HSET" and message.direction == REPLY and message.call is not None:
            return store.writes(message.call.labels["value"], "NODE")
        if self._registration_fails and message.name == "RegisterActor" and message.direction == REPLY:
            return True
        if message.name == "HSET" and message.direction == REQUEST:
            return any(writes.writes(message.labels["value"], each) for each in self._unwritten)
        return bool({message.caller.pid, message.callee.pid} & self._hung) and message.name != "Check"

    def _is_refused(self, message: Message) -> bool:
        """What redis refuses for now: it does what it is asked in order, so that nothing overtakes a command that only waits. The GCS tries again."""
        if message.name != "HSET" or message.direction != REQUEST:
            return False
        return any(writes.writes(message.labels["value"], each) for each in (*self._delayed.values(), *(self._unwritten if self._refuses else ())))

    async def _wait(self, awaited: Awaited, seconds: float) -> Message | None:
        return await self.stage.until(lambda: awaited.message, seconds * _ROUNDS if awaited.carrier.form == "round" else seconds)

    def _instead(self) -> str:
        return "; on the wire: " + ", ".join(sorted({str(message) for message in self.stage.wire.held})) if self.stage.wire.held else ""

    # The verbs of rules.tsv.

    def owner_of(self, task: str) -> str:
        return scenes.owner_of(self.scene, task)

    async def _submit(self, step: Step) -> None:
        await self.submit(step.bindings["task"])

    async def submit(self, name: str) -> None:
        if name in self.cast.tasks or name not in self.scene.tasks:
            return
        if self.owner_of(name) not in self.players:
            await self.is_born(self.owner_of(name))
        self.begin_to_submit(name)
        self.cast.tasks[name] = await asyncio.wait_for(self.submissions[name], _SUBMIT_SECONDS)

    def begin_to_submit(self, name: str) -> None:
        """It may take its time: a task whose code the GCS has to be told of waits for a GCS."""
        if name not in self.submissions:
            self.submitted.add(name)
            task = scenes.task(self.scene, self.trace, name)
            self.submissions[name] = self.players[self.owner_of(name)].begin("submit", task=task_data(task))

    async def is_born(self, owner: str) -> None:
        """The code of a task that is an owner runs, and can be told what to do. Raises Refused if it does not."""
        self.players[owner] = player = await self.stage.child(owner, WAIT_SECONDS)
        lane = self.trace.lane_of("owner", owner)
        self.preparing = await player.ask("pid")
        if lane is not None:
            self.cast.pids[lane.index] = self.preparing
        await arguments.make_in_task(self.stage, self.trace, self.scene, owner, player, self.preparing)
        self.preparing = 0

    def submit_all(self, owner: str) -> None:
        """What an owner submits at once when it begins; the requests wait on the wire until their steps."""
        for name in self.scene.tasks if self.trace.shape.get("submission", "at_start") == "at_start" else ():
            if self.owner_of(name) == owner:
                self.begin_to_submit(name)

    def lets_wait(self, owner: str) -> None:
        """An owner that is a task waits for its tasks, as its code does when it has submitted them, and lends its CPU."""
        one_by_one = bool(self.scene.owners[owner].get("gets_one_by_one"))
        self._asked.append(self.players[owner].begin("wait", one_by_one=one_by_one))

    async def _finish(self, step: Step) -> None:
        """Not before the lease has expired, if that is what its owner finds."""
        answered = next((each for each in self.trace.steps[step.number :] if each.rule == "owner.S14.push_answered"), None)
        if answered is not None and "lease expired" in answered.action and answered.bindings.get("lease") == step.bindings.get("lease"):
            await self.stage.until(lambda: False, 2 * scenes.LEASE_SECONDS)
        self.finish(step.bindings["task"])

    def finish(self, name: str) -> None:
        """Lets the code of a task come to its end."""
        self.finished.add(name)
        self.stage.say("finish", f"{name}.blocks")
        self.stage.say("finish", name)

    async def _block(self, step: Step) -> None:
        """Another task than an owner does so by itself."""
        for owner, said in self.scene.owners.items():
            if said.get("runs") == step.bindings.get("task") and owner in self.players and owner not in self.dead_owners:
                self.submit_all(owner)
                self.lets_wait(owner)

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
        await asyncio.wait([asked], timeout=POLL_SECONDS)

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

    async def _memory_runs_out(self, step: Step) -> None:
        """On the node, until its raylet has killed the worker that it chose, which has to be the trace's."""
        lane = self._lane(step, "worker", step.bindings.get("worker", ""))
        pid, index = self.cast.process(lane), self.scene.index(lane.node)
        self._hide(step, lane, pid, local=False)
        others = [known for known in self.cast.pids.values() if known != pid and not is_gone(known)]
        self.stage.memory(index, _SCARCE)
        await self.stage.until(lambda: any(map(is_gone, [pid, *others])), WAIT_SECONDS)
        self.stage.memory(index, 1.0)
        if not is_gone(pid) or any(map(is_gone, others)):
            raise WentAnotherWay(step.number, f"the raylet kills another worker than {lane.label}, or none")

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
        if node in self.scene.late:
            await self.stage.send(self.cast.process(self._lane(step, "raylet", node)), signal.SIGTERM)
        else:
            await self.stage.operator.ask("signal_raylet", index=self.scene.index(node), number=int(signal.SIGTERM), reap=True)

    async def _kill_gcs(self, step: Step) -> None:
        """What it had not written or sent dies with it, and what it was sent; who has called it already for a later step, calls the next one.
        The next one is told the truth about who lives."""
        await self.stage.operator.ask("kill_gcs")
        self._unwritten = set()
        self._refuses = False
        self._false.clear()
        for awaited in self.matcher.awaited:
            message = awaited.message
            if message is not None and message in self.stage.wire.held and message.callee.role == GCS and awaited.sent > step.number:
                awaited.message = None
        for message in list(self.stage.wire.held):
            if message.callee.role == GCS or (message.name == "HSET" and message.direction == REQUEST):
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

    async def _fail_early(self, step: Step) -> None:
        """The request is under way or is being served, and stays so. Its caller is told when the trace says so, or else at once."""
        for error in [self.trace.messages[index] for what, index in step.events if what == "sent" and self.trace.messages[index].is_error]:
            asked = [
                each
                for each in self.matcher.awaited
                if each.direction == REQUEST and each.sent < step.number and not each.second_copy and self._is_error_of(each.told, error.index)
            ]
            message = await self._wait(asked[-1], WAIT_SECONDS) if asked else None
            if message is None:
                raise WentAnotherWay(step.number, f"there is no {error.label.partition(':')[0]} to fail early{self._instead()}")
            self._early[error.index] = (message, [])
            if not any(("received", error.index) in later.events for later in self.trace.steps[step.number :]):
                self._tell_early(error.index)

    def _tell_early(self, error: int) -> None:
        """The caller is told that its call has failed. An answer that has come meanwhile is lost instead."""
        request, answers = self._early.pop(error)
        for answer in answers:
            answer.lose()
        if not answers:
            request.fail_early()

    def _answers_too_late(self, message: Message) -> bool:
        """Keeps the answer to a call whose caller will be told that it has failed."""
        for request, answers in self._early.values():
            if message.direction == REPLY and message.call is request.call:
                answers.append(message)
                message.hold()
                return True
        return False

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
        self.struck_nodes[_node(step)] = step.rule

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
        """Between all owners on the host of the named one and everything at the node."""
        number = self.cast.wire_node(_node(step))
        host = scenes.host(self.trace, step.bindings.get("owner", ""))
        there = [self._owner(step, name) for name in self.scene.owners if scenes.host(self.trace, name) == host]
        owners = {self.cast.process(lane) for lane in there} - {0}
        self.struck_nodes[_node(step)] = step.rule
        self._cut(lambda link: (link.caller.pid in owners and link.callee.node == number) or (link.callee.pid in owners and link.caller.node == number))

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

    async def _fail_registration(self, step: Step) -> None:
        """The GCS's answer becomes the one that it gives for an actor that it has destroyed before it was written."""
        reply = await self.stage.until(lambda: self.stage.wire.find("RegisterActor"), WAIT_SECONDS)
        if reply is None:
            raise WentAnotherWay(step.number, "no actor is registered")
        self._registration_fails = False
        answer = type(reply.fields)()
        answer.status.code, answer.status.message = _SCHEDULING_CANCELLED, "Actor creation cancelled."
        reply.replace(answer)
        reply.deliver()

    async def _hold_write(self, step: Step) -> None:
        """Writes of nodes hang from the trace's start; here one must be under way."""
        if not await self.stage.until(lambda: self.stage.wire.find("HSET"), WAIT_SECONDS):
            raise WentAnotherWay(step.number, "the GCS does not write the node's death")

    async def _reset_owner(self, step: Step) -> None:
        """The connection of the push that runs the owner is reset, and stays so."""
        pid, driver = self.cast.process(self._owner(step, step.bindings.get("owner", ""))), self.stage.driver_process(next(iter(self.scene.owners)))
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
                await self.stage.until(partial(self.stage.wire.since, before, "ReportWorkerFailure"), POLL_SECONDS)

    async def _holds_reference(self, step: Step) -> None:
        """The scene's idle workers hold an object of their own."""

    async def _takes_reference(self, step: Step) -> None:
        """A thread of the worker's user code does, of its own."""
        pid = str(self.cast.process(self._lane(step, "worker", step.bindings.get("worker", ""))))
        self.stage.say("takes", pid)
        if await self.stage.event("took", pid, WAIT_SECONDS) is None:
            raise WentAnotherWay(step.number, f"user code of {step.bindings.get('worker')} takes no reference")

    async def _keeps_value(self, step: Step) -> None:
        """The scene's tasks return a reference that their owner keeps, so that the exit of their worker waits."""

    # Who is meant.

    def _lane(self, step: Step, kind: str, name: str) -> Lane:
        lane = self.trace.lane_of(kind, name)
        if lane is None:
            raise NotConductible(step.number, f"{step.action} names no {kind} that the trace has")
        return lane

    def _owner(self, step: Step, name: str) -> Lane:
        """An owner's lane, whether it is a driver, a worker or a task."""
        lane = self.trace.lane_of("driver", name) or self.trace.lane_of("owner", name)
        if lane is None:
            raise NotConductible(step.number, f"nobody plays the owner of {step.action}")
        return lane

    def _raylet(self, step: Step) -> Process:
        return self.stage.wire.book.processes(RAYLET, self.cast.wire_node(_node(step)))[-1]

    def _subscriber(self, step: Step) -> int:
        if step.bindings.get("node"):
            return self._raylet(step).pid
        return self.cast.process(self._owner(step, step.bindings.get("owner", next(iter(self.scene.owners)))))

    def _hide(self, step: Step, lane: Lane, pid: int, local: bool = True) -> None:
        """Before a process is killed: its callers see its end when the trace tells them of the failed call, its raylet when the trace
        says so (`local`)."""
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
        if local and lane.kind != "raylet":
            show = wire.hide_end(lambda link: link.caller.pid == pid and link.callee.role == RAYLET and getattr(link, "kind", "") == "local")
            self._hidden.append(("local", pid, -1, show))


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has reaped has."""
    known = processes.stat(pid)
    return known is None or known[0] in "ZX"


def _node(step: Step) -> str:
    """The node that a step is about."""
    node = step.bindings.get("node") or step.bindings.get("target")
    if node is None:
        raise NotConductible(step.number, f"{step.action} names no node")
    return node


def verbs() -> set[str]:
    """The words that rules.tsv may use."""
    return {"ray"} | {name[1:] for name in vars(Verbs) if name.startswith("_") and asyncio.iscoroutinefunction(vars(Verbs)[name])}
