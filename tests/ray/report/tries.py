"""How often a report's script happened: tries.tsv beside it, one row for a release."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from conduct import executed
from conduct.outcome import Verdict
from conduct.trace import Trace
from raymc_ray.keeping import Kept
from raymc_ray.loopback import quiet_environment

_HEADER = (
    "# Regenerate with: ./raymc ray report TRACE.json --try N [--ray VERSION]. seconds: of the longest run.\n"
    "release\ttries\thappened\tcontrol\tseconds\tseen\n"
)
_LIMIT_SECONDS = 200
ENDS_WELL = "ends well"
HAPPENED, DID_NOT = "HAPPENED: ", "did not happen: "


@dataclass(frozen=True)
class Row:
    """`control` is how the run without any fault ended; `seen` what the script saw when it happened."""

    release: str
    tries: int
    happened: int
    control: str
    seconds: int
    seen: str


def read(path: Path) -> list[Row]:
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        if not line.startswith(("#", "release\t")):
            release, tries, happened, control, seconds, seen = line.split("\t")
            rows.append(Row(release, int(tries), int(happened), control, int(seconds), seen))
    return rows


def write(path: Path, row: Row) -> None:
    """Beside those of other releases."""
    rows = sorted([row, *(each for each in read(path) if each.release != row.release)], key=lambda each: each.release)
    path.write_text(_HEADER + "".join("\t".join(map(str, astuple(each))) + "\n" for each in rows))


def run(script: Path, release: str, tries: int) -> Row:
    """Runs the script so often, and its control once, each with nothing left behind."""
    began: list[float] = []
    said = []
    for number in range(tries):
        start = time.monotonic()
        said.append(_run(script))
        began.append(time.monotonic() - start)
        print(f"  run {number + 1} in {began[-1]:.0f} s: {said[-1]}", flush=True)
    control = _run(script, "--control")
    print(f"  control: {control}", flush=True)
    happened = [words for words in said if words.startswith(HAPPENED)]
    seen = happened[-1].removeprefix(HAPPENED) if happened else said[-1]
    ends_well = ENDS_WELL if control.startswith(DID_NOT) else control
    return Row(release, tries, len(happened), ends_well, round(max(began)), seen)


def _run(script: Path, *arguments: str) -> str:
    """What the script says in its last line."""
    with Kept() as kept:
        output = kept.folder / "output"
        command = f'exec timeout {_LIMIT_SECONDS} "$@" >"{output}" 2>&1'
        kept.start(["sh", "-c", command, "sh", sys.executable, str(script), *arguments], quiet_environment(kept.folder)).wait()
        lines = output.read_text(errors="replace").splitlines()
    told = [line for line in lines if line.startswith((HAPPENED, DID_NOT))]
    return (told or [f"no answer within {_LIMIT_SECONDS} s; {lines[-1] if lines else 'no output'}"])[-1].replace("\t", " ")


def conducted(trace: Trace, release: str, tries: int) -> Row:
    """The same of a trace that only the conductor makes happen."""
    from conduct.run import conduct  # which needs the wire

    done = asyncio.run(conduct(trace, tries))
    row = executed.row(done, release)
    control = done.control.verdict if done.control is not None else Verdict.NOT_RUN
    print(f"  {row.happened} of {row.tries}: {row.reason}", flush=True)
    return Row(release, row.tries, row.happened, control.value, row.seconds, row.reason.removeprefix("happened: "))


def installed() -> str:
    """The release of Ray that this Python has."""
    answer = subprocess.run([sys.executable, "-c", "import ray; print(ray.__version__)"], capture_output=True, text=True, check=True)
    return answer.stdout.strip()
