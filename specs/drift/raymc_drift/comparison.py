"""Every citation of the model in two states of Ray: where it is, what became of it, which calls of it changed, and what is new."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from raymc_drift.callers import ChangedCall, changed_calls
from raymc_drift.catalogue import Catalogue, Row
from raymc_drift.definitions import Cited, Definition, bare, same_symbol
from raymc_drift.judge import Names, Verdict, compare, likeness
from raymc_drift.lock import Entry, Lock
from raymc_drift.novelties import Novelty, novelties
from raymc_drift.places import OK, READ_AGAIN, UNRESOLVED
from raymc_drift.trees import View

_ALIKE = 0.5
"""From here on a function with another name is taken for the cited one."""
_TOKENS_MIN = 25


@dataclass(frozen=True)
class Citation:
    path: str
    symbol: str
    rows: tuple[str, ...]
    """Rows whose source it is, and rows that it decides besides."""
    safeguards: tuple[str, ...] = ()
    entry: Entry | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return self.entry.only if self.entry else ()


@dataclass(frozen=True)
class Finding:
    """What became of one citation."""

    citation: Citation
    verdict: Verdict
    detail: str = ""
    path: str = ""
    """Where it is now."""
    line: int = 1
    now: Cited | None = field(default=None, compare=False)


@dataclass
class Comparison:
    old: str
    new: str
    findings: list[Finding]
    calls: list[ChangedCall] = field(default_factory=list)
    novelties: list[Novelty] = field(default_factory=list)

    def of(self, *verdicts: Verdict) -> list[Finding]:
        return [f for f in self.findings if f.verdict in verdicts]

    @property
    def unread(self) -> list[Finding]:
        return self.of(Verdict.CHANGED, Verdict.UNREAD, Verdict.GONE)

    def rows(self) -> list[str]:
        """Rows to read again, in the order of their citations."""
        found = [row for f in self.unread for row in f.citation.rows] + [row for call in self.calls for row in call.rows]
        return list(dict.fromkeys(found))

    def exit_code(self) -> int:
        if self.of(Verdict.GONE):
            return UNRESOLVED
        return READ_AGAIN if self.unread or self.calls else OK


def citations(catalogue: Catalogue, lock: Lock) -> list[Citation]:
    """What rows and safeguards cite and what the lock says of it, and what decides them besides."""
    rows, guards = (_by_place(of, lock) for of in (catalogue.rows, catalogue.guards))
    entries = {(e.path, e.symbol): e for e in lock.entries}
    known = {row.id for row in catalogue.rows}
    found = []
    for key in sorted({*rows, *guards, *(k for k, e in entries.items() if e.also)}):
        entry = entries.get(key)
        also = entry.also if entry else ()
        of_rows = [*rows.get(key, []), *(i for i in also if i in known)]
        of_guards = [*guards.get(key, []), *(i for i in also if i not in known)]
        found.append(Citation(*key, tuple(dict.fromkeys(of_rows)), tuple(dict.fromkeys(of_guards)), entry))
    return found


def _by_place(of: list[Row], lock: Lock) -> dict[tuple[str, str], list[str]]:
    """Ids by file and symbol, as the lock names it."""
    places: dict[tuple[str, str], list[str]] = {}
    for row in of:
        entry = lock.entry(row.path, row.symbol)
        places.setdefault((row.path, entry.symbol if entry else row.symbol), []).append(row.id)
    return places


def compare_views(cites: Iterable[Citation], old: View, new: View, changed: list[str]) -> list[Finding]:
    """What became of each citation that the old state has."""
    wanted = list(cites)
    differs = set(changed)
    old.prepare(changed)
    new.prepare([*(c.path for c in wanted), *changed])
    names = _names(old, new, changed)
    found = []
    for citation in wanted:
        # What is the same in both is read from the new one, which is at hand: a partial clone would fetch it.
        before = _at(old if citation.path in differs else new, citation.path, citation) or _elsewhere(old, changed, citation, citation.symbol)
        if before is None:
            continue
        if before.path not in changed:
            found.append(Finding(citation, Verdict.SAME, "", before.path, before.line, before))
        else:
            found.append(_judged(citation, before, new, changed, names))
    return found


def compare_with_lock(cites: Iterable[Citation], new: View) -> list[Finding]:
    """What the lock's hashes alone say of a state of Ray."""
    wanted = list(cites)
    new.prepare(list({c.path for c in wanted}))
    lost = [c for c in wanted if _at(new, c.path, c) is None]
    everywhere = [p for p in new.tree.paths() if p.endswith((".cc", ".h"))] if lost else []
    new.prepare(everywhere)
    found = []
    for citation in wanted:
        now = _at(new, citation.path, citation) or _elsewhere(new, everywhere, citation, citation.symbol)
        entry = citation.entry
        if now is None:
            found.append(Finding(citation, Verdict.GONE, "no definition of that name in the tree", citation.path))
            continue
        where = (now.path, now.line, now)
        moved = now.path != citation.path
        if entry is None or not entry.body:
            found.append(Finding(citation, Verdict.UNREAD, "not in the lock", *where))
        elif entry.body == now.body_hash:
            verdict = Verdict.SAME if entry.signature == now.signature_hash else Verdict.SIGNATURE
            found.append(Finding(citation, Verdict.MOVED if moved else verdict, f"to {now.path}" if moved else "", *where))
        else:
            told = f"moved to {now.path}; " if moved else ""
            found.append(Finding(citation, Verdict.CHANGED, told + "not the text of the lock, whose revision is not at hand", *where))
    return found


def held_by_lock(findings: list[Finding], new: View) -> list[Finding]:
    """Findings against the lock's revision, without those whose present text somebody has read, and with those that nobody has read."""
    out = []
    for finding in findings:
        entry = finding.citation.entry
        now = finding.now or _at(new, finding.path or finding.citation.path, finding.citation)
        if entry is None or not entry.body:
            out.append(replace(finding, verdict=Verdict.UNREAD, detail="not in the lock"))
        elif now is not None and entry.holds(now):
            read = finding.verdict in (Verdict.CHANGED, Verdict.SIGNATURE)
            out.append(replace(finding, verdict=Verdict.SAME, detail=f"read {entry.read} by {entry.reader}") if read else finding)
        elif finding.verdict in (Verdict.SAME, Verdict.COSMETIC) and finding.path == finding.citation.path:
            same = finding.verdict == Verdict.COSMETIC and finding.detail != "comments or layout"
            out.append(finding if same else replace(finding, verdict=Verdict.UNREAD, detail="not the text that the lock says was read"))
        else:
            out.append(finding)
    return out


def whole(cites: list[Citation], old: View, new: View, changed: list[str]) -> Comparison:
    """Everything that can be said of two states."""
    findings = compare_views(cites, old, new, changed)
    standing = [f.citation for f in findings if f.verdict not in (Verdict.RENAMED, Verdict.GONE)]
    touched = {name for f in findings if f.now and f.verdict != Verdict.SAME for name in f.now.names}
    return Comparison(
        old.tree.name, new.tree.name, findings, changed_calls(standing, old, new, changed, touched), novelties(old, new, changed)
    )  # fmt: skip


def _at(view: View, path: str, citation: Citation) -> Cited | None:
    source = view.source(path)
    return source.find(citation.symbol, citation.parts) if source else None


def _elsewhere(view: View, paths: list[str], citation: Citation, symbol: str) -> Cited | None:
    """A function of this name, classes included, in one of several files: in that whose path is most like the cited one's."""
    for path in sorted(paths, key=lambda p: -len(os.path.commonprefix([p, citation.path]))):
        source = view.source(path) if path.endswith((".cc", ".h")) else None
        found = tuple(d for d in source.functions if d.name == symbol and _has_body(d)) if source and bare(symbol) in source.text else ()
        if found:
            return Cited(path, found, citation.parts)
    return None


def _names(old: View, new: View, paths: list[str]) -> Names:
    before, after = ([s for p in paths if (s := view.source(p)) is not None] for view in (old, new))
    nothing: frozenset[str] = frozenset()
    return Names(
        nothing.union(*(s.words for s in before)),
        nothing.union(*(s.words for s in after)),
        nothing.union(*(s.declared for s in before)),
        nothing.union(*(s.declared for s in after)),
    )


def _has_body(definition: Definition) -> bool:
    return any(t.text == "{" for t in definition.tokens)


def _judged(citation: Citation, before: Cited, new: View, changed: list[str], names: Names) -> Finding:
    now = _at(new, before.path, citation)
    if now is not None:
        verdict, detail, line = compare(before, now, names)
        return Finding(citation, verdict, detail, now.path, line, now)
    now = _elsewhere(new, changed, citation, before.names[0])
    how, verdict_if_same = f"to {now.path}" if now else "", Verdict.MOVED
    if now is None:
        now = _alike(before, new, changed)
        if now is None:
            return Finding(citation, Verdict.GONE, "no definition of that name, and none like it in what changed", before.path)
        same_name = any(same_symbol(bare(citation.symbol), name) for name in now.names)
        how = f"is now {now.names[0]} in {now.path}"
        verdict_if_same = Verdict.MOVED if same_name else Verdict.RENAMED
    verdict, detail, line = compare(before, now, names)
    if verdict in (Verdict.CHANGED, Verdict.SIGNATURE):
        return Finding(citation, verdict, f"{how}; {detail}", now.path, line, now)
    return Finding(citation, verdict_if_same, how, now.path, line, now)


def _alike(before: Cited, new: View, changed: list[str]) -> Cited | None:
    """The function in what changed whose text is most like this one's."""
    if len(before.tokens) < _TOKENS_MIN:
        return None
    best: tuple[float, Definition, str] | None = None
    for path in changed:
        source = new.source(path) if path.endswith((".cc", ".h")) else None
        for definition in source.functions if source else []:
            if len(definition.tokens) < _TOKENS_MIN:
                continue
            score = likeness(before.body, definition.parts[1])
            needed = _ALIKE / 2 if bare(definition.name) == bare(before.names[0]) else _ALIKE
            if score >= needed and (best is None or score > best[0]):
                best = (score, definition, path)
    return Cited(best[2], (best[1],)) if best else None
