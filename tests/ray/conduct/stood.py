"""The table of the safeguards under whose schedules Ray stood: results/stands.tsv, one row for a safeguard and a release."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from conduct.outcome import Conducted
from conduct.safeguards import Schedule

_HEADER = (
    "# What an unmodified Ray, which has the safeguard, did under a schedule that breaks the model without it.\n"
    "# Regenerate with: ./raymc ray conduct --safeguards --again [--ray VERSION]. acts: the step of the schedule at which the safeguard acts.\n"
    "# reason: what Ray did there and what was seen from outside, or the step at which Ray went another way, or the step that no verb reaches.\n"
    "# date: of that day.\n"
    "safeguard\trelease\tscenario\tacts\ttries\tstood\tseconds\treason\tdate"
)


@dataclass(frozen=True)
class Row:
    safeguard: str
    release: str
    scenario: str
    acts: int
    tries: int
    stood: int
    seconds: int
    reason: str
    date: str = "-"


def row(schedule: Schedule, done: Conducted, release: str) -> Row:
    said = next(each for each in done.tries if each.verdict is done.verdict)
    reason = f"{done.verdict.value} at step {said.step}: {said.words}" if said.step else f"{done.verdict.value}: {said.words}"
    return Row(
        schedule.safeguard,
        release,
        schedule.trace.name,
        schedule.trace.acts,
        len(done.tries),
        done.happened,
        round(max(each.seconds for each in done.tries)),
        " ".join(reason.split()),
        date.today().isoformat(),
    )


def read(path: Path) -> dict[tuple[str, str], Row]:
    """The rows of a table, by safeguard and release; none if there is no table."""
    found = {}
    for line in path.read_text().split("\n") if path.exists() else []:
        if line and not line.startswith(("#", "safeguard\t")):
            safeguard, release, scenario, acts, tries, stood, seconds, *rest = line.split("\t")
            found[safeguard, release] = Row(safeguard, release, scenario, int(acts), int(tries), int(stood), int(seconds), *rest)
    return found


def write(path: Path, rows: dict[tuple[str, str], Row]) -> None:
    """Sorted, and whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("\n".join([_HEADER, *("\t".join(map(str, astuple(rows[key]))) for key in sorted(rows))]) + "\n")
    part.rename(path)
