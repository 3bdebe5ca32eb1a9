"""`./raymc ray report`: writes a counterexample as a script and as a text for Ray's tracker."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from conduct import executed
from conduct.trace import Trace, Unusable, load
from raymc_ray.places import BAD_FILE, CANNOT_WRITE, INCONCLUSIVE, OK, PROJECT_ROOT, VIOLATED
from report import index
from report import recipe as recipes
from report import tries as attempts
from report.needs_more import NeedsMore
from report.script import conducted, plain
from report.text import MARK, text

REPORTS = PROJECT_ROOT / "results" / "reports"
OUT = Path("raymc-out/ray/reports")
EXECUTED = PROJECT_ROOT / "results" / "executed.tsv"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for; `out` is the folder of this report. With `keep` it is one of the project's."""

    trace: Path
    out: Path | None
    tries: int
    keep: bool = False


def command(wanted: Wanted) -> int:
    """0 if it is written and, where it was tried, happened; 10 if it was tried and never happened; 65 for a bad file and
    for a trace that is none of Ray's; 74 for a folder of somebody else."""
    try:
        trace = load(wanted.trace)
    except Unusable as error:
        print(f"raymc ray: {error}", file=sys.stderr)
        return BAD_FILE
    if not trace.breaks:
        print(f"raymc ray: {wanted.trace} violates nothing; it is no finding", file=sys.stderr)
        return BAD_FILE
    if not trace.is_of_pinned_ray:
        print(f"raymc ray: {wanted.trace} is of a protocol without a safeguard that Ray has ({trace.settings}); it is no finding", file=sys.stderr)
        return BAD_FILE
    folder = wanted.out or (REPORTS if wanted.keep else OUT) / trace.name
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        print(f"raymc ray: {folder} holds something that is no report; choose another --out", file=sys.stderr)
        return CANNOT_WRITE
    folder.mkdir(parents=True, exist_ok=True)
    refusal = _write(trace, folder)
    print(f"{folder}: {_kind(folder, refusal)}", flush=True)
    if not wanted.tries:
        return OK
    release = attempts.installed()
    row = attempts.run(folder / "script.py", release, wanted.tries) if refusal is None else attempts.conducted(trace, release, wanted.tries)
    attempts.write(folder / "tries.tsv", row)
    _write(trace, folder)
    print(f"{folder}: happened in {row.happened} of {row.tries} runs, Ray {release}; without a fault: {row.control}", flush=True)
    return OK if row.happened else INCONCLUSIVE if row.seen.startswith("no answer") else VIOLATED


def _is_ours(folder: Path) -> bool:
    path = folder / "report.md"
    return path.is_file() and path.read_text().startswith(MARK)


def _write(trace: Trace, folder: Path) -> NeedsMore | None:
    """Script and text; why the script needs the conductor, if it does."""
    refusal = recipe = None
    try:
        recipe = recipes.make(trace)
        script = plain(trace)
        (folder / "scenario.toml").unlink(missing_ok=True)
    except NeedsMore as reason:
        refusal = reason
        script = conducted(trace, reason)
        (folder / "scenario.toml").write_text(trace.text)
    written = folder / "script.py"
    if written.exists() and written.read_text() != script:
        (folder / "tries.tsv").unlink(missing_ok=True)  # they are of another script
    known = [row for (name, _), row in sorted(executed.read(EXECUTED).items()) if name == trace.name]
    said = text(trace, recipe, refusal, attempts.read(folder / "tries.tsv"), known)
    (folder / "report.md").write_text(said)
    (folder / "script.py").write_text(script)
    if folder.parent == REPORTS:
        index.write(REPORTS)
    return refusal


def _kind(folder: Path, refusal: NeedsMore | None) -> str:
    if refusal is None:
        return f"a script of {len((folder / 'script.py').read_text().splitlines())} lines that needs nothing but Ray"
    place = f"step {refusal.step}" if refusal.step else "the look at the end"
    return f"a script that uses the conductor, for {place} needs more than Ray: {refusal}"
