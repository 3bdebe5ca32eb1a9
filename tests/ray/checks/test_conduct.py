"""Counterexamples in a real Ray: six in the short run, by one means each, and one that Ray does not follow."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("h2")

from checks.traces import PROGRAM, needs_raymc, trace_of
from conduct.outcome import Verdict
from conduct.run import conduct
from conduct.trace import load
from raymc_ray.places import PROJECT_ROOT

pytestmark = [pytest.mark.ray, needs_raymc]

# Nowhere in specs/: the conductor has never seen it.
_OWN = """
schema = 1
question = "The second of two nodes loses a worker, and the query for the cause is lost. Is the failure put down to the right reason?"
[shape]
nodes = 2
faulty_calls = ["GetWorkerFailureCause"]
[[shape.task]]
id = "mine"
max_retries = 1
locality = "n2"
[budget]
worker_crash = 1
request_lost = 1
[check]
properties = ["E1.node_died_means_node_died"]
[expect]
outcome = "violated"
"""


def test_a_scenario_that_was_written_a_minute_ago_is_conducted_like_a_shipped_one(tmp_path: Path) -> None:
    scenario = tmp_path / "own.toml"
    scenario.write_text(_OWN)
    subprocess.run([PROGRAM, "check", "--quiet", "--out", tmp_path, scenario], cwd=PROJECT_ROOT, capture_output=True, check=True)
    done = asyncio.run(conduct(load(tmp_path / "own.trace.json"), tries=1))
    assert done.verdict is Verdict.HAPPENED, done.tries
    assert "NodeDiedError; all nodes alive: True" in done.tries[0].words
    assert done.control is not None and done.control.verdict is Verdict.ENDS_WELL, done.control


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("c6_cancel_between_reply_halves", "Check failed"),  # the order of two callbacks of one process
        ("c11_repeated_grant_names_no_devices", "t1 asks for one GPU and is told of 0"),  # a lost reply
        ("c3_stopped_worker_swallows_task", "t1 raises TaskCancelledError after 0 executions"),  # a signal
        ("drain_is_forgotten_by_restarted_gcs", "ray.get of t1 says WorkerCrashedError"),  # a GCS that restarts with its tables
        # A parent submits its child, the child's node is preempted and killed, and the retry that the child pays for is its last.
        ("preempted_child_pays", "ray.get of t2 says WorkerCrashedError"),
        pytest.param("c1_dead_worker_is_granted", "0 of 1 CPUs free", marks=pytest.mark.long),  # a race inside one process: a CPU is gone for good
    ],
)
def test_a_counterexample_happens(name: str, seen: str, tmp_path: Path) -> None:
    done = asyncio.run(conduct(trace_of(name, tmp_path), tries=1, with_control=False))
    assert done.verdict is Verdict.HAPPENED, done.tries
    assert seen in done.tries[0].words


def test_what_ray_does_not_do_is_said_with_the_step(tmp_path: Path) -> None:
    """A trace that claims that the raylet refuses what in truth it grants."""
    trace_of("lost_cause_query_blames_the_node", tmp_path)
    path = tmp_path / "lost_cause_query_blames_the_node.trace.json"
    data = json.loads(path.read_text())
    for message in data["messages"]:
        message["label"] = message["label"].replace(": granted w1", ": canceled")
    path.write_text(json.dumps(data))
    done = asyncio.run(conduct(load(path), tries=1, with_control=False))
    assert done.verdict is Verdict.ANOTHER_WAY
    assert done.tries[0].words == "raylet n1 answers granted, not canceled" and done.tries[0].step == 3
