"""The raylet's request to cancel a running task is lost. Is the task cancelled all the same?
Needs Ray, and stays on this machine. With --control nothing is struck, and all must end well."""
import os, shutil, sys, tempfile, time
STRIKE = "--control" not in sys.argv
FOLDER = tempfile.mkdtemp(prefix="r")
os.environ.update(RAY_TMPDIR=FOLDER, RAY_USAGE_STATS_ENABLED="0")
import ray, ray.cluster_utils, ray._private.services as services, ray.util.scheduling_strategies as strategies
services.get_node_ip_address, services.resolve_ip_for_localhost = lambda *_, **__: "127.0.0.1", lambda host: host

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
N1 = {'RAY_testing_rpc_failure': '{"CoreWorkerService.grpc_client.CancelTask": {"num_failures": 1, "num_lower_bound_req_failures": 1}}'} if STRIKE else {}  # of its raylet and workers
cluster = ray.cluster_utils.Cluster()
n1 = cluster.add_node(num_cpus=1, _system_config=CONFIG, env_vars=N1, **NODE)

ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)
@ray.remote
def work(name, size=0, *arguments):
    with open(f"{FOLDER}/{name}", "a") as file: file.write(f"{os.getpid()} {len(ray.get_gpu_ids())}\n")
    while not os.path.exists(f"{FOLDER}/{name}.go"): time.sleep(0.02)
    return bytes(size or 1)
WARM = {"warm.n1.0": n1}  # idle workers, by what has run in them
for name in WARM: go(name)
kept = ray.get([work.options(num_cpus=0, scheduling_strategy=at(node, False)).remote(name) for name, node in WARM.items()])
time.sleep(1)

t1 = work.options(num_cpus=1, max_retries=0).remote("t1")  # step 1
time.sleep(1) if STRIKE else until(lambda: ran("t1"))
ray.cancel(t1, force=False)  # step 6

for name in ['t1']: go(name)
said = {name: answer(reference, 12) for name, reference in {"t1": t1}.items()}
happened = "value" in [said[name] for name in ['t1']]
words = f"ray.get of what was cancelled: {said}"
print("HAPPENED:" if happened else "did not happen:", words, flush=True)
for node in [*cluster.worker_nodes, cluster.head_node]: node.kill_all_processes(check_alive=False, allow_graceful=False)
shutil.rmtree(FOLDER, ignore_errors=True)
os._exit(0 if happened == STRIKE else 1)
