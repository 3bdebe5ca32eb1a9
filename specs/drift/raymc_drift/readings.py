"""Readings noted in the lock: what somebody has read of Ray, and when the lock's revision moves on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from raymc_drift.catalogue import Catalogue
from raymc_drift.comparison import Citation, citations, compare_views
from raymc_drift.definitions import Cited
from raymc_drift.judge import READ_AGAIN
from raymc_drift.lock import Entry, Lock, read_entry
from raymc_drift.places import BAD_INPUT, UNRESOLVED, DriftError
from raymc_drift.trees import View


@dataclass
class Reading:
    accepted: list[str]
    """Citations, as "path: symbol"."""
    unread: list[str]
    dropped: list[str]
    """Symbols that were in the lock and that nothing cites."""
    moved: bool
    """The lock's revision is now that of the tree."""


@dataclass(frozen=True)
class Reader:
    """Who reads, when, and which revision of Ray."""

    name: str
    day: datetime.date
    revision: str
    date: str
    """Of the revision."""


def accept(catalogue: Catalogue, lock: Lock, old: View | None, new: View, reader: Reader, names: list[str]) -> Reading:
    """Notes that somebody has read what these rows and safeguards cite, as it is in `new`. What differs from the lock's revision, `old`, in nothing
    that makes a row doubtful needs no reader. With nothing unread, the lock's revision becomes the reader's."""
    dropped = prune(catalogue, lock)
    cites = citations(catalogue, lock)
    known = {i for c in cites for i in (*c.rows, *c.safeguards)} | {row.id for row in catalogue.rows}
    for name in names:
        if name not in known:
            raise DriftError(f"no row or safeguard that cites anything is called {name!r}", BAD_INPUT, "./raymc list transitions names the rows")
    new.prepare([c.path for c in cites])
    at = "" if reader.revision == lock.revision else reader.revision
    accepted = []
    for citation in cites:
        if not set(names) & {*citation.rows, *citation.safeguards}:
            continue
        cited = resolve(new, citation)
        entry = citation.entry or Entry(citation.path, cited.names[0])
        lock.put(read_entry(entry, cited, reader.name, at, reader.day))
        accepted.append(f"{citation.path}: {cited.names[0]}")
    unread = [c for c in citations(catalogue, lock) if not _holds(new, c)]
    if old is not None and unread:
        _take_over(lock, unread, old, new, at)
        unread = [c for c in citations(catalogue, lock) if not _holds(new, c)]
    moved = not unread and reader.revision != lock.revision
    if moved:
        lock.revision, lock.date = reader.revision, reader.date
        lock.entries = [replace(e, at="") for e in lock.entries]
    return Reading(accepted, [f"{c.path}: {c.symbol}" for c in unread], dropped, moved)


def _take_over(lock: Lock, unread: list[Citation], old: View, new: View, at: str) -> None:
    """The hashes of what was read at the lock's revision and has changed in nothing that counts since."""
    changed = [path for path in {c.path for c in unread} if _differ(old, new, path)]
    for finding in compare_views(unread, old, new, sorted(changed)):
        entry = finding.citation.entry
        source = old.source(finding.citation.path)
        before = source.find(finding.citation.symbol, finding.citation.parts) if source else None
        if entry is None or before is None or not entry.holds(before):
            continue
        if finding.now is not None and finding.verdict not in READ_AGAIN and finding.path == finding.citation.path:
            lock.put(replace(entry, body=finding.now.body_hash, signature=finding.now.signature_hash, at=at))


def _differ(old: View, new: View, path: str) -> bool:
    before, after = old.source(path), new.source(path)
    return (before.text if before else None) != (after.text if after else None)


def prune(catalogue: Catalogue, lock: Lock) -> list[str]:
    """Takes out what no row and no safeguard cites and what decides nothing."""
    cited = {(e.path, e.symbol) for row in (*catalogue.rows, *catalogue.guards) if (e := lock.entry(row.path, row.symbol)) is not None}
    kept = [e for e in lock.entries if (e.path, e.symbol) in cited or e.also]
    dropped = [f"{e.path}: {e.symbol}" for e in lock.entries if e not in kept]
    lock.entries = kept
    return dropped


def resolve(view: View, citation: Citation) -> Cited:
    """What a citation names; an error with code 11 if that is nothing, or several things of one name."""
    source = view.source(citation.path)
    cited = source.find(citation.symbol, citation.parts) if source else None
    if cited is None:
        where = "" if source else ", and the file is not there"
        raise DriftError(
            f"{citation.path}: nothing called {citation.symbol} is defined here{where}",
            UNRESOLVED,
            f"cited by {', '.join((*citation.rows, *citation.safeguards))}",
        )
    if len(cited.names) > 1:
        raise DriftError(f"{citation.path}: {citation.symbol} could be {', '.join(cited.names)}", UNRESOLVED, "write the class in the citation")
    return cited


def _holds(view: View, citation: Citation) -> bool:
    source = view.source(citation.path)
    cited = source.find(citation.symbol, citation.parts) if source else None
    return cited is not None and citation.entry is not None and citation.entry.holds(cited)
