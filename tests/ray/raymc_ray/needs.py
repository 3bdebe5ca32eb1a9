"""What a command needs from the machine, so that the launcher can install it before Ray is there.

    python3 -m raymc_ray.needs ARGUMENT...

Says one need a line: `ray VERSION`, `wire`, `tests`, or `redis`. Runs with any Python, and refuses a wrong command line.
"""

from __future__ import annotations

import sys

from raymc_ray import kinds
from raymc_ray.cli import RELEASES, parse
from raymc_ray.cluster import redis_executable


def needs(arguments: list[str]) -> list[str]:
    if arguments[:1] == ["test"]:
        return [f"ray {RELEASES[0]}", "wire", "tests", *([] if redis_executable() else ["redis"])]
    options = parse(arguments)
    if options.command == "kinds" or (options.command == "sessions" and options.dry_run) or (options.command == "report" and not options.tries):
        return []
    found = [f"ray {options.ray}"]
    if options.command in ("sessions", "record") and options.wire:
        found.append("wire")
    if options.command in ("conduct", "explore", "report", "sweep"):
        return [*found, "wire", *([] if redis_executable() else ["redis"])]
    if options.command == "sessions" and redis_executable() is None and kinds.wants_redis(options.kinds or list(kinds.all_kinds())):
        found.append("redis")
    return found


if __name__ == "__main__":
    print("\n".join(needs(sys.argv[1:])))
