"""`./raymc ray sweep`: strikes each call in each way, twice, and writes what differs beside what the model says."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from raymc_ray.places import COMMAND_LINE, INCONCLUSIVE, OK, PROJECT_ROOT, VIOLATED
from sweep import judge, model, table, tables
from sweep.run import Run, run
from sweep.show import Facts
from sweep.table import Row
from sweep.tables import Call
from sweep.ways import WAYS, Striker

TABLE = PROJECT_ROOT / "results" / "sweep.tsv"
_CONTROLS = 2
_TRIES = 2  # of a run in which something differs, which may be the machine's fault


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    calls: tuple[str, ...]
    ways: tuple[str, ...]
    resume: bool
    jobs: int
    table: Path


@dataclass(frozen=True)
class Control:
    """A program without a fault, run a few times: the facts that all runs share, and how often each call was made at least."""

    facts: Facts
    unsteady: frozenset[str]
    calls: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Strike:
    call: Call
    way: str
    nth: int


def command(wanted: Wanted) -> int:
    """0 if every row that was asked for agrees or is explained, 10 if one is not, 20 if a program does not end well without any fault."""
    unknown = [name for name in wanted.calls if name not in {call.name for call in tables.calls()}]
    unknown += [way for way in wanted.ways if way not in WAYS]
    if unknown:
        print(f"raymc ray: {', '.join(unknown)}: unknown; calls are in tests/ray/sweep/calls.tsv, ways are {', '.join(WAYS)}", file=sys.stderr)
        return COMMAND_LINE
    import ray

    release = str(ray.__version__)
    rows = table.read(wanted.table)
    asked = list(_asked(wanted))
    strikes = [each for each in asked if not wanted.resume or _key(release, each) not in rows]
    with ProcessPoolExecutor(wanted.jobs, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        try:
            controls = _controls(pool, sorted({each.call.program for each in strikes}))
            bad = [f"{program}: {name}" for program, control in controls.items() for name in _unwell(control)]
            if bad:
                print(f"raymc ray: without any fault: {'; '.join(bad)}", file=sys.stderr)
                return INCONCLUSIVE
            for future in as_completed([pool.submit(strike, each, controls[each[0].call.program], release) for each in together(strikes)]):
                for row in future.result():
                    rows[row.key] = row
                    print(f"{row.call} of a {row.caller}, {row.way} {row.nth}: {row.verdict}: {row.stock} ({row.tries})", flush=True)
                table.write(wanted.table, rows)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()  # its keeper ends the cluster
            raise
    table.write(wanted.table, rows)
    done = [table.explained(rows[_key(release, each)]) for each in asked]
    return VIOLATED if any(row.reason == table.UNEXPLAINED for row in done) else OK


def _asked(wanted: Wanted) -> Iterator[Strike]:
    for call in tables.calls():
        if not wanted.calls or call.name in wanted.calls:
            for way in wanted.ways or tuple(WAYS):
                for nth in table.NTHS:
                    yield Strike(call, way, nth)


def together(strikes: list[Strike]) -> list[tuple[Strike, ...]]:
    """Which are struck in one cluster: those of the same program, way and time that are not about the same; all that the model does not have are with the
    first of these. What breaks in the model, or is known to differ, is struck alone."""
    groups: dict[tuple[int, str, str], list[list[Strike]]] = {}
    for each in strikes:
        found = groups.setdefault((each.nth, each.way, each.call.program), [])
        if _stands_out(each):
            found.append([each])
            continue
        shared = [group for group in found if not _stands_out(group[0])]
        place = next((group for group in shared if not _is_about_the_same(each, group)), None)
        if place is None:
            found.append([each])
        else:
            place.append(each)
    return [tuple(group) for key in sorted(groups, key=lambda key: (key[0], list(WAYS).index(key[1]))) for group in groups[key]]


def _stands_out(strike: Strike) -> bool:
    call = strike.call
    return model.breaks(call.name, strike.way) or any(each.is_of(call.name, call.caller, strike.way, strike.nth) for each in tables.reasons())


def _is_about_the_same(strike: Strike, group: list[Strike]) -> bool:
    return model.has_row(strike.call.name) and strike.call.about in [each.call.about for each in group]


def _key(release: str, strike: Strike) -> table.Key:
    return release, strike.call.name, strike.call.caller, strike.way, strike.nth


def _controls(pool: ProcessPoolExecutor, programs: list[str]) -> dict[str, Control]:
    runs = {program: [pool.submit(run, program) for _ in range(_CONTROLS)] for program in programs}
    return {program: control([each.result() for each in futures]) for program, futures in runs.items()}


def control(runs: list[Run]) -> Control:
    first = runs[0].facts
    names = {name for each in runs for name in each.facts}
    steady = {name for name in names if len({each.facts.get(name) for each in runs}) == 1}
    calls = {call: min(each.calls.get(call, 0) for each in runs) for call in {call for each in runs for call in each.calls}}
    return Control({name: said for name, said in first.items() if name in steady}, frozenset(names - steady), calls)


def _unwell(control: Control) -> list[str]:
    """What a run without a fault must not show."""
    if control.facts.get("cluster") != "comes up":
        return ["the cluster does not come up"]
    return [f"{name} differs between two runs" for name in sorted(control.unsteady) if not name.startswith("executions")]


def strike(strikes: tuple[Strike, ...], control: Control, release: str) -> list[Row]:
    """The rows of strikes under one program. Several are struck in one cluster as long as nothing differs there; what differs is asked of each half, and
    at last of each alone, more than once."""
    made = [each for each in strikes if control.calls.get((each.call.name, each.call.caller), 0) >= each.nth]
    rows = [_row(each, release, "-", "-", "-", judge.NOT_STRUCK) for each in strikes if each not in made]
    if len(made) == 1:
        return [*rows, _alone(made[0], control, release)]
    if not made:
        return rows
    struck, found = _run(tuple(made), control)
    if all(struck) and not found:
        for each, ends in zip(made, struck, strict=True):
            verdict = judge.verdict(each.call.name, each.way, found)
            rows.append(_row(each, release, ends, judge.text(found), f"1 of 1, {len(made)} together", verdict))
        return rows
    # What the model has is looked at first: it is more likely to matter.
    made.sort(key=lambda each: not model.has_row(each.call.name))
    half = sum(model.has_row(each.call.name) for each in made) or len(made) // 2
    half = len(made) // 2 if half == len(made) else half
    return [*rows, *strike(tuple(made[:half]), control, release), *strike(tuple(made[half:]), control, release)]


def _alone(strike: Strike, control: Control, release: str) -> Row:
    seen: list[tuple[str, list[judge.Difference]]] = []
    while len(seen) < _TRIES:
        (struck,), found = _run((strike,), control)
        if struck:
            seen.append((struck, found))
        if not struck or not any(each.harms for each in found):
            break
    if not seen:
        return _row(strike, release, "-", "-", "-", judge.NOT_STRUCK)
    harmed = [each for each in seen if any(difference.harms for difference in each[1])]
    struck, found = (harmed or seen)[0]
    tries = f"{len(harmed) or len(seen)} of {len(seen)}"
    return _row(strike, release, struck, judge.text(found), tries, judge.verdict(strike.call.name, strike.way, found))


def _run(strikes: tuple[Strike, ...], control: Control) -> tuple[tuple[str, ...], list[judge.Difference]]:
    strikers = tuple(Striker(each.call.name, each.call.caller, each.way, each.nth) for each in strikes)
    done = run(strikes[0].call.program, strikers)
    facts = {name: said for name, said in done.facts.items() if name not in control.unsteady}
    return done.struck, judge.differences(facts, control.facts)


def _row(strike: Strike, release: str, struck: str, stock: str, tries: str, verdict: str) -> Row:
    call = strike.call
    said = model.says(call.name, strike.way)
    return table.explained(Row(release, call.name, call.caller, strike.way, strike.nth, call.program, struck, stock, tries, said, verdict))
