"""Holds recorded sessions against the model: `raymc conform` over a folder of them, and what came of each kind."""

from __future__ import annotations

import csv
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from raymc_ray import kinds
from raymc_ray.places import INCONCLUSIVE, OK, PROJECT_ROOT, VIOLATED, raymc_program

_VERDICTS = ("explained", "not explained", "cut off", "refused")
_FOLDER = "conformed"  # of the program's own tables and witnesses, beside the sessions


@dataclass(frozen=True)
class Conformed:
    """One session and what `raymc conform` said to its logs."""

    name: str
    kind: str
    release: str
    seed: int
    verdict: str
    events: int
    reason: str
    index: int = 0  # of its plan
    wired: bool = False  # the wire's messages were kept as well


def conform_all(out: Path) -> list[Conformed]:
    """Conforms every session of the folder; what the program prints is kept in conformed.txt."""
    with (out / f"{_FOLDER}.txt").open("w") as printed:
        command = [str(raymc_program()), "conform", str(out), "--out", str(out / _FOLDER)]
        status = subprocess.run(command, cwd=PROJECT_ROOT, stdout=printed, stderr=subprocess.STDOUT, check=False).returncode
    table = out / _FOLDER / "conformed.tsv"
    if status not in (0, 10, 20, 65) or not table.exists():
        raise RuntimeError(f"raymc conform ended with {status}; see {out / _FOLDER}.txt")
    found = []
    for row in csv.DictReader(_lines(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        session = json.loads((out / row["session"] / "session.json").read_text())
        plan = session["plan"]
        wired = (out / row["session"] / "logs" / "messages.jsonl").exists()
        found.append(
            Conformed(row["session"], plan["kind"], session["release"], plan["seed"], row["verdict"], int(row["events"]), row["reason"], plan["index"], wired)
        )
    return found


def _lines(table: Path) -> Iterable[str]:
    return (line for line in table.read_text().splitlines() if not line.startswith("#"))


def by_kind(sessions: list[Conformed]) -> str:
    """kind, release, sessions, how many of them came to each verdict, events."""
    groups: dict[tuple[str, str], list[Conformed]] = defaultdict(list)
    for session in sessions:
        groups[session.kind, session.release].append(session)
    rows = ["\t".join(["kind", "release", "sessions", *(verdict.replace(" ", "_") for verdict in _VERDICTS), "events"])]
    for (kind, release), group in sorted(groups.items()):
        counts = [sum(session.verdict == verdict for session in group) for verdict in _VERDICTS]
        numbers = [len(group), *counts, sum(session.events for session in group)]
        rows.append("\t".join([kind, release, *map(str, numbers)]))
    totals = [len(sessions), *(sum(session.verdict == verdict for session in sessions) for verdict in _VERDICTS)]
    rows.append("\t".join(["all", "all", *map(str, totals), str(sum(session.events for session in sessions))]))
    return "\n".join(rows) + "\n"


def left_over(sessions: list[Conformed]) -> str:
    """The sessions that are not explained, each with the first line that nothing explains or why it was not tried."""
    rows = ["session\trelease\tverdict\treason"]
    rows += [f"{one.name}\t{one.release}\t{one.verdict}\t{one.reason}" for one in sessions if one.verdict != "explained"]
    return "\n".join(rows) + "\n"


def revision() -> str:
    """Of raymc, as git says it."""
    said = subprocess.run(["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "no revision"


def commands(sessions: list[Conformed], report: Path) -> list[str]:
    """What has to be said to record these sessions again: a line for each release and seed."""
    said = []
    for release, seed in sorted({(session.release, session.seed) for session in sessions}):
        group = [session for session in sessions if (session.release, session.seed) == (release, seed)]
        count = max(session.index for session in group) + 1
        every = {each.name for each in kinds.choose(count, seed, sorted(kinds.all_kinds()))}
        chosen = "" if {session.name for session in group} <= every else " --kinds " + ",".join(sorted({session.kind for session in group}))
        wire = " --wire" if any(session.wired for session in group) else ""
        said.append(f"./raymc ray sessions --random {count} --seed {seed}{chosen} --ray {release}{wire} --conform --report {report}")
    return said


def _head(sessions: list[Conformed], report: Path) -> str:
    said = "".join(f"# written by: {command}\n" for command in commands(sessions, report))
    said += f"# raymc at {revision()}\n"
    for release in sorted({session.release for session in sessions}):
        group = [session for session in sessions if session.release == release]
        seeds = ", ".join(str(seed) for seed in sorted({session.seed for session in group}))
        said += f"# Ray {release}: {len(group)} sessions, seeds {seeds}\n"
    return said


def write_report(sessions: list[Conformed], out: Path, report: Path) -> None:
    """The tables that are kept: sessions.tsv, sessions_left.tsv, and how often they showed each rule, witnessed.tsv."""
    report.mkdir(parents=True, exist_ok=True)
    head = _head(sessions, report)
    rules = "\n".join(_lines(out / _FOLDER / "witnessed.tsv")) + "\n"
    for name, text in (("sessions.tsv", by_kind(sessions)), ("sessions_left.tsv", left_over(sessions)), ("witnessed.tsv", rules)):
        part = report / (name + ".part")
        part.write_text(head + text)
        part.rename(report / name)


def judge(sessions: list[Conformed]) -> int:
    """An exit code for the worst of them."""
    verdicts = {session.verdict for session in sessions}
    return VIOLATED if "not explained" in verdicts else INCONCLUSIVE if verdicts - {"explained"} else OK
