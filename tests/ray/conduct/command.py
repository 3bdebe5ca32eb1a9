"""`./raymc ray conduct`: conducts traces and says what came of each."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from conduct import executed, safeguards, stood, tables
from conduct.conductor import refuse_steps
from conduct.outcome import Conducted, NotConductible, Verdict
from conduct.run import conduct, release
from conduct.trace import Trace, Unusable, load
from raymc_ray.places import BAD_FILE, COMMAND_LINE, INCONCLUSIVE, OK, PROJECT_ROOT, VIOLATED, raymc_program

_TRACES = PROJECT_ROOT / "build" / "ray-traces"  # where the launcher puts the counterexamples, by folder of scenarios
_DEFECTS, _HANGS = _TRACES / "defects", _TRACES / "hangs"
TABLE = PROJECT_ROOT / "results" / "executed.tsv"
_SCHEDULES_MAX = 3
_CHECK_SECONDS = 180
STANDS = PROJECT_ROOT / "results" / "stands.tsv"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    traces: tuple[Path, ...]
    all: bool
    safeguards: bool
    only: tuple[str, ...]
    tries: int
    again: bool
    out: Path | None
    table: Path


def command(wanted: Wanted) -> int:
    """0 if every trace happened, 10 if Ray went another way with one, 20 if one could not be conducted or did not run, 65 for a bad file."""
    if wanted.safeguards:
        return _safeguards(wanted)
    try:
        traces = _all(wanted) if wanted.all else [load(path) for path in wanted.traces]
    except Unusable as error:
        print(f"raymc ray: {error}", file=sys.stderr)
        return BAD_FILE
    here = release()
    worst = OK
    rows = {key: row for key, row in executed.read(wanted.table).items() if row.finding in _findings()} if wanted.all else {}
    for trace in traces:
        if wanted.all and not wanted.again and (trace.name, here) in rows:
            continue
        done = asyncio.run(conduct(trace, wanted.tries, keep=wanted.out / trace.name if wanted.out else None))
        _say(done, here)
        worst = max(worst, {Verdict.HAPPENED: OK, Verdict.FOLLOWED: OK, Verdict.ANOTHER_WAY: VIOLATED}.get(done.verdict, INCONCLUSIVE))
        if wanted.all:
            rows[trace.name, here] = executed.row(done, here)
            executed.write(wanted.table, rows)
    return worst


def _safeguards(wanted: Wanted) -> int:
    """0 if Ray stands under every schedule that is conducted, 10 if it went another way under one, 20 if one could not be conducted."""
    here = release()
    known = safeguards.safeguards()
    unknown = set(wanted.only) - set(known)
    if unknown:
        print(f"raymc ray: {', '.join(sorted(unknown))}: no safeguard that Ray has; `raymc list safeguards` names them", file=sys.stderr)
        return COMMAND_LINE
    rows = stood.read(wanted.table)
    worst = OK
    for name in wanted.only or known:
        if not wanted.again and (name, here) in rows:
            continue
        rows[name, here], verdict = _stands(name, here, wanted)
        print(f"{name}: {rows[name, here].reason}", flush=True)
        worst = max(worst, {Verdict.STANDS: OK, Verdict.ANOTHER_WAY: VIOLATED}.get(verdict, INCONCLUSIVE))
        stood.write(wanted.table, rows)
    return worst


def _stands(name: str, release: str, wanted: Wanted) -> tuple[stood.Row, Verdict]:
    """Where Ray goes another way before the safeguard matters, the next schedule is tried; the row is of the one under which it stands, else of
    the first."""
    chosen, reason = _conductible(name)
    rows = []
    for schedule in chosen[:_SCHEDULES_MAX]:
        keep = wanted.out / f"{name}_{schedule.trace.name}" if wanted.out else None
        done = asyncio.run(conduct(schedule.trace, wanted.tries, keep=keep, stands=True))
        rows.append((stood.row(schedule, done, release), done.verdict))
        if done.verdict is Verdict.STANDS:
            return rows[-1]
    if rows:
        return rows[0]
    return stood.Row(name, release, "-", 0, 0, 0, 0, f"not conductible: {reason}"), Verdict.NOT_CONDUCTIBLE


def _conductible(name: str) -> tuple[list[safeguards.Schedule], str]:
    """The schedules of a safeguard that verbs reach, one of a scenario; and why not, if there is none. Those that were written for it come first,
    then those whose violation would be seen from outside, then the shortest."""
    found: list[safeguards.Schedule] = []
    reason = "no counterexample without it is known"
    for schedule in safeguards.schedules(name, _DEFECTS):
        try:
            refuse_steps(schedule.trace)
            found.append(schedule)
        except NotConductible as error:
            reason = f"step {error.step} of {schedule.trace.name}: {error}"
    looks = tables.looks()
    found.sort(key=lambda each: (not each.own, looks.get(each.trace.breaks, "none") == "none", len(each.trace.steps)))
    best: dict[str, safeguards.Schedule] = {}
    for each in found:
        best.setdefault(each.trace.name, each)
    return list(best.values()), reason


def _findings() -> set[str]:
    """Those that there are; a finding that was withdrawn leaves the table."""
    return {path.stem for folder in (_DEFECTS, _HANGS) for path in (PROJECT_ROOT / "specs" / "scenarios" / folder.name).glob("*.toml")}


def _all(wanted: Wanted) -> list[Trace]:
    """The traces that the pinned protocol has, in which no safeguard of Ray is switched off, as the installed release takes them."""
    if not _HANGS.is_dir():
        raise Unusable(f"{_HANGS} is not there: ./raymc ray conduct --all makes it")
    found = [load(path) for folder in (_DEFECTS, _HANGS) for path in sorted(folder.glob("*.trace.json"))]
    unknown = set(wanted.only) - {trace.name for trace in found}
    if unknown:
        raise Unusable(f"neither specs/scenarios/defects nor hangs has a counterexample called {', '.join(sorted(unknown))}")
    chosen = [trace for trace in found if trace.is_of_pinned_ray and (not wanted.only or trace.name in wanted.only)]
    numbers = tables.numbers(release())
    return [of_release(trace, numbers) for trace in chosen]


def of_release(trace: Trace, numbers: tuple[int, ...]) -> Trace:
    """The same finding as the model has it in this release, whose steps may be others; the pinned one where the release has it no more."""
    folder = _DEFECTS if (PROJECT_ROOT / "specs/scenarios/defects" / f"{trace.name}.toml").is_file() else _HANGS
    scenario = PROJECT_ROOT / "specs" / "scenarios" / folder.name / f"{trace.name}.toml"
    profile = "ray-" + ".".join(str(number) for number in numbers)
    with tempfile.TemporaryDirectory() as out:
        command = [str(raymc_program()), "check", "--quiet", "--profile", profile, "--out", out, str(scenario)]
        subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, timeout=_CHECK_SECONDS, check=False)
        found = Path(out) / f"{trace.name}.trace.json"
        return load(found) if found.is_file() and load(found).breaks == trace.breaks else trace


def _say(done: Conducted, release: str) -> None:
    print(f"{done.trace.name}: {done.verdict.value}, {done.happened} of {len(done.tries)} tries, Ray {release}", flush=True)
    for number, each in enumerate(done.tries, 1):
        place = f" at step {each.step} of {len(done.trace.steps)}" if each.step else ""
        print(f"  try {number}: {each.verdict.value}{place} in {each.seconds:.0f} s: {each.words}", flush=True)
    if done.control is not None:
        print(f"  control, the same program without a fault: {done.control.verdict.value}: {done.control.words}", flush=True)
