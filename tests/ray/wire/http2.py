"""One side of a link: an HTTP/2 connection over h2, with flow control from end to end.

Frames of the kinds PING and GOAWAY do not concern the wire's two connections but the ends behind them: they pass as they are, so that
keepalive notices a stopped process, and a server that takes leave is heard without h2 closing what is still under way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

Headers = list[tuple[bytes, bytes]]

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADER_SIZE = 9
_PING, _GOAWAY = 6, 7
_STREAM_WINDOW = 16 * 1024 * 1024
_CONNECTION_WINDOW = 64 * 1024 * 1024
_FRAME_MAX = 1024 * 1024
_HEADERS_MAX = 1024 * 1024
_STREAMS_MAX = 2**31 - 1
BACKLOG_HIGH = 32 * 1024 * 1024  # bytes that wait for the receiver's window; above it the sender's window is not opened any more
BACKLOG_LOW = 8 * 1024 * 1024


@dataclass
class _Out:
    """Something to be sent on a stream: headers, data, the end, or a reset."""

    headers: Headers | None = None
    data: memoryview = memoryview(b"")
    end: bool = False
    reset: int | None = None


class Owner(Protocol):
    """Who is told what a side hears."""

    def opened(self, side: Side) -> None: ...
    def heard(self, side: Side, event: h2.events.Event) -> None: ...
    def passed_on(self, side: Side, frame: bytes) -> None: ...
    def drained(self, side: Side) -> None: ...
    def closed(self, side: Side) -> None: ...


class Side(asyncio.Protocol):
    """`client` is true for the connection that the wire makes to the called process."""

    def __init__(self, client: bool, owner: Owner) -> None:
        configuration = h2.config.H2Configuration(
            client_side=client,
            validate_inbound_headers=False,
            validate_outbound_headers=False,
            normalize_inbound_headers=False,
            normalize_outbound_headers=False,
        )
        self._h2 = h2.connection.H2Connection(configuration)
        self._h2.local_settings = h2.settings.Settings(
            client=client,
            initial_values={
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: _STREAM_WINDOW,
                h2.settings.SettingCodes.MAX_FRAME_SIZE: _FRAME_MAX,
                h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE: _HEADERS_MAX,
                h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS_MAX,
                h2.settings.SettingCodes.ENABLE_PUSH: 0,
            },
        )
        self._h2.max_inbound_frame_size = _FRAME_MAX
        self._owner = owner
        self._inbox = bytearray()
        self._preface_left = 0 if client else len(_PREFACE)
        self._out: dict[int, deque[_Out]] = {}
        self._unopened: deque[Callable[[], None]] = deque()
        self._writable = True
        self._backlog = 0
        self._frozen: bytes | None = None  # what is not written while the link is black
        self.transport: asyncio.Transport | None = None
        self.ended = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_CONNECTION_WINDOW)
        self.flush()
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        self._inbox += data
        try:
            for frame in self._frames():
                if len(frame) >= _HEADER_SIZE and frame[3] in (_PING, _GOAWAY) and not frame.startswith(_PREFACE):
                    self._owner.passed_on(self, frame)
                    continue
                for event in self._h2.receive_data(frame):
                    self._take(event)
        except h2.exceptions.ProtocolError:
            self.abort()
            return
        self.flush()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        self._owner.closed(self)

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._pump_all()

    # What a link asks.

    def open(self, headers: Headers, then: Callable[[int], None]) -> None:
        """Opens a stream as soon as the receiver allows one more, and says its number."""

        def begin() -> None:
            stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream, headers)
            then(stream)

        if self.ended:
            return
        self._unopened.append(begin)
        self._open_more()
        self.flush()

    def send(self, stream: int, *, headers: Headers | None = None, data: bytes = b"", end: bool = False, reset: int | None = None) -> None:
        """Queues what is to be sent; data waits for the receiver's window."""
        if self.ended:
            return
        self._out.setdefault(stream, deque()).append(_Out(headers, memoryview(data), end, reset))
        self._backlog += len(data)
        self._pump(stream)
        self.flush()

    def pass_on(self, frame: bytes) -> None:
        """Writes a frame as it is, between two of ours."""
        self.flush()
        self._write(frame)

    def acknowledge(self, stream: int, size: int) -> None:
        """Opens the sender's window again by so many bytes."""
        try:
            self._h2.acknowledge_received_data(size, stream)
        except h2.exceptions.ProtocolError:
            pass  # the stream has been reset; its bytes count for the connection alone
        self.flush()

    @property
    def backlog(self) -> int:
        """Bytes that wait for the receiver."""
        return self._backlog

    def flush(self) -> None:
        data = self._h2.data_to_send()
        if data:
            self._write(data)

    def freeze(self) -> None:
        """Neither reads nor writes until `thaw`; the connection stays open, and its end is not noticed."""
        if self._frozen is None and self.transport is not None and not self.ended:
            self._frozen = b""
            self.transport.pause_reading()

    def thaw(self) -> None:
        if self._frozen is None or self.transport is None:
            return
        kept, self._frozen = self._frozen, None
        if not self.ended:
            self._write(kept)
            self.transport.resume_reading()

    def close(self) -> None:
        if self.transport is not None and not self.ended:
            self.transport.close()

    def abort(self) -> None:
        """Closes with a reset, without sending what is queued."""
        if self.transport is not None and not self.ended:
            self.transport.abort()

    # Inside.

    def _write(self, data: bytes) -> None:
        if self._frozen is not None:
            self._frozen += data
        elif self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def _frames(self) -> list[bytes]:
        """Whole frames of what has come; the client's preface is kept as one."""
        found: list[bytes] = []
        if self._preface_left:
            if len(self._inbox) < self._preface_left:
                return found
            found.append(bytes(self._inbox[: self._preface_left]))
            del self._inbox[: self._preface_left]
            self._preface_left = 0
        at = 0
        while len(self._inbox) - at >= _HEADER_SIZE:
            size = _HEADER_SIZE + int.from_bytes(self._inbox[at : at + 3], "big")
            if len(self._inbox) - at < size:
                break
            found.append(bytes(self._inbox[at : at + size]))
            at += size
        del self._inbox[:at]
        return found

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.WindowUpdated):
            if event.stream_id:
                self._pump(event.stream_id)
            else:
                self._pump_all()
            return
        if isinstance(event, h2.events.RemoteSettingsChanged):
            self._open_more()
            self._pump_all()
            return
        self._owner.heard(self, event)
        if isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
            self._open_more()

    def _open_more(self) -> None:
        while self._unopened and self._h2.open_outbound_streams < self._h2.remote_settings.max_concurrent_streams:
            self._unopened.popleft()()

    def _pump_all(self) -> None:
        for stream in list(self._out):
            self._pump(stream)
        self.flush()

    def _pump(self, stream: int) -> None:
        """Sends what the receiver's windows and the socket allow."""
        queue = self._out.get(stream)
        if queue is None:
            return
        try:
            while queue and self._send_one(stream, queue[0]):
                queue.popleft()
        except (h2.exceptions.ProtocolError, KeyError):
            self._backlog -= sum(len(each.data) for each in queue)  # the receiver has reset this stream
            queue.clear()
        if not queue:
            del self._out[stream]
        if self._backlog <= BACKLOG_LOW:
            self._owner.drained(self)

    def _send_one(self, stream: int, out: _Out) -> bool:
        """Whether it was sent whole."""
        if out.headers is not None:
            self._h2.send_headers(stream, out.headers, end_stream=out.end)
            return True
        if out.reset is not None:
            self._h2.reset_stream(stream, out.reset)
            return True
        while out.data:
            size = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size, len(out.data))
            if size <= 0 or not self._writable:
                return False
            self._h2.send_data(stream, bytes(out.data[:size]))
            out.data = out.data[size:]
            self._backlog -= size
            if self._backlog > _FRAME_MAX:
                self.flush()  # the socket says when it is full
        if out.end:
            self._h2.end_stream(stream)
        return True
