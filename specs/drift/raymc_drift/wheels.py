"""Comparison of two releases of Ray without their source: what each cited function calls and says in either wheel. A difference is a
reason to look; that none is seen is no proof that there is none."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from raymc_drift.binary import Facts, Program
from raymc_drift.comparison import Citation
from raymc_drift.definitions import Cited, Source, bare
from raymc_drift.judge import READ_AGAIN as DOUBTFUL
from raymc_drift.judge import Names, compare
from raymc_drift.places import MISSING_TOOL, OK, READ_AGAIN, DriftError

_PROGRAMS = ("ray/core/src/ray/raylet/raylet", "ray/core/src/ray/gcs/gcs_server", "ray/_raylet.so")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:rc\d+)?")
_VERSION_LINE = re.compile(r'^version = "([^"]+)"', re.MULTILINE)
_COMMIT_LINE = re.compile(r'^commit = "([0-9a-f]{40})"', re.MULTILINE)
_FILE_MAX = 256 << 20

# What a compiler puts inline in one release and not in the other, and what logs, counts and holds values.
_SAID_BY_NOBODY = re.compile(
    r"::~|::operator|^ray::operator|^ray::RayLog\b|^ray::(?:\w+::)*(\w+)::\1$|^ray::MurmurHash64A$|^ray::BaseID::"
    r"|::(?:DebugString|StringifyContainer|InternalSwap|CopyFrom|MergeFrom|Clear|ByteSizeLong|Record\w*)$|^ray::stats::"
)
_TEXT_OF_NOBODY = re.compile(
    r"^ An unexpected system state has occurred|^(?:cannot create )?std::|^basic_string|^vector::|^map::at|^bad_"
    r"|^\d+\.\d+\.\d+$|^[a-z]+(?:_[a-z]+)*_id$"
)


class Seen(StrEnum):
    """What was seen of one citation in two wheels."""

    DIFFERS = "differs"
    GONE = "gone"
    """The older wheel has code of that name and the newer one has none: it is gone, renamed, or inlined everywhere."""
    NEW = "new"
    ALIKE = "alike"
    """No difference is seen. Conditions, numbers and virtual calls are never seen."""
    UNSEEN = "not seen"
    """In neither wheel: inlined everywhere, or no function."""


@dataclass(frozen=True)
class Difference:
    """One citation in both wheels."""

    citation: Citation
    seen: Seen
    lost_calls: tuple[str, ...] = ()
    new_calls: tuple[str, ...] = ()
    lost_texts: tuple[str, ...] = ()
    new_texts: tuple[str, ...] = ()
    sizes: tuple[int, int] = (0, 0)
    """Bytes of machine code in either."""
    detail: str = ""


@dataclass
class WheelComparison:
    old: str
    new: str
    differences: list[Difference]
    new_handlers: list[str] = field(default_factory=list)
    lost_handlers: list[str] = field(default_factory=list)

    @property
    def unread(self) -> list[Difference]:
        """To be looked at."""
        return [d for d in self.differences if d.seen in (Seen.DIFFERS, Seen.GONE, Seen.NEW)]

    def rows(self) -> list[str]:
        return list(dict.fromkeys(row for d in self.unread for row in d.citation.rows))

    def exit_code(self) -> int:
        return READ_AGAIN if self.unread else OK


class Release:
    """What one wheel holds of what is cited."""

    def __init__(self, where: Path, read: Callable[[str], bytes | None], cites: Iterable[Citation]) -> None:
        said = _text(read("ray/_version.py")) or ""
        version, commit = _VERSION_LINE.search(said), _COMMIT_LINE.search(said)
        if version is None or commit is None:
            raise DriftError(f"{where} holds no release of Ray: no version and commit in ray/_version.py")
        self.name = f"Ray {version.group(1)}, {commit.group(1)}"
        wanted = list(cites)
        self._python = {c.path: _text(read(c.path.removeprefix("python/"))) for c in wanted if c.path.endswith(".py")}
        names = {bare(c.symbol) for c in wanted if c.path.startswith("src/ray")}
        self.programs = []
        for path in _PROGRAMS:
            data = read(path)
            if data is None:
                raise DriftError(f"{where} lacks {path}")
            self.programs.append(Program(f"{where}: {path}", data, names))
        self._tails: dict[str, set[str]] = {}
        for name in {n for p in self.programs for n in p.functions}:
            self._tails.setdefault(_tail(name), set()).add(name)

    def in_python(self, citation: Citation) -> Cited | None:
        text = self._python.get(citation.path)
        return Source(citation.path, text, []).find(citation.symbol, citation.parts) if text is not None else None

    def named(self, symbol: str) -> set[str]:
        """The functions that a citation means: those of its class, in whatever namespace."""
        return self._tails.get(symbol, set())

    def facts(self, names: set[str]) -> Facts:
        """Of one citation, without what says nothing of what it does."""
        found = Facts()
        for program in self.programs:
            for name in sorted(names):
                found.add(program.facts(name))
        return _telling(found)

    def facts_of_callee(self, name: str) -> Facts:
        found = Facts()
        for program in self.programs:
            found.add(program.facts_of_callee(name))
        return _telling(found)

    def handlers(self) -> dict[str, str]:
        """By the last part of its name one function for each sort of request that is answered."""
        return {bare(name): name for name in sorted(name for program in self.programs for name in program.handlers)}


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf8", "replace")


def _telling(facts: Facts) -> Facts:
    calls = {c for c in facts.calls if c.startswith(("ray::", "instrumented_io_context::")) and not _SAID_BY_NOBODY.search(c)}
    return Facts(calls, {t for t in facts.texts if not _TEXT_OF_NOBODY.search(t)}, facts.size)


def _tail(name: str) -> str:
    """A name without its namespaces, which Ray writes in small letters."""
    parts = name.split("::")
    first = next((i for i, part in enumerate(parts[:-1]) if part[:1].isupper()), len(parts) - 1)
    return "::".join(parts[first:])


def open_release(what: str, root: Path, cites: list[Citation]) -> Release:
    """A wheel, a folder into which one is unpacked or installed, or a version, which is fetched from the package index if it is nowhere at hand."""
    path = Path(what)
    if path.is_file():
        return _of_wheel(path, cites)
    if path.is_dir():
        return _of_folder(path, cites)
    if not _VERSION.fullmatch(what):
        raise DriftError(f"{what} is no wheel of Ray, no folder with one, and no version")
    for folder in sorted((root / "build" / f"ray-venv-{what}").glob("lib/python3*/site-packages")):
        if (folder / _PROGRAMS[0]).exists():
            return _of_folder(folder, cites)
    return _of_wheel(_fetched(what, root / "build" / "wheels"), cites)


def _of_folder(folder: Path, cites: list[Citation]) -> Release:
    def read(path: str) -> bytes | None:
        file = folder / path
        try:
            return file.read_bytes() if file.is_file() and file.stat().st_size <= _FILE_MAX else None
        except OSError as error:
            raise DriftError(f"{file}: {error.strerror}") from None

    return Release(folder, read, cites)


def _of_wheel(file: Path, cites: list[Citation]) -> Release:
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            return Release(file, lambda path: archive.read(path) if sizes.get(path, _FILE_MAX + 1) <= _FILE_MAX else None, cites)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise DriftError(f"{file} is no wheel: {error}") from None


def _fetched(version: str, folder: Path) -> Path:
    found = sorted(folder.glob(f"ray-{version}-*.whl"))
    if not found:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--dest",
            str(folder),
        ]
        run = subprocess.run([*command, f"ray=={version}"], capture_output=True, text=True, check=False)
        found = sorted(folder.glob(f"ray-{version}-*.whl"))
        if run.returncode != 0 or not found:
            said = run.stderr.strip().splitlines()
            raise DriftError(f"Ray {version} cannot be fetched from the package index: {said[-1] if said else run.returncode}", MISSING_TOOL)
    return found[0]


def compare_releases(cites: Iterable[Citation], old: Release, new: Release) -> WheelComparison:
    found = [_python(c, old, new) if c.path.endswith(".py") else _compiled(c, old, new) for c in cites]
    before, after = old.handlers(), new.handlers()
    gained, lost = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    return WheelComparison(old.name, new.name, found, [after[name] for name in gained], [before[name] for name in lost])


def _python(citation: Citation, old: Release, new: Release) -> Difference:
    """Python's source is in the wheel, and is compared as drift compares source."""
    before, after = old.in_python(citation), new.in_python(citation)
    if before is None or after is None:
        return Difference(citation, Seen.UNSEEN if before is after else Seen.GONE if after is None else Seen.NEW)
    verdict, detail, _ = compare(before, after, Names())
    return Difference(
        citation, Seen.DIFFERS if verdict in DOUBTFUL else Seen.ALIKE, detail=f"its source is {verdict}" + (f": {detail}" if detail else "")
    )


def _compiled(citation: Citation, old: Release, new: Release) -> Difference:
    before, after = old.named(citation.symbol), new.named(citation.symbol)
    was, now = old.facts(before), new.facts(after)
    if not before or not after:
        return Difference(citation, Seen.UNSEEN if not before and not after else Seen.GONE if before else Seen.NEW, sizes=(was.size, now.size))
    lost, gained = was.calls - now.calls, now.calls - was.calls
    lost_texts, new_texts = was.texts - now.texts, now.texts - was.texts
    # A call that is inlined in the other wheel is none that is lost: its caller does there what it does.
    for calls, release, other, done, said in ((lost, old, now, gained, new_texts), (gained, new, was, lost, lost_texts)):
        for call in sorted(calls - before - after):
            inner = release.facts_of_callee(call)
            if (inner.calls or inner.texts) and inner.calls <= other.calls and inner.texts <= other.texts:
                calls.discard(call)
                done -= inner.calls
                said -= inner.texts
    seen = Seen.DIFFERS if lost or gained or lost_texts or new_texts else Seen.ALIKE
    parts = [tuple(sorted(part)) for part in (lost, gained, lost_texts, new_texts)]
    return Difference(citation, seen, parts[0], parts[1], parts[2], parts[3], (was.size, now.size))
