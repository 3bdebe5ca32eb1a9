"""The workflow for Ray's own CI: it is one, its paths are those of the lock, and its scripts do what they say."""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import NODE_MANAGER, Ray
from conftest import run as git
from raymc_drift import lock as locks
from raymc_drift.trees import FOLDERS

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / "specs/drift/github/raymc-drift.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    yaml = pytest.importorskip("ruamel.yaml").YAML(typ="safe", pure=True)
    loaded = yaml.load(WORKFLOW.read_text(encoding="utf8"))
    assert isinstance(loaded, dict)
    return loaded


def _scripts(workflow: dict[str, Any]) -> list[str]:
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


def _script(workflow: dict[str, Any], word: str) -> str:
    (found,) = [script for script in _scripts(workflow) if word in script]
    return found


def test_it_is_a_workflow() -> None:
    pytest.importorskip("check_jsonschema")
    files = [str(WORKFLOW), *(str(file) for file in sorted((ROOT / ".github/workflows").glob("*.yml")))]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_its_paths_are_those_of_the_lock(workflow: dict[str, Any]) -> None:
    paths = workflow["on"]["pull_request"]["paths"]
    cited = {entry.path for entry in locks.load(ROOT / "model/sources.toml").entries}
    assert [path for path in sorted(cited) if not any(fnmatch.fnmatch(path, each) for each in paths)] == []
    # Where nothing is cited, calls and messages may be new that the model has not.
    idle = [each for each in paths if not any(fnmatch.fnmatch(path, each) for path in cited)]
    assert idle == ["src/ray/protobuf/**"]
    assert all(each.startswith(tuple(FOLDERS)) for each in paths), paths


def test_its_scripts_are_of_a_shell(workflow: dict[str, Any]) -> None:
    for script in _scripts(workflow):
        ran = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, script + ran.stderr
        assert "${{" not in script, "what a pull request says must not become a part of a script: pass it by the environment"


def test_it_writes_nothing_but_its_comment(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    allowed = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert allowed == {"comment": {"pull-requests": "write"}}
    assert "pull_request_target" not in workflow["on"]


def _shell(script: str, where: Path, **environment: str) -> None:
    ran = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=where, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/bash\n" + text)
    file.chmod(0o755)


@pytest.mark.skipif(shutil.which("jq") is None, reason="the runners of GitHub have jq")
def test_a_pull_request_is_compared_and_its_safeguard_is_named(workflow: dict[str, Any], ray: Ray, project: Path, tmp_path: Path) -> None:
    guards = json.loads((project / "results/safeguards.json").read_text())
    guards[0]["thread"] = "#12, #4711"
    (project / "results/safeguards.json").write_text(json.dumps(guards))
    base = git(ray.folder, "rev-parse", "HEAD").strip()
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    ray.commit()
    program = f'shift; PYTHONPATH="{ROOT}/specs/drift" RAYMC_ROOT="{project}" exec "{sys.executable}" -m raymc_drift "$@"\n'
    _program(tmp_path / "raymc/raymc", program)
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    _shell(_script(workflow, "merge-base"), tmp_path, BASE=base, NUMBER="4711", **files)
    assert (tmp_path / "GITHUB_OUTPUT").read_text().splitlines() == [
        "code=10", "safeguards=drain_reads_store", "scenarios=specs/scenarios/ci/drain.toml",
    ]  # fmt: skip
    said = (tmp_path / "said/drift.txt").read_text()
    assert "row raylet.R45.drain" in said and "this pull request is the safeguard drain_reads_store: a drain reads the store\n" in said
    assert "defects/old_drain.toml: violates B3.kept after 12 steps; holds with it\n" in said
    assert said in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()


def test_the_verdict_is_that_of_the_scenarios_without_and_with_the_safeguard(workflow: dict[str, Any], tmp_path: Path) -> None:
    report = 'echo a report\necho\necho --------\necho\necho "2 scenarios: $*"\nexit 10\n'
    _program(tmp_path / "raymc", report)
    _shell(_script(workflow, "whole.txt"), tmp_path, SAFEGUARDS="a b", SCENARIOS="x.toml y.toml")
    assert (tmp_path / "said/verdict.txt").read_text().splitlines() == [
        "./raymc check ...",
        "2 scenarios: check x.toml y.toml --budget 10m --quiet",
        "./raymc check ... --set a=on --set b=on",
        "2 scenarios: check x.toml y.toml --set a=on --set b=on --budget 10m --quiet",
    ]


@pytest.mark.parametrize("old", ["", "77"])
def test_there_is_one_comment(workflow: dict[str, Any], tmp_path: Path, old: str) -> None:
    _program(tmp_path / "bin/gh", f'case "$*" in *--jq*) [ -z "{old}" ] || echo {old} ;; *) echo "$*" >>asked ;; esac\n')
    (tmp_path / "said").mkdir()
    (tmp_path / "said/drift.txt").write_text("row raylet.R45.drain\n")
    environment = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "GITHUB_REPOSITORY": "ray/ray", "NUMBER": "5", "RAYMC": "o/raymc"}
    _shell(_script(workflow, "comment.md"), tmp_path, **environment)
    comment = (tmp_path / "comment.md").read_text()
    assert comment.startswith("<!-- raymc drift -->\n") and "row raylet.R45.drain" in comment and "with the safeguard" not in comment
    wanted = "api -X PATCH repos/ray/ray/issues/comments/77" if old else "api repos/ray/ray/issues/5/comments"
    assert (tmp_path / "asked").read_text().startswith(wanted)
