"""What a program has to do, and how Ray has to be set, so that a trace happens without a wire.

Ray does the steps of the protocol. What is left are moves (submit, cancel, kill, ...) in the order of the trace, Ray's own fault injection for
calls that are lost or repeated, and Ray's own delays for what is still under way while a move is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conduct import scene as scenes
from conduct import tables
from conduct.scene import Scene
from conduct.trace import Lane, Step, Told, Trace
from report.needs_more import NeedsMore
from report.order import Order

STEP_SECONDS = 1  # in which a few steps of the protocol are over
_DEATH_SECONDS = 6
_RESTART_SECONDS = 4  # in which the others notice that the GCS is there again
DRIVER, GCS = "driver", "gcs"
ALWAYS = 1000  # more often than a call is made

# The verbs of rules.tsv that a program can do by itself.
MOVES = {
    "submit",
    "finish",
    "cancel",
    "kill_worker",
    "kill_raylet",
    "kill_node",
    "sigterm_worker",
    "sigterm_raylet",
    "hang_raylet",
    "kill_gcs",
    "start_gcs",
    "drain_preemption",
    "drain_idle",
}
_BY_SETTINGS = {"ray", "lose", "show_end"}


@dataclass
class Move:
    """What the program does at a step of the trace. `seconds`, `started` and `dead` are awaited first: what comes between the last move and this."""

    step: int
    do: str
    who: str = ""
    seconds: int = 0  # in which what comes before has happened, where nothing outside shows it
    started: list[str] = field(default_factory=list)  # tasks
    dead: list[str] = field(default_factory=list)  # nodes
    apart: bool = False  # its answer is not awaited, because it is under way meanwhile


@dataclass
class Recipe:
    trace: Trace
    scene: Scene
    moves: list[Move] = field(default_factory=list)
    failures: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)  # by process: call, and how it fails
    delays: dict[str, dict[str, int]] = field(default_factory=dict)  # by process: what is posted under this name, seconds
    redis: bool = False
    warm: bool = False  # idle workers wait before the first move
    keeps: bool = False  # and own something that the driver holds, so that their exit takes its time

    @property
    def injects(self) -> bool:
        return bool(self.failures or self.delays)

    @property
    def control_cancels(self) -> bool:
        """Whether the run without a fault cancels as well. It does where the cancellation is what fails, unless nothing else is struck."""
        return self.injects and tables.looks().get(self.trace.breaks) == "cancelled_task_runs"


def make(trace: Trace) -> Recipe:
    """Raises NeedsMore for the first step that needs the wire."""
    scene = scenes.make(trace)
    if any(number and not _leads_itself(scene, name) for number, name in enumerate(scene.owners)):
        raise NeedsMore(1, "a second owner, whose program has to be led step by step: the conductor")
    if trace.shape.get("new_head"):
        raise NeedsMore(1, "a second head")
    if scene.spare:
        raise NeedsMore(0, "one subscriber's polls have to wait: the wire")
    recipe = Recipe(trace, scene, redis=scene.plan.redis)
    order = Order(trace)
    _moves(recipe, order)
    _lose(recipe, order)
    _hold(recipe, order)
    _delay(recipe, scene)
    _wait(recipe, order)
    recipe.keeps = "worker.W12.graceful_stop" in trace.rules
    recipe.warm = _may_warm(recipe)
    _refuse_what_is_not_first(recipe, order)
    return recipe


def _leads_itself(scene: Scene, owner: str) -> bool:
    """Whether the owner's program is code that submits what it has when it begins and then waits for it: a task's first attempt."""
    return scene.is_task(owner) and not scene.is_later_attempt(owner) and not scene.is_task(scenes.owner_of(scene, scene.owners[owner]["runs"]))


def children(recipe: Recipe, task: str) -> list[str]:
    """The tasks that the code of a task submits."""
    owners = [name for name, each in recipe.scene.owners.items() if each.get("runs") == task]
    return [name for name in recipe.scene.tasks if scenes.owner_of(recipe.scene, name) in owners]


def is_child(recipe: Recipe, task: str) -> bool:
    """Whether the code of another task submits it."""
    return task in recipe.scene.tasks and recipe.scene.is_task(scenes.owner_of(recipe.scene, task))


# Moves.


def _moves(recipe: Recipe, order: Order) -> None:
    """One for each step of the environment that the violation needs. A task that nothing needs is submitted at the end, for the look."""
    late: list[Move] = []
    for step in order.steps:
        row = tables.rules()[step.rule]
        if row.reason:
            raise NeedsMore(step.number, row.reason)
        if row.held_at:
            raise NeedsMore(step.number, f"a thread waits at {row.held_at} meanwhile: a gate")
        _refuse_hidden_end(recipe.trace, step, order)
        told = ("worker",) if row.means.endswith("_worker") else ("task", "worker", "node")
        who = next((step.bindings[each] for each in told if step.bindings.get(each)), "")
        recipe.moves += [Move(step.number, "raylet_ends", lane.node) for lane in _raylets_that_end(recipe.trace, step)]
        if row.means == "block" and children(recipe, who):
            recipe.moves.append(Move(step.number, "finish", who))  # when it may finish, its code waits for its children
            continue
        if row.means in _BY_SETTINGS or (row.means in ("finish", "cancel") and step.number not in order.needed):
            continue
        if row.means not in MOVES:
            raise NeedsMore(step.number, f"{step.sentence}: the wire ({row.means})")
        if row.means == "submit" and is_child(recipe, who):
            continue  # the code of its parent does
        if row.means == "cancel" and is_child(recipe, who):
            raise NeedsMore(step.number, f"{who} is cancelled by the code of a task at a moment of its own: the conductor")
        if row.means == "submit" and any(move.do == "submit" and move.who == who for move in [*recipe.moves, *late]):
            continue
        (late if row.means == "submit" and step.number not in order.needed else recipe.moves).append(Move(step.number, row.means, who))
    if any(step.rule == "gcs.G15.crash" for step in order.steps) and _writes_wait(recipe.trace):
        raise NeedsMore(next(step.number for step in order.steps if step.rule == "gcs.G15.crash"), "the crash comes between two writes: the wire")
    _end_workers_later(recipe, order)
    recipe.moves += late


def _raylets_that_end(trace: Trace, step: Step) -> list[Lane]:
    """By themselves, as a consequence of the step."""
    return [trace.lanes[lane] for lane, what in step.lives if what == "ended" and trace.lanes[lane].kind == "raylet"]


def _writes_wait(trace: Trace) -> bool:
    """Whether the GCS crashes after one write, with another one that Ray would have made by then."""
    crash = next(step.number for step in trace.steps if step.rule == "gcs.G15.crash")
    return any(tables.rules()[rule].writes for step in trace.steps[:crash] for rule in (step.rule, *step.rules) if rule in tables.rules())


def _refuse_hidden_end(trace: Trace, step: Step, order: Order) -> None:
    """Of a process that is killed everybody hears at once; the trace may not ask for more than that."""
    for lane, what in step.lives:
        if what != "crashed" or trace.lanes[lane].kind == "gcs":
            continue
        for later in order.steps[order.place(step.number) + 1 :]:
            told = [trace.messages[index] for what, index in later.events if what == "received"]
            hears = any(each.is_error and each.sender == lane for each in told) or (
                later.rule.startswith("raylet.R35") and later.bindings.get("worker") == trace.lanes[lane].name
            )
            meanwhile = [each for each in order.between(step.number, later.number) if _is_move(each) and each.number in order.needed]
            if hears and later.number in order.needed and meanwhile:
                raise NeedsMore(later.number, f"the end of {trace.lanes[lane].label} is seen after step {meanwhile[-1].number} alone: the wire")


def _is_move(step: Step) -> bool:
    return tables.rules()[step.rule].means in MOVES


def _end_workers_later(recipe: Recipe, order: Order) -> None:
    """A worker that ends after its raylet, when the raylet's death is known: it is stopped while the raylet is killed, and killed then."""
    for step in order.steps:
        if step.rule != "worker.W11.raylet_is_gone" or step.number not in order.needed:
            continue
        worker, node = step.bindings.get("worker", ""), step.bindings.get("node", "")
        killed = next((move for move in recipe.moves if move.do in ("kill_raylet", "kill_node") and move.who == node), None)
        if killed is None or not any(tables.rules()[each.rule].shown_by == "dead" for each in order.between(killed.step, step.number)):
            continue
        killed.do = "kill_raylet_at_deadline" if killed.do == "kill_node" else killed.do
        recipe.moves.insert(recipe.moves.index(killed), Move(killed.step, "stop_worker", worker))
        later = [place for place, move in enumerate(recipe.moves) if order.place(move.step) > order.place(step.number)]
        recipe.moves.insert(later[0] if later else len(recipe.moves), Move(step.number, "kill_worker", worker))


# Ray's own fault injection.


def _lose(recipe: Recipe, order: Order) -> None:
    for step in order.steps:
        if step.rule == "fault.F19.duplicate_request":
            raise NeedsMore(step.number, "a second copy arrives, and nobody waits for its answer: the wire")
        if tables.rules()[step.rule].means != "lose":
            continue
        for told in [recipe.trace.messages[index] for what, index in step.events if what == "lost"]:
            caller = recipe.trace.lanes[told.receiver if told.is_reply else told.sender]
            call = _call_of(told, step)
            how = "resp" if told.is_reply else "req"
            known = recipe.failures.setdefault(_process(recipe.trace, caller), {})
            if call in known:
                raise NeedsMore(step.number, f"{told.kind} fails twice, in ways of its own: the wire")
            times = ALWAYS if _stays_lost(recipe.trace, step) else 1
            if times == ALWAYS and told.kind == "RegisterNode":
                raise NeedsMore(step.number, "Ray's own cluster waits for a node that it has started to register: the conductor")
            known[call] = {"num_failures": times, f"num_lower_bound_{how}_failures": times}


def _stays_lost(trace: Trace, step: Step) -> bool:
    """Whether the call that is lost is queued to be sent again, and the trace has ended before that: each time that it is sent it is lost."""
    return "rpc.N1.queue_for_resend" in step.rules and not any("rpc.N2.resend" in later.rules for later in trace.steps[step.number :])


def _refuse_what_is_not_first(recipe: Recipe, order: Order) -> None:
    """Ray's fault injection strikes the first calls of a process, and knows no peers."""
    for step in order.steps:
        if tables.rules()[step.rule].means != "lose":
            continue
        for what, index in step.events:
            if what not in ("sent", "lost") or recipe.trace.messages[index].is_error:
                continue
            told = recipe.trace.messages[index]
            caller = told.receiver if told.is_reply else told.sender
            earlier = [
                each
                for other in order.steps[: order.place(step.number)]
                for was, number in other.events
                for each in [recipe.trace.messages[number]]
                if was == "sent" and each.kind == told.kind and each.sender == caller and not each.is_reply and not each.is_error
            ]
            if len(earlier) > 1:
                raise NeedsMore(step.number, f"not the first {told.kind} of {recipe.trace.lanes[caller].label} is lost: the wire")


_WARMING = ("RequestWorkerLease", "PushTask", "ReturnWorkerLease")  # what a driver calls to run a task


def _call_of(told: Told, step: Step) -> str:
    """The client's name of a call, in Ray's own settings."""
    carrier = tables.carriers()[told.kind]
    if carrier.form not in ("call", "round") or carrier.of == "-":
        raise NeedsMore(step.number, f"{told.kind} cannot be failed by Ray's own fault injection: the wire")
    return f"{carrier.of}.grpc_client.{carrier.call}"


# Ray's own delays.


def _hold(recipe: Recipe, order: Order) -> None:
    """A message that is under way while a move is made, whose receipt has to come later, is delayed at its receiver."""
    trace = recipe.trace
    made = {move.step: move for move in recipe.moves}
    others = [_life(order, told) for told in trace.messages]
    for told in trace.messages:
        carrier = tables.carriers().get(told.kind)
        if carrier is None or carrier.form in ("-", "poll") or told.is_error or told.label.endswith("second copy"):
            continue
        sent, ends, lost = _life(order, told)
        if sent is not None and sent.number not in order.needed and _is_move(sent):
            continue  # its sender's move comes at the end
        if lost and ends is not None and (ends is sent or tables.rules()[ends.rule].means == "lose"):
            continue
        if lost and told.kind == "PushTask":
            continue  # its task waits until it is told to go on: it may as well have begun
        begin = order.place(sent.number) if sent is not None else -1
        end = order.place(ends.number) if ends is not None else len(order.steps)
        meanwhile = [
            made[step.number]
            for step in order.steps[begin + 1 : end + (1 if lost else 0)]
            if step.number in made and step.number in order.needed and _matters(order, step, ends)
        ]
        if not meanwhile or ends is None or (told.is_reply and carrier.told_by == "-"):
            continue
        receiver = trace.lanes[told.receiver]
        if _is_met_by(order, told, begin, max(order.place(move.step) for move in meanwhile), trace, others):
            if ends is not None and ends.number in order.needed:
                raise NeedsMore(ends.number, f"{told.label} has to be later than others of its kind to {receiver.label}: the wire")
            continue
        posted = any(scenes.overtaken(trace, step) is not None for step in order.steps[begin + 1 : end])
        seconds = 2 + sum(_seconds(order, move, recipe.moves) for move in meanwhile) + (int(scenes.POST_SECONDS) if posted else 0)
        names = recipe.delays.setdefault(_process(trace, receiver), {})
        name = _posted(told)
        names[name] = max(seconds, names.get(name, 0))
        for move in recipe.moves:
            move.apart = move.apart or (sent is not None and move.step == sent.number and move.do.startswith("drain"))


def _is_met_by(order: Order, told: Told, begin: int, end: int, trace: Trace, lives: list[_Life]) -> bool:
    """Whether another message that the same delay would hold has to arrive meanwhile."""
    for other, (_, ends, lost) in zip(trace.messages, lives, strict=True):
        same = other is not told and other.kind == told.kind and other.receiver == told.receiver and other.is_reply == told.is_reply
        if same and not other.is_error and not lost and ends is not None and ends.number in order.needed and begin < order.place(ends.number) <= end:
            return True
    return False


_Life = tuple[Step | None, Step | None, bool]


def _life(order: Order, told: Told) -> _Life:
    """The step that sends a message, the one in which it arrives or is lost, and whether it is lost."""
    sent = ends = None
    lost = False
    for step in order.steps:
        for what, index in step.events:
            if index != told.index:
                continue
            if what == "sent":
                sent = step
            elif ends is None and what in ("received", "held", "lost"):
                ends, lost = step, what == "lost"
    return sent, ends, lost


def _matters(order: Order, move: Step, ends: Step | None) -> bool:
    """Whether the move has to come before the message arrives; of one that arrives although nobody needs it nothing is known, so it waits."""
    return ends is not None and (ends.number not in order.needed or order.leads_to(move.number, ends.number))


def _seconds(order: Order, move: Move, moves: list[Move]) -> int:
    """How long a move takes, with what is awaited before the next one."""
    place = moves.index(move)
    last = moves[place + 1].step if place + 1 < len(moves) else move.step
    deaths = sum(tables.rules()[step.rule].shown_by == "dead" for step in order.between(move.step, last))
    return STEP_SECONDS + _DEATH_SECONDS * deaths + (2 * _RESTART_SECONDS if move.do == "start_gcs" else 0)


def _posted(told: Told) -> str:
    """The name under which what receives a message is posted."""
    carrier = tables.carriers()[told.kind]
    if carrier.form == "notice":
        return f"Subscriber.HandlePublishedMessage_{carrier.of}"
    if told.is_reply:
        return f"{carrier.of}.grpc_client.{carrier.call}"
    return f"{carrier.of.removeprefix('ray::rpc::')}.grpc_server.{carrier.call}"


def _process(trace: Trace, lane: Lane) -> str:
    """Whose environment it is: a node's is that of its raylet and of its workers, and of the tasks that are owners there."""
    if lane.kind == "gcs":
        return GCS
    born = next((step for step in trace.steps if (lane.index, "started") in step.lives), None) if lane.kind == "owner" else None
    return lane.node or (born.bindings.get("node", DRIVER) if born is not None else DRIVER)


def _delay(recipe: Recipe, scene: Scene) -> None:
    """What one event loop posts to itself is delayed as the conductor delays it."""
    places = [(DRIVER, scene.driver_environment)]
    places += [(f"n{place - scene.first + 1}", each) for place, each in enumerate(scene.node_environment) if place >= scene.first]
    for process, environment in places:
        for word in environment.get("RAY_testing_asio_delay_us", "").split(","):
            if word:
                name, _, microseconds = word.partition("=")
                recipe.delays.setdefault(process, {})[name] = int(microseconds.split(":")[0]) // 1_000_000


# What is awaited before each move.


def _wait(recipe: Recipe, order: Order) -> None:
    last = 0
    restarted = False
    for move in recipe.moves:
        if order.place(move.step) <= order.place(last):
            last = max(last, move.step, key=order.place)
            continue
        between = [step for step in order.between(last, move.step) if step.number in order.needed or tables.rules()[step.rule].shown_by == "started"]
        for step in between:
            if _is_move(step):
                continue
            shown = tables.rules()[step.rule].shown_by
            if shown == "started" and step.bindings.get("task"):
                move.started.append(step.bindings["task"])
            elif shown == "dead" and step.bindings.get("node"):
                move.dead.append(step.bindings["node"])
            else:
                move.seconds = STEP_SECONDS
            for what, index in step.events:
                told = recipe.trace.messages[index]
                if what in ("received", "held") and not told.is_error:
                    held = recipe.delays.get(_process(recipe.trace, recipe.trace.lanes[told.receiver]), {}).get(_name_of(told), 0)
                    move.seconds = max(move.seconds, held + STEP_SECONDS)
        if restarted and between:
            move.seconds = max(move.seconds, _RESTART_SECONDS)
        restarted = move.do == "start_gcs"
        last = move.step


def _name_of(told: Told) -> str:
    carrier = tables.carriers().get(told.kind)
    return _posted(told) if carrier is not None and carrier.of != "-" else ""


def _may_warm(recipe: Recipe) -> bool:
    """Idle workers are made by tasks of the driver. Where its first call is to be lost, they would make that call: then there are none."""
    lost = {call.rpartition(".")[2] for call in recipe.failures.get(DRIVER, {})}
    return any(recipe.scene.idle.values()) and not lost & set(_WARMING)


def task_of(recipe: Recipe, move: Move) -> str:
    """The task that the worker of a move runs, if its push has nothing in its way: then the worker is known by what that task writes."""
    order = Order(recipe.trace)
    if any("PushTask" in name or "PopWorker" in name for each in recipe.delays.values() for name in each):
        return ""
    for step in reversed(order.steps[: order.place(move.step)]):
        for what, index in step.events:
            told = recipe.trace.messages[index]
            lane = recipe.trace.lanes[told.receiver]
            if what == "sent" and told.kind == "PushTask" and not told.is_reply and not told.is_error and lane.name == move.who:
                return next((word for word in told.subject if word in recipe.scene.tasks), "")
    return ""
