"""The request that an idle worker exits is lost. Is the worker still used, or does it end?
Needs Ray, and stays on this machine. With --control nothing is struck, and all must end well."""
import os, shutil, sys, tempfile, time
STRIKE = "--control" not in sys.argv
FOLDER = tempfile.mkdtemp(prefix="r")
os.environ.update(RAY_TMPDIR=FOLDER, RAY_USAGE_STATS_ENABLED="0")
import ray, ray.cluster_utils, ray._private.services as services, ray.util.scheduling_strategies as strategies
services.get_node_ip_address, services.resolve_ip_for_localhost = lambda *_, **__: "127.0.0.1", lambda host: host

def at(node, soft=True): return strategies.NodeAffinitySchedulingStrategy(node.node_id, soft=soft)
def lives(pid): return os.path.exists(f"/proc/{pid}") and ") Z" not in open(f"/proc/{pid}/stat").read()
def ran(name): return [line.split() for line in open(f"{FOLDER}/{name}")] if os.path.exists(f"{FOLDER}/{name}") else []
def go(name): open(f"{FOLDER}/{name}.go", "w").close()
def until(holds, seconds=60):
    end = time.time() + seconds
    while not holds() and time.time() < end: time.sleep(0.05)
    return holds()

CONFIG = {"health_check_initial_delay_ms": 1000, "health_check_period_ms": 500, "health_check_failure_threshold": 3, "prestart_worker_first_driver": False, "idle_worker_killing_time_threshold_ms":
          1000, "health_check_timeout_ms": 2000, "worker_lease_timeout_milliseconds": 60000, "kill_idle_workers_interval_ms": 3000}
NODE = {"node_ip_address": "127.0.0.1", "include_dashboard": False, "object_store_memory": 100 << 20}
N1 = {'RAY_testing_rpc_failure': '{"CoreWorkerService.grpc_client.Exit": {"num_failures": 1, "num_lower_bound_req_failures": 1}}'} if STRIKE else {}  # of its raylet and workers
cluster = ray.cluster_utils.Cluster()
n1 = cluster.add_node(num_cpus=1, _system_config=CONFIG, env_vars=N1, **NODE)

ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)
@ray.remote
def work(name, size=0, *arguments):
    with open(f"{FOLDER}/{name}", "a") as file: file.write(f"{os.getpid()} {len(ray.get_gpu_ids())}\n")
    while not os.path.exists(f"{FOLDER}/{name}.go"): time.sleep(0.02)
    return bytes(size or 1)
WARM = {"warm.n1.0": n1, "warm.n1.1": n1}  # idle workers, by what has run in them
warm = [work.options(num_cpus=0, scheduling_strategy=at(node, False)).remote(name) for name, node in WARM.items()]
until(lambda: all(map(ran, WARM)))
for name in WARM: go(name)
kept = ray.get(warm)
time.sleep(1)



living = lambda: [name for name in ['warm.n1.0', 'warm.n1.1'] if lives(ran(name)[-1][0])]
happened = not until(lambda: len(living()) <= 1, 12)
words = f"{len(living())} idle workers on a node with 1 CPUs, 12 s after one of them was asked to exit"
print("HAPPENED:" if happened else "did not happen:", words, flush=True)
for node in [*cluster.worker_nodes, cluster.head_node]: node.kill_all_processes(check_alive=False, allow_graceful=False)
shutil.rmtree(FOLDER, ignore_errors=True)
os._exit(0 if happened == STRIKE else 1)
