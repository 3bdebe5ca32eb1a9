"""Tries a trace in an unmodified Ray, with its control, and says what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conduct import arguments, looks, scene
from conduct.conductor import Conductor, refuse, refuse_release, refuse_steps
from conduct.expected import Cast
from conduct.outcome import ChoseOtherwise, Conducted, NotConductible, NotInRelease, Try, Verdict, WentAnotherWay
from conduct.scene import Scene
from conduct.trace import Lane, Trace
from raymc_ray.behind import FIRST_NODE
from raymc_ray.plan import Task
from wire import recorder
from wire.book import RAYLET
from wire.message import REPLY, REQUEST, Message
from wire.parts import Child, Refused
from wire.stage import Stage, task_data

_START_SECONDS = 90.0
_TRY_SECONDS = 240.0
_CHOICES = 6  # runs more in which Ray may choose as the trace does: of two nodes it takes either as often


async def play(trace: Trace, keep: Path | None = None, stands: bool = False) -> Try:
    """One try: follows the trace and looks whether the property is violated, if the trace violates one; with `stands`, whether all is well."""
    began = time.monotonic()

    def ended(verdict: Verdict, step: int, words: str) -> Try:
        return Try(verdict, step, words, time.monotonic() - began)

    try:
        refuse_release(trace, release())
        (refuse_steps if stands else refuse)(trace)
        async with asyncio.timeout(_TRY_SECONDS):
            return await _play(trace, ended, keep, stands)
    except NotInRelease as reason:
        return ended(Verdict.NOT_IN_RELEASE, 0, str(reason))
    except NotConductible as reason:
        return ended(Verdict.NOT_CONDUCTIBLE, reason.step, str(reason))
    except WentAnotherWay as reason:
        return replace(ended(Verdict.ANOTHER_WAY, reason.step, str(reason)), by_chance=isinstance(reason, ChoseOtherwise))
    except (Refused, TimeoutError, RuntimeError) as reason:
        late = time.monotonic() - began >= _TRY_SECONDS
        return ended(Verdict.NOT_RUN, 0, str(reason) or (f"it takes longer than {_TRY_SECONDS:.0f} s" if late else "a process does not answer in time"))


async def _play(trace: Trace, ended: Callable[[Verdict, int, str], Try], keep: Path | None, stands: bool) -> Try:
    made = scene.make(trace)
    log_level = "info" if keep is None else "debug"  # what is kept may be conformed
    async with Stage(made.plan, node_environment=made.node_environment, log_level=log_level) as stage:
        conductor = await prepare(trace, made, stage, free=False)
        try:
            await conductor.follow()
            if not trace.breaks:
                return ended(Verdict.FOLLOWED, 0, f"all {len(trace.steps)} steps")
            conductor.free()
            seen = await (looks.stands(conductor) if stands else looks.look(conductor))
        finally:
            conductor.open_gates()
            if keep is not None:
                keep_logs(stage, keep / "logs")
                (keep / "session.json").write_text(json.dumps({"name": keep.name, "release": release()}))  # `raymc conform` knows a session by it
        if stands:
            acted = f"{conductor.last_sentence()}; {seen.words}"
            return ended(Verdict.ANOTHER_WAY if seen.violated else Verdict.STANDS, len(trace.steps), acted)
        if seen.violated:
            return ended(Verdict.HAPPENED, 0, seen.words)
        return ended(Verdict.ANOTHER_WAY, len(trace.steps), f"all steps were followed, and nothing is wrong outside: {seen.words}")


def keep_logs(stage: Stage, folder: Path) -> None:
    """The wire's record and what the processes said, for whoever wants to know why."""
    folder.mkdir(parents=True, exist_ok=True)
    stage.wire.recorder.finish()
    for path in [stage.folder / "wire.jsonl", stage.folder / recorder.FILE, stage.folder / "happened.jsonl", *stage.folder.glob("*.out"), *stage.logs.glob("*")]:
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())


async def control(trace: Trace) -> Try:
    """The same program without any fault: every task must give its value, and every CPU come back."""
    began = time.monotonic()
    made = scene.make(trace, control=True)
    try:
        async with asyncio.timeout(_TRY_SECONDS), Stage(made.plan, node_environment=made.node_environment) as stage:
            conductor = await prepare(trace, made, stage, free=True)
            for name in made.tasks:
                if not made.is_later_attempt(scene.owner_of(made, name)):
                    await conductor.submit(name)
            seen = await looks.ends_well(conductor)
    except (Refused, TimeoutError, RuntimeError) as reason:
        return Try(Verdict.NOT_RUN, 0, str(reason) or "it takes too long", time.monotonic() - began)
    return Try(Verdict.ANOTHER_WAY if seen.violated else Verdict.ENDS_WELL, 0, seen.words, time.monotonic() - began)


async def prepare(trace: Trace, made: Scene, stage: Stage, free: bool) -> Conductor:
    """The state in which the trace begins: drivers and owners connected, arguments made, workers idle; with `free` nothing is held."""
    cast = Cast(trace, stage, made.first)
    stage.wire.watch(lambda message: _note_node(message, made, cast))
    for name in made.idle:
        cast.node_ids[name] = await stage.operator.ask("node_id", index=made.index(name))
    players: dict[str, Child] = {}
    lanes = {lane.name: lane for lane in trace.lanes if lane.kind in ("driver", "owner")}
    first = next(iter(made.owners))
    for name, owner in made.owners.items():
        index = made.index(str(owner.get("node", "n1")))
        if owner.get("kind", "driver") == "driver":
            players[name] = await stage.driver(name, at=index, environment=made.driver_environment)
            process = stage.driver_process(name)
            if process is not None and name in lanes:
                cast.pids[lanes[name].index] = process.pid
        elif owner["kind"] == "worker":
            own = Task(f"owner.{name}", runs=0.0, cpus=0, node=index, max_retries=0, serves=(name,))
            await players[first].ask("submit", task=task_data(own))
            players[name] = await stage.child(name, _START_SECONDS)
            started = await stage.event("start", own.name, _START_SECONDS)
            if started is not None and name in lanes:
                cast.pids[lanes[name].index] = started["pid"]
    for name, player in players.items():
        await arguments.make(trace, made, name, player)
    await _warm(trace, made, stage, players, cast)
    conductor = Conductor(trace, made, stage, players, cast)
    if not free:
        stage.wire.decide_by(conductor.decide)
    for name in made.late:
        await stage.operator.ask("begin_join", index=made.index(name))
        if free and await stage.event("node", f"node{made.index(name)}", _START_SECONDS) is None:
            raise Refused(f"{name} does not join")
    return conductor


def _note_node(message: Message, made: Scene, cast: Cast) -> None:
    """A node says its id when it registers."""
    if message.name == "RegisterNode" and message.direction == REQUEST and message.caller.role == RAYLET and message.fields is not None:
        number = message.caller.node - FIRST_NODE - made.first + 1
        if number > 0:
            cast.node_ids[f"n{number}"] = message.fields.node_info.node_id.hex()


async def _warm(trace: Trace, made: Scene, stage: Stage, players: dict[str, Child], cast: Cast) -> None:
    """As many idle workers on each node as the scenario says; they are the trace's workers of that node, in order, each of the job that takes it."""
    leaves = "reference" if "worker.W16.refuse_to_exit" in trace.rules else "thread" if "worker.W16.exit_ignored" in trace.rules else ""
    # A worker whose object is borrowed takes its time to exit.
    keeps = 10 if "worker.W12.graceful_stop" in trace.rules else 0
    returns = sum(_is_return(message) for message in stage.wire.seen)
    lanes = {node: [lane for lane in trace.lanes if lane.kind == "worker" and lane.node == node] for node in made.idle}
    # By name: its node, its lane if the trace has one, and who submits it.
    warm: dict[str, tuple[str, Lane | None, Child]] = {}
    for node, count in made.idle.items():
        for number, lane in zip(range(count), [*lanes[node], *[None] * count]):
            job = scene.idle_for(made, trace, lane.name) if lane is not None else next(iter(made.owners))
            warm[f"warm.{node}.{number}"] = (node, lane, players[job])
    for name, (node, _, player) in warm.items():
        # A raylet lends no worker to a lease with devices that served one without.
        gpus = made.gpus_of_a_task()
        task = Task(name, runs=0.0, waits=True, cpus=0, gpus=gpus, node=made.index(node), max_retries=0, leaves=leaves, keeps_bytes=keeps)
        await player.ask("submit", task=task_data(task))
    for name, (node, lane, _) in warm.items():
        started = await stage.event("start", name, _START_SECONDS)
        if started is None:
            raise Refused(f"a worker of {node} does not start")
        if lane is not None:
            cast.pids[lane.index] = started["pid"]
    ages = scene.oldest_first(trace, [lane.name for lane in trace.lanes if lane.kind == "worker"])
    for name, (_, _, player) in sorted(warm.items(), key=lambda each: ages.index(each[1][1].name) if each[1][1] is not None else -1):
        stage.say("finish", name)
        await player.ask("get", limit=_START_SECONDS, name=name, seconds=60.0)
        returns += 1
        if not await stage.until(lambda: sum(_is_return(message) for message in stage.wire.seen) >= returns, _START_SECONDS):
            raise Refused("an idle worker is not given back")


def _is_return(message: Message) -> bool:
    return message.name == "ReturnWorkerLease" and message.direction == REPLY


async def conduct(trace: Trace, tries: int, with_control: bool = True, keep: Path | None = None, stands: bool = False) -> Conducted:
    """`tries` tries, each kept as KEEP_tryN, unless the first says that it cannot be done; and one control, but for a schedule under which Ray stands: that is one.
    A run in which Ray only chose otherwise where it chooses by chance is no try, as long as another one may choose as the trace does."""
    done: list[Try] = []
    for number in range(tries):
        for again in range(_CHOICES + 1):
            name = f"_try{number + 1}" + (f"_{again + 1}" if again else "")
            one = await play(trace, keep.with_name(keep.name + name) if keep is not None else None, stands)
            if not one.by_chance:
                break
        done.append(one)
        if not Conducted(trace, tuple(done)).ran:
            break
    conducted = Conducted(trace, tuple(done))
    return replace(conducted, control=await control(trace)) if with_control and not stands and conducted.ran else conducted


def release() -> str:
    """Of the Ray that is here."""
    import ray

    return str(ray.__version__)
