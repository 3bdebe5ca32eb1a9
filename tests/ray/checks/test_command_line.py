"""The command line: help for everything, clear refusals, the project's exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from raymc_ray.cli import main
from raymc_ray.needs import needs

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str


class Run:
    """Runs a command line in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, function: Callable[[list[str]], object], *arguments: str) -> Answer:
        try:
            status = function(list(arguments))
        except SystemExit as end:
            status = end.code
        captured = self._capture.readouterr()
        return Answer(status if isinstance(status, int) else 0, captured.out, captured.err)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.mark.parametrize("command", [[], ["record"], ["sessions"], ["stress"], ["explore"], ["sweep"], ["kinds"], ["test"]])
def test_help(command: list[str], run: Run) -> None:
    answer = run(main, *command, "--help")
    assert answer.status == 0 and "exit codes" in answer.out
    assert command in ([], ["kinds"]) or "examples:" in answer.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sessions", "--kinds", "nonsense"], "unknown kind nonsense"),
        (["explore", "scenario.toml", "--shrink=-1"], "must not be below 0"),
        (["sessions", "--report", "somewhere"], "--report belongs to --conform"),
        (["sessions", "--random", "0"], "at least 1"),
        (["sessions", "--ray", "1.0"], "2.55.1"),
        (["sessions", "--nodes", "3"], "--nodes"),
        (["sessions", "--", "x"], "only `record`"),
        (["record", "/nowhere/script.py"], "is not a file"),
        (["record", __file__, "--fault", "kill_raylet:1@2"], "not one of 0 to 0"),
        (["record", __file__, "--fault", "kill_raylet"], "KIND:NODE@SECONDS"),
        (["record", __file__, "--fault", "explode:0@2"], "unknown fault"),
        (["stress", "--nodes", "2", "--kills", "2"], "leaves none"),
        (["explore", "/nowhere/scenario.toml"], "is not a file"),
        (["explore", __file__, "--replay", "/nowhere/schedule.json"], "is not a file"),
        (["explore", __file__, __file__, "--replay", __file__], "of one scenario"),
        (["explore", __file__, "--minutes", "0"], "above 0"),
        (["report", __file__, "--keep", "--out", "somewhere"], "two places"),
        (["sweep", "--jobs", "0"], "at least 1"),
        (["conquer"], "conquer"),
    ],
)
def test_a_wrong_command_line_is_refused(arguments: list[str], words: str, run: Run) -> None:
    for function in (main, needs):
        answer = run(function, *arguments)
        assert answer.status == 64 and words in answer.err
        assert answer.out == ""


def test_needs() -> None:
    assert needs(["kinds"]) == []
    assert needs(["sessions", "--dry-run"]) == []
    assert needs(["sessions", "--kinds", "plain"]) == ["ray 2.55.1"]
    assert needs(["stress", "--ray", "2.60.0"]) == ["ray 2.60.0"]
    assert needs(["sweep", "--ray", "2.60.0"])[:2] == ["ray 2.60.0", "wire"]


def test_redis_is_needed_only_when_a_gcs_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raymc_ray.needs.redis_executable", lambda: "/usr/bin/redis-server")
    assert needs(["test", "-k", "x"]) == ["ray 2.55.1", "wire", "tests"]
    monkeypatch.setattr("raymc_ray.needs.redis_executable", lambda: None)
    assert needs(["test", "-k", "x"]) == ["ray 2.55.1", "wire", "tests", "redis"]
    assert needs(["sessions", "--kinds", "plain"]) == ["ray 2.55.1"]
    assert needs(["sessions", "--kinds", "plain,gcs_restarted"]) == ["ray 2.55.1", "redis"]
    assert needs(["sessions"]) == ["ray 2.55.1", "redis"]


def test_a_dry_run_prints_the_choices(run: Run) -> None:
    answer = run(main, "sessions", "--random", "5", "--seed", "7", "--dry-run")
    assert answer.status == 0
    assert [each["index"] for each in json.loads(answer.out)] == [0, 1, 2, 3, 4]


def test_an_unwritable_folder_is_said(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("")
    answer = run(main, "sessions", "--kinds", "plain", "--out", str(tmp_path / "file" / "below"))
    assert answer.status == 74 and "Not a directory" in answer.err


def test_a_folder_that_is_no_recording_is_left_alone(tmp_path: Path, run: Run) -> None:
    mine = tmp_path / "0000_plain_s1" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("precious")
    answer = run(main, "sessions", "--random", "1", "--kinds", "plain", "--out", str(tmp_path))
    assert answer.status == 74 and "is no recording" in answer.err
    assert mine.read_text() == "precious"


def test_it_runs_as_a_program() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "raymc_ray", "kinds"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0 and "raylet_killed" in answer.stdout


def _pytest(*arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-c", "pyproject.toml", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False).stdout


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_says_which_checks_it_leaves(processes: str) -> None:
    files = ("checks/test_soak.py", "checks/test_safeguards.py", "--collect-only") if processes == "0" else ("checks/test_soak.py",)
    said = _pytest("-n", processes, *files)
    assert "1 check is left for ./raymc ray test -m soak -n 0" in said
    assert ("1 check is left for ./raymc ray test --long" in said) is (processes == "0")
    assert "test_ray_stands" not in said


def test_the_long_checks_are_run_if_they_are_asked_for() -> None:
    said = _pytest("-n", "0", "--long", "--collect-only", "checks/test_soak.py", "checks/test_safeguards.py")
    assert "test_ray_stands" in said and "for ./raymc ray test --long" not in said and "1 check is left for ./raymc ray test -m soak -n 0" in said


def test_the_package_is_typed() -> None:
    pytest.importorskip("mypy")
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "--config-file", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
