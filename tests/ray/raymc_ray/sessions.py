"""Records many sessions, one after the other, and says what came of each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from raymc_ray import plan
from raymc_ray.places import INCONCLUSIVE, OK, VIOLATED
from raymc_ray.record import Clash, record
from raymc_ray.verdict import executions

_INDEX = "index.tsv"
_HEADER = "session\trelease\ttasks\tfaults\texecutions\tseconds\toutcome\tproblems"


def run_all(plans: list[plan.Plan], out: Path, again: bool, wired: bool = False) -> int:
    """Records each plan that `out` does not have yet; an exit code for the worst of them."""
    worst = OK
    for number, session in enumerate(plans, 1):
        if not again and (out / session.name / "session.json").exists():
            continue
        began = time.monotonic()
        recorded = record(session, out, wired=wired, clash=Clash.REPLACE if again else Clash.REFUSE)
        outcome = "inconclusive" if not recorded.complete else "violated" if recorded.problems else "ok"
        worst = max(worst, {"ok": OK, "violated": VIOLATED, "inconclusive": INCONCLUSIVE}[outcome])
        print(f"{number}/{len(plans)} {session.name}: {outcome} in {time.monotonic() - began:.0f} s", flush=True)
        for problem in recorded.problems:
            print(f"  {problem}", flush=True)
        write_index(out)
    return worst


def _rows(out: Path) -> Iterator[str]:
    for path in sorted(out.glob("*/session.json")):
        try:
            session = json.loads(path.read_text())
            row = [
                session["name"],
                session.get("release", "-"),
                str(sum(event["what"] == "submitted" for event in session["events"])),
                str(sum(event["what"] == "struck" for event in session["events"])),
                str(sum(executions(session["events"]).values())),
                f"{session['ended'] - session['began']:.0f}",
                "inconclusive" if not session.get("finished") else "violated" if session["problems"] else "ok",
                "; ".join(session["problems"]),
            ]
        except (KeyError, ValueError) as error:
            print(f"{path} is not a session: {error!r}", file=sys.stderr)
            continue
        yield "\t".join(row)


def write_index(out: Path) -> None:
    """A table of all sessions of a folder."""
    part = out / (_INDEX + ".part")
    part.write_text("\n".join([_HEADER, *_rows(out)]) + "\n")
    part.rename(out / _INDEX)
