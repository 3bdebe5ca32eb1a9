"""What the stress report says, from rounds that are written by hand."""

from __future__ import annotations

import json
import xml.etree.ElementTree
from pathlib import Path
from typing import Any

from raymc_ray import plan, verdict
from raymc_ray.model_verdict import SCENARIO, model_verdict
from raymc_ray.places import PROJECT_ROOT
from raymc_ray.stress import round_of
from raymc_ray.stress_measure import Load, measure
from raymc_ray.stress_report import write_report
from raymc_ray.svg import ticks

LOAD = Load(nodes=3, tasks=2, kills=1, rounds=1, seed=1, checks="short")


def _round(**changes: Any) -> dict[str, Any]:
    """Two tasks; t1 loses its raylet at 2.0 and runs again; the death is known at 3.5, the last value comes at 5.0."""
    happened = [
        {"t": 100.0, "what": "node", "name": "node1", "node": "aa"},
        {"t": 101.0, "what": "submitted", "name": "t0"},
        {"t": 101.1, "what": "submitted", "name": "t1"},
        {"t": 101.5, "what": "start", "name": "t0"},
        {"t": 101.6, "what": "start", "name": "t1"},
        {"t": 102.5, "what": "return", "name": "t0"},
        {"t": 103.0, "what": "struck", "name": "kill0", "do": "kill_raylet", "target": 1},
        {"t": 104.5, "what": "dead", "name": "", "node": "aa"},
        {"t": 105.0, "what": "start", "name": "t1"},
        {"t": 105.5, "what": "return", "name": "t1"},
        {"t": 106.0, "what": "value", "name": "t0", "answer": "value"},
        {"t": 106.0, "what": "value", "name": "t1", "answer": "value"},
        {"t": 106.25, "what": "quiet", "name": ""},
    ]
    return {"name": "0000_stress_s1", "began": 99.0, "finished": True, "problems": [], "events": happened, **changes}


def test_a_round_is_measured() -> None:
    measured = measure(_round())
    assert (measured.right, measured.wrong) == (2, [])
    assert (measured.executions, measured.executed_again, measured.most_executions) == (3, 1, 2)
    assert (measured.killed_at, measured.open_at_kill, measured.detected_after) == ([2.0], [1], [1.5])
    assert (measured.values_at, measured.free_after) == (5.0, 0.25)


def test_what_did_not_happen_is_said() -> None:
    session = _round(finished=False)
    session["events"] = [event for event in session["events"] if event["what"] not in ("dead", "quiet", "value")]
    measured = measure(session)
    assert (measured.detected_after, measured.values_at, measured.free_after, measured.right) == ([None], None, None, 0)


def test_a_report_is_written(tmp_path: Path) -> None:
    write_report(LOAD, [measure(_round())], {"release": "2.55.1", "commit": "0" * 40, "python": "3.11"}, tmp_path)
    page = (tmp_path / "stress.md").read_text()
    assert "2 of 2 values are right" in page and "1.50 / 1.50 / 1.50 s" in page and SCENARIO in page and "None." in page
    assert json.loads((tmp_path / "stress.json").read_text())["rounds"][0]["executions"] == 3
    for name in ("stress_rounds.svg", "stress_detection.svg"):
        assert xml.etree.ElementTree.parse(tmp_path / name).getroot().tag.endswith("svg")


def test_the_models_verdict_is_the_kept_one() -> None:
    model = model_verdict()
    assert model.outcome in ("holds", "violated") and model.states > 1000 and len(model.revision) == 40
    assert f"\t{model.states}\t" in (PROJECT_ROOT / "results/golden.tsv").read_text()


def test_rounds_are_chosen_by_seed_and_spare_the_head() -> None:
    load = Load(nodes=4, tasks=40, kills=2, rounds=1, seed=5, checks="ray")
    assert round_of(load, 3) == round_of(load, 3) != round_of(load, 4)
    for index in range(50):
        victims = [int(fault.target) for fault in round_of(load, index).faults]
        assert len(set(victims)) == 2 and 0 not in victims


def test_ticks_cover_the_range() -> None:
    for top in (0.004, 0.3, 1.0, 7.2, 55.0, 900.0):
        marks = ticks(top)
        assert marks[0] == 0 and marks[-1] >= top and 2 <= len(marks) <= 8


def _judged(event: dict[str, Any], **options: Any) -> list[str]:
    session = plan.Plan("check", 1, 0, (plan.Node(),), (plan.Driver((plan.Submit(plan.Task("t0")),)),), **options)
    return verdict.judge(session, [{"t": 1.0, "name": "t0", **event}], {"finished": True, "quiet": True})


def test_answers_are_judged() -> None:
    dead = {"what": "value", "answer": "WorkerCrashedError", "bases": ["WorkerCrashedError", "RayError"]}
    kill = (plan.Fault("kill_worker", "t0"),)
    assert _judged({"what": "value", "answer": "value"}) == []
    assert _judged(dead) == ["t0 failed with WorkerCrashedError although no fault was planned"]
    assert _judged(dead, faults=kill) == []
    assert _judged({"what": "value", "answer": "wrong", "text": "the value of t0 is 7"}, faults=kill) == ["t0: the value of t0 is 7"]
    assert _judged({"what": "value", "answer": "timeout"}, faults=kill) == ["t0: no answer"]
    assert _judged({"what": "missed", "awaited": "dead"}) == ["a program waited in vain for dead t0"]
