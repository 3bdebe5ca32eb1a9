"""A real cluster: one recording, and what is left when a recording is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from raymc_ray import events, plan, processes
from raymc_ray.plan import Driver, Fault, Node, Submit, Task, Trigger
from raymc_ray.record import record

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.ray


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder for temporary files, so that other recordings on this machine do not disturb."""
    folder = Path(tempfile.mkdtemp(prefix="rmt-", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield folder
    folder.rmdir()  # fails if anything is left


def _members(place: Path) -> list[int]:
    """Processes that have a path of the folder in their environment or arguments."""
    found = []
    for pid in processes.all_pids():
        try:
            known = [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline")]
        except OSError:
            continue
        if pid != os.getpid() and any(f"{place}/rmc-".encode() in text for text in known):
            found.append(pid)
    return found


def test_a_killed_raylet_is_recorded_and_nothing_is_left(tmp_path: Path, place: Path) -> None:
    tasks = tuple(Submit(Task(f"t{index}", runs=0.3)) for index in range(3))
    kill = Fault("kill_raylet", 1, Trigger("start", "", 0.1))
    session = plan.Plan("check", 1, 0, (Node(), Node()), (Driver(tasks),), (kill,))
    recorded = record(session, tmp_path)
    assert recorded.problems == []
    kept = json.loads((recorded.folder / "session.json").read_text())
    assert plan.from_json(kept["plan"]) == session
    assert kept["finished"] and kept["quiet"] and kept["drivers"] == {"driver0": 0}
    assert [event["do"] for event in kept["events"] if event["what"] == "struck"] == ["kill_raylet"]
    assert [event["node"] for event in kept["events"] if event["what"] == "dead"] == [
        event["node"] for event in kept["events"] if event["what"] == "node" and event["name"] == "node1"
    ]
    logs = recorded.folder / "logs"
    assert " D " in (logs / "raylet.out").read_text(), "debug lines are what a recording is for"
    assert {"gcs_server.out", "raylet.out", "raylet.1.out"} <= {path.name for path in logs.iterdir()}
    assert list(logs.glob("python-core-driver-*")) and list(logs.glob("python-core-worker-*"))
    addresses = {word for path in logs.glob("raylet*.out") for word in path.read_text().split() if word.startswith("--node-ip-address=")}
    assert addresses == {"--node-ip-address=127.0.0.1"}
    assert _members(place) == [] and list(place.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_recording_leaves_nothing(number: signal.Signals, tmp_path: Path, place: Path) -> None:
    command = [sys.executable, "-m", "raymc_ray", "sessions", "--random", "1", "--kinds", "plain", "--out", str(tmp_path)]
    parent = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, start_new_session=True)
    raylet = events.until(lambda: _raylet_below(parent.pid), 120)
    assert raylet, "no raylet has started"
    parent.send_signal(number)
    _, errors = parent.communicate(timeout=60)
    assert parent.returncode == (130 if number == signal.SIGINT else -number)
    assert number == signal.SIGKILL or b"interrupted" in errors
    assert events.until(lambda: not _lives(raylet) and _members(place) == [] and list(place.iterdir()) == [], 30)
    assert not list(tmp_path.glob("*/session.json"))


def _raylet_below(pid: int) -> int | None:
    for child in processes.children(pid):
        if b"/raylet/raylet" in Path(f"/proc/{child}/cmdline").read_bytes():
            return child
        found = _raylet_below(child)
        if found:
            return found
    return None


def _lives(pid: int) -> bool:
    known = processes.stat(pid)
    return known is not None and known[0] != "Z"


def test_a_users_script_is_recorded(tmp_path: Path, place: Path) -> None:
    script = tmp_path / "hello.py"
    script.write_text(
        "import sys, ray\n"
        "ray.init()\n"
        "@ray.remote\n"
        "def double(x):\n    return 2 * x\n"
        "print('answer', ray.get(double.remote(int(sys.argv[1]))))\n"
        "sys.exit(4)\n"
    )
    command = [sys.executable, "-m", "raymc_ray", "record", str(script), "--lean", "--out", str(tmp_path / "out"), "--", "21"]
    answer = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=400, check=False)
    assert "answer 42" in answer.stdout
    assert answer.returncode == 10, answer.stderr  # the script failed, and was recorded
    assert (tmp_path / "out/0000_hello_s0/logs/gcs_server.out").exists()
