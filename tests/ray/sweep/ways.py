"""The four ways in which a call fails, brought about on the wire at its nth time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wire.message import REPLY, REQUEST, Message


def _request_lost(message: Message, _request: Message) -> bool:
    """The called process sees nothing, the caller is told UNAVAILABLE."""
    if message.direction == REQUEST:
        message.lose()
    return message.direction == REQUEST


def _reply_lost(message: Message, _request: Message) -> bool:
    """The called process has served the call, the caller is told UNAVAILABLE."""
    if message.direction == REPLY:
        message.lose()
    return message.direction == REPLY


def _early_error(message: Message, _request: Message) -> bool:
    """The caller is told UNAVAILABLE while the called process works."""
    if message.direction == REQUEST:
        message.fail_early()
    return message.direction == REQUEST


def _duplicate_request(message: Message, request: Message) -> bool:
    """A second copy of the request comes when the first has been served."""
    if message.direction == REPLY:
        message.deliver()
        request.repeat()
    return message.direction == REPLY


# Named and ordered as in results/call_failures.tsv.
WAYS: dict[str, Callable[[Message, Message], bool]] = {
    "request_lost": _request_lost,
    "reply_lost": _reply_lost,
    "early_error": _early_error,
    "duplicate_request": _duplicate_request,
}


@dataclass
class Striker:
    """Strikes the nth call of this name that a process of this role makes, counted from the cluster's start."""

    call: str
    caller: str
    way: str
    nth: int
    times: int = 0
    struck: str = ""  # between whom, once it has struck
    _request: Message | None = None

    def decide(self, message: Message) -> None:
        """The wire's policy."""
        if message.name != self.call or message.caller.role != self.caller or self.struck:
            return
        if message.direction == REQUEST:
            self.times += 1
            if self.times == self.nth:
                self._request = message
        if self._request is not None and message.call is self._request.call and WAYS[self.way](message, self._request):
            self.struck = f"{message.caller.role}{message.caller.node} to {message.callee.role}{message.callee.node}"
