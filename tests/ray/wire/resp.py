"""The protocol of redis, as far as commands and answers have to be told apart."""

from __future__ import annotations

from typing import Any

_LINE = b"\r\n"


def split(data: bytearray) -> list[tuple[Any, bytes]]:
    """Takes the whole values off the front of what has come, each with its bytes."""
    found: list[tuple[Any, bytes]] = []
    while True:
        parsed = _value(data, 0)
        if parsed is None:
            return found
        value, end = parsed
        found.append((value, bytes(data[:end])))
        del data[:end]


def command(value: Any) -> str:
    """The name of a command, in capitals."""
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return value[0].decode(errors="replace").upper()
    return "redis"


def error(text: str) -> bytes:
    """An answer that says that a command has failed."""
    return b"-ERR " + text.encode() + _LINE


def unknown() -> bytes:
    """A command that there is not."""
    return b"*1" + _LINE + b"$4" + _LINE + b"LOST" + _LINE


def _value(data: bytearray, at: int) -> tuple[Any, int] | None:
    """The value that begins there and the place after it; None if it is not whole yet."""
    end = data.find(_LINE, at)
    if end < 0:
        return None
    kind, line, end = bytes(data[at : at + 1]), bytes(data[at + 1 : end]), end + len(_LINE)
    if kind in (b"+", b"-"):
        return line, end
    if kind == b":":
        return int(line), end
    if kind == b"$":
        size = int(line)
        if size < 0:
            return None if len(data) < end else (b"", end)
        return (bytes(data[end : end + size]), end + size + len(_LINE)) if len(data) >= end + size + len(_LINE) else None
    if kind == b"*":
        values: list[Any] = []
        for _ in range(max(int(line), 0)):
            parsed = _value(data, end)
            if parsed is None:
                return None
            value, end = parsed
            values.append(value)
        return values, end
    return line, end  # an inline command
