"""`./raymc ray explore`: runs seeded schedules of scenarios, judges each run and keeps what differs from the model."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from conduct.trace import Unusable
from explore import schedule, table, verdict
from explore.chooser import choose
from explore.minimise import minimise
from explore.play import Played, play, replay
from explore.question import Claims, Question, ask_the_model, claims_of, load
from explore.schedule import Schedule
from explore.steering import Steering
from explore.verdict import EXPLAINED, NOT_EXPLAINED, Conformed, Judged
from raymc_ray.places import BAD_FILE, INCONCLUSIVE, OK, VIOLATED

_DRAWN_SECONDS = 60
_SUMMARY, _SCHEDULE, _WITNESS = "summary.json", "schedule.json", "witness.json"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for. `minutes`: no run begins later than so long after the start of its scenario; 0 is no limit. `shrink`: further
    runs that make a difference smaller."""

    scenarios: tuple[Path, ...]
    runs: int
    seed: int
    minutes: float
    shrink: int
    replay: Path | None
    out: Path
    table: Path | None


@dataclass
class Campaign:
    """The runs of one scenario."""

    question: Question
    claims: Claims
    seed: int
    release: str
    out: Path
    shrink: int
    steering: Steering = field(default_factory=Steering)
    runs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    with_found: int = 0
    with_differences: int = 0
    seconds: float = 0.0
    signs: set[str] = field(default_factory=set)

    def add(self, summary: dict[str, Any], witness: dict[str, Any] | None) -> None:
        self.runs += 1
        self.verdicts[summary["verdict"]] += 1
        self.found.update(summary["found"])
        self.with_found += bool(summary["found"])
        self.with_differences += bool(summary["differences"])
        self.seconds += summary["seconds"]
        self.signs |= {each["sign"] for each in summary["differences"]}
        if witness is not None:
            self.steering.add(witness)

    def row(self) -> table.Row:
        judged = self.verdicts[EXPLAINED] + self.verdicts[NOT_EXPLAINED]
        return table.Row(
            self.question.name,
            self.release,
            self.seed,
            self.runs,
            self.verdicts[EXPLAINED],
            self.verdicts[NOT_EXPLAINED],
            self.runs - judged,
            self.with_found,
            self.with_differences,
            len(self.steering.rules),
            len(self.steering.pairs),
            len(self.signs),
            round(self.seconds / 60),
            ", ".join(f"{name} {count}" for name, count in sorted(self.found.items())) or "-",
        )


def command(wanted: Wanted) -> int:
    """0 if every run is explained and what is wrong in it the model has, too; 10 if one differs, 20 if one was not judged, 65 for a bad file."""
    import ray

    try:
        questions = [load(path) for path in wanted.scenarios]
        given = schedule.read(wanted.replay) if wanted.replay else None
    except (Unusable, OSError) as error:
        print(f"raymc ray: {error}", file=sys.stderr)
        return BAD_FILE
    release = str(ray.__version__)
    worst = OK
    for question in questions:
        folder = wanted.out / f"{question.name}_{release}_s{wanted.seed}"
        try:
            claims = ask_the_model(question, folder / "model")
        except Unusable as error:
            print(f"raymc ray: {error}", file=sys.stderr)
            return BAD_FILE
        campaign = Campaign(question, claims, wanted.seed, release, folder, wanted.shrink)
        if given is not None:
            worst = max(worst, _follow(campaign, given))
            continue
        worst = max(worst, _explore(campaign, wanted))
        path = wanted.table or wanted.out / "explore.tsv"
        rows = table.read(path)
        rows[question.name, release] = campaign.row()
        table.write(path, rows)
    return worst


def _explore(campaign: Campaign, wanted: Wanted) -> int:
    began = time.monotonic()
    for number in range(1, wanted.runs + 1):
        folder = campaign.out / f"run{number:03d}"
        if not (folder / _SUMMARY).exists():
            if wanted.minutes and time.monotonic() - began > wanted.minutes * 60:
                break
            asyncio.run(_run(campaign, number, folder))
        summary = json.loads((folder / _SUMMARY).read_text())
        witness = folder / _WITNESS
        campaign.add(summary, json.loads(witness.read_text()) if witness.exists() else None)
    row = campaign.row()
    print(
        f"{row.scenario}: {row.explained} of {row.runs} runs explained, {row.rules} rules and {row.pairs} pairs seen, {row.differences} differences",
        flush=True,
    )
    return VIOLATED if campaign.signs else OK if row.not_judged == 0 else INCONCLUSIVE


async def _run(campaign: Campaign, number: int, folder: Path) -> None:
    """One run, judged; what differs for the first time is made smaller and kept."""
    began = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    seen = campaign.steering.seen()
    played = await play(campaign.question, partial(_chosen, campaign.seed, number, seen), folder / "logs")
    said = Schedule(campaign.question.name, campaign.seed, number, campaign.release, played.choices)
    conformed, judged = _judged(campaign, played, folder)
    seconds = time.monotonic() - began
    schedule.write(said, folder / _SCHEDULE)
    for difference in judged.differences:
        if difference.sign not in campaign.signs:
            await _keep(campaign, said, difference.sign)
    if conformed.witness is not None:
        (folder / _WITNESS).write_text(json.dumps(conformed.witness))
    shutil.rmtree(folder / "witness", ignore_errors=True)
    if not judged.differences and conformed.verdict == EXPLAINED:
        shutil.rmtree(folder / "logs", ignore_errors=True)
    summary = {
        "verdict": conformed.verdict,
        "reason": conformed.reason,
        "answers": played.answers,
        "found": judged.found,
        "differences": [{"sign": each.sign, "words": each.words} for each in judged.differences],
        "choices": len(played.choices),
        "seconds": round(seconds, 1),
    }
    (folder / _SUMMARY).write_text(json.dumps(summary, indent=1) + "\n")
    _say(campaign, number, summary)


def _chosen(seed: int, number: int, seen: Any, taken: Any, options: Any) -> Any:
    return choose(seed, number, taken, options, seen)


def _judged(campaign: Campaign, played: Played, folder: Path) -> tuple[Conformed, Judged]:
    if played.failed:
        return Conformed("not run", played.failed, (), "", None), Judged((), ())
    conformed = verdict.conform(folder / "logs", folder)
    judged = verdict.judge(conformed, played.noticed, campaign.claims)
    if conformed.verdict == EXPLAINED and judged.differences:
        # The logs show more than the scenario has: an owner that is a worker is a task, too, and faults strike there as well.
        drawn = claims_of(folder / verdict.DRAWN, _DRAWN_SECONDS)
        judged = verdict.judge(conformed, played.noticed, campaign.claims.also(drawn))
    return conformed, judged


async def _keep(campaign: Campaign, said: Schedule, sign: str) -> None:
    """A difference of a new sort: the shortest schedule that was found to show it, the redacted record of it and what conform says."""
    place = campaign.out / "differences" / f"run{said.run:03d}_{''.join(each if each.isalnum() else '_' for each in sign)}"
    tried = campaign.out / "tried"
    best = campaign.out / f"run{said.run:03d}"
    place.mkdir(parents=True, exist_ok=True)

    def take(folder: Path, choices: tuple[str, ...]) -> None:
        schedule.write(said.of(choices), place / _SCHEDULE)
        for name in ("record.jsonl", "verdict.txt"):
            if (folder / name).exists():
                shutil.copyfile(folder / name, place / name)

    async def shows(choices: tuple[str, ...]) -> bool:
        shutil.rmtree(tried, ignore_errors=True)
        played = await replay(campaign.question, choices, tried / "logs")
        _, judged = _judged(campaign, played, tried)
        same = any(each.sign == sign for each in judged.differences)
        if same:
            take(tried, choices)
        return same

    take(best, said.choices)
    choices, tries = await minimise(said.choices, shows, campaign.shrink)
    (place / "how.txt").write_text(f"{sign}\n{len(said.choices)} choices, {len(choices)} after {tries} tries to make it smaller\n")
    shutil.rmtree(tried, ignore_errors=True)


def _follow(campaign: Campaign, given: Schedule) -> int:
    """The schedule of a file, once."""
    folder = campaign.out / "replayed"
    shutil.rmtree(folder, ignore_errors=True)
    played = asyncio.run(replay(campaign.question, given.choices, folder / "logs"))
    conformed, judged = _judged(campaign, played, folder)
    print(f"{campaign.question.name}: {conformed.verdict}{': ' if conformed.reason else ''}{conformed.reason}; {played.answers}")
    print(f"  {len(given.choices) - len(played.missed)} of {len(given.choices)} choices could be followed")
    for name in played.missed:
        print(f"  did not come: {name}")
    for found in judged.found:
        print(f"  found: {found}")
    for difference in judged.differences:
        print(f"  {difference.sign}: {difference.words}")
    return VIOLATED if judged.differences else OK if conformed.verdict == EXPLAINED else INCONCLUSIVE


def _say(campaign: Campaign, number: int, summary: dict[str, Any]) -> None:
    parts = [summary["verdict"], summary["reason"], summary["answers"], *(f"found {each}" for each in summary["found"])]
    parts += [each["sign"] for each in summary["differences"]]
    words = "; ".join(part for part in parts if part)
    print(f"{campaign.question.name} run {number}: {summary['choices']} choices in {summary['seconds']:.0f} s: {words}", flush=True)
