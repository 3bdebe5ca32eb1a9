"""States of Ray's source: a revision in a git repository, a folder, or either with a diff on top. Each gives the text of a path, and two of them the
paths in which they differ."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Protocol

from raymc_drift.definitions import Source
from raymc_drift.places import BAD_INPUT, DriftError
from raymc_drift.tools import git, git_text, tags_of

FOLDERS = ("src/ray", "python/ray/_raylet.pyx", "python/ray/_private", "python/ray/includes")
"""Where a citation can be. Tests, mocks and fakes are left out."""
_SUFFIXES = (".cc", ".h", ".proto", ".py", ".pyx", ".pxi")
_ASIDE = re.compile(
    r"(^|/)(tests?|mocks?|benchmarks?|test_utils?)/|(_test|_benchmark|_test_util\w*)\.(cc|h|py)$|/(mock|fake)_\w+\.(cc|h)$|/test_\w+\.py$"
)
_FILE_MAX = 8 << 20


def can_hold_citation(path: str) -> bool:
    inside = any(path == folder or path.startswith(folder + "/") for folder in FOLDERS)
    return inside and path.endswith(_SUFFIXES) and not _ASIDE.search(path)


class Tree(Protocol):
    name: str

    def read(self, path: str) -> bytes | None: ...

    def paths(self) -> list[str]: ...


class GitTree:
    """One revision of a git repository, read without a work tree."""

    def __init__(self, repository: Path, revision: str) -> None:
        self.repository = repository
        if revision.startswith("-"):
            raise DriftError(f"{revision!r} is no revision")
        run = git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        if run.returncode != 0:
            raise DriftError(f"{revision!r} is no revision of {repository}", BAD_INPUT, "a shallow clone lacks it: fetch more of its history")
        self.revision = run.stdout.decode().strip()
        self.name = self.revision
        self._known: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        if path not in self._known:
            self.prefetch([path])
        return self._known[path]

    def prefetch(self, paths: list[str]) -> None:
        """Reads many files with one process."""
        wanted = [p for p in dict.fromkeys(paths) if p not in self._known and "\n" not in p]
        if not wanted:
            return
        asked = "".join(f"{self.revision}:{path}\n" for path in wanted)
        run = git(self.repository, "cat-file", "--batch", data=asked.encode())
        if run.returncode != 0:
            raise DriftError(f"git cannot read {self.repository}: {run.stderr.decode('utf8', 'replace').strip()[:200]}")
        at = 0
        for path in wanted:
            end = run.stdout.index(b"\n", at)
            head = run.stdout[at:end].split()
            at = end + 1
            self._known[path] = None
            if len(head) == 3 and head[2].isdigit():
                size = int(head[2])
                if head[1] == b"blob" and size <= _FILE_MAX:
                    self._known[path] = run.stdout[at : at + size]
                at += size + 1

    def paths(self) -> list[str]:
        out = git_text(self.repository, "ls-tree", "-r", "-z", "--name-only", self.revision, "--", *FOLDERS)
        return [p for p in out.split("\0") if can_hold_citation(p)]


class FolderTree:
    """The files of a folder as they are now. Links are not followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def read(self, path: str) -> bytes | None:
        try:
            at = self.folder
            for part in Path(path).parts:
                at = at / part
                if part == ".." or stat.S_ISLNK(at.lstat().st_mode):
                    return None
            if not at.is_file() or at.stat().st_size > _FILE_MAX:
                return None
            return at.read_bytes()
        except OSError:
            return None

    def paths(self) -> list[str]:
        found = []
        for top in FOLDERS:
            if (self.folder / top).is_file():
                found.append(top)
            for at, folders, files in os.walk(self.folder / top):
                folders.sort()
                found += [str((Path(at) / name).relative_to(self.folder)) for name in files]
        return sorted(p for p in found if can_hold_citation(p))


class PatchedTree:
    """A tree with some files replaced; None: the file is gone."""

    def __init__(self, base: Tree, files: dict[str, bytes | None], name: str) -> None:
        self.base = base
        self.files = files
        self.name = name

    def read(self, path: str) -> bytes | None:
        return self.files[path] if path in self.files else self.base.read(path)

    def paths(self) -> list[str]:
        kept = {p for p in self.base.paths() if p not in self.files}
        return sorted(kept | {p for p, data in self.files.items() if data is not None and can_hold_citation(p)})


_TAKEN_APART: dict[tuple[str, bytes], Source] = {}
"""Files by path and content: a replay meets most of them again and again."""
_TAKEN_APART_MAX = 4000


class View:
    """A tree with its files taken apart once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._sources: dict[str, Source | None] = {}

    def prepare(self, paths: list[str]) -> None:
        """Reads files and lets ctags look at those of C++, all at once."""
        missing = [p for p in dict.fromkeys(paths) if p not in self._sources]
        if isinstance(self.tree, GitTree):
            self.tree.prefetch(missing)
        data = {p: self.tree.read(p) for p in missing}
        known = {p: (p, hashlib.sha256(d).digest()) for p, d in data.items() if d is not None}
        fresh = {p: data[p] or b"" for p, key in known.items() if key not in _TAKEN_APART}
        tags = tags_of({p: d for p, d in fresh.items() if p.endswith((".cc", ".h"))})
        if len(_TAKEN_APART) > _TAKEN_APART_MAX:
            _TAKEN_APART.clear()
            return self.prepare(paths)
        for path, content in fresh.items():
            _TAKEN_APART[known[path]] = Source(path, content.decode("utf8", "replace"), tags.get(path, []))
        for path in missing:
            self._sources[path] = _TAKEN_APART[known[path]] if path in known else None

    def source(self, path: str) -> Source | None:
        if path not in self._sources:
            self.prepare([path])
        return self._sources[path]


def open_tree(folder: Path) -> tuple[Tree, Path | None]:
    """The state of Ray that a path names, and its repository if it has one: the files of a work tree, or the HEAD of a bare repository."""
    if not folder.is_dir():
        raise DriftError(f"{folder} is no folder", BAD_INPUT, "give a checkout of Ray, or a bare repository of it")
    if (folder / "src/ray").is_dir():
        inside = (folder / ".git").exists()
        return FolderTree(folder), folder if inside else None
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
        tree = GitTree(folder, "HEAD")
        if tree.read("src/ray/protobuf/common.proto") is None and not tree.paths():
            raise DriftError(f"{folder} is a repository, and not one of Ray: it has no src/ray")
        return tree, folder
    raise DriftError(f"{folder} is no tree of Ray: it has no src/ray", BAD_INPUT, "give a checkout of Ray, or a bare repository of it")


def revision_of(repository: Path | None) -> str | None:
    """The commit that a repository's HEAD names."""
    if repository is None:
        return None
    run = git(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return run.stdout.decode().strip() or None if run.returncode == 0 else None


def has_revision(repository: Path | None, revision: str) -> bool:
    return repository is not None and git(repository, "cat-file", "-e", revision + "^{commit}").returncode == 0


def changed_paths(old: Tree, new: Tree, repository: Path | None) -> list[str]:
    """The paths that can hold citations and differ between two trees."""
    if isinstance(old, GitTree) and repository is not None:
        if isinstance(new, GitTree):
            out = git_text(repository, "diff-tree", "-r", "-z", "--no-renames", "--name-only", old.revision, new.revision, "--", *FOLDERS)
            return [p for p in out.split("\0") if can_hold_citation(p)]
        if isinstance(new, FolderTree) and new.folder == repository:
            listed = [p for p in dict.fromkeys([*old.paths(), *new.paths()]) if can_hold_citation(p)]
            blobs = _blobs(old)
            return [p for p in listed if _differs(blobs.get(p), new.read(p))]
    if isinstance(new, PatchedTree) and new.base is old:
        return sorted(p for p in new.files if can_hold_citation(p))
    return [p for p in dict.fromkeys([*old.paths(), *new.paths()]) if old.read(p) != new.read(p)]


def _blobs(tree: GitTree) -> dict[str, str]:
    out = git_text(tree.repository, "ls-tree", "-r", "-z", tree.revision, "--", *FOLDERS)
    entries = (entry.split("\t", 1) for entry in out.split("\0") if entry)
    return {path: head.split()[2] for head, path in entries if head.startswith("100")}


def _differs(blob: str | None, data: bytes | None) -> bool:
    if blob is None or data is None:
        return blob is not None or data is not None
    make = hashlib.sha256 if len(blob) == 64 else hashlib.sha1
    return make(b"blob %d\0" % len(data) + data).hexdigest() != blob
