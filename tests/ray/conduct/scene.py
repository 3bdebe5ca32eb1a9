"""The cluster and the program that a scenario describes, as a plan for an unmodified Ray."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conduct import tables
from conduct.trace import Step, Trace
from raymc_ray import plan
from raymc_ray.plan import Task

NEAR_BYTES = 1_200_000  # an argument above 100 kB goes to plasma and draws its task to its node
PINNED_BYTES = 37 * 1024 * 1024  # two are more than leases may pin (0.7 of the store), and less than makes the store spill (0.8)
STORE_MB = 100
PLASMA_BYTES = 300_000
POST_SECONDS = 4.0
LEASE_SECONDS = 0.5  # after which a lease has expired, where that is a part of the scenario
_OF_OTHERS = ("raylet.R4.new_request", "raylet.R22.grant", "raylet.R45.drain_accepted")  # nobody minds whether these come before
_TAKES_A_NODE = (
    "fault.F1.raylet_crash",
    "fault.F14.killed_at_the_deadline",
    "raylet.R48.sigterm",
    "fault.F5.node_blackhole",
    "fault.F1b.raylet_hang",
)


@dataclass(frozen=True)
class Scene:
    """`first` is the plan's index of n1: 1 where a head without CPUs stands before it, because n1 itself is struck."""

    plan: plan.Plan
    first: int
    owners: dict[str, dict[str, Any]]
    tasks: dict[str, dict[str, Any]]
    idle: dict[str, int]  # workers that wait idle at the start, by node
    node_environment: list[dict[str, str]] = field(default_factory=list)
    driver_environment: dict[str, str] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    spare: bool = False

    def is_task(self, owner: str) -> bool:
        """Whether the owner is an attempt of one of the scenario's tasks."""
        return self.owners[owner].get("kind") == "task"

    def owns(self, task: str) -> bool:
        """Whether an attempt of the task is an owner."""
        return any(each.get("runs") == task for each in self.owners.values())

    def is_later_attempt(self, owner: str) -> bool:
        """Whether the owner is a task that has failed before, which without a fault it never has."""
        own = self.owners[owner]
        return self.is_task(owner) and (int(own.get("attempt", 1)) > 1 or self.is_later_attempt(owner_of(self, str(own["runs"]))))

    def gpus_of_a_task(self) -> int:
        """A GPU for each task if the nodes have any."""
        return 1 if self.plan.nodes[-1].gpus else 0

    def index(self, node: str) -> int:
        """The plan's index of the model's node."""
        return int(node[1:]) - 1 + self.first


def per_node(value: Any, nodes: int) -> list[int]:
    return [int(each) for each in value] if isinstance(value, list) else [int(value)] * nodes


def make(trace: Trace, control: bool = False) -> Scene:
    """What the trace's scenario says, with the settings that its rules need."""
    shape = trace.shape
    count = int(shape["nodes"])
    cpus = per_node(shape.get("cpus_per_node", 1), count)
    workers = per_node(shape.get("workers_per_node", 1), count)
    idle = per_node(shape.get("prestarted_workers", workers), count)
    late = tuple(shape.get("joins_late", []))
    struck = {step.bindings.get("node") for step in trace.steps if step.rule in _TAKES_A_NODE}
    head = shape.get("new_head")
    first = 1 if ("n1" in struck or "n1" in late) and not head else 0  # a new head takes the place of n1, which is the head then
    look = tables.looks().get(trace.breaks, "none")
    spare = look == "later_death_is_not_told"
    gpus = look == "task_sees_no_device"
    used = [tables.rules()[rule] for rule in sorted(trace.rules)]
    chosen: dict[str, int] = {}  # where rules differ, the longest time
    config: dict[str, Any] = {
        "idle_worker_killing_time_threshold_ms": 600_000,
        "health_check_timeout_ms": 2000,
        "worker_lease_timeout_milliseconds": int(LEASE_SECONDS * 1000) if shape.get("lease_expiry") else 60_000,
    }
    for rule in used:
        for key, value in rule.settings:
            config[key] = max(value, chosen.get(key, 0))
            chosen[key] = config[key]
    if max(cpus) > 1 and "scheduler.R6.redirect" not in trace.rules:
        # A raylet whose node is half busy sends requests elsewhere by default; here it keeps what it can run.
        config["scheduler_spread_threshold"] = 1.0
    redis = not forgets(trace) and (any(rule.redis for rule in used) or bool(delayed_writes(trace)) or (trace.is_trap and gcs_stays_down(trace)))
    if redis:
        config.update(gcs_rpc_server_reconnect_timeout_s=60, num_redis_request_retries=100)
    nodes = [plan.Node(cpus=0)] * first
    for index in range(count):
        name = f"n{index + 1}"
        replaces = name == head and not control
        nodes.append(
            plan.Node(cpus=cpus[index], late=name in late, head=replaces, resources=(name,), store_mb=STORE_MB, gpus=2 if gpus else 0)
        )
    if spare:
        nodes.append(plan.Node(cpus=1, resources=("spare",)))
    owners = {str(each["name"]): dict(each) for each in shape.get("owner", [{"name": "driver"}])}
    policy = _memory_policy(trace)
    environment = [{} for _ in nodes] if control else [{**_delays(trace, index + 1 - first), **policy} for index in range(len(nodes))]
    return Scene(
        plan=plan.Plan("conduct", 1, 0, tuple(nodes), (), config=config, redis=redis),
        first=first,
        owners=owners,
        tasks={str(each["id"]): dict(each) for each in shape["task"]},
        idle={f"n{index + 1}": idle[index] for index in range(count) if f"n{index + 1}" not in late},
        node_environment=environment,
        driver_environment={} if control else _driver_delays(trace),
        late=late,
        spare=spare,
    )


def gcs_stays_down(trace: Trace) -> bool:
    """Whether the trace ends without a GCS."""
    up = [step.rule != "gcs.G15.crash" for step in trace.steps if step.rule in ("gcs.G15.crash", "gcs.G16.restart", "gcs.G17.restart_with_nothing")]
    return bool(up) and not up[-1]


def _left_posted(trace: Trace, node: str) -> list[Step]:
    """Of a trap: where a worker is popped whose grant the trace does not come to, though other steps do."""
    found = []
    for step in trace.steps[:-1] if trace.is_trap else ():
        if "raylet.R20.pop_idle_worker" in step.rules and step.bindings.get("node") == node:
            later = [each for each in trace.steps[step.number :] if each.bindings.get("lease") == step.bindings.get("lease")]
            found += [step] if not any(tables.rules()[each.rule].posted_as for each in later if each.rule in tables.rules()) else []
    return found


def forgets(trace: Trace) -> bool:
    """Whether the GCS has no store, so that it begins anew when it is started again."""
    return "gcs.G17.restart_with_nothing" in trace.rules


def _memory_policy(trace: Trace) -> dict[str, str]:
    """Whom raylets kill for want of memory, and how many. Not as a part of the cluster's configuration, since 2.55 has none of these settings, and
    refuses what it does not know."""
    if "raylet.R39.kill_for_memory" not in trace.rules:
        return {}
    by_owner = {"RAY_worker_killing_policy_by_group": "1"} if trace.shape.get("memory_policy") == "by_owner" else {}
    return {"RAY_max_kill_memory_buffer_bytes": "0", **by_owner}


def _delays(trace: Trace, number: int) -> dict[str, str]:
    """A raylet's posted callback is delayed if something must come between its posting and its running, and so are those of the workers of its
    node that are owners."""
    node = f"n{number}"
    overtakes = [step for step in trace.steps if _is_overtaken(trace, step, node)]
    names = {tables.rules()[step.rule].posted_as for step in [*overtakes, *_delayed_for_owners(trace, node)]}
    return _delaying(sorted(names | ({tables.rules()["raylet.R22.grant"].posted_as} if _left_posted(trace, node) else set())))


def _is_overtaken(trace: Trace, step: Step, node: str) -> bool:
    return step.bindings.get("node") == node and overtaken(trace, step) is not None


def overtaken(trace: Trace, step: Step) -> Step | None:
    """The step that posted this step's callback, if something comes between the two whose order with it matters, or that
    is of the same worker."""
    if step.rule not in tables.rules() or not tables.rules()[step.rule].posted_as or not step.rule.startswith("raylet."):
        return None
    same = [each for each in ("node", "lease") if each in step.bindings]
    popped = [
        each
        for each in trace.steps[: step.number - 1]
        if "raylet.R20.pop_idle_worker" in each.rules and all(each.bindings.get(name) == step.bindings[name] for name in same)
    ]
    if not popped:
        return None
    between = {each.number for each in trace.steps[popped[-1].number : step.number - 1] if each.rule not in _OF_OTHERS}
    meets = any(before in between and later == step.number for before, later in trace.chain)
    worker = step.bindings.get("worker")
    meets = meets or any(each.number in between and worker and each.bindings.get("worker") == worker for each in trace.steps)
    return popped[-1] if meets else None


def delayed_writes(trace: Trace) -> dict[int, str]:
    """What the GCS begins to write when a node fails, by the step at which that is done, if it writes something else meanwhile: without a
    delay it would be done before."""
    found = {}
    for step in trace.steps:
        asked = any(what == "received" for what, _ in step.events)  # what a request makes the GCS write it has not begun before
        mine = tables.rules()[step.rule].writes if step.rule in tables.rules() and not asked else ""
        begun = [each.number for each in trace.steps[: step.number - 1] if "gcs.G4.node_failed" in each.rules and _same_node(each, step)]
        between = trace.steps[begun[-1] : step.number - 1] if mine and begun else ()
        if any(tables.rules()[each.rule].writes not in ("", mine) for each in between if each.rule in tables.rules()):
            found[step.number] = mine
    return found


def silent_from(trace: Trace) -> dict[int, list[Step]]:
    """The steps that erase a subscriber with news that it has not read, by the step from which on it does not poll: it reads none of what
    comes after the last that it reads in the trace."""
    found: dict[int, list[Step]] = {}
    for step in trace.steps:
        if tables.rules()[step.rule].means != "stall_until_erased":
            continue
        for told in [trace.messages[index] for what, index in step.events if what == "lost"]:
            read = [each.number for each in trace.steps[: step.number] if _reads_news(trace, each, told.receiver)]
            first = max(read, default=0) + 1
            if first < step.number and step not in found.setdefault(first, []):
                found[first].append(step)
    return found


def _reads_news(trace: Trace, step: Step, lane: int) -> bool:
    told = [trace.messages[index] for what, index in step.events if what == "received"]
    return any(each.receiver == lane and tables.carriers()[each.kind].form == "notice" for each in told)


def _same_node(one: Step, other: Step) -> bool:
    return one.bindings.get("node") == other.bindings.get("node")


def order(trace: Trace) -> list[Step]:
    """The steps as they are conducted: as in the trace, but a callback that has to be overtaken is posted as late as the chain allows, since its
    delay has an end. Requests keep their order at their raylet: the first one takes what there is."""
    steps = list(trace.steps)
    for step in trace.steps:
        posting = overtaken(trace, step)
        if posting is None:
            continue
        worker = step.bindings.get("worker")
        needing = [later for each, later in trace.chain if each == posting.number and later]
        needing += [each.number for each in trace.steps[posting.number :] if worker and each.bindings.get("worker") == worker]
        needing += [each.number for each in trace.steps[posting.number :] if each.lane == posting.lane and each.rule == posting.rule]
        before = trace.steps[min(needing) - 1]
        steps.remove(posting)
        steps.insert(steps.index(before), posting)
    return steps


def sets_off(trace: Trace, step: Step) -> int:
    """The last step before this one in which its process received something; from there its threads run on by themselves. 1 if there is none."""
    return max((each.number for each in trace.steps[: step.number - 1] if each.lane == step.lane and any(what in ("received", "held") for what, _ in each.events)), default=1)


def _driver_delays(trace: Trace) -> dict[str, str]:
    return _delaying(sorted({tables.rules()[step.rule].posted_as for step in _delayed_for_owners(trace, "")}))


def _delayed_for_owners(trace: Trace, node: str) -> list[Step]:
    """The posted callbacks of owners that wait: of drivers, whose processes have their own settings, or of the workers of a node."""
    found = [step for step in trace.steps if comes_after_cancel(trace, step)]
    return [step for step in found if (lane := trace.lane(step.lane)) is not None and node == (host(trace, lane.name) if lane.kind == "owner" else "")]


def host(trace: Trace, owner: str) -> str:
    """The node of an owner; of one that is a task where it is born."""
    lane = trace.lane_of("owner", owner)
    born = next((step for step in trace.steps if lane is not None and (lane.index, "started") in step.lives), None)
    said: dict[str, Any] = next((each for each in trace.shape.get("owner", []) if each["name"] == owner), {})
    return born.bindings.get("node", "") if born is not None else str(said.get("node", "n1"))


def comes_after_cancel(trace: Trace, step: Step) -> bool:
    """Whether the step is an owner's posted callback that a cancellation of its task has overtaken."""
    if not step.rule.startswith("owner.") or step.rule not in tables.rules() or not tables.rules()[step.rule].posted_as:
        return False
    earlier = [each for each in trace.steps[: step.number - 1] if each.bindings.get("task") == step.bindings.get("task")]
    return any(tables.rules()[each.rule].means == "cancel" for each in earlier if each.rule in tables.rules())


def _delaying(names: list[str]) -> dict[str, str]:
    microseconds = int(POST_SECONDS * 1_000_000)
    return {"RAY_testing_asio_delay_us": ",".join(f"{name}={microseconds}:{microseconds}" for name in names)} if names else {}


def task(scene: Scene, trace: Trace, name: str) -> Task:
    """The task as its owner submits it. It runs until it is told to finish."""
    said = scene.tasks[name]
    needs: tuple[str, ...] = ()
    draws = _draws_by_argument(trace) and not scene.is_task(owner_of(scene, name))
    if said.get("locality") and draws:
        needs += (near(said["locality"]),)
    if said.get("arguments_at"):
        needs += (argument(said["arguments_at"], said.get("key", 1)),)
    if said.get("depends_on"):
        needs += (str(said["depends_on"]),)
    key = int(said.get("key", 1))
    cpus = per_node(trace.shape.get("key_cpus", 1), key)[key - 1]
    affinity = said.get("affinity")
    return Task(
        name=name,
        runs=0.0,
        waits=True,
        serves=_attempts_that_own(scene, name),
        cpus=cpus,
        gpus=scene.gpus_of_a_task(),
        # An attempt's error is what ray.get raises only if there is no retry.
        max_retries=0 if tables.looks().get(trace.breaks) == "node_is_blamed" else int(said.get("max_retries", 0)),
        retry_exceptions=bool(said.get("retry_exceptions", False)),
        max_calls=1 if trace.shape.get("max_calls_one") or "raylet.R32.return_exiting_worker" in trace.rules else 0,
        node=scene.index(affinity) if affinity else scene.index(said["locality"]) if said.get("locality") and not draws else None,
        soft=not affinity,
        needs=needs,
        value_bytes=PLASMA_BYTES if said.get("result") == "plasma" else 0,
        keeps_bytes=10 if "worker.W12.stuck_in_exit" in trace.rules else 0,
        key=key,
        takes_actor=bool(said.get("actor_argument", False)),
        children=(Task(f"{name}.blocks", runs=0.0, waits=True, cpus=0),) if said.get("blocks") else (),
    )


def owner_of(scene: Scene, task: str) -> str:
    """The name of the owner that submits the task."""
    return str(scene.tasks[task].get("owner", next(iter(scene.owners))))


def job_of(scene: Scene, owner: str) -> str:
    """The driver of whose job an owner is."""
    while scene.is_task(owner):
        owner = owner_of(scene, str(scene.owners[owner]["runs"]))
    return owner if scene.owners[owner].get("kind", "driver") == "driver" else next(iter(scene.owners))


def idle_for(scene: Scene, trace: Trace, worker: str) -> str:
    """The driver of whose job a worker is that waits idle: the one whose lease it is taken for first, since Ray takes none of another job."""
    taken = next((step for step in trace.steps if step.bindings.get("worker") == worker and "lease" in step.bindings), None)
    asked = [step for step in trace.steps[: taken.number if taken else 0] if taken and step.bindings.get("lease") == taken.bindings["lease"]]
    owners = [step.bindings["owner"] for step in asked if step.bindings.get("owner") in scene.owners]
    return job_of(scene, owners[-1]) if owners else next(iter(scene.owners))


def oldest_first(trace: Trace, workers: list[str]) -> list[str]:
    """Idle workers in the order in which they have to have become idle: a raylet asks the oldest one to exit, and gives a lease the newest one."""

    def key(worker: str) -> tuple[int, int]:
        first = next((step for step in trace.steps if step.bindings.get("worker") == worker), None)
        if first is None:
            return 1, 0
        if "lease" not in first.bindings:
            return (0, first.number) if first.rule == "raylet.W16.ask_idle_worker_to_exit" else (1, 0)
        popped = [step.number for step in trace.steps[: first.number] if "raylet.R20.pop_idle_worker" in step.rules]
        same = [number for number in popped if trace.steps[number - 1].bindings.get("lease") == first.bindings["lease"]]
        return 2, -(same[-1] if same else first.number)

    return sorted(workers, key=key)


def _attempts_that_own(scene: Scene, task: str) -> tuple[str, ...]:
    """The owners that the attempts of a task are, one each, empty for an attempt that submits nothing."""
    found = {int(each.get("attempt", 1)): name for name, each in scene.owners.items() if each.get("runs") == task}
    return tuple(found.get(attempt, "") for attempt in range(1, max(found, default=0) + 1))


def _draws_by_argument(trace: Trace) -> bool:
    """Whether an argument brings a task to its node, as locality does; a node that is to be drained as idle may hold none, there it is soft
    affinity. So it is of a task whose owner is a task: nothing can be made for it before the trace begins."""
    drained = {"fault.F15.idle_node_is_drained", "fault.F14.preemption_is_announced"} & trace.rules
    return drained != {"fault.F15.idle_node_is_drained"}


def near(node: str) -> str:
    """The name of the value that draws tasks to a node."""
    return f"near_{node}"


def argument(node: str, key: int) -> str:
    """The name of the argument of a key's tasks, in the store of a node."""
    return f"argument_{node}_{key}"


def prepared(scene: Scene, trace: Trace, owner: str, pinned: bool) -> list[Task]:
    """The values that the tasks of an owner take, made at their nodes before the trace begins, or before it submits if it is a task."""
    made: dict[str, Task] = {}
    for said in scene.tasks.values():
        if owner_of(scene, str(said["id"])) != owner:
            continue
        wanted = []
        if said.get("locality") and _draws_by_argument(trace) and not scene.is_task(owner):
            wanted.append((near(said["locality"]), said["locality"], NEAR_BYTES))
        if said.get("arguments_at"):
            wanted.append((argument(said["arguments_at"], said.get("key", 1)), said["arguments_at"], PINNED_BYTES if pinned else NEAR_BYTES))
        for name, node, size in wanted:
            made[name] = Task(name, runs=0.0, cpus=0, max_retries=3, node=scene.index(node), soft=True, value_bytes=size)
    return list(made.values())
