"""The process that runs one session: starts the cluster and the drivers, strikes the faults, waits for quiet.

    python -m raymc_ray.session

Runs under a keeper, in a folder with plan.json; leaves `report.json` and Ray's logs there. It ends nothing itself: the keeper kills all
processes at once, so that the logs end where the session does and not in the noise of a shutdown.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from raymc_ray import cluster as clusters
from raymc_ray import behind, events, loopback, plan
from raymc_ray.faults import Operator
from raymc_ray.places import OK

_QUIET_SECONDS = 60.0
_LEAVE_SECONDS = 60.0
_DEATH_SECONDS = 60.0
_ASK_SECONDS = 0.02


class Session:
    """One run of a plan."""

    def __init__(self, session: plan.Plan, folder: Path, terminal: tuple[int, int]) -> None:
        self._plan = session
        self._terminal = terminal
        self._folder = folder
        self._log = events.Log(folder)
        self._cluster = clusters.Cluster(session, folder)
        self._drivers: list[subprocess.Popen[bytes]] = []
        self._ended: dict[int, int] = {}
        self._declared: set[str] = set()
        self._ask_again = 0.0

    def run(self) -> dict[str, Any]:
        """Runs the plan to its end, or until its limit."""
        self._cluster.start()
        logs = self._cluster.logs
        for index in range(len(self._plan.drivers)):
            self._drivers.append(self._start_driver(index))
        operator = Operator(self._plan, self._cluster, self._drivers, self._log)
        finished = self._until_done(operator)
        quiet = finished and self._settle(operator)
        events.emit("leave")
        left = finished and self._until_gone(operator)
        events.emit("end")
        self._log.poll()
        return {
            **clusters.say_release(),
            "finished": finished or operator.gcs_is_down,  # without a GCS nobody has to come to an end
            "quiet": bool(quiet),
            "left": left,
            "drivers": {f"driver{index}": status for index, status in sorted(self._ended.items())},
            "never_struck": [fault.do for fault in operator.never_struck],
            "ray_logs": str(logs.relative_to(self._folder)),
        }

    def _start_driver(self, index: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "raymc_ray.driver", self._cluster.address, str(index)]
        own = {**os.environ, **behind.of_driver(behind.read(self._folder), index)}
        if self._plan.drivers[index].script:
            stdout, stderr = self._terminal
            return subprocess.Popen(command, env=own, stdout=stdout, stderr=stderr)
        with open(self._folder / f"driver{index}.out", "wb") as output:
            return subprocess.Popen(command, env=own, stdout=output, stderr=subprocess.STDOUT)

    def _look(self, operator: Operator) -> None:
        """One turn: events, faults, deaths."""
        operator.notice(self._log.poll())
        operator.act()
        self._cluster.reap()
        for index, driver in enumerate(self._drivers):
            status = driver.poll()
            if status is not None and index not in self._ended:
                self._ended[index] = status
                events.emit("driver ended", f"driver{index}", status=status)

    def _until_done(self, operator: Operator) -> bool:
        """Until every driver has said that it is done or has ended, and nothing is due."""
        events.emit("go")
        drivers = range(len(self._drivers))

        def done() -> bool:
            self._look(operator)
            self._declare(operator)
            said = {event["name"] for event in self._log.seen if event["what"] == "done"}
            return not operator.busy and all(index in self._ended or f"driver{index}" in said for index in drivers)

        return bool(events.until(done, self._plan.limit))

    def _settle(self, operator: Operator) -> bool:
        """Until the GCS knows of every death and all CPUs of living nodes are free: what a quiet state is. Without a GCS nobody can say."""
        if operator.gcs_is_down:
            return True

        def deaths_known() -> bool:
            self._look(operator)
            self._declare(operator)
            return all(self._cluster.node_id(index) in self._declared for index in operator.expected_dead)

        def cpus_back() -> bool:
            self._look(operator)
            return not operator.busy and self._cluster.busy_cpus() < 0.001

        if not events.until(deaths_known, _DEATH_SECONDS, 0.02):
            return False
        if not events.until(cpus_back, _QUIET_SECONDS, 0.05):
            return False
        events.emit("quiet")
        return True

    def _declare(self, operator: Operator) -> None:
        """Notes when the GCS first says that a node is dead; asks only while a death is awaited, so that the logs are not ours."""
        names = {self._cluster.node_id(index): f"node{index}" for index in operator.expected_dead}
        if operator.gcs_is_down or not set(names) - self._declared or time.monotonic() < self._ask_again:
            return
        self._ask_again = time.monotonic() + _ASK_SECONDS
        for node, alive in self._cluster.alive().items():
            if not alive and node not in self._declared:
                self._declared.add(node)
                events.emit("dead", names.get(node, ""), node=node)

    def _until_gone(self, operator: Operator) -> bool:
        """Until the drivers have ended, and the GCS has the CPUs of what they left behind."""

        def gone() -> bool:
            self._look(operator)
            return len(self._ended) == len(self._drivers)

        return bool(events.until(gone, _LEAVE_SECONDS)) and self._settle(operator)


def _talk_to_file(path: Path) -> tuple[int, int]:
    """Sends this process's output to a file: the terminal belongs to a user's script. Returns the terminal's descriptors."""
    terminal = os.dup(1), os.dup(2)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    return terminal


def main() -> NoReturn:
    folder = Path(os.environ[events.FOLDER_VARIABLE])
    terminal = _talk_to_file(folder / "operator.out")
    session = plan.from_json(json.loads((folder / "plan.json").read_text()))
    os.environ.update(session.environment)
    loopback.stay_on_loopback()
    if not session.agents:
        loopback.without_agents()
    try:
        report = Session(session, folder, terminal).run()
        (folder / "report.json").write_text(json.dumps(report))
        os._exit(OK)  # at once: what ends in order writes logs of its own, and takes its time
    except Exception as error:
        (folder / "report.json").write_text(json.dumps({"error": repr(error)}))
        raise


if __name__ == "__main__":
    main()
