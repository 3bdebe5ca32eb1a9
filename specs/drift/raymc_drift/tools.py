"""The two programs that drift runs: git and universal-ctags."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from raymc_drift.places import MISSING_TOOL, DriftError

# Thread annotations and export macros between a name and its body hide the body from ctags.
_ANNOTATIONS = (
    "ABSL_GUARDED_BY", "ABSL_LOCKS_EXCLUDED", "ABSL_EXCLUSIVE_LOCKS_REQUIRED", "ABSL_SHARED_LOCKS_REQUIRED", "ABSL_EXCLUSIVE_LOCK_FUNCTION",
    "ABSL_UNLOCK_FUNCTION", "ABSL_ACQUIRED_AFTER",
)  # fmt: skip


class Tag(NamedTuple):
    name: str
    kind: str
    scope: str
    line: int
    end: int
    """0: ctags does not know."""
    signature: str


def program(name: str, hint: str) -> str:
    """Where a program is; an error with code 74 if it is nowhere."""
    found = shutil.which(name)
    if found is None:
        raise DriftError(f"{name} is not installed", MISSING_TOOL, hint)
    return found


def _git_environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def git(where: Path, *arguments: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs git in a folder, without hooks, pagers, monitors or replacement programs of that repository's configuration."""
    safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "diff.external="]
    command = [program("git", "apt-get install git"), *safe, "-C", str(where), *arguments]
    return subprocess.run(command, input=data, capture_output=True, env=_git_environment(), check=False)


def git_text(where: Path, *arguments: str) -> str:
    """What git prints; an error with what it complains of if it fails."""
    run = git(where, *arguments)
    if run.returncode != 0:
        said = run.stderr.decode("utf8", "replace").strip().splitlines()
        raise DriftError(f"git {arguments[0]} fails in {where}: {said[0] if said else run.returncode}")
    return run.stdout.decode("utf8", "replace")


def tags_of(files: Mapping[str, bytes]) -> dict[str, list[Tag]]:
    """What universal-ctags finds in C++ files, by path. The files are written to a folder of their own under safe names."""
    if not files:
        return {}
    ctags = program("ctags", "apt-get install universal-ctags")
    names = sorted(files)
    found: dict[str, list[Tag]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="raymc-drift-") as folder:
        for i, name in enumerate(names):
            (Path(folder) / f"{i}.cc").write_bytes(files[name])
        command = [ctags, "--options=NONE", "--languages=C++", "--kinds-C++=+p", "--output-format=json", "--fields=+neSKs", "-L", "-", "-f", "-"]
        for annotation in _ANNOTATIONS:
            command += ["-D", f"{annotation}(x)="]
        command += ["-D", "RAY_EXPORT="]
        run = subprocess.run(command, cwd=folder, input="".join(f"{i}.cc\n" for i in range(len(names))), capture_output=True, text=True, check=False)
    if run.returncode != 0 or "Universal Ctags" not in _version(ctags):
        raise DriftError("ctags is not universal-ctags", MISSING_TOOL, "apt-get install universal-ctags")
    for line in run.stdout.splitlines():
        if not line.startswith("{"):
            continue
        tag = json.loads(line)
        if tag.get("_type") != "tag":
            continue
        path = names[int(tag["path"].split(".")[0])]
        found[path].append(
            Tag(tag["name"], tag.get("kind", ""), tag.get("scope", ""), tag.get("line", 0), tag.get("end", 0), tag.get("signature", ""))
        )
    return found


_VERSIONS: dict[str, str] = {}


def _version(ctags: str) -> str:
    if ctags not in _VERSIONS:
        _VERSIONS[ctags] = subprocess.run([ctags, "--version"], capture_output=True, text=True, check=False).stdout
    return _VERSIONS[ctags]
