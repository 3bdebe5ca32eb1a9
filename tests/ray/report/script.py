"""A recipe as a program that needs nothing but Ray."""

from __future__ import annotations

import json
import re
import textwrap

from conduct import scene as scenes
from conduct import tables
from conduct.trace import Trace
from raymc_ray.cluster import SHORT_CHECKS
from raymc_ray.plan import Task
from report import endings, recipe as recipes
from report.needs_more import NeedsMore
from report.recipe import DRIVER, GCS, Move, Recipe

LINES_MAX = 60
_DEADLINE_SECONDS = 4
_WIDTH = 200
_ASKED_OF = ("submit", "finish")  # what a control does, too
_CLIENT = "ray._raylet.GcsClient(address=cluster.address)"
_REASONS = {"drain_preemption": 2, "drain_idle": 1}  # of autoscaler.proto's DrainNodeReason


def plain(trace: Trace) -> str:
    """The script; raises NeedsMore if there is none without the wire."""
    recipe = recipes.make(trace)
    end = endings.ending(tables.looks().get(trace.breaks, "none"), recipe)
    parts = [_cluster(recipe), _program(recipe), _moves(recipe), [*end, *_leave(recipe)]]
    body = [line for part in parts for line in part]
    parts = [_head(recipe, body), _helpers(body), *parts]
    count = sum(map(len, parts))
    if count > LINES_MAX:
        raise NeedsMore(0, f"the script would have {count} lines")
    between = "\n\n" if count + len(parts) - 1 <= LINES_MAX else "\n"
    return between.join("\n".join(part) for part in parts) + "\n"


def _in_a_docstring(words: str) -> str:
    """One line that cannot end the docstring in which it stands."""
    return " ".join(words.split()).replace("\\", "\\\\").replace('"', "'")


def conducted(trace: Trace, reason: NeedsMore) -> str:
    """The script where the wire is needed: it has raymc's conductor follow the trace of the scenario beside it."""
    place = f"step {reason.step}" if reason.step else "the look at the end"
    said = f"No program does it by itself: {place} needs more ({reason}). The conductor of raymc holds the messages of an unmodified Ray."
    told = textwrap.wrap(said, 120)
    return "\n".join(
        [
            f'"""{_in_a_docstring(trace.question)}',
            "",
            *told,
            "RAYMC says where a checkout of raymc is; Linux, Python 3.11 and a C compiler are needed.",
            '"""',
            "import os, pathlib, subprocess, sys, tempfile",
            'raymc = pathlib.Path(os.environ["RAYMC"]) / "raymc"',
            "with tempfile.TemporaryDirectory() as folder:",
            '    scenario = pathlib.Path(__file__).with_name("scenario.toml")',
            '    subprocess.call([raymc, "check", "--quiet", "--out", folder, scenario])',
            '    sys.exit(subprocess.call([raymc, "ray", "conduct", f"{folder}/scenario.trace.json", "--tries", "1"]))',
        ]
    ) + "\n"


def _head(recipe: Recipe, body: list[str]) -> list[str]:
    text = "\n".join(body)
    wanted = ["json"] * ("json." in text) + ["os", "signal", "shutil", "subprocess", "sys", "tempfile", "threading", "time", "ctypes"]
    always = {"os", "shutil", "sys", "tempfile", "time"}
    modules = sorted(name for name in set(wanted) if name in always or f"{name}." in text)
    store = " and a redis-server" if recipe.redis else ""
    lines = [
        f'"""{_in_a_docstring(recipe.trace.question)}',
        f'Needs Ray{store}, and stays on this machine. With --control nothing is struck, and all must end well."""',
        f"import {', '.join(modules)}",
        'STRIKE = "--control" not in sys.argv',
        'FOLDER = tempfile.mkdtemp(prefix="r")',
        'os.environ.update(RAY_TMPDIR=FOLDER, RAY_USAGE_STATS_ENABLED="0")',
    ]
    return [
        *lines,
        "import ray, ray.cluster_utils, ray._private.services as services, ray.util.scheduling_strategies as strategies",
        'services.get_node_ip_address, services.resolve_ip_for_localhost = lambda *_, **__: "127.0.0.1", lambda host: host',
    ]


def _environment(recipe: Recipe, process: str) -> str:
    """What Ray's own settings are for a process, as an expression; empty if there are none."""
    found = {}
    failures = recipe.failures.get(process)
    if failures:
        found["RAY_testing_rpc_failure"] = json.dumps(failures)
    delays = recipe.delays.get(process)
    if delays:
        found["RAY_testing_asio_delay_us"] = ",".join(f"{name}={seconds}000000:{seconds}000000" for name, seconds in sorted(delays.items()))
    return repr(found) if found else ""


def _helpers(body: list[str]) -> list[str]:
    """Only those that the script uses; one may use another that comes later in this list."""
    text = "\n".join(body)
    known = {
        "drain": [f'def drain(node, why, end): {_CLIENT}.drain_node(node.node_id, why, "told by the script", int(end * 1000))'],
        "raylet": ['def raylet(node): return node.all_processes["raylet"][0].process'],
        "alive": ['def alive(node): return any(row["NodeID"] == node.node_id and row["Alive"] for row in cluster.global_state.node_table())'],
        "at": ["def at(node, soft=True): return strategies.NodeAffinitySchedulingStrategy(node.node_id, soft=soft)"],
        # A process that nobody has reaped has ended all the same.
        "lives": ['def lives(pid): return os.path.exists(f"/proc/{pid}") and ") Z" not in open(f"/proc/{pid}/stat").read()'],
        "ran": [
            'def ran(name): return [line.split() for line in open(f"{FOLDER}/{name}")] if os.path.exists(f"{FOLDER}/{name}") else []',
        ],
        "go": ['def go(name): open(f"{FOLDER}/{name}.go", "w").close()'],
        "until": [
            "def until(holds, seconds=60):",
            "    end = time.time() + seconds",
            "    while not holds() and time.time() < end: time.sleep(0.05)",
            "    return holds()",
        ],
        "answer": [
            "def answer(reference, seconds=12):",
            '    try: return ray.get(reference, timeout=seconds) and "value"',
            "    except Exception as error: return type(error).__name__",
        ],
    }
    return [line for name, lines in known.items() if re.search(rf"\b{name}\(|={name},|\({name}, ", text) for line in lines]


# The cluster.


def _cluster(recipe: Recipe) -> list[str]:
    scene = recipe.scene
    config = {**SHORT_CHECKS, **scene.plan.config}
    lines = []
    if recipe.redis:
        lines += [
            'STORE = ["redis-server", "--port", "6399", "--bind", "127.0.0.1", "--save", "", "--dir", FOLDER]',
            'program = shutil.which("redis-server") or shutil.which("redis-check-rdb")  # Debian has the same program under both names',
            "store = subprocess.Popen(STORE, executable=program, stdout=subprocess.DEVNULL)",
            'os.environ["RAY_REDIS_ADDRESS"] = "127.0.0.1:6399"',
        ]
    lines += textwrap.wrap(f"CONFIG = {json.dumps(config)}".replace("false", "False").replace("true", "True"), _WIDTH, subsequent_indent="          ")
    stores = {node.store_mb for node in scene.plan.nodes}
    lines.append(f'NODE = {{"node_ip_address": "127.0.0.1", "include_dashboard": False, "object_store_memory": {max(stores)} << 20}}')
    for place in range(len(scene.plan.nodes)):
        environment = _environment(recipe, _name(recipe, place))
        lines += [f"{_name(recipe, place).upper()} = {environment} if STRIKE else {{}}  # of its raylet and workers"] if environment else []
    gcs = _environment(recipe, GCS)
    if gcs:
        lines += [f"GCS = {gcs} if STRIKE else {{}}", "os.environ.update(GCS)"]
    lines.append("cluster = ray.cluster_utils.Cluster()")
    late = {scene.index(node) for node in scene.late}
    for place in range(len(scene.plan.nodes)):
        if place in late:
            continue
        lines.append(_add_node(recipe, place))
        if gcs and place == 0:
            lines.append("for name in GCS: del os.environ[name]")
    return lines


def _name(recipe: Recipe, place: int) -> str:
    return "head" if place < recipe.scene.first else f"n{place - recipe.scene.first + 1}"


def _add_node(recipe: Recipe, place: int) -> str:
    node = recipe.scene.plan.nodes[place]
    name = _name(recipe, place)
    said = [f"num_cpus={node.cpus:g}"]
    said += [f"num_gpus={node.gpus:g}"] if node.gpus else []
    said += ["_system_config=CONFIG"] if place == 0 else []
    said += [f"env_vars={name.upper()}"] if _environment(recipe, name) else []
    return f"{name} = cluster.add_node({', '.join([*said, '**NODE'])})"


# The program.


def _program(recipe: Recipe) -> list[str]:
    scene, trace = recipe.scene, recipe.trace
    at = str(next(iter(scene.owners.values())).get("node", "n1"))
    index = scene.index(at)
    lines = [f"services.find_node_ids = lambda: [{at}.node_id]  # where this driver is"] if index else []
    own = _environment(recipe, DRIVER)
    lines += [f"os.environ.update({own} if STRIKE else {{}})"] if own else []
    lines.append('ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)')
    tasks = [_task(recipe, name) for name in scene.tasks]
    calls = max((each.max_calls for each in tasks), default=0)
    parents = [name for name in scene.tasks if recipes.children(recipe, name)]
    lines += [f"CHILDREN = {{{', '.join(_children(recipe, name) for name in parents)}}}  # by the task whose code submits them"] if parents else []
    value = '[ray.put(name)] if name.startswith("warm") else bytes(size or 1)' if recipe.keeps else "bytes(size or 1)"
    lines += [
        f"@ray.remote(max_calls={calls})" if calls else "@ray.remote",
        "def work(name, size=0, *arguments):",
        '    with open(f"{FOLDER}/{name}", "a") as file: file.write(f"{os.getpid()} {len(ray.get_gpu_ids())}\\n")',
        *(["    mine = [work.options(**how).remote(*what) for what, how in CHILDREN.get(name, [])]"] if parents else []),
        '    while not os.path.exists(f"{FOLDER}/{name}.go"): time.sleep(0.02)',
        f"    return [*ray.get(mine), {value}]" if parents else f"    return {value}",
    ]
    if recipe.warm:
        lines += _warm(recipe)
    for made in scenes.prepared(scene, trace, next(iter(scene.owners)), bool(trace.shape.get("pin_budget"))):
        if any(made.name in _arguments(task) for task in tasks):
            place = "None" if made.node is None else f"at({_name(recipe, made.node)})"
            lines += [
                f'go("{made.name}")',
                f'{made.name} = work.options(num_cpus=0, scheduling_strategy={place}).remote("{made.name}", {made.value_bytes})',
                f"ray.wait([{made.name}], fetch_local=False)",
            ]
    return lines


def _warm(recipe: Recipe) -> list[str]:
    """As many idle workers on each node as the scenario says."""
    pairs = [(f"warm.{node}.{number}", node) for node, count in recipe.scene.idle.items() for number in range(count)]
    made = "{" + ", ".join(f'"{name}": {node}' for name, node in pairs) + "}"
    run = "[work.options(num_cpus=0, scheduling_strategy=at(node, False)).remote(name) for name, node in WARM.items()]"
    finish = "for name in WARM: go(name)"
    if max(recipe.scene.idle.values()) == 1:
        lines = [finish, f"kept = ray.get({run})"]
    else:  # all at once, so that each has a worker of its own
        lines = [f"warm = {run}", "until(lambda: all(map(ran, WARM)))", finish, "kept = ray.get(warm)"]
    return [f"WARM = {made}  # idle workers, by what has run in them", *lines, "time.sleep(1)"]


def _task(recipe: Recipe, name: str) -> Task:
    task = scenes.task(recipe.scene, recipe.trace, name)
    if task.children:
        raise NeedsMore(1, f"{name} waits for a task of its own: the conductor")
    return task


def _arguments(task: Task) -> list[str]:
    """But for the one that draws it to a node: soft affinity does that as well."""
    return [each for each in task.needs if not each.startswith(scenes.near(""))]


def _children(recipe: Recipe, name: str) -> str:
    """Name and children of a task whose code submits them: each as what it is given, and how it is submitted."""
    said = [f"(({', '.join(_given(recipe, each))},), dict({', '.join(_options(recipe, each))}))" for each in recipes.children(recipe, name)]
    return f'"{name}": [{", ".join(said)}]'


def _given(recipe: Recipe, name: str) -> list[str]:
    task = _task(recipe, name)
    needs = _arguments(task)
    if needs and recipes.is_child(recipe, name):
        raise NeedsMore(1, f"{name} takes a value of another task of its parent: the conductor")
    return [json.dumps(name), *([str(task.value_bytes)] if task.value_bytes or needs else []), *needs]


def _options(recipe: Recipe, name: str) -> list[str]:
    task = _task(recipe, name)
    said = [f"num_cpus={task.cpus:g}", f"max_retries={task.max_retries}"]
    said += [f"num_gpus={task.gpus:g}"] if task.gpus else []
    said += ["retry_exceptions=True"] if task.retry_exceptions else []
    locality = recipe.scene.tasks[name].get("locality")
    place = recipe.scene.index(locality) if locality else task.node
    if place is not None:
        said.append(f"scheduling_strategy=at({_name(recipe, place)}, {task.soft or bool(locality)})")
    return said


def _submit(recipe: Recipe, name: str) -> str:
    return f"{name} = work.options({', '.join(_options(recipe, name))}).remote({', '.join(_given(recipe, name))})"


# The moves.


def _moves(recipe: Recipe) -> list[str]:
    lines: list[str] = []
    joined = False
    for move in recipe.moves:
        if recipe.scene.late and not joined and (move.seconds or move.started or move.dead):
            lines += _join(recipe)
            joined = True
        first, *rest = _move(recipe, move)
        started = [f'until(lambda: ran("{task}"))' for task in move.started]
        struck = [*started, *_awaits(move), f"{first}  # step {move.step}", *rest]
        if move.do == "cancel" and recipe.control_cancels:
            # Without a fault it comes once the task runs, however busy the machine is.
            wait = [f'time.sleep({move.seconds}) if STRIKE else until(lambda: ran("{move.who}"))'] if move.seconds else []
            lines += [*started, *wait, f"{first}  # step {move.step}", *rest]
            continue
        if move.do in _ASKED_OF:
            lines += struck
            continue
        if not (lines and lines[-1].startswith("    ")):
            lines.append("if STRIKE:")
        lines += [f"    {line}" for line in struck]
    if recipe.scene.late and not joined:
        lines = [*_join(recipe), *lines]
    return lines


def _join(recipe: Recipe) -> list[str]:
    return [_add_node(recipe, recipe.scene.index(node)) for node in recipe.scene.late]


def _awaits(move: Move) -> list[str]:
    lines = [f"until(lambda: not alive({node}))" for node in dict.fromkeys(move.dead)]
    return [*lines, f"time.sleep({move.seconds})"] if move.seconds else lines


def _move(recipe: Recipe, move: Move) -> list[str]:
    if move.do == "submit":
        return [_submit(recipe, move.who)]
    if move.do == "finish":
        return [f'go("{move.who}")']
    if move.do == "cancel":
        return [f"ray.cancel({move.who}, force={bool(recipe.trace.shape.get('force_cancel'))})"]
    if move.do in ("kill_worker", "sigterm_worker", "stop_worker"):
        number = {"kill_worker": "SIGKILL", "sigterm_worker": "SIGTERM", "stop_worker": "SIGSTOP"}[move.do]
        return [f"os.kill({_worker(recipe, move)}, signal.{number})"]
    if move.do.startswith("kill_raylet") or move.do == "kill_node":
        wait = [] if move.do == "kill_raylet" else ["until(lambda: time.time() > deadline)"]
        kill = f"raylet({move.who}).kill(), raylet({move.who}).wait()"
        return [*wait, *(_kill_workers(move.who) if move.do == "kill_node" else []), kill]
    if move.do == "raylet_ends":
        return [f"until(lambda: raylet({move.who}).poll() is not None)"]
    if move.do == "sigterm_raylet":
        return [f"raylet({move.who}).terminate()"]
    if move.do == "hang_raylet":
        return [
            "for request in (0x4206, 0x4207):  # PTRACE_SEIZE, PTRACE_INTERRUPT: its main thread stops, the others go on",
            f"    ctypes.CDLL(None).ptrace(request, raylet({move.who}).pid, 0, 0)",
        ]
    if move.do in ("kill_gcs", "start_gcs"):
        return [f"cluster.head_node.{move.do}_server()"]
    return _drain(recipe, move)


def _kill_workers(node: str) -> list[str]:
    """All that the raylet has started, in the order in which the kernel names it."""
    return [f'for pid in open("/proc/%d/task/%d/children" % (2 * (raylet({node}).pid,))).read().split(): os.kill(int(pid), signal.SIGKILL)']


def _drain(recipe: Recipe, move: Move) -> list[str]:
    end = f"deadline := time.time() + {_DEADLINE_SECONDS}" if move.do == "drain_preemption" else "0"
    arguments = f"({move.who}, {_REASONS[move.do]}, {end})"
    return [f"threading.Thread(target=drain, args={arguments}).start()" if move.apart else f"drain{arguments}"]


def _worker(recipe: Recipe, move: Move) -> str:
    """The process of a worker: known by what it runs, or as one of the idle ones of its node."""
    task = recipes.task_of(recipe, move)
    if task:
        return f'int(ran("{task}")[-1][0])'
    lane = recipe.trace.lane_of("worker", move.who)
    if lane is None:
        raise NeedsMore(move.step, f"{move.who} is no worker of the trace")
    if recipe.scene.idle.get(lane.node, 0) != 1:
        raise NeedsMore(move.step, f"which of the idle workers of {lane.node} is used is the raylet's choice: the wire")
    return f'int(ran("warm.{lane.node}.0")[-1][0])'


def _leave(recipe: Recipe) -> list[str]:
    return [
        'print("HAPPENED:" if happened else "did not happen:", words, flush=True)',
        "for node in [*cluster.worker_nodes, cluster.head_node]: node.kill_all_processes(check_alive=False, allow_graceful=False)",
        *(["store.kill()"] if recipe.redis else []),
        "shutil.rmtree(FOLDER, ignore_errors=True)",
        "os._exit(0 if happened == STRIKE else 1)",
    ]
