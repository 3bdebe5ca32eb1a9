"""The lock, model/sources.toml: the revision of Ray that the model speaks of and, for each symbol that something cites, what its text was when it was
last read. Drift reads it and is the only one that writes it."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from raymc_drift.definitions import Cited, same_symbol
from raymc_drift.places import BAD_INPUT, DriftError
from raymc_drift.tokens import SCHEME

SCHEMA = 2
_HEAD = """\
# The lock: the revision of Ray that the model speaks of, and every symbol of it that is cited, with its classes and with hashes of its text as it was
# read. `symbol` is cited by the rows and safeguards that name it (results/transitions.json, safeguards.json), and decides those in `also` besides.
# Written by `./raymc drift RAY_TREE --accept ROW --reader NAME`; specs/drift/README.md says how. Only `only` and `also` are edited by hand.
"""
_KEYS = {"symbol", "body", "signature", "read", "reader", "at", "only", "also"}
_LISTS = ("only", "also")


@dataclass(frozen=True)
class Entry:
    """One citation as it was read."""

    path: str
    symbol: str
    """With its classes."""
    body: str = ""
    """Hash of the tokens behind the parameters; "" if nobody has read it."""
    signature: str = ""
    read: str = ""
    """The day, YYYY-MM-DD."""
    reader: str = ""
    at: str = ""
    """The revision at which it was read, if that is not yet the lock's."""
    only: tuple[str, ...] = ()
    """If not empty: of a long function only the statements with one of these words are cited."""
    also: tuple[str, ...] = ()
    """Ids of rows and safeguards that it decides besides the rows whose source it is."""

    def holds(self, cited: Cited) -> bool:
        return self.body == cited.body_hash and self.signature == cited.signature_hash


@dataclass
class Lock:
    revision: str
    date: str
    repository: str = "https://github.com/ray-project/ray"
    entries: list[Entry] = field(default_factory=list)

    def entry(self, path: str, symbol: str) -> Entry | None:
        """The entry of a citation; an error if it could mean several."""
        found = [e for e in self.entries if e.path == path and same_symbol(symbol, e.symbol)]
        found = [e for e in found if e.symbol == symbol] or found
        if len(found) > 1:
            names = ", ".join(e.symbol for e in found)
            raise DriftError(f"{path}: {symbol} could be {names}", BAD_INPUT, "write the class in the row's source")
        return found[0] if found else None

    def put(self, entry: Entry) -> None:
        self.entries = [e for e in self.entries if (e.path, e.symbol) != (entry.path, entry.symbol)] + [entry]
        self.entries.sort(key=lambda e: (e.path, e.symbol))


def read_entry(entry: Entry, cited: Cited, reader: str, at: str, day: datetime.date) -> Entry:
    """An entry after somebody has read the text."""
    return replace(entry, body=cited.body_hash, signature=cited.signature_hash, read=day.isoformat(), reader=reader, at=at)


def load(file: Path) -> Lock:
    try:
        table = tomllib.loads(file.read_text(encoding="utf8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DriftError(f"{file}: {error}") from None
    if table.get("schema") != SCHEMA or table.get("scheme") != SCHEME:
        raise DriftError(f"{file}: schema {table.get('schema')} with hashes of scheme {table.get('scheme')}; this drift reads {SCHEMA} and {SCHEME}")
    lock = Lock(_text(table, "revision", file), _text(table, "date", file), _text(table, "repository", file))
    for part in table.get("file", []):
        for cite in part.get("cites", []):
            unknown = set(cite) - _KEYS
            if unknown or not isinstance(cite.get("symbol"), str) or not all(isinstance(cite.get(key, []), list) for key in _LISTS):
                raise DriftError(f"{file}: {part.get('path')}: {cite.get('symbol')}: unknown {', '.join(sorted(unknown)) or 'symbol'}")
            lock.entries.append(_entry(_text(part, "path", file), cite))
    return lock


def _entry(path: str, cite: dict[str, Any]) -> Entry:
    words = {key: str(value) for key, value in cite.items() if key not in _LISTS}
    lists = {key: tuple(str(item) for item in cite.get(key, ())) for key in _LISTS}
    return Entry(path, **words, **lists)  # type: ignore[arg-type]


def _text(table: dict[str, object], key: str, file: Path) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise DriftError(f"{file}: {key} is missing")
    return value


def dump(lock: Lock) -> str:
    """The file's text: by path, then by symbol, one citation a line."""
    facts = {"schema": SCHEMA, "repository": lock.repository, "revision": lock.revision, "date": lock.date, "scheme": SCHEME}
    lines = [_HEAD + "\n".join(f"{key} = {_quoted(value) if isinstance(value, str) else value}" for key, value in facts.items())]
    path = None
    for entry in sorted(lock.entries, key=lambda e: (e.path, e.symbol)):
        if entry.path != path:
            lines += ["]"] if path is not None else []
            lines += ["", "[[file]]", f'path = "{entry.path}"', "cites = ["]
            path = entry.path
        values = [f"{key} = {_quoted(value)}" for key in ("symbol", "body", "signature", "read", "reader", "at") if (value := getattr(entry, key))]
        values += [f"{key} = [{', '.join(_quoted(i) for i in sorted(found))}]" for key in _LISTS if (found := getattr(entry, key))]
        lines.append("  { " + ", ".join(values) + " },")
    return "\n".join([*lines, *(["]"] if path is not None else [])]) + "\n"


def _quoted(text: str) -> str:
    if re.search(r'["\\\x00-\x1f\x7f]', text):
        raise DriftError(f"{text!r} cannot stand in the lock", BAD_INPUT)
    return f'"{text}"'


def write(lock: Lock, file: Path) -> None:
    """Replaces the file whole."""
    new = file.with_name(file.name + ".new")
    try:
        new.write_text(dump(lock), encoding="utf8")
        new.replace(file)
    except OSError as error:
        raise DriftError(f"cannot write {file}: {error.strerror}", 74) from None
