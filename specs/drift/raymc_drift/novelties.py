"""What a change adds to Ray that no row can cite yet: handlers, calls, messages and constants."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from raymc_drift.definitions import Source, bare
from raymc_drift.trees import View

_CONSTANT = re.compile(r"\bRAY_CONFIG\w*\(\s*[\w:<>, ]+?,\s*(\w+)\s*,")
_RPC = re.compile(r"^\s*rpc\s+(\w+)", re.M)
_MESSAGE = re.compile(r"^\s*message\s+(\w+)", re.M)


@dataclass(frozen=True)
class Novelty:
    kind: str
    """"handler", "rpc", "message" or "constant"."""
    name: str
    path: str
    line: int
    gone: bool = False


def novelties(old: View, new: View, changed: list[str]) -> list[Novelty]:
    """New ones and gone ones; what moves from one of the files to another is neither."""
    found: list[Novelty] = []
    kinds: tuple[tuple[str, Callable[[str], bool], Callable[[Source], dict[str, int]]], ...] = (
        ("handler", lambda p: p.endswith(".cc"), _handlers),
        ("rpc", lambda p: p.endswith(".proto"), lambda s: _lines(_RPC, s)),
        ("message", lambda p: p.endswith(".proto"), lambda s: _lines(_MESSAGE, s)),
        ("constant", lambda p: p.endswith("ray_config_def.h"), lambda s: _lines(_CONSTANT, s)),
    )
    for kind, fits, names in kinds:
        before: dict[str, tuple[str, int]] = {}
        after: dict[str, tuple[str, int]] = {}
        for path in (p for p in changed if fits(p)):
            for view, table in ((old, before), (new, after)):
                source = view.source(path)
                table.update({name: (path, line) for name, line in names(source).items()} if source else {})
        found += [Novelty(kind, n, *after[n]) for n in sorted(after.keys() - before.keys())]
        found += [Novelty(kind, n, *before[n], gone=True) for n in sorted(before.keys() - after.keys())]
    # A call brings its request and reply along.
    calls = {n.name for n in found if n.kind == "rpc"}
    return [n for n in found if n.kind != "message" or not any(n.name == c + end for c in calls for end in ("Request", "Reply"))]


def _handlers(source: Source) -> dict[str, int]:
    return {d.name: d.first for d in source.functions if bare(d.name).startswith("Handle")}


def _lines(pattern: re.Pattern[str], source: Source) -> dict[str, int]:
    return {m.group(1): source.text.count("\n", 0, m.start(1)) + 1 for m in pattern.finditer(source.text)}
