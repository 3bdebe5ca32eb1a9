"""Calls of cited functions that changed in functions that are not cited themselves: what happens when can change without a change of what happens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raymc_drift.definitions import Definition, bare
from raymc_drift.tokens import KEYWORDS, Token, brackets, loose
from raymc_drift.trees import View

if TYPE_CHECKING:
    from raymc_drift.comparison import Citation

_ASIDE = re.compile(r"Actor|PlacementGroup|GlobalGC|LocalMode")
"""Callers that are no part of the model."""
_NAME = re.compile(r"^[A-Z]\w{9,}$")
"""Shorter names are those of many functions."""


@dataclass(frozen=True)
class ChangedCall:
    symbol: str
    """The cited function."""
    caller: str
    how: str
    """"added", "removed" or "under other conditions"."""
    path: str
    line: int
    rows: tuple[str, ...]


def changed_calls(cites: Iterable[Citation], old: View, new: View, changed: list[str], reported: set[str]) -> list[ChangedCall]:
    """Functions in what changed that call a cited function more often, less often or under other conditions."""
    rows: dict[str, list[str]] = {}
    for citation in cites:
        name = bare(citation.symbol)
        of_transport = all(row.startswith("rpc.") for row in citation.rows)  # everybody calls it, all the time
        if _NAME.match(name) and not of_transport and citation.path.endswith((".cc", ".h")):
            rows.setdefault(name, []).extend(r for r in citation.rows if r not in rows.get(name, []))
    found = []
    for path in changed:
        if not path.endswith(".cc"):
            continue
        before, after = (_calls(view, path, rows) for view in (old, new))
        for caller, name in sorted({*before, *after}):
            a, b = before.get((caller, name), ({}, 1)), after.get((caller, name), ({}, 1))
            if Counter(a[0]) == Counter(b[0]) or caller in reported or bare(caller) == name or _ASIDE.search(caller):
                continue
            count_a, count_b = sum(a[0].values()), sum(b[0].values())
            how = "added" if count_b > count_a else "removed" if count_b < count_a else "under other conditions"
            found.append(ChangedCall(name, caller, how, path, b[1] if b[0] else 1, tuple(rows[name])))
    return [c for c in found if not _only_moved(c, found)]


def _only_moved(call: ChangedCall, calls: list[ChangedCall]) -> bool:
    """The call left one function and came to another of the same change: code that was taken out into a function of its own."""
    other = {"added": "removed", "removed": "added"}.get(call.how)
    return any(c.symbol == call.symbol and c.how == other for c in calls)


def _calls(view: View, path: str, names: dict[str, list[str]]) -> dict[tuple[str, str], tuple[dict[tuple[str, ...], int], int]]:
    """By function and callee: how often it is called under which conditions, and the line of the first call."""
    source = view.source(path)
    found: dict[tuple[str, str], tuple[dict[tuple[str, ...], int], int]] = {}
    for definition in source.functions if source else []:
        if not any(name in definition.text for name in names):
            continue
        for name, conditions, line in _calls_in(definition, names):
            table, _ = found.setdefault((definition.name, name), ({}, line))
            table[conditions] = table.get(conditions, 0) + 1
    return found


def _calls_in(definition: Definition, names: dict[str, list[str]]) -> Iterable[tuple[str, tuple[str, ...], int]]:
    tokens = loose(definition.parts[1])
    inside = brackets(tokens)
    for i, token in enumerate(tokens[:-1]):
        if token.text in names and tokens[i + 1].text == "(":
            yield token.text, tuple(_conditions(tokens, inside, i)), token.line


def _conditions(tokens: list[Token], inside: list[int], at: int) -> Iterable[str]:
    """The headers of the if, for and while around a position, innermost first."""
    opening = inside[at]
    while opening >= 0:
        if tokens[opening].text == "{" and opening and tokens[opening - 1].text == ")":
            start = inside[opening - 1]
            if start > 0 and tokens[start - 1].text in KEYWORDS:
                yield " ".join(t.text for t in tokens[start - 1 : opening])
        elif tokens[opening].text == "{" and opening and tokens[opening - 1].text == "else":
            yield "else"
        opening = inside[opening]
