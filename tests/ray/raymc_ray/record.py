"""Records one plan: runs it under a keeper, and keeps Ray's logs and session.json in a folder."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raymc_ray import behind, events, loopback, plan
from raymc_ray.keeping import Kept
from raymc_ray.verdict import judge

SCHEMA = 1


@dataclass(frozen=True)
class Recorded:
    """One kept session."""

    folder: Path
    report: dict[str, Any]
    problems: list[str]

    @property
    def complete(self) -> bool:
        return bool(self.report.get("finished"))


def record(session: plan.Plan, out: Path, log_level: str = "debug", wired: bool = False) -> Recorded:
    """Runs a plan, behind a wire if wanted; its folder appears in `out` only when it is whole."""
    refuse_foreign(out / session.name)
    began = time.time()
    with Kept() as kept:
        (kept.folder / "plan.json").write_text(json.dumps(plan.to_json(session)))
        with _wire(kept.folder) if wired else nullcontext([]) as wires:
            behind.write(kept.folder, wires)
            status = kept.start([sys.executable, "-m", "raymc_ray.session"], _environment(kept.folder, log_level)).wait()
        report = _report_of(kept.folder, status)
        happened = events.Log(kept.folder).poll()
        problems = judge(session, happened, report)
        whole = {
            "schema": SCHEMA,
            "name": session.name,
            "began": began,
            "ended": time.time(),
            **{key: value for key, value in report.items() if key != "ray_logs"},
            "problems": problems,
            "plan": plan.to_json(session),
            "events": happened,
        }
        return Recorded(_keep(kept.folder, report, whole, out / session.name), report, problems)


def _wire(folder: Path) -> AbstractContextManager[list[behind.Variables]]:
    from raymc_ray.wired import Wired  # its packages are there only for those who want it

    return Wired(folder)


def _environment(folder: Path, log_level: str) -> dict[str, str]:
    """Ours with what a session needs; settings of somebody else's Ray must not leak into it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    return {**ours, **loopback.environment(str(folder), log_level)}


def _report_of(folder: Path, status: int) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    except FileNotFoundError:
        report = {"error": f"the session's process ended with status {status}"}
    return report


def _keep(folder: Path, report: dict[str, Any], whole: dict[str, Any], target: Path) -> Path:
    """Copies the logs beside session.json; a rename makes both appear at once. Replaces nothing but an older recording."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        logs = folder / report["ray_logs"] if "ray_logs" in report else next(iter(folder.glob("ray/session_2*/logs")), None)
        if logs is not None and logs.is_dir():
            shutil.copytree(logs, part / "logs", symlinks=True)
            if (folder / "messages.jsonl").exists():
                shutil.copy(folder / "messages.jsonl", part / "logs")
        for output in [*folder.glob("driver*.out"), folder / "operator.out"]:
            if output.exists():
                shutil.copy(output, part)
        (part / "session.json").write_text(json.dumps(whole, indent=1))
        part.chmod(0o755)
        refuse_foreign(target)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target


def refuse_foreign(target: Path) -> None:
    """A folder that is no recording is somebody else's."""
    if target.exists() and not (target / "session.json").is_file():
        raise FileExistsError(f"{target} exists and is no recording; choose another --out")
