"""What became of one cited text: the verdicts of drift, and how two texts are told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from raymc_drift.definitions import Cited
from raymc_drift.tokens import GETTER, KEYWORDS, Token, brackets, closing, loose, texts


@dataclass(frozen=True)
class Names:
    """All names in the files that changed, and those that they declare, before and after: who is renamed is declared there."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    declared_before: frozenset[str] = frozenset()
    declared_after: frozenset[str] = frozenset()

    def renamed(self, old: str, new: str) -> bool:
        gone = old in self.declared_before and old not in self.after
        return gone and new in self.declared_after and new not in self.before


class Verdict(StrEnum):
    SAME = "same"
    COSMETIC = "cosmetic"
    """Comments, layout, logs, messages of checks, metrics, how a type is spelled, parameters passed on."""
    RENAMED = "renamed"
    """Names are others, one for one."""
    MOVED = "moved"
    """Found in another file or class, and otherwise the same: its citation names the old place."""
    CHANGED = "changed"
    SIGNATURE = "signature"
    """The parameters or the value that is returned are others, and the body does the same with them."""
    GONE = "gone"
    UNREAD = "unread"
    """Cited, and not in the lock."""


READ_AGAIN = frozenset({Verdict.CHANGED, Verdict.UNREAD, Verdict.GONE})
"""The verdicts after which a row is read again."""


def compare(old: Cited, new: Cited, names: Names) -> tuple[Verdict, str, int]:
    """The verdict on two texts, what differs in words, and the line of the first difference in the new file."""
    if old.text == new.text:
        return Verdict.SAME, "", new.line
    if texts(old.tokens) == texts(new.tokens):
        only_layout = texts(old.lexed) == texts(new.lexed)
        return Verdict.COSMETIC, "comments or layout" if only_layout else "logs, metrics, messages of checks or std::move", new.line
    before, after = loose(old.tokens), loose(new.tokens)
    if texts(before) == texts(after):
        return Verdict.COSMETIC, "how types are spelled", new.line
    renames = _renamed(before, after, names)
    if renames:
        return Verdict.RENAMED, ", ".join(f"{a} -> {b}" for a, b in sorted(renames.items())[:4]), new.line
    header = texts(loose(old.header)) != texts(loose(new.header))
    changes = _changes(loose(old.body), loose(new.body))
    if old.kind != "config" and all(c.passes_on for c in changes):
        if header:
            return Verdict.SIGNATURE, "the signature" + (", and what is passed on" if changes else ""), new.line
        return Verdict.COSMETIC, "parameters passed on", new.line
    if old.kind == "config":
        return Verdict.CHANGED, f"{' '.join(texts(old.tokens))[:120]}  ->  {' '.join(texts(new.tokens))[:120]}", new.line
    real = [c for c in changes if not c.passes_on]
    size = sum(c.size for c in real)
    first = next((c.at.line for c in real if c.at is not None), new.line)
    share = size / max(1, len(before) + len(after))
    return Verdict.CHANGED, f"{share:.0%} of the tokens" + (", and the signature" if header else ""), first


class _Change:
    def __init__(self, size: int, passes_on: bool, at: Token | None) -> None:
        self.size = size
        self.passes_on = passes_on
        self.at = at


def _changes(old: list[Token], new: list[Token]) -> list[_Change]:
    a, b = texts(old), texts(new)
    inside_a, inside_b = brackets(old), brackets(new)
    found = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        on = (what == "delete" and _passed_on(old, i1, i2, inside_a)) or (what == "insert" and _passed_on(new, j1, j2, inside_b))
        found.append(_Change(i2 - i1 + j2 - j1, on, new[min(j1, len(new) - 1)] if new else None))
    return found


_SIMPLE = {",", "::", ".", "*", "&", "/"}


def _passed_on(tokens: list[Token], first: int, last: int, inside: list[int]) -> bool:
    """Tokens that are nothing but more arguments of a call, each a name, or names that a lambda captures."""
    part = _without_getters(tokens[first:last])
    if not all((t.kind == "id" and t.text not in KEYWORDS) or t.text in _SIMPLE for t in part) or not any(t.kind == "id" for t in part):
        return False
    opening = inside[first]
    if opening < 0 or tokens[opening].text == "{":
        return False
    before = tokens[opening - 1] if opening else None
    if tokens[opening].text == "[":
        return before is None or before.kind != "id"  # captures, and no index
    if before is None or before.text in ("if", "while", "for", "switch", "return", "catch"):
        return False
    whole = first == opening + 1 and last < len(tokens) and tokens[last].text == ")"
    return whole or part[0].text == "," or part[-1].text == ","


def _without_getters(part: list[Token]) -> list[Token]:
    """The names alone of values that are asked for: "counter.HasReference(id)" says no more than its name."""
    out: list[Token] = []
    i = 0
    while i < len(part):
        if part[i].text == "(" and out and GETTER.search(out[-1].text) and (end := closing(part, i)) <= len(part) and part[end - 1].text == ")":
            i = end
            continue
        out.append(part[i])
        i += 1
    return out


_LOCAL = re.compile(r"^[a-z][a-z0-9_]*[a-z0-9]$|^[a-z]$")


def _renamed(old: list[Token], new: list[Token], names: Names) -> dict[str, str]:
    """One-to-one renames that turn old into new; empty if there are none."""
    if len(old) != len(new):
        return {}
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for i, (a, b) in enumerate(zip(old, new, strict=True)):
        if a.kind != b.kind or (a.kind != "id" and a.text != b.text):
            return {}
        if a.kind == "id" and (there.setdefault(a.text, b.text) != b.text or back.setdefault(b.text, a.text) != a.text):
            return {}
        if a.text != b.text and _LOCAL.match(a.text) and i and old[i - 1].text in (".", "->", "::") and not names.renamed(a.text, b.text):
            return {}
    renames = {a: b for a, b in there.items() if a != b}
    olds, news = {t.text for t in old}, {t.text for t in new}
    for was, now in renames.items():
        local = bool(_LOCAL.match(was) and _LOCAL.match(now)) and now not in olds and was not in news
        if was in KEYWORDS or now in KEYWORDS or not (local or names.renamed(was, now)):
            return {}
    return renames


def likeness(a: list[Token], b: list[Token]) -> float:
    """How much of two texts is alike, by their runs of four tokens: 0 to 1."""
    first, second = _runs(texts(a)), _runs(texts(b))
    return len(first & second) / max(1, len(first | second))


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))}
