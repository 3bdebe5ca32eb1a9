"""The list of all reports: README.md in their folder."""

from __future__ import annotations

from pathlib import Path

from report import tries
from report.text import MARK, NONE_KNOWN
from report.tries import ENDS_WELL


def write(folder: Path) -> None:
    """One row for a report and a release in which it was tried; nothing but reports is looked at. Which of them could be sent today is counted."""
    rows, ready = [], []
    for report in sorted(folder.glob("*/report.md")):
        text = report.read_text()
        if not text.startswith(MARK):
            continue
        question = next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))
        script = report.parent / "script.py"
        store = script.exists() and '"redis-server"' in script.read_text()
        needs = "the conductor" if (report.parent / "scenario.toml").exists() else "Ray and redis-server" if store else "Ray alone"
        known = text.rpartition("## Known threads")[2].strip().removesuffix(".")
        ran = tries.read(report.parent / "tries.tsv")
        if needs != "the conductor" and known == NONE_KNOWN and any(row.control == ENDS_WELL and row.happened * 5 >= row.tries * 4 for row in ran):
            ready.append(report.parent.name)
        told = [f"{row.happened} of {row.tries} in {row.release}" for row in ran]
        rows.append(f"| [{report.parent.name}]({report.parent.name}/report.md) | {question} | {needs} | {', '.join(told) or 'not tried'} | {known} |")
    head = ["# Reports for Ray's tracker", "", "Written by `./raymc ray report`; see [tests/ray](../../tests/ray/README.md#reports).", ""]
    said = f"In no thread that we know, with a script that needs no conductor, in at least four of five runs of a release and not without a fault there: {len(ready)}"
    count = [f"{said} ({', '.join(ready)})." if ready else f"{said}.", ""]
    table = ["| report | question | its script needs | happened | known from |", "|---|---|---|---|---|"]
    (folder / "README.md").write_text("\n".join([*head, *count, *table, *rows]) + "\n")
