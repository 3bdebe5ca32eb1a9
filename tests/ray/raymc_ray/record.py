"""Records one plan: runs it under a keeper, and keeps Ray's logs and session.json in a folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from raymc_ray import behind, events, loopback, plan
from raymc_ray.keeping import Kept
from raymc_ray.verdict import judge

SCHEMA = 1


class Clash(Enum):
    """What to do where `out` already has a recording with the session's name."""

    REFUSE = "refuse"
    REPLACE = "replace"
    NUMBER = "number"  # keep the new one under the next free number


@dataclass(frozen=True)
class Recorded:
    """One kept session."""

    folder: Path
    report: dict[str, Any]
    problems: list[str]

    @property
    def complete(self) -> bool:
        return bool(self.report.get("finished"))


def record(session: plan.Plan, out: Path, log_level: str = "debug", wired: bool = False, clash: Clash = Clash.REFUSE) -> Recorded:
    """Runs a plan, behind a wire if wanted; its folder appears in `out` only when it is whole."""
    session = settle(session, out, clash)
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
            "began": began,
            "ended": time.time(),
            **{key: value for key, value in report.items() if key != "ray_logs"},
            "problems": problems,
            "events": happened,
        }
        return Recorded(_keep(kept.folder, report, whole, session, out, clash), report, problems)


def settle(session: plan.Plan, out: Path, clash: Clash) -> plan.Plan:
    """The session under the name that it gets in `out`; raises FileExistsError where that is taken."""
    if clash is Clash.NUMBER:
        while os.path.lexists(out / session.name):
            session = replace(session, index=session.index + 1)
        return session
    target = out / session.name
    if os.path.lexists(target) and not (target / "session.json").is_file():
        raise FileExistsError(f"{target} exists and is no recording; choose another --out")
    if clash is Clash.REFUSE and os.path.lexists(target):
        raise FileExistsError(f"{target} has a recording; choose another --out")
    return session


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


def _keep(folder: Path, report: dict[str, Any], whole: dict[str, Any], session: plan.Plan, out: Path, clash: Clash) -> Path:
    """Copies the logs beside session.json; a rename makes both appear at once."""
    out.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{session.name}.", dir=out))
    try:
        logs = folder / report["ray_logs"] if "ray_logs" in report else next(iter(folder.glob("ray/session_2*/logs")), None)
        if logs is not None and logs.is_dir():
            shutil.copytree(logs, part / "logs", symlinks=True)
            if (folder / "messages.jsonl").exists():
                shutil.copy(folder / "messages.jsonl", part / "logs")
        for output in [*folder.glob("driver*.out"), folder / "operator.out"]:
            if output.exists():
                shutil.copy(output, part)
        part.chmod(0o755)
        return _place(part, whole, session, out, clash)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _place(part: Path, whole: dict[str, Any], session: plan.Plan, out: Path, clash: Clash) -> Path:
    """Renames a whole recording to its name. A rename never replaces a folder that holds something, so that of two recordings that end at once
    neither is lost."""
    while True:
        session = settle(session, out, clash)
        target = out / session.name
        (part / "session.json").write_text(json.dumps({"schema": SCHEMA, "name": session.name, **whole, "plan": plan.to_json(session)}, indent=1))
        if clash is Clash.REPLACE and target.exists():
            earlier = Path(tempfile.mkdtemp(prefix=f".{session.name}.", dir=out))
            target.rename(earlier)
            part.rename(target)
            shutil.rmtree(earlier, ignore_errors=True)
            return target
        try:
            part.rename(target)
        except OSError as error:
            if clash is not Clash.NUMBER or error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        else:
            return target
