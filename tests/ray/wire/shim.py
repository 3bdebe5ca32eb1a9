"""Compiles shim.c, and says what environment a process needs so that its connections go through a wire."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from raymc_ray.places import PROJECT_ROOT

_SOURCE = Path(__file__).with_name("shim.c")
_OPTIONS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC")


def compiled() -> Path:
    """The shared object, kept in build/ under a name that depends on the source; raises RuntimeError without a C compiler."""
    known = hashlib.sha256(_SOURCE.read_bytes() + " ".join(_OPTIONS).encode()).hexdigest()[:16]
    target = PROJECT_ROOT / "build" / f"ray-wire-{known}.so"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        part = Path(folder) / "shim.so"
        command = [os.environ.get("CC", "cc"), *_OPTIONS, "-o", str(part), str(_SOURCE), "-ldl"]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise RuntimeError(f"there is no C compiler: {command[0]} is needed for the wire") from None
        if answer.returncode:
            raise RuntimeError(f"the wire's shim cannot be compiled: {answer.stderr[:400]}")
        part.rename(target)
    return target


def environment(port: int, node: int, book: Path, relay: Path, memory: Path) -> dict[str, str]:
    """What a process of node `node` (1 to 254) needs; its children inherit it. `memory` is read instead of /proc/meminfo once it is there."""
    return {
        "LD_PRELOAD": str(compiled()),
        "RAYMC_WIRE_PORT": str(port),
        "RAYMC_WIRE_NODE": str(node),
        "RAYMC_WIRE_BOOK": str(book),
        "RAYMC_WIRE_RELAY": str(relay),
        "RAYMC_WIRE_MEMORY": str(memory),
    }
