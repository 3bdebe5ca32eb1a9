"""Finds what a citation names in one file: a function, class or macro of C++, a named lambda, a RAY_CONFIG constant, a method that a macro makes, a
message or call of a .proto file, or a function or constant of Python or Cython."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from raymc_drift.tokens import Token, closing, digest, lex, only, plain
from raymc_drift.tools import Tag

_MACRO_CALL = re.compile(r"\s*[A-Z][A-Z_0-9]{4,}\(")
_PROTO = re.compile(r"\s*(message|enum|service|rpc)\s+(\w+)")
_PYTHON_SCOPE = re.compile(r"(\s*)(?:async\s+)?(?:cdef\s+|cpdef\s+)?(?:class|def)\s+(\w+)")
_LINES_MAX = 1200


@dataclass(frozen=True)
class Definition:
    """One definition in one file."""

    kind: str
    """"function", "class", "lambda", "config", "macro", "rpc", "message", "python", ..."""
    name: str
    """With its classes: "NodeManager::HandleDrainRaylet"."""
    first: int
    last: int
    """Lines, counted from 1."""
    text: str
    python: bool = False

    @cached_property
    def lexed(self) -> list[Token]:
        """With the lines of the file."""
        return [Token(t.kind, t.text, t.line + self.first - 1) for t in lex(self.text, self.python)]

    @cached_property
    def tokens(self) -> list[Token]:
        """What counts. A class, a message or a constant says nothing that does not."""
        return plain(self.lexed, self.python) if self.python or self.kind in ("function", "lambda") else self.lexed

    @cached_property
    def parts(self) -> tuple[list[Token], list[Token]]:
        """The header up to its parameters' closing bracket, and the rest. What has no parameters is all rest."""
        if self.kind not in ("function", "lambda", "python"):
            return [], self.tokens
        opening = next((i for i, t in enumerate(self.tokens) if t.text == "("), None)
        if opening is None:
            return [], self.tokens
        end = closing(self.tokens, opening)
        return self.tokens[:end], self.tokens[end:]


@dataclass(frozen=True)
class Cited:
    """Everything that one citation names: several definitions if it is overloaded, and request, reply and call of an RPC."""

    path: str
    definitions: tuple[Definition, ...]
    only: tuple[str, ...] = ()
    """If not empty: only the statements with one of these words count."""

    @property
    def line(self) -> int:
        return self.definitions[0].first

    @property
    def kind(self) -> str:
        return self.definitions[0].kind

    @property
    def names(self) -> list[str]:
        return sorted({d.name for d in self.definitions})

    @cached_property
    def text(self) -> str:
        return "\n".join(d.text for d in self.definitions)

    @cached_property
    def lexed(self) -> list[Token]:
        return self._counting([t for d in self.definitions for t in d.lexed])

    @cached_property
    def tokens(self) -> list[Token]:
        return self._counting([t for d in self.definitions for t in d.tokens])

    @cached_property
    def header(self) -> list[Token]:
        return [] if self.only else [t for d in self.definitions for t in d.parts[0]]

    @cached_property
    def body(self) -> list[Token]:
        return self._counting([t for d in self.definitions for t in d.parts[1]])

    def _counting(self, tokens: list[Token]) -> list[Token]:
        return only(tokens, self.only) if self.only else tokens

    @property
    def body_hash(self) -> str:
        return digest(self.body)

    @property
    def signature_hash(self) -> str:
        return digest(self.header)


def bare(symbol: str) -> str:
    return symbol.rsplit("::", 1)[-1]


def same_symbol(cited: str, name: str) -> bool:
    """A definition's name is what a citation means: equal, or equal but for classes that the citation does not name."""
    return name == cited or name.endswith("::" + cited)


def _classes(scope: str) -> str:
    return "".join(part + "::" for part in scope.split("::") if part[:1].isupper() and "__anon" not in part)


class Source:
    """One file of Ray at one revision."""

    def __init__(self, path: str, text: str, tags: Sequence[Tag]) -> None:
        self.path = path
        self.text = text
        self.tags = tags

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(re.findall(r"[A-Za-z_]\w*", self.text))

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names that this file declares."""
        if self.path.endswith(".proto"):
            return self.words
        return frozenset(t.name for t in self.tags)

    @cached_property
    def functions(self) -> list[Definition]:
        """All functions of a C++ file, in order."""
        return [self._of_tag(t) for t in self.tags if t.kind == "function" and t.end and "__anon" not in t.name]

    def _of_tag(self, tag: Tag) -> Definition:
        return Definition(tag.kind, _classes(tag.scope) + tag.name, tag.line, tag.end, self._between(tag.line, tag.end))

    def _between(self, first: int, last: int) -> str:
        return "\n".join(self.lines[first - 1 : last])

    def find(self, symbol: str, parts: tuple[str, ...] = ()) -> Cited | None:
        """What a citation names in this file; None if nothing of that name is defined here. A mention is no definition."""
        if self.path.endswith(".proto"):
            found = self._in_proto(symbol)
        elif self.path.endswith((".py", ".pyx", ".pxi", ".pxd")):
            found = self._in_python(symbol)
        else:
            found = self._in_cpp(symbol)
        return Cited(self.path, tuple(found), parts) if found else None

    def _in_cpp(self, symbol: str) -> list[Definition]:
        tags = [t for t in self.tags if t.name == bare(symbol) and same_symbol(symbol, _classes(t.scope) + t.name)]
        for kinds in (("function",), ("class", "struct", "enum", "macro")):
            found = [self._of_tag(t) for t in tags if t.kind in kinds and t.end]
            if found:
                return [d for d in found if d.name == symbol] or found
        if "::" in symbol:
            return []
        others = ("macro", "enumerator", "typedef", "alias", "variable")
        return (
            self._lambdas(symbol)
            or self._macro_calls(symbol)
            or [self._lines_from(t.kind, _classes(t.scope) + t.name, t.line, t.end) for t in tags if t.kind in others]
        )

    def _lines_from(self, kind: str, name: str, first: int, last: int = 0) -> Definition:
        last = last or self._block_end(first)
        return Definition(kind, name, first, last, self._between(first, last))

    def _lambdas(self, symbol: str) -> list[Definition]:
        named = re.compile(rf"\b{re.escape(symbol)}\s*=\s*(\[|$)")
        candidates = [n for n, line in enumerate(self.lines, 1) if symbol in line and named.search(line) and not line.lstrip().startswith("//")]
        return [self._lines_from("lambda", symbol, n) for n in candidates if re.search(r"=\s*\[", " ".join(self.lines[n - 1 : n + 1]))]

    def _macro_calls(self, symbol: str) -> list[Definition]:
        """RAY_CONFIG(type, name, default), and methods that a macro makes from their name."""
        found = []
        word = re.compile(rf"\b{re.escape(symbol)}\b")
        for n, line in enumerate(self.lines, 1):
            if symbol not in line or line.lstrip().startswith("//") or not word.search(line):
                continue
            start = next((k for k in range(n, max(n - 6, 0), -1) if _MACRO_CALL.match(self.lines[k - 1])), None)
            if start is None or (end := self._block_end(start)) < n:
                continue
            config = self.lines[start - 1].lstrip().startswith("RAY_CONFIG")
            # Of a constant's macro the name is the second argument: in the third it is only used.
            if config and not re.search(rf"RAY_CONFIG\w*\([^,]+(<[^>]*>)?,\s*{re.escape(symbol)}\s*,", self._between(start, end)):
                continue
            if self.lines[start - 1].lstrip().startswith(("RAY_LOG", "RAY_CHECK", "RAY_DCHECK", "STATS_", "RAY_EVENT")):
                continue
            found.append(self._lines_from("config" if config else "macro", symbol, start, end))
        return found

    def _in_proto(self, symbol: str) -> list[Definition]:
        found = []
        for n, line in enumerate(self.lines, 1):
            match = _PROTO.match(line)
            if match and match.group(2) in (symbol, symbol + "Request", symbol + "Reply"):
                found.append(self._lines_from(match.group(1), symbol, n))
        return found

    def _in_python(self, symbol: str) -> list[Definition]:
        found = []
        name = re.escape(bare(symbol))
        definition = re.compile(rf"(\s*)(?:async\s+)?(?:def|cdef|cpdef|class)\b[^(=:]*\b{name}\b\s*[(:]")
        constant = re.compile(rf"{name}\s*(?::[^=]*)?=[^=]")
        for n, line in enumerate(self.lines, 1):
            if (match := definition.match(line)) and same_symbol(symbol, full := self._python_name(n, bare(symbol))):
                last = self._indented_end(n, len(match.group(1)))
                found.append(Definition("python", full, n, last, self._between(n, last), True))
            elif constant.match(line):
                last = self._block_end(n) if "(" in line else n
                found.append(Definition("constant", symbol, n, last, self._between(n, last), True))
        return found

    def _python_name(self, at: int, name: str) -> str:
        """With the classes and functions around it."""
        indent = len(self.lines[at - 1]) - len(self.lines[at - 1].lstrip())
        for n in range(at - 1, 0, -1):
            match = _PYTHON_SCOPE.match(self.lines[n - 1])
            if match and len(match.group(1)) < indent:
                indent, name = len(match.group(1)), f"{match.group(2)}::{name}"
        return name

    def _indented_end(self, first: int, indent: int) -> int:
        last = first
        for n in range(first + 1, len(self.lines) + 1):
            line = self.lines[n - 1]
            if not line.strip():
                continue
            if len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith((")", "#")):
                break
            last = n
        return last

    def _block_end(self, first: int) -> int:
        """The line on which the statement or block that begins at `first` ends."""
        depth, seen = 0, False
        for n in range(first, min(len(self.lines), first + _LINES_MAX) + 1):
            code = re.sub(r'"(?:\\.|[^"\\])*"|//.*', "", self.lines[n - 1])
            for c in code:
                if c in "({[":
                    depth, seen = depth + 1, True
                elif c in ")}]":
                    depth -= 1
                    if c == "}" and depth == 0:
                        return n
                elif c == ";" and depth == 0:
                    return n
            if depth == 0 and seen and code.rstrip().endswith(")"):
                return n
        return first
