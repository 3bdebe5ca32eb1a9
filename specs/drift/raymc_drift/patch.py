"""A tree with a unified diff on top of it, or taken out of it."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from raymc_drift.places import BAD_INPUT, DriftError
from raymc_drift.tools import program
from raymc_drift.trees import FolderTree, GitTree, PatchedTree, Tree, can_hold_citation

_DIFF_MAX = 256 << 20
_PATH = re.compile(rb'^(?:---|\+\+\+|rename from|rename to|copy from|copy to) (?:"?[ab]/)?"?([^"\t\r\n]+)', re.M)


def before_and_after(tree: Tree, diff: Path) -> tuple[Tree, Tree]:
    """The states before and after a diff, of which `tree` is one: a pull request's checkout has its diff already."""
    text = _read(diff)
    sections = _sections(text)
    if not sections:
        raise DriftError(f"{diff} is no unified diff", BAD_INPUT, "make it with: git diff BASE...HEAD")
    kept = {path: None for paths, _ in sections for path in paths}
    wanted = [path for path in kept if can_hold_citation(path)]
    ours = b"".join(part for paths, part in sections if any(can_hold_citation(p) for p in paths))
    if not wanted:
        return tree, PatchedTree(tree, {}, str(diff))
    named = sorted({p for paths, _ in sections if any(can_hold_citation(q) for q in paths) for p in paths})
    said = ""
    for reverse in (False, True):
        files, complaint = _apply(tree, named, ours, reverse)
        if files is not None:
            other = PatchedTree(tree, {p: files[p] for p in wanted}, str(diff))
            return (other, tree) if reverse else (tree, other)
        said = said or complaint
    raise DriftError(f"{diff} does not fit the tree: {said}", BAD_INPUT, "the tree must be what the diff was made from, or what it leads to")


def _read(diff: Path) -> bytes:
    try:
        if not diff.is_file():
            raise DriftError(f"{diff} is no file")
        if diff.stat().st_size > _DIFF_MAX:
            raise DriftError(f"{diff} is larger than {_DIFF_MAX >> 20} MiB", BAD_INPUT, "use --since with the merge base instead")
        return diff.read_bytes()
    except OSError as error:
        raise DriftError(f"cannot read {diff}: {error.strerror}") from None


def _sections(text: bytes) -> list[tuple[list[str], bytes]]:
    """The diff of each file, with the paths that it names."""
    if re.search(rb"^diff --git ", text, re.M):
        starts = [m.start() for m in re.finditer(rb"^diff --git ", text, re.M)]
    else:
        starts = [m.start() for m in re.finditer(rb"^--- [^\n]*\n(?=\+\+\+ )", text, re.M)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        part = text[start:end]
        hunk = part.find(b"\n@@ ")
        head = part if hunk < 0 else part[:hunk]
        paths = [p.decode("utf8", "replace") for p in _PATH.findall(head)]
        found.append(([p for p in dict.fromkeys(paths) if p != "/dev/null"], part))
    return found


def _apply(tree: Tree, named: list[str], text: bytes, reverse: bool) -> tuple[dict[str, bytes | None] | None, str]:
    """The files that a diff names after it was applied by git in a folder of its own; or None and what git says."""
    if isinstance(tree, GitTree):
        tree.prefetch(named)
    with tempfile.TemporaryDirectory(prefix="raymc-drift-") as place:
        folder = Path(place) / "tree"
        folder.mkdir()
        for path in named:
            data = tree.read(path)
            if data is None or ".." in Path(path).parts or Path(path).is_absolute():
                continue
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        command = [program("git", "apt-get install git"), "apply", "--whitespace=nowarn", *(["--reverse"] if reverse else []), "-"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environment |= {"GIT_CEILING_DIRECTORIES": place, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        run = subprocess.run(command, cwd=folder, input=text, capture_output=True, env=environment, check=False)
        if run.returncode != 0:
            said = run.stderr.decode("utf8", "replace").strip().splitlines()
            return None, said[0].removeprefix("error: ") if said else "git apply fails"
        after = FolderTree(folder)
        return {path: after.read(path) for path in named}, ""
