"""Where a recording is kept: beside an earlier one, never instead of it. Without Ray: the session is a program that does nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from raymc_ray import plan
from raymc_ray import record as recording
from raymc_ray.cli import main
from raymc_ray.record import Clash, record
from raymc_ray.stress import stress
from raymc_ray.stress_measure import Load

_PLAN = plan.Plan("script", 0, 0, (plan.Node(),), ())


@pytest.fixture(autouse=True)
def no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that ends at once."""

    class _Kept(recording.Kept):
        def start(self, command: list[str], environment: dict[str, str]) -> recording.Kept:
            return super().start(["true"], environment)

    monkeypatch.setattr(recording, "Kept", _Kept)


def _session(folder: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((folder / "session.json").read_text())
    return kept


def test_a_second_recording_of_the_same_name_is_numbered(tmp_path: Path) -> None:
    folders = [record(_PLAN, tmp_path, clash=Clash.NUMBER).folder for _ in range(3)]
    assert [folder.name for folder in folders] == ["0000_script_s0", "0001_script_s0", "0002_script_s0"]
    for folder in folders:
        kept = _session(folder)
        assert kept["name"] == folder.name == plan.from_json(kept["plan"]).name
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name for folder in folders], "nothing else is left"


def test_a_script_is_recorded_again_beside_its_first_recording(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text("")
    for _ in range(2):
        main(["record", str(script), "--out", str(tmp_path / "out")])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0000_mine_s0", "0001_mine_s0"]


def test_two_recordings_that_end_at_once_are_both_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name was free when it was looked for, and taken when the recording was put there."""
    settle = recording.settle
    seen: list[str] = []

    def late(session: plan.Plan, out: Path, clash: Clash) -> plan.Plan:
        settled = settle(session, out, clash)
        if len(seen) == 1:
            (out / settled.name).mkdir()
            (out / settled.name / "session.json").write_text("theirs")
        seen.append(settled.name)
        return settled

    monkeypatch.setattr(recording, "settle", late)
    folder = record(_PLAN, tmp_path, clash=Clash.NUMBER).folder
    assert seen == ["0000_script_s0", "0000_script_s0", "0001_script_s0"]
    assert folder.name == "0001_script_s0" and _session(folder)["name"] == folder.name
    assert (tmp_path / "0000_script_s0" / "session.json").read_text() == "theirs"


def test_a_recording_is_replaced_only_if_that_is_asked_for(tmp_path: Path) -> None:
    first = _session(record(_PLAN, tmp_path).folder)
    other = replace(_PLAN, limit=5.0)
    with pytest.raises(FileExistsError, match="has a recording"):
        record(other, tmp_path)
    assert _session(tmp_path / _PLAN.name) == first
    assert _session(record(other, tmp_path, clash=Clash.REPLACE).folder)["plan"]["limit"] == 5.0
    assert [path.name for path in tmp_path.iterdir()] == [_PLAN.name]


def test_rounds_of_another_load_are_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="has a recording"):
        for tasks in (3, 4):
            stress(Load(2, tasks, 1, 1, 1, "short", 0), tmp_path, tmp_path)
    assert len(_session(tmp_path / "0000_stress_s1")["plan"]["drivers"][0]["steps"]) >= 3
