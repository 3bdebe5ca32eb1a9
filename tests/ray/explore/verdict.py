"""What a run says about the model: whether `raymc conform` explains it, and whether the model has what went wrong in it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conduct import tables
from explore.outside import Noticed
from explore.question import Claims
from raymc_ray.places import PROJECT_ROOT, raymc_program

EXPLAINED, NOT_EXPLAINED = "explained", "not explained"
_VERDICTS = {0: EXPLAINED, 10: NOT_EXPLAINED, 20: "cut off", 65: "refused"}
DRAWN = "drawn.toml"  # the situation as the logs show it
_UNREAD = "next unread line of each process, the oldest first:\n"


@dataclass(frozen=True)
class Conformed:
    """`reason`: the kind of the first line that nothing explains, or why the logs were not tried. `violated`: the properties that fail along the
    witness."""

    verdict: str
    reason: str
    violated: tuple[str, ...]
    text: str
    witness: dict[str, Any] | None


def conform(logs: Path, out: Path) -> Conformed:
    """Leaves the redacted record in `out`, and what the program said, redacted as well. Raises RuntimeError if the program cannot."""
    out.mkdir(parents=True, exist_ok=True)
    words = [
        "conform",
        str(logs),
        "--redact",
        "--record",
        str(out / "record.jsonl"),
        "--write-scenario",
        str(out / DRAWN),
        "--out",
        str(out / "witness"),
    ]
    done = subprocess.run([str(raymc_program()), *words], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    text = (done.stdout + done.stderr).replace(str(logs), logs.name)
    if done.returncode not in _VERDICTS:
        raise RuntimeError(f"raymc conform ended with {done.returncode}: {text[-500:]}")
    (out / "verdict.txt").write_text(text)
    verdict = _VERDICTS[done.returncode]
    witness = next(iter(sorted((out / "witness").glob("*.trace.json"))), None)
    return Conformed(
        verdict,
        "" if verdict == EXPLAINED else reason_in(verdict, text),
        tuple(dict.fromkeys(violations_in(text))) if verdict == EXPLAINED else (),
        text,
        json.loads(witness.read_text()) if witness is not None and verdict == EXPLAINED else None,
    )


def violations_in(text: str) -> list[str]:
    """The properties that the program says are violated along the witness, or never true again at its end."""
    return re.findall(r"^ +and violates (\S+) from step", text, re.M) + re.findall(r"^ +and without another fault (\S+) is never true", text, re.M)


def reason_in(verdict: str, text: str) -> str:
    """In a few words that are the same for the same difference."""
    if verdict == NOT_EXPLAINED:
        first = re.search(re.escape(_UNREAD) + r" +\S+: (\w+)", text)
        return first.group(1) if first else "lines are missing at the end"
    said = re.search(r"^(?:cut off|refused): (.*)$", text, re.M)
    return said.group(1) if said else text.strip().splitlines()[0][:200] if text.strip() else verdict


@dataclass(frozen=True)
class Difference:
    """`sign` is equal for equal differences."""

    sign: str
    words: str


@dataclass(frozen=True)
class Judged:
    """`found`: what is wrong and the model has it, too."""

    found: tuple[str, ...]
    differences: tuple[Difference, ...]


def judge(conformed: Conformed, noticed: tuple[Noticed, ...], claims: Claims) -> Judged:
    """What the pinned protocol violates in the same situation is found; everything else that is wrong is a difference. A situation that the model
    could not explore to its end decides only what it found there."""
    cut = "" if claims.complete else ", as far as it was explored"
    found: list[str] = []
    differences: list[Difference] = []
    if conformed.verdict == NOT_EXPLAINED:
        differences.append(Difference(f"not explained: {conformed.reason}", "no behaviour of the model writes these logs"))
    for each in conformed.violated:
        if each in claims.violated:
            found.append(each)
        else:
            differences.append(Difference(f"violated: {each}", f"the witness violates {each}, and the model says that it holds here{cut}"))
    for seen in noticed:
        looked = {name for name, look in tables.looks().items() if look == seen.look and seen.look}
        if looked & claims.violated:
            found.append(seen.look)
        else:
            differences.append(Difference(f"seen: {seen.look or seen.words}", f"{seen.words}; no property that would show it is violated here{cut}"))
    return Judged(tuple(dict.fromkeys(found)), tuple(differences))
