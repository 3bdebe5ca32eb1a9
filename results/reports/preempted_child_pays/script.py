"""A task's child runs on a node that is preempted and killed at its deadline. Does the child keep its retry?
Needs Ray, and stays on this machine. With --control nothing is struck, and all must end well."""
import os, shutil, signal, sys, tempfile, time
STRIKE = "--control" not in sys.argv
FOLDER = tempfile.mkdtemp(prefix="r")
os.environ.update(RAY_TMPDIR=FOLDER, RAY_USAGE_STATS_ENABLED="0")
import ray, ray.cluster_utils, ray._private.services as services, ray.util.scheduling_strategies as strategies
services.get_node_ip_address, services.resolve_ip_for_localhost = lambda *_, **__: "127.0.0.1", lambda host: host
def drain(node, why, end): ray._raylet.GcsClient(address=cluster.address).drain_node(node.node_id, why, "told by the script", int(end * 1000))
def raylet(node): return node.all_processes["raylet"][0].process
def at(node, soft=True): return strategies.NodeAffinitySchedulingStrategy(node.node_id, soft=soft)
def lives(pid): return os.path.exists(f"/proc/{pid}") and ") Z" not in open(f"/proc/{pid}/stat").read()
def ran(name): return [line.split() for line in open(f"{FOLDER}/{name}")] if os.path.exists(f"{FOLDER}/{name}") else []
def go(name): open(f"{FOLDER}/{name}.go", "w").close()
def until(holds, seconds=60):
    end = time.time() + seconds
    while not holds() and time.time() < end: time.sleep(0.05)
    return holds()
def answer(reference, seconds=12):
    try: return ray.get(reference, timeout=seconds) and "value"
    except Exception as error: return type(error).__name__
CONFIG = {"health_check_initial_delay_ms": 1000, "health_check_period_ms": 500, "health_check_failure_threshold": 3, "prestart_worker_first_driver": False, "idle_worker_killing_time_threshold_ms":
          600000, "health_check_timeout_ms": 2000, "worker_lease_timeout_milliseconds": 60000}
NODE = {"node_ip_address": "127.0.0.1", "include_dashboard": False, "object_store_memory": 100 << 20}
cluster = ray.cluster_utils.Cluster()
n1 = cluster.add_node(num_cpus=1, _system_config=CONFIG, **NODE)
n2 = cluster.add_node(num_cpus=1, **NODE)
ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)
CHILDREN = {"t1": [(("t2",), dict(num_cpus=1, max_retries=1))]}  # by the task whose code submits them
@ray.remote
def work(name, size=0, *arguments):
    with open(f"{FOLDER}/{name}", "a") as file: file.write(f"{os.getpid()} {len(ray.get_gpu_ids())}\n")
    mine = [work.options(**how).remote(*what) for what, how in CHILDREN.get(name, [])]
    while not os.path.exists(f"{FOLDER}/{name}.go"): time.sleep(0.02)
    return [*ray.get(mine), bytes(size or 1)]
WARM = {"warm.n1.0": n1, "warm.n1.1": n1, "warm.n2.0": n2, "warm.n2.1": n2}  # idle workers, by what has run in them
warm = [work.options(num_cpus=0, scheduling_strategy=at(node, False)).remote(name) for name, node in WARM.items()]
until(lambda: all(map(ran, WARM)))
for name in WARM: go(name)
kept = ray.get(warm)
time.sleep(1)
t1 = work.options(num_cpus=1, max_retries=0).remote("t1")  # step 1
if STRIKE:
    time.sleep(1)
    drain(n2, 2, deadline := time.time() + 4)  # step 3
    until(lambda: ran("t1"))
    time.sleep(1)
    until(lambda: time.time() > deadline)  # step 16
    for pid in open("/proc/%d/task/%d/children" % (2 * (raylet(n2).pid,))).read().split(): os.kill(int(pid), signal.SIGKILL)
    raylet(n2).kill(), raylet(n2).wait()
for name in ['t1']: go(name)  # which then waits for its tasks
for pid in until(lambda: [pid for pid, *_ in ran("t2")[1:] if lives(pid)]) if STRIKE else []: os.kill(int(pid), signal.SIGKILL)
for name in ['t1', 't2']: go(name)
said = {name: answer(reference, 24) for name, reference in {"t1": t1}.items()}
happened = bool({*said.values()} - {"value", "GetTimeoutError"})
words = f"ray.get after its next failure: {said}, after {len(ran('t2'))} executions"
print("HAPPENED:" if happened else "did not happen:", words, flush=True)
for node in [*cluster.worker_nodes, cluster.head_node]: node.kill_all_processes(check_alive=False, allow_graceful=False)
shutil.rmtree(FOLDER, ignore_errors=True)
os._exit(0 if happened == STRIKE else 1)
