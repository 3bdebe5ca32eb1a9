"""One connection between two processes: takes calls apart into messages, and carries those that are delivered."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import h2.errors
import h2.events

from wire import descriptors
from wire.book import Process
from wire.descriptors import Method
from wire.http2 import BACKLOG_HIGH, Headers, Side
from wire.message import REPLY, REQUEST, Message, State

_LOST: Headers = [(b":status", b"200"), (b"content-type", b"application/grpc"), (b"grpc-status", b"14"), (b"grpc-message", b"lost on the wire")]


class Cut(enum.Enum):
    BLACK = "black"  # nothing passes, nobody is told: bytes stay where they are
    RESET = "reset"  # the connection is reset, and so is each new one


class Host(Protocol):
    """Whom links ask: the wire."""

    def decide(self, message: Message) -> None: ...
    def number(self) -> int: ...
    def settled(self, message: Message, held: bool) -> None: ...
    def cut_of(self, link: AnyLink) -> Cut | None: ...
    def hides_end_of(self, link: AnyLink) -> bool: ...
    def gone(self, link: AnyLink) -> None: ...


class AnyLink(Protocol):
    """What all sorts of connection have in common."""

    @property
    def caller(self) -> Process: ...
    @property
    def callee(self) -> Process: ...
    def review(self) -> None: ...
    def abort(self) -> None: ...


@dataclass(eq=False)
class Call:
    """One request and its reply, or the two directions of a stream."""

    method: Method
    headers: Headers
    near: int  # the caller's number of the stream
    far: int | None = None  # ours to the called process, once it is opened
    copied: bool = False
    cancelled: bool = False
    request: bytearray = field(default_factory=bytearray)
    reply: bytearray = field(default_factory=bytearray)
    reply_headers: Headers = field(default_factory=list)
    trailers: Headers | None = None
    counts: dict[str, int] = field(default_factory=lambda: {REQUEST: 0, REPLY: 0})
    undecided: dict[str, int] = field(default_factory=lambda: {REQUEST: 0, REPLY: 0})
    ended: dict[str, bool] = field(default_factory=lambda: {REQUEST: False, REPLY: False})
    waiting: list[Callable[[], None]] = field(default_factory=list)  # to be sent once the far stream is open


class Link:
    """`near` is the caller's connection to the wire, `far` the wire's to the called process."""

    def __init__(self, host: Host, caller: Process, callee: Process, port: int, address: str) -> None:
        self._host = host
        self._caller = caller
        self._callee = callee
        self._port = port
        self._address = address
        self._near = Side(client=False, owner=self)
        self._far = Side(client=True, owner=self)
        self._near_calls: dict[int, Call] = {}
        self._far_calls: dict[int, Call] = {}
        self._unacknowledged: dict[Side, list[tuple[int, int]]] = {self._near: [], self._far: []}
        self._held = {REQUEST: 0, REPLY: 0}
        self._frozen = False
        self._keeps_open = False
        self._told_gone = False

    @property
    def caller(self) -> Process:
        return self._caller

    @property
    def callee(self) -> Process:
        return self._callee

    async def begin(self, transport: asyncio.Transport, first: bytes) -> None:
        """Takes over the caller's connection and makes the one to the called process; resets the first if that fails."""
        transport.pause_reading()
        self._near.transport = transport
        transport.set_protocol(self._near)
        try:
            await asyncio.get_running_loop().create_connection(lambda: self._far, self._address, self._port)
        except OSError:
            self._near.abort()
            return
        if self._near.ended:
            self._far.abort()
            return
        self._near.connection_made(transport)
        self._near.data_received(first)
        transport.resume_reading()
        self.review()

    # What a message asks.

    def carry(self, message: Message) -> None:
        call: Call = message.call
        if message.direction == REQUEST:
            self._carry_request(call, message)
        elif not message.copied:
            self._carry_reply(call, message)

    def fail(self, message: Message) -> None:
        call: Call = message.call
        if message.direction == REQUEST and call.far is not None:
            self._far.send(call.far, reset=h2.errors.ErrorCodes.CANCEL)
        if not message.copied and not call.cancelled:
            self._near.send(call.near, headers=_LOST, end=True)
        self._forget(call)

    def fail_early(self, message: Message) -> None:
        call: Call = message.call
        if self._near_calls.pop(call.near, None) is None:  # answered, or failed already
            return
        if not call.cancelled:
            self._near.send(call.near, headers=_LOST, end=True)
        call.copied = message.copied = True

    def copy(self, message: Message) -> None:
        again = Call(message.method, message.call.headers, near=0, copied=True)
        self._open(again, lambda stream: self._far.send(stream, data=message.body, end=True))

    def keep_open(self) -> None:
        self._keeps_open = True

    def settled(self, message: Message, held: bool) -> None:
        self._held[message.direction] += 1 if held else -1 if message.labels.pop("held", False) else 0
        if held:
            message.labels["held"] = True
        self._host.settled(message, held)
        if not held:
            message.call.undecided[message.direction] -= 1
            self._finish_stream(message.call, message.direction)
            self._settle()

    # What the wire asks.

    def review(self) -> None:
        """Looks again whether this link is cut, and whether an end is hidden."""
        cut = self._host.cut_of(self)
        if cut is Cut.RESET:
            self.abort()
        elif cut is Cut.BLACK and not self._frozen:
            self._frozen = True
            self._near.freeze()
            self._far.freeze()
        elif cut is None and self._frozen:
            self._frozen = False
            self._near.thaw()
            self._far.thaw()
        self._settle()

    def abort(self) -> None:
        self._near.abort()
        self._far.abort()

    # What a side says.

    def opened(self, side: Side) -> None:
        pass

    def passed_on(self, side: Side, frame: bytes) -> None:
        other = self._far if side is self._near else self._near
        other.pass_on(frame)

    def heard(self, side: Side, event: h2.events.Event) -> None:
        if side is self._near:
            self._heard_caller(event)
        else:
            self._heard_callee(event)

    def drained(self, side: Side) -> None:
        """What a side could not send has gone: the other one may send again."""
        other = self._far if side is self._near else self._near
        owed, self._unacknowledged[other] = self._unacknowledged[other], []
        for stream, size in owed:
            other.acknowledge(stream, size)

    def closed(self, side: Side) -> None:
        self._settle()

    # Inside.

    def _heard_caller(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            headers = [(bytes(name), bytes(value)) for name, value in event.headers or []]
            path = dict(headers).get(b":path", b"").decode(errors="replace")
            assert event.stream_id is not None
            call = Call(descriptors.lookup(path), headers, near=event.stream_id)
            self._near_calls[event.stream_id] = call
            if call.method.streams:
                self._open(call, lambda _: None)
            return
        stream = getattr(event, "stream_id", None)
        known = self._near_calls.get(stream) if stream is not None else None
        if isinstance(event, h2.events.DataReceived):
            self._acknowledge(self._near, self._far, event)
        if known is None:
            return
        if isinstance(event, h2.events.DataReceived):
            known.request += event.data or b""
            if known.method.streams:
                self._take_stream(known, REQUEST, known.request)
        elif isinstance(event, h2.events.StreamEnded):
            known.ended[REQUEST] = True
            if known.method.streams:
                self._finish_stream(known, REQUEST)
            else:
                self._see(known, REQUEST, bytes(known.request))
                known.request.clear()
        elif isinstance(event, h2.events.StreamReset):
            known.cancelled = True
            if known.far is not None:
                self._far.send(known.far, reset=event.error_code)
            if known.far is not None or not known.undecided[REQUEST]:
                self._forget(known)

    def _heard_callee(self, event: h2.events.Event) -> None:
        stream = getattr(event, "stream_id", None)
        known = self._far_calls.get(stream) if stream is not None else None
        if isinstance(event, h2.events.DataReceived):
            self._acknowledge(self._far, self._near, event)
        if known is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            known.reply_headers = [(bytes(name), bytes(value)) for name, value in event.headers or []]
            if known.method.streams and not event.stream_ended:
                self._near.send(known.near, headers=known.reply_headers)
        elif isinstance(event, h2.events.DataReceived):
            known.reply += event.data or b""
            if known.method.streams:
                self._take_stream(known, REPLY, known.reply)
        elif isinstance(event, h2.events.TrailersReceived):
            known.trailers = [(bytes(name), bytes(value)) for name, value in event.headers or []]
        elif isinstance(event, h2.events.StreamEnded):
            known.ended[REPLY] = True
            if known.method.streams:
                self._finish_stream(known, REPLY)
            else:
                self._see(known, REPLY, bytes(known.reply))
                known.reply.clear()
        elif isinstance(event, h2.events.StreamReset):
            if not known.copied:
                self._near.send(known.near, reset=event.error_code)
            self._forget(known)

    def _acknowledge(self, side: Side, other: Side, event: h2.events.DataReceived) -> None:
        """At once, or when the other side has sent what it could not send: so a slow receiver slows its sender down."""
        assert event.stream_id is not None
        size = event.flow_controlled_length or 0
        if other.backlog > BACKLOG_HIGH:
            self._unacknowledged[side].append((event.stream_id, size))
        else:
            side.acknowledge(event.stream_id, size)

    def _take_stream(self, call: Call, direction: str, data: bytearray) -> None:
        for body in descriptors.split(data):
            self._see(call, direction, body)

    def _see(self, call: Call, direction: str, body: bytes) -> None:
        """A whole message has come: the wire decides, and what nobody holds is delivered."""
        call.undecided[direction] += 1
        message = Message(
            number=self._host.number(),
            carrier=self,
            call=call,
            method=call.method,
            direction=direction,
            body=body,
            headers=call.headers if direction == REQUEST else call.reply_headers,
            trailers=call.trailers if direction == REPLY else None,
            copied=call.copied,
            index=call.counts[direction],
        )
        call.counts[direction] += 1
        if call.copied:
            message.swallow()
            return
        self._host.decide(message)
        if message.state is State.NEW:
            message.deliver()

    def _open(self, call: Call, then: Callable[[int], None]) -> None:
        def opened(stream: int) -> None:
            call.far = stream
            self._far_calls[stream] = call
            then(stream)
            for each in call.waiting:
                each()
            call.waiting.clear()

        self._far.open(call.headers, opened)

    def _carry_request(self, call: Call, message: Message) -> None:
        if message.method.streams:
            self._when_open(call, lambda: self._far.send(call.far or 0, data=message.body))
            return

        def send(stream: int) -> None:
            self._far.send(stream, data=message.body, end=True)
            if call.cancelled:  # its caller has given up meanwhile: the called process hears of the call and of its end
                self._far.send(stream, reset=h2.errors.ErrorCodes.CANCEL)
                self._forget(call)

        self._open(call, send)

    def _when_open(self, call: Call, action: Callable[[], None]) -> None:
        if call.far is None:
            call.waiting.append(action)
        else:
            action()

    def _carry_reply(self, call: Call, message: Message) -> None:
        if call.cancelled:
            return
        if message.method.streams:
            self._near.send(call.near, data=message.body)
            return
        if call.trailers is None:  # a status and nothing else
            self._near.send(call.near, headers=message.headers, end=True)
        else:
            self._near.send(call.near, headers=message.headers)
            if message.body:
                self._near.send(call.near, data=message.body)
            self._near.send(call.near, headers=call.trailers, end=True)
        self._forget(call)

    def _finish_stream(self, call: Call, direction: str) -> None:
        """A stream's direction ends when its end has come and none of its messages is held."""
        if not call.method.streams or not call.ended[direction] or call.undecided[direction]:
            return
        call.ended[direction] = False  # said once
        if direction == REQUEST:
            self._when_open(call, lambda: self._far.send(call.far or 0, end=True))
        elif call.trailers is not None:
            self._near.send(call.near, headers=call.trailers, end=True)
            self._forget(call)
        else:
            self._near.send(call.near, headers=call.reply_headers, end=True)
            self._forget(call)

    def _forget(self, call: Call) -> None:
        if not call.copied:
            self._near_calls.pop(call.near, None)
        if call.far is not None:
            self._far_calls.pop(call.far, None)

    def _settle(self) -> None:
        """Passes the end of one side on to the other, once nothing is held that could still arrive there."""
        if self._far.ended and not self._near.ended and not self._held[REPLY] and not self._host.hides_end_of(self):
            self._near.close()
        if self._near.ended and not self._far.ended and self._far.transport is not None and not self._held[REQUEST] and not self._keeps_open:
            self._far.close()
        if self._near.ended and (self._far.ended or self._far.transport is None) and not self._told_gone:
            self._told_gone = True
            self._host.gone(self)
