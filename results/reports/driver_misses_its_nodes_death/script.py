"""The GCS restarts and the driver's raylet dies before it hears of that. Does the driver's task end?
Needs Ray and a redis-server, and stays on this machine. With --control nothing is struck, and all must end well."""
import os, shutil, subprocess, sys, tempfile, time
STRIKE = "--control" not in sys.argv
FOLDER = tempfile.mkdtemp(prefix="r")
os.environ.update(RAY_TMPDIR=FOLDER, RAY_USAGE_STATS_ENABLED="0")
import ray, ray.cluster_utils, ray._private.services as services, ray.util.scheduling_strategies as strategies
services.get_node_ip_address, services.resolve_ip_for_localhost = lambda *_, **__: "127.0.0.1", lambda host: host

def raylet(node): return node.all_processes["raylet"][0].process
def alive(node): return any(row["NodeID"] == node.node_id and row["Alive"] for row in cluster.global_state.node_table())
def at(node, soft=True): return strategies.NodeAffinitySchedulingStrategy(node.node_id, soft=soft)
def go(name): open(f"{FOLDER}/{name}.go", "w").close()
def answer(reference, seconds=12):
    try: return ray.get(reference, timeout=seconds) and "value"
    except Exception as error: return type(error).__name__

STORE = ["redis-server", "--port", "6399", "--bind", "127.0.0.1", "--save", "", "--dir", FOLDER]
program = shutil.which("redis-server") or shutil.which("redis-check-rdb")  # Debian has the same program under both names
store = subprocess.Popen(STORE, executable=program, stdout=subprocess.DEVNULL)
os.environ["RAY_REDIS_ADDRESS"] = "127.0.0.1:6399"
CONFIG = {"health_check_initial_delay_ms": 1000, "health_check_period_ms": 500, "health_check_failure_threshold": 3, "prestart_worker_first_driver": False, "idle_worker_killing_time_threshold_ms":
          600000, "health_check_timeout_ms": 2000, "worker_lease_timeout_milliseconds": 60000, "gcs_rpc_server_reconnect_timeout_s": 60}
NODE = {"node_ip_address": "127.0.0.1", "include_dashboard": False, "object_store_memory": 100 << 20}
cluster = ray.cluster_utils.Cluster()
head = cluster.add_node(num_cpus=0, _system_config=CONFIG, **NODE)
n1 = cluster.add_node(num_cpus=1, **NODE)
n2 = cluster.add_node(num_cpus=1, **NODE)

services.find_node_ids = lambda: [n1.node_id]  # where this driver is
ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)
@ray.remote
def work(name, size=0, *arguments):
    with open(f"{FOLDER}/{name}", "a") as file: file.write(f"{os.getpid()} {len(ray.get_gpu_ids())}\n")
    while not os.path.exists(f"{FOLDER}/{name}.go"): time.sleep(0.02)
    return bytes(size or 1)
WARM = {"warm.n1.0": n1, "warm.n2.0": n2}  # idle workers, by what has run in them
for name in WARM: go(name)
kept = ray.get([work.options(num_cpus=0, scheduling_strategy=at(node, False)).remote(name) for name, node in WARM.items()])
time.sleep(1)

if STRIKE:
    cluster.head_node.kill_gcs_server()  # step 1
    cluster.head_node.start_gcs_server()  # step 2
    raylet(n1).kill(), raylet(n1).wait()  # step 6
t1 = work.options(num_cpus=1, max_retries=1).remote("t1")  # step 5

for name in ['t1']: go(name)
said = {name: answer(reference, 12) for name, reference in {"t1": t1}.items()}
happened = "GetTimeoutError" in said.values() and not alive(n1)
words = f"ray.get: {said} after 12 s; in the node table n1, this driver's node, is dead: {not alive(n1)}"
print("HAPPENED:" if happened else "did not happen:", words, flush=True)
for node in [*cluster.worker_nodes, cluster.head_node]: node.kill_all_processes(check_alive=False, allow_graceful=False)
store.kill()
shutil.rmtree(FOLDER, ignore_errors=True)
os._exit(0 if happened == STRIKE else 1)
