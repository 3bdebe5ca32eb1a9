"""An idle worker dies while it is being handed out on a node that is then drained. Does the node ever end?
Needs Ray, and stays on this machine. With --control nothing is struck, and all must end well."""
import os, shutil, signal, sys, tempfile, threading, time
STRIKE = "--control" not in sys.argv
FOLDER = tempfile.mkdtemp(prefix="r")
os.environ.update(RAY_TMPDIR=FOLDER, RAY_USAGE_STATS_ENABLED="0")
import ray, ray.cluster_utils, ray._private.services as services, ray.util.scheduling_strategies as strategies
services.get_node_ip_address, services.resolve_ip_for_localhost = lambda *_, **__: "127.0.0.1", lambda host: host

def drain(node, why, end): ray._raylet.GcsClient(address=cluster.address).drain_node(node.node_id, why, "told by the script", int(end * 1000))
def raylet(node): return node.all_processes["raylet"][0].process
def alive(node): return any(row["NodeID"] == node.node_id and row["Alive"] for row in cluster.global_state.node_table())
def at(node, soft=True): return strategies.NodeAffinitySchedulingStrategy(node.node_id, soft=soft)
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
N2 = {'RAY_testing_asio_delay_us': 'NodeManagerService.grpc_server.DrainRaylet=7000000:7000000,WorkerPool.PopWorkerCallback=4000000:4000000'} if STRIKE else {}  # of its raylet and workers
cluster = ray.cluster_utils.Cluster()
n1 = cluster.add_node(num_cpus=1, _system_config=CONFIG, **NODE)
n2 = cluster.add_node(num_cpus=1, env_vars=N2, **NODE)

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

t1 = work.options(num_cpus=1, max_retries=1, scheduling_strategy=at(n2, True)).remote("t1")  # step 1
if STRIKE:
    threading.Thread(target=drain, args=(n2, 2, deadline := time.time() + 4)).start()  # step 3
    time.sleep(1)
    os.kill(int(ran("warm.n2.0")[-1][0]), signal.SIGKILL)  # step 4

for name in ['t1']: go(name)
said = {name: answer(reference, 6) for name, reference in {"t1": t1}.items()}
happened = STRIKE and not until(lambda: raylet(n2).poll() is not None, 12)
words = f"the raylet of n2 {'lives' if raylet(n2).poll() is None else 'has ended'}; in the node table: {alive(n2)}"
print("HAPPENED:" if happened else "did not happen:", words, flush=True)
for node in [*cluster.worker_nodes, cluster.head_node]: node.kill_all_processes(check_alive=False, allow_graceful=False)
shutil.rmtree(FOLDER, ignore_errors=True)
os._exit(0 if happened == STRIKE else 1)
