"""Ray on the loopback address alone, quiet, and with debug logs.

`ray.init` and `ray start` replace 127.0.0.1 by the host's own address and ask the network which that is. Both questions are answered here;
raylets, the GCS and workers get their address as an argument and need nothing.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

ADDRESS = "127.0.0.1"
_AGENT = re.compile(r"^(--(?:dashboard|runtime_env)_agent_command=).*?\.py\s")


def environment(folder: str, log_level: str = "debug") -> dict[str, str]:
    """What every process of a session inherits."""
    return {
        "RAY_BACKEND_LOG_LEVEL": log_level,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": folder,  # also holds the address file that Ray otherwise writes to /tmp/ray
        "RAY_enable_metrics_collection": "0",
        "RAY_DISABLE_IMPORT_WARNING": "1",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_DEDUP_LOGS": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def quiet_environment(folder: Path) -> dict[str, str]:
    """For somebody else's program that starts a Ray of its own: nothing of ours but a folder for what it writes."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    return {**ours, "TMPDIR": str(folder), "RAY_USAGE_STATS_ENABLED": "0"}


def stay_on_loopback() -> None:
    """Patches this process, before it uses Ray."""
    import ray._private.node
    import ray.util
    from ray._private import services

    def same_host(host: str) -> str:
        return host

    def loopback(*_: Any, **__: Any) -> str:
        return ADDRESS

    services.resolve_ip_for_localhost = same_host
    services.get_node_ip_address = loopback
    ray.util.get_node_ip_address = loopback
    # The dashboard's API server is no part of the protocol, listens on a fixed port, and takes seconds to start.
    ray._private.node.Node.start_api_server = lambda self, **_: None


def without_agents() -> None:
    """Raylets that this process starts get idle agents; see idle_agent.py."""
    from ray._private import services

    start = services.start_ray_process
    stub = f"{sys.executable} -I -S {Path(__file__).with_name('idle_agent.py')} "

    def start_leaner(command: list[str], *arguments: Any, **options: Any) -> Any:
        leaner = [_AGENT.sub(lambda found: found.group(1) + stub, part) for part in command]
        return start(leaner, *arguments, **options)

    services.start_ray_process = start_leaner


def driver_at(node_id: str) -> None:
    """Lets `ray.init` connect to the raylet with this id instead of the head's."""
    from ray._private import services

    services.find_node_ids = lambda: [node_id]
