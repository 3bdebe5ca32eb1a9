"""Traces that somebody changed, and what is made of texts in them: nothing is conducted, written elsewhere or run by mistake."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("h2")

from checks.traces import needs_raymc, trace_of
from conduct import executed
from conduct.trace import Unusable, load
from explore import question
from raymc_ray.places import PROJECT_ROOT
from report.command import Wanted, command

pytestmark = needs_raymc
_NAME = "c1_dead_worker_is_granted"


def _changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    trace_of(_NAME, folder)
    path = folder / f"{_NAME}.trace.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


def _cut(data: dict[str, Any]) -> None:
    del data["steps"][1:]


def _named(name: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["scenario"].update(name=name)


def _message(index: int) -> Callable[[dict[str, Any]], None]:
    return lambda data: next(step for step in data["steps"] if step["messages"])["messages"][0].update(message=index)


@pytest.mark.parametrize(
    "change",
    [_cut, _named("../out"), _named("/tmp/out"), _named(""), _named("a\tb"), _named(7), _message(-1), _message(9999), lambda data: data.pop("steps")],
)
def test_a_damaged_trace_is_refused(change: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        load(_changed(tmp_path, change))


def test_nested_brackets_and_a_scenario_are_no_traces(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(Unusable):
        load(tmp_path / "deep.json")
    with pytest.raises(Unusable, match="it is a scenario"):
        load(PROJECT_ROOT / "specs" / "scenarios" / "defects" / f"{_NAME}.toml")


def test_a_question_is_no_program(tmp_path: Path) -> None:
    asked = '"""\nimport os; os.system("true")\n"""\\N{a}'
    path = _changed(tmp_path, lambda data: data["scenario"].update(question=asked))
    assert command(Wanted(path, tmp_path / "report", 0)) == 0
    script = ast.parse((tmp_path / "report" / "script.py").read_text())
    assert "os.system" in (ast.get_docstring(script) or "")
    assert not any(isinstance(each, ast.Attribute) and each.attr == "system" for each in ast.walk(script))


def test_the_tries_of_another_script_are_forgotten(tmp_path: Path) -> None:
    path = _changed(tmp_path, lambda data: None)
    folder = tmp_path / "report"
    assert command(Wanted(path, folder, 0)) == 0
    (folder / "tries.tsv").write_text("kept")
    (folder / "script.py").write_text("another\n")
    assert command(Wanted(path, folder, 0)) == 0
    assert not (folder / "tries.tsv").exists()


def test_a_reason_with_odd_ends_of_lines_is_read_again(tmp_path: Path) -> None:
    row = executed.Row("mine", "2.55.1", 1, 1, 2, "a\u2028b\x0bc\x85d", "2026-01-01")
    executed.write(tmp_path / "t.tsv", {("mine", "2.55.1"): row})
    assert executed.read(tmp_path / "t.tsv") == {("mine", "2.55.1"): row}


def test_runs_of_another_scenario_of_the_same_name_are_not_taken(tmp_path: Path) -> None:
    asked = question.load(PROJECT_ROOT / "specs" / "scenarios" / "ci" / "pinned" / "owner_worker_crash.toml")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "owner_worker_crash.toml").write_text("another")
    with pytest.raises(Unusable, match="another scenario"):
        question.ask_the_model(asked, tmp_path / "model")
