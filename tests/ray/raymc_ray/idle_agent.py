"""Stands in for the two Python agents that each raylet starts: announces their ports and does nothing else.

The dashboard agent of a minimal installation has no port, and the runtime environment agent is only asked by jobs that have one. Neither
takes part in the protocol, and together they cost each node several seconds of CPU. A raylet waits for their ports, and ends when they end.
Runs with `-I -S`: only the standard library, so that it starts at once.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys

_NONE = -1


def announce(folder: str, name: str, node_id: str, port: int) -> None:
    """The file that the raylet waits for; it must never see half of it."""
    path = os.path.join(folder, f"{name}_{node_id}")
    with open(path + ".part", "w") as file:
        file.write(str(port))
    os.rename(path + ".part", path)


def main() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    options = dict(argument[2:].split("=", 1) for argument in sys.argv[1:] if argument.startswith("--") and "=" in argument)
    folder, node_id = options["session-dir"], options.get("node-id") or os.environ["RAY_NODE_ID"]
    listener = socket.socket()
    if "runtime-env-agent-port" in options:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        announce(folder, "runtime_env_agent_port", node_id, listener.getsockname()[1])
    else:
        for name in ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port"):
            announce(folder, name, node_id, _NONE)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
