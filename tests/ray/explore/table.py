"""The table of what was explored: one row for a scenario and a release."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from pathlib import Path

from raymc_ray.conforming import revision

_COMMAND = "./raymc ray explore SCENARIO... --runs N --seed S --minutes M --table FILE"
_WORDS = (
    "# explained: by a behaviour of the model. not_judged: cut off, refused or not run to the end. found: runs in which something was wrong that the model\n"
    "# violates in the same situation, too, and what. not_predicted: runs that differ from the model. rules, pairs: seen in the witnesses, pairs being\n"
    "# rules that follow each other in one process. differences: kept, one of a sort."
)


@dataclass(frozen=True)
class Row:
    scenario: str
    release: str
    seed: int
    runs: int
    explained: int
    not_explained: int
    not_judged: int
    found: int
    not_predicted: int
    rules: int
    pairs: int
    differences: int
    minutes: int
    what_was_found: str


def read(path: Path) -> dict[tuple[str, str], Row]:
    """The rows of a table, by scenario and release; none if there is no table."""
    found = {}
    names = [each.name for each in fields(Row)]
    for line in path.read_text().splitlines() if path.exists() else []:
        words = line.split("\t")
        if line.startswith("#") or words[:1] == names[:1] or len(words) != len(names):
            continue
        said = {name: int(word) if type_is_int(name) else word for name, word in zip(names, words, strict=True)}
        row = Row(**said)  # type: ignore[arg-type]
        found[row.scenario, row.release] = row
    return found


def type_is_int(name: str) -> bool:
    return name not in ("scenario", "release", "what_was_found")


def write(path: Path, rows: dict[tuple[str, str], Row]) -> None:
    """Sorted, and whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    head = [f"# written by: {_COMMAND}", f"# raymc at {revision()}", _WORDS, "\t".join(each.name for each in fields(Row))]
    part.write_text("\n".join([*head, *("\t".join(map(str, astuple(rows[key]))) for key in sorted(rows))]) + "\n")
    part.rename(path)
