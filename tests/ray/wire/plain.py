"""Connections that are not HTTP/2: bytes pass as they come, each direction may be held, and the end of either may be hidden.

A connection to redis is taken apart into commands and their answers, which are messages like others. A worker's unix socket to its raylet is
not: its end is what matters, because that is how a raylet hears of a worker's death.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from wire import resp
from wire.book import Process
from wire.descriptors import Method
from wire.link import AnyLink, Cut, Host
from wire.message import REPLY, REQUEST, Message, State

_HIGH = 8 * 1024 * 1024


@dataclass(eq=False)
class Lane:
    """One direction: what has come and has not gone on."""

    reader: Any
    writer: asyncio.Transport | None = None
    kept: deque[Message | bytes] = field(default_factory=deque)
    buffer: bytearray = field(default_factory=bytearray)
    ended: bool = False
    closed: bool = False  # the end was passed on
    held: bool = False


class _End(asyncio.Protocol):
    """One end of a plain connection."""

    def __init__(self, link: PlainLink, direction: str) -> None:
        self._link = link
        self._direction = direction
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._link.heard(self._direction, data)

    def eof_received(self) -> bool:
        self._link.ended(self._direction)
        return True  # the other direction goes on

    def connection_lost(self, error: Exception | None) -> None:
        self._link.ended(self._direction)
        self._link.lost(self._direction)

    def pause_writing(self) -> None:
        self._link.throttle(self._direction, True)

    def resume_writing(self) -> None:
        self._link.throttle(self._direction, False)


class PlainLink:
    """`kind` is "redis", "local" (a unix socket) or "bytes"."""

    def __init__(self, host: Host, caller: Process, callee: Process, kind: str) -> None:
        self._host = host
        self._caller = caller
        self._callee = callee
        self.kind = kind
        self._ends = {REQUEST: _End(self, REQUEST), REPLY: _End(self, REPLY)}
        self._lanes = {REQUEST: Lane(self._ends[REQUEST]), REPLY: Lane(self._ends[REPLY])}
        self._asked: deque[Message] = deque()  # redis answers in the order of its commands
        self._black = False
        self._told_gone = False

    @property
    def caller(self) -> Process:
        return self._caller

    @property
    def callee(self) -> Process:
        return self._callee

    async def begin(self, transport: asyncio.Transport, first: bytes, connect: Any) -> None:
        """`connect` makes the connection to the called process, given a factory of protocols."""
        transport.pause_reading()
        self._ends[REQUEST].transport = transport
        transport.set_protocol(self._ends[REQUEST])
        try:
            await connect(lambda: self._ends[REPLY])
        except OSError:
            transport.abort()
            return
        transport.resume_reading()
        if first:
            self.heard(REQUEST, first)
        self.review()

    # What an end says.

    def heard(self, direction: str, data: bytes) -> None:
        lane = self._lanes[direction]
        if self.kind != "redis":
            lane.kept.append(data)
            self._pump(direction)
            return
        lane.buffer += data
        for value, raw in resp.split(lane.buffer):
            message = self._message(direction, value, raw)
            lane.kept.append(message)
            self._host.decide(message)
            if message.state is State.NEW:
                message.deliver()

    def ended(self, direction: str) -> None:
        self._lanes[direction].ended = True
        self._pump(direction)

    def lost(self, direction: str) -> None:
        """This end is closed for good: nothing can be written to it either."""
        other = REPLY if direction == REQUEST else REQUEST
        self._lanes[other].kept.clear()
        self._lanes[other].closed = True
        self._pump(direction)
        if all(end.transport is None or end.transport.is_closing() for end in self._ends.values()) and not self._told_gone:
            self._told_gone = True
            self._host.gone(self)

    def throttle(self, direction: str, full: bool) -> None:
        """The socket to one end is full: the other end is not read meanwhile."""
        source = self._ends[REPLY if direction == REQUEST else REQUEST].transport
        if source is not None and not source.is_closing():
            source.pause_reading() if full or self._black else source.resume_reading()

    # What the wire asks.

    def review(self) -> None:
        cut = self._host.cut_of(self)
        if cut is Cut.RESET:
            self.abort()
            return
        self._black = cut is Cut.BLACK
        for direction in (REQUEST, REPLY):
            source = self._ends[direction].transport
            if source is not None and not source.is_closing():
                source.pause_reading() if self._black else source.resume_reading()
            self._pump(direction)

    def abort(self) -> None:
        for end in self._ends.values():
            if end.transport is not None:
                end.transport.abort()

    # What a message asks.

    def carry(self, message: Message) -> None:
        self._pump(message.direction)

    def fail(self, message: Message) -> None:
        """A command or answer that is lost is answered with an error, as by a server that is out of order. Redis answers in order: in the
        place of a command it is asked something that it does not know."""
        message.body = resp.unknown() if message.direction == REQUEST else resp.error("lost on the wire")
        message.state = State.DELIVERED
        self._pump(message.direction)

    def fail_early(self, message: Message) -> None:
        raise ValueError("a command of redis does not fail early: its answers are told apart by their order")

    def copy(self, message: Message) -> None:
        raise ValueError("a command of redis is not repeated: its answers are told apart by their order")

    def keep_open(self) -> None:
        """Nothing of such a connection is repeated."""

    def settled(self, message: Message, held: bool) -> None:
        self._host.settled(message, held)
        if message.state is State.SWALLOWED:
            self._pump(message.direction)

    # Inside.

    def _message(self, direction: str, value: Any, raw: bytes) -> Message:
        asked = self._asked.popleft() if direction == REPLY and self._asked else None
        name = resp.command(value) if direction == REQUEST else asked.name if asked else "redis"
        message = Message(self._host.number(), self, asked, Method(name, None, None, streams=False), direction, raw)
        message.labels["value"] = value
        if direction == REQUEST:
            self._asked.append(message)
        return message

    def _pump(self, direction: str) -> None:
        """Writes what may go on, in order: what is held holds what came after it."""
        lane = self._lanes[direction]
        target = self._ends[REPLY if direction == REQUEST else REQUEST].transport
        while lane.kept and target is not None and not self._black:
            first = lane.kept[0]
            if isinstance(first, Message):
                if first.state in (State.NEW, State.HELD):
                    return
                data = first.body if first.state is State.DELIVERED else b""
            else:
                data = first
            lane.kept.popleft()
            if data and not target.is_closing():
                target.write(data)
        if lane.ended and not lane.kept and not lane.closed and target is not None and not self._black and not self._hidden(direction):
            lane.closed = True
            if not target.is_closing():
                target.close()

    def _hidden(self, direction: str) -> bool:
        """The end of the caller of a unix socket is what its raylet looks at; elsewhere it is the end of the called process."""
        return self._host.hides_end_of(self) if (direction == REQUEST) == (self.kind == "local") else False


def is_plain(link: AnyLink) -> bool:
    return isinstance(link, PlainLink)
