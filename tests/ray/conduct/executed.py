"""The table of what was conducted: results/executed.tsv, one row for a finding and a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conduct.outcome import Conducted, Verdict

_HEADER = (
    "# What came of each counterexample of specs/scenarios/defects and hangs in an unmodified Ray.\n"
    "# Regenerate with: ./raymc ray conduct --all --again [--ray VERSION]. seconds: of the longest try.\n"
    "# reason: what was seen from outside, or the step at which Ray went another way, or the step that no verb reaches.\n"
    "# date: of that day; - where it was not noted.\n"
    "finding\trelease\ttries\thappened\tseconds\treason\tdate"
)


@dataclass(frozen=True)
class Row:
    finding: str
    release: str
    tries: int
    happened: int
    seconds: int
    reason: str
    date: str = "-"

    def line(self) -> str:
        return f"{self.finding}\t{self.release}\t{self.tries}\t{self.happened}\t{self.seconds}\t{self.reason}\t{self.date}"


def row(conducted: Conducted, release: str) -> Row:
    return Row(
        conducted.trace.name,
        release,
        len(conducted.tries),
        conducted.happened,
        round(max(each.seconds for each in conducted.tries)),
        reason(conducted),
        date.today().isoformat(),
    )


def reason(conducted: Conducted) -> str:
    """One line: the verdict and what speaks for it."""
    verdict = conducted.verdict
    said = next(each for each in conducted.tries if each.verdict is verdict)
    place = f" at step {said.step} of {len(conducted.trace.steps)}" if said.step else ""
    control = conducted.control
    if not conducted.ran:
        judged = ""
    elif control is None:
        judged = " (without a control)"
    else:
        judged = "" if control.verdict is Verdict.ENDS_WELL else f" (the control does not end well: {control.words})"
    return " ".join(f"{verdict.value}{place}: {said.words}{judged}".split())


def read(path: Path) -> dict[tuple[str, str], Row]:
    """The rows of a table, by finding and release; none if there is no table."""
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text().split("\n"):
        if line.startswith(("#", "finding\t")) or not line:
            continue
        finding, release, tries, happened, seconds, *rest = line.split("\t")
        found[finding, release] = Row(finding, release, int(tries), int(happened), int(seconds), *rest)
    return found


def write(path: Path, rows: dict[tuple[str, str], Row]) -> None:
    """Sorted, and whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("\n".join([_HEADER, *(rows[key].line() for key in sorted(rows))]) + "\n")
    part.rename(path)
