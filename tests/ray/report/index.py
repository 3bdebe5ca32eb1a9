"""The list of all reports: README.md in their folder."""

from __future__ import annotations

from pathlib import Path

from report import tries
from report.text import MARK


def write(folder: Path) -> None:
    """One row for a report and a release in which it was tried; nothing but reports is looked at."""
    rows = []
    for report in sorted(folder.glob("*/report.md")):
        text = report.read_text()
        if not text.startswith(MARK):
            continue
        question = next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))
        script = report.parent / "script.py"
        store = script.exists() and '"redis-server"' in script.read_text()
        needs = "the conductor" if (report.parent / "scenario.toml").exists() else "Ray and redis-server" if store else "Ray alone"
        told = [f"{row.happened} of {row.tries} in {row.release}" for row in tries.read(report.parent / "tries.tsv")]
        rows.append(f"| [{report.parent.name}]({report.parent.name}/report.md) | {question} | {needs} | {', '.join(told) or 'not tried'} |")
    head = ["# Reports for Ray's tracker", "", "Written by `./raymc ray report`; see [tests/ray](../../tests/ray/README.md#reports).", ""]
    table = ["| report | question | its script needs | happened |", "|---|---|---|---|"]
    (folder / "README.md").write_text("\n".join([*head, *table, *rows]) + "\n")
