"""Tokens of C++, Protocol Buffers, Python and Cython, and the parts of them that say nothing about behaviour.

`lex` drops comments and layout. `plain` also drops what only observes (log statements, messages, metrics, event records), `std::move`, and branches
that are taken for actors alone. The hashes of the lock are taken over `plain`, so a change to what it drops needs a new SCHEME. `loose` ignores how a
type is spelled, and is only ever used to compare two texts.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

SCHEME = 1
"""The meaning of the lock's hashes."""


class Token(NamedTuple):
    kind: str
    """"id", "string", "number", "indent" or "other"."""
    text: str
    line: int


_CPP = re.compile(
    r"""
  (?P<comment>//[^\n]*|/\*.*?\*/)
 |(?P<string>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
 |(?P<char>'(?:\\.|[^'\\\n])+')
 |(?P<number>\.?\d(?:[eEpP][+-]|[\w.']){0,64})
 |(?P<id>[A-Za-z_]\w*)
 |(?P<other>->\*|<<=|>>=|\.\.\.|<=>|::|->|<<|\+\+|--|[<>=!+\-*/%&|^]=|&&|\|\||[^\s])""",
    re.S | re.X,
)
_PYTHON = re.compile(
    r"""
  (?P<comment>\#[^\n]*)
 |(?P<string>[rbfuRBFU]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
 |(?P<number>\.?\d[\w.]*)
 |(?P<id>[A-Za-z_]\w*)
 |(?P<line>\n[ \t]*)
 |(?P<other>\*\*=|//=|<<=|>>=|\.\.\.|->|:=|\*\*|//|<<|>>|[<>=!+\-*/%&|^@]=|[^\s])""",
    re.S | re.X,
)
_LOGS = re.compile(r"^(RAY_LOG\w*|RAY_DLOG|RAY_EVENT\w*|VLOG|LOG)$")
_CHECKS = re.compile(r"^RAY_D?CHECK(_(OK|EQ|NE|GE|GT|LE|LT))?$")
_OBSERVERS = re.compile(
    r"^(Record\w*|Observe|Write\w*(Event|Export)\w*|AddEvents?|Add(Ray|Task)Event\w*|Update\w+Counters?|Report\w*Backlog\w*|STATS_\w+|set_error_message)$"
)
_OBSERVED = re.compile(r"(?i)metric|gauge|histogram|^stats$|^ray_event_recorder_$|^task_event_buffer_$|^task_counter_$|stats_handle")
GETTER = re.compile(r"^(Get|Is|Has|Num|From|[a-z])\w*$|(Size|Count|Id|Hex|Binary|String)$|^Str(Cat|Format)$")
_STREAMS = frozenset({"buffer", "ss", "stream", "oss", "ostr"})
_LEFT_OUT = re.compile(r"^(IsActor\w*|is_actor\w*|\w*actor_\w*enabled|is_local_mode)$")
"""Questions whose answer is no in the model: it has neither actors nor Ray's local mode."""
_PYTHON_LOGS = re.compile(r"^(logger|logging|log|warnings)$")
_FREE_OF_TYPE = {
    "const",
    "&",
    "*",
    "constexpr",
    "static",
    "inline",
    "std",
    "absl",
    "auto",
    "explicit",
    "override",
    "noexcept",
    "virtual",
    "mutable",
    "typename",
}
_SAME_TYPE = {
    "flat_hash_map": "map",
    "unordered_map": "map",
    "node_hash_map": "map",
    "flat_hash_set": "set",
    "unordered_set": "set",
    "node_hash_set": "set",
    "unique_ptr": "shared_ptr",
    "make_unique": "make_shared",
    "->": ".",
    "emplace_back": "push_back",
    "string_view": "string",
}
KEYWORDS = frozenset(
    """
    if else for while do return switch case default break continue auto const constexpr static void int bool true false nullptr this new delete
    class struct enum public private protected virtual override template typename using namespace throw try catch sizeof mutable operator noexcept
    final std move None True False not and or in is lambda def raise except finally with yield await async pass import from as global nonlocal
    cdef cpdef nogil
    """.split()
)
_OPEN = {"(": ")", "[": "]", "{": "}"}
_CLOSE = frozenset(_OPEN.values())


def lex(text: str, python: bool = False) -> list[Token]:
    """All tokens but comments; neighbouring string literals are one. Python also has a token for the depth of each logical line."""
    return _lex_python(text) if python else _lex_cpp(text)


def _lex_cpp(text: str) -> list[Token]:
    out: list[Token] = []
    line, seen = 1, 0
    for match in _CPP.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        kind, value = str(match.lastgroup), match.group(0)
        if match.group("string") is not None:
            kind = "string"
        if kind == "comment":
            continue
        if kind == "string" and out and out[-1].kind == "string":
            out[-1] = Token("string", out[-1].text[:-1] + value[1:], out[-1].line)
            continue
        out.append(Token(kind if kind in ("string", "number", "id") else "other", value, line))
    return out


def _lex_python(text: str) -> list[Token]:
    out: list[Token] = []
    line, depth, indent = 1, 0, ""
    fresh = True
    for match in _PYTHON.finditer(text):
        kind, value = str(match.lastgroup), match.group(0)
        here = line
        line += value.count("\n")
        if kind == "comment":
            continue
        if kind == "line":
            if depth == 0:
                indent, fresh = value[1:], True
            continue
        if fresh:
            if kind == "string":  # a docstring
                continue
            out.append(Token("indent", f"<{len(indent.expandtabs())}>", here))
            fresh = False
        depth = max(0, depth + (value in _OPEN) - (value in _CLOSE)) if kind == "other" else depth
        out.append(Token(kind, value, here))
    return out


def closing(tokens: Sequence[Token], at: int) -> int:
    """The index behind the bracket that closes the one at `at`, or the end."""
    depth = 0
    for i in range(at, len(tokens)):
        if tokens[i].text in _OPEN:
            depth += 1
        elif tokens[i].text in _CLOSE:
            depth -= 1
            if depth <= 0:
                return i + 1
    return len(tokens)


def statement_end(tokens: Sequence[Token], at: int) -> int:
    """The index of the semicolon that ends the statement at `at`, or the end."""
    while at < len(tokens) and tokens[at].text != ";":
        if tokens[at].text in _CLOSE:
            return at - 1
        at = closing(tokens, at) if tokens[at].text in _OPEN else at + 1
    return at


def _observer_end(tokens: Sequence[Token], at: int) -> int:
    """The index of the semicolon, if the statement at `at` is one chain of calls that only observes; else 0."""
    i, last, observed = at, "", False
    while i < len(tokens):
        token = tokens[i]
        if token.kind == "id" and token.text not in KEYWORDS:
            last = token.text
            observed = observed or bool(_OBSERVED.search(token.text))
            i += 1
        elif token.text in ("(", "["):
            i = closing(tokens, i)
        elif token.text in (".", "->", "::"):
            i += 1
        else:
            break
    ends = i < len(tokens) and tokens[i].text == ";" and i > at + 2 and tokens[i - 1].text == ")"
    return i if ends and (observed or _OBSERVERS.match(last)) else 0


def plain(tokens: Sequence[Token], python: bool = False) -> list[Token]:
    """Without what only observes, without std::move and std::forward, and without what is then left over: empty branches and
    values nobody asks for."""
    if python:
        return _plain_python(tokens)
    return _without_idle_values(_without_empty_branches(_plain_cpp(_without_left_out(tokens))))


def _without_empty_branches(tokens: list[Token]) -> list[Token]:
    """Without branches of if and else in which nothing is left, from the last of a chain to its first."""
    at = len(tokens) - 1
    while at > 0:
        empty = tokens[at].text == "}" and tokens[at - 1].text == "{"
        followed = at + 1 < len(tokens) and tokens[at + 1].text == "else"
        start = None
        if empty and not followed and at > 1 and tokens[at - 2].text == "else":
            start = at - 2
        elif empty and not followed and at > 1 and tokens[at - 2].text == ")":
            opening = _opening(tokens, at - 2)
            if opening > 0 and tokens[opening - 1].text == "if":
                start = opening - 2 if opening > 1 and tokens[opening - 2].text == "else" else opening - 1
        if start is not None:
            tokens = tokens[:start] + tokens[at + 1 :]
            at = min(start + 1, len(tokens) - 1)  # what is around it may be empty now
        else:
            at -= 1
    return tokens


def _opening(tokens: Sequence[Token], at: int) -> int:
    """The index of the bracket that the one at `at` closes, or 0."""
    depth = 0
    for i in range(at, -1, -1):
        depth += (tokens[i].text in _CLOSE) - (tokens[i].text in _OPEN)
        if depth == 0:
            return i
    return 0


def _without_idle_values(tokens: list[Token]) -> list[Token]:
    """Without declarations of local values that are asked for nowhere and computed by calls that only get something."""
    count = Counter(t.text for t in tokens if t.kind == "id")
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        if not out or out[-1].text in (";", "{", "}"):
            end = _idle_value_end(tokens, i, count)
            if end:
                i = end + 1
                continue
        out.append(tokens[i])
        i += 1
    return out if len(out) == len(tokens) else _without_idle_values(out)


def _idle_value_end(tokens: Sequence[Token], at: int, count: Counter[str]) -> int:
    i = at
    while i < len(tokens) and (tokens[i].kind == "id" or tokens[i].text in ("::", "<", ">", "*", "&", ",")):
        i += 1
    named = i > at + 1 and i < len(tokens) and tokens[i].text in ("=", ";") and tokens[i - 1].kind == "id" and count[tokens[i - 1].text] == 1
    if (
        not named
        or any(t.text in KEYWORDS - {"const", "auto", "bool", "int"} for t in tokens[at:i])
        or tokens[at].text in ("return", "using", "typedef")
    ):
        return 0
    end = statement_end(tokens, i)
    calls = [t.text for t, after in zip(tokens[i:end], tokens[i + 1 : end], strict=False) if t.kind == "id" and after.text == "("]
    quiet = not any(t.text in ("{", "++", "--", "new") for t in tokens[i:end]) and all(GETTER.search(name) for name in calls)
    return end if quiet and end < len(tokens) and tokens[end].text == ";" else 0


def _plain_cpp(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        starts = not out or out[-1].text in (";", "{", "}", ")", "else", ":")
        if token.kind == "id":
            if _LOGS.match(token.text):
                i = statement_end(tokens, i) + 1
                continue
            if _CHECKS.match(token.text) and i + 1 < len(tokens) and tokens[i + 1].text == "(":
                end = closing(tokens, i + 1)
                out += [token, *_plain_cpp(tokens[i + 1 : end])]
                i = statement_end(tokens, end)
                continue
            if starts and token.text in _STREAMS and i + 1 < len(tokens) and tokens[i + 1].text == "<<":
                i = statement_end(tokens, i) + 1  # a message is put together
                continue
            end = _observer_end(tokens, i) if starts else 0
            if end:
                i = end + 1
                continue
            if out and out[-1].text in (",", ":") and _OBSERVED.search(token.text) and i + 1 < len(tokens) and tokens[i + 1].text == "(":
                end = closing(tokens, i + 1)  # a member that observes, in a constructor's list
                if end < len(tokens) and tokens[end].text in (",", "{"):
                    if out[-1].text == ",":
                        out.pop()
                    i = end
                    continue
            wrapped = token.text == "std" and [t.text for t in tokens[i + 1 : i + 4]] in (["::", "move", "("], ["::", "forward", "<"])
            if wrapped:
                opening = i + 3
                while opening < len(tokens) and tokens[opening].text != "(":
                    opening += 1
                end = closing(tokens, opening)
                out += _plain_cpp(tokens[opening + 1 : end - 1])
                i = end
                continue
        out.append(token)
        i += 1
    return out


def _without_left_out(tokens: Sequence[Token]) -> list[Token]:
    """Without what is done for actors or in local mode only; what is done otherwise stands as if it were always done."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.kind == "id" and _CHECKS.match(token.text) and i + 1 < len(tokens) and tokens[i + 1].text == "(":
            end = closing(tokens, i + 1)
            if any(_LEFT_OUT.match(t.text) for t in tokens[i:end]) and not any(t.text in ("&&", "||") for t in tokens[i:end]):
                i = statement_end(tokens, end) + 1
                continue
        if token.text == "if" and i + 1 < len(tokens) and tokens[i + 1].text == "(":
            kept, i = _decided(tokens, i)
            out += kept
            continue
        out.append(token)
        i += 1
    return out if len(out) == len(tokens) else _without_left_out(out)


def _decided(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    """What is left of the if at `at`, and where to go on."""
    end = closing(tokens, at + 1)
    condition = list(tokens[at + 2 : end - 1])
    asked = next((i for i, t in enumerate(condition) if _LEFT_OUT.match(t.text)), None)
    if asked is None or any(t.text in ("||", "?") for t in condition) or end >= len(tokens) or tokens[end].text != "{":
        return [tokens[at]], at + 1
    last = closing(tokens, end)
    otherwise = last < len(tokens) and tokens[last].text == "else"
    start, stop = asked, asked + 1
    while start > 0 and condition[start - 1].text not in ("&&", "!", "("):
        start -= 1
    if stop < len(condition) and condition[stop].text == "(":
        stop = closing(condition, stop)
    if start == 0 or condition[start - 1].text != "!":  # never
        if not otherwise:
            return [], last
        if tokens[last + 1].text != "{":
            return [], last + 1
        final = closing(tokens, last + 1)
        return _without_left_out(tokens[last + 2 : final - 1]), final
    rest = condition[: start - 1] + condition[stop:]
    if rest and rest[0].text == "&&":
        rest = rest[1:]
    elif rest:
        rest = condition[: start - 2] + condition[stop:]
    if rest:
        return [tokens[at], tokens[at + 1], *rest, tokens[end - 1]], end
    if otherwise:  # the other branch never
        if tokens[last + 1].text != "{":
            return [tokens[at]], at + 1
        return _without_left_out(tokens[end + 1 : last - 1]), closing(tokens, last + 1)
    return _without_left_out(tokens[end + 1 : last - 1]), last


def _plain_python(tokens: Sequence[Token]) -> list[Token]:
    lines: list[list[Token]] = []
    for token in tokens:
        if token.kind == "indent" or not lines:
            lines.append([])
        lines[-1].append(token)
    return [token for line in lines if not _only_logs(line) for token in line]


def _only_logs(line: list[Token]) -> bool:
    return len(line) > 3 and bool(_PYTHON_LOGS.match(line[1].text)) and line[2].text == "." and line[-1].text == ")"


def loose(tokens: Sequence[Token]) -> list[Token]:
    """Without const, references and namespaces, and with kindred containers and pointers made one."""
    out: list[Token] = []
    for token in tokens:
        if token.text in _FREE_OF_TYPE or (token.text == "::" and (not out or out[-1].kind != "id" or out[-1].text in KEYWORDS)):
            continue
        if token.text == "Now":  # of whatever clock
            while out and out[-1].text in (".", "::"):
                del out[-2:]
        other = _SAME_TYPE.get(token.text)
        out.append(token if other is None else Token(token.kind, other, token.line))
    return out


def only(tokens: Sequence[Token], words: Sequence[str]) -> list[Token]:
    """The statements in which one of these words stands, however deep: for a citation of a few lines in a long function."""
    out: list[Token] = []
    start, i = 0, 0
    while i < len(tokens):
        if tokens[i].text in words and tokens[i].kind == "id":
            end = _statement_or_block_end(tokens, start)
            out += tokens[start:end]
            start = i = max(end, i + 1)
            continue
        if tokens[i].text in (";", "{", "}"):
            start = i + 1
        i += 1
    return out


def _statement_or_block_end(tokens: Sequence[Token], at: int) -> int:
    """The index behind the semicolon or the block that ends the statement at `at`."""
    while at < len(tokens) and tokens[at].text != ";" and tokens[at].text not in _CLOSE:
        block = tokens[at].text == "{"
        at = closing(tokens, at) if tokens[at].text in _OPEN else at + 1
        if block and (at >= len(tokens) or tokens[at].text not in (")", ",", ";", ".", "(")):
            return at
    return min(at + 1, len(tokens)) if at < len(tokens) and tokens[at].text == ";" else at


def texts(tokens: Sequence[Token]) -> list[str]:
    return [t.text for t in tokens]


def digest(tokens: Sequence[Token]) -> str:
    return hashlib.sha256("\x1f".join(texts(tokens)).encode("utf8", "surrogatepass")).hexdigest()[:16]


def brackets(tokens: Sequence[Token]) -> list[int]:
    """For each position the index of the innermost bracket that is open there, or -1. Position len(tokens) is the end."""
    stack: list[int] = []
    inside: list[int] = []
    for i, token in enumerate(tokens):
        if token.text in _CLOSE and stack and token.kind == "other":
            inside.append(stack[-1])
            stack.pop()
            continue
        inside.append(stack[-1] if stack else -1)
        if token.text in _OPEN and token.kind == "other":
            stack.append(i)
    return [*inside, stack[-1] if stack else -1]
