"""The random choices: the same on every machine, complete, and within the model's bounds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from raymc_ray import kinds, plan

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(kinds.all_kinds())
_NODE_FAULTS = {"kill_raylet", "kill_node", "terminate_raylet", "stop_raylet", "drain_idle", "preempt", "join"}
_WORKER_FAULTS = {"kill_worker", "terminate_worker", "stop_worker"}
_DRIVER_FAULTS = {"kill_driver", "terminate_driver"}


def test_there_are_enough_kinds() -> None:
    assert len(NAMES) >= 20


def test_every_kind_says_what_it_is_for() -> None:
    assert all(len(kinds.describe(name)) > 20 for name in NAMES)


def test_the_same_seed_makes_the_same_choices_in_another_process() -> None:
    command = (
        "import json; from raymc_ray import kinds, plan; print(json.dumps([plan.to_json(p) for p in kinds.choose(80, 7, sorted(kinds.all_kinds()))]))"
    )
    environments = [{"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)} for seed in ("1", "2")]
    answers = [subprocess.run([sys.executable, "-c", command], env=each, capture_output=True, check=True).stdout for each in environments]
    assert answers[0] == answers[1]
    assert json.loads(answers[0]) == [plan.to_json(each) for each in kinds.choose(80, 7, NAMES)]


def test_another_seed_makes_other_choices() -> None:
    assert [plan.to_json(each) for each in kinds.choose(20, 7, NAMES)] != [plan.to_json(each) for each in kinds.choose(20, 8, NAMES)]


def test_kinds_come_equally_often() -> None:
    chosen = [each.kind for each in kinds.choose(3 * len(NAMES), 7, NAMES)]
    assert all(chosen.count(name) == 3 for name in NAMES)


def test_a_kind_varies_with_its_index() -> None:
    for name in NAMES:
        assert len({json.dumps({**plan.to_json(kinds.make(name, 7, index)), "index": 0}) for index in range(30)}) > 1, name


@pytest.mark.parametrize("name", NAMES)
def test_plans_are_whole(name: str) -> None:
    """Whatever is named exists, and the plan survives the way through JSON."""
    for index in range(60):
        made = kinds.make(name, 7, index)
        assert plan.from_json(json.loads(json.dumps(plan.to_json(made)))) == made
        tasks = plan.all_tasks(made)
        names = [task.name for task in tasks]
        assert len(names) == len(set(names))
        assert len(made.nodes) <= 4 and not made.nodes[0].late
        joining = {fault.target for fault in made.faults if fault.do == "join"}
        assert joining == {number for number, node in enumerate(made.nodes) if node.late}
        for driver in made.drivers:
            assert 0 <= driver.node < len(made.nodes)
            _check_steps(driver)
        for task in tasks:
            assert task.node is None or task.node < len(made.nodes)
            assert not task.resource or any(task.resource in node.resources for node in made.nodes)
            assert any(task.cpus <= node.cpus for node in made.nodes)
        for fault in made.faults:
            _check_fault(made, fault, names)


def _check_steps(driver: plan.Driver) -> None:
    known: set[str] = set()
    keeping: set[str] = set()
    for step in driver.steps:
        if isinstance(step, plan.Submit):
            assert set(step.task.needs) <= known
            known.add(step.task.name)
            if step.task.keeps_bytes:
                keeping.add(step.task.name)
        elif isinstance(step, plan.Put):
            known.add(step.name)
        elif isinstance(step, (plan.Get, plan.Ready)):
            assert set(step.names) <= known
            known |= {f"{name}.kept" for name in step.names if isinstance(step, plan.Get) and name in keeping}
        elif isinstance(step, plan.Cancel):
            assert step.name in known
        elif isinstance(step, plan.Drop):
            known.remove(step.name)


def _check_fault(made: plan.Plan, fault: plan.Fault, names: list[str]) -> None:
    if fault.do in _NODE_FAULTS:
        assert 1 <= int(fault.target) < len(made.nodes), "the head's raylet is not struck: its death ends the whole cluster"
    elif fault.do in _WORKER_FAULTS:
        assert fault.target in names
    elif fault.do in _DRIVER_FAULTS:
        assert int(fault.target) < len(made.drivers)
    else:
        assert fault.do in ("restart_gcs", "kill_gcs")
    if fault.on.what == "struck":
        assert fault.on.name in [other.name for other in made.faults]
