"""Two ends of a gRPC connection without Ray: what a wire does to frames can be looked at from both sides."""

from __future__ import annotations

import asyncio
from typing import Any

import h2.config
import h2.connection
import h2.events


class End(asyncio.Protocol):
    """Collects everything that it hears; grants its sender the window that it is told to."""

    def __init__(self, client: bool, reads: bool = True) -> None:
        configuration = h2.config.H2Configuration(client_side=client, validate_inbound_headers=False, validate_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(configuration)
        self.reads = reads
        self.events: list[h2.events.Event] = []
        self.data: dict[int, bytearray] = {}
        self.transport: asyncio.Transport | None = None
        self.ended = False
        self._owed: list[tuple[int, int]] = []
        self._waiting: dict[int, memoryview] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            self.events.append(event)
            if isinstance(event, h2.events.DataReceived):
                assert event.stream_id is not None
                self.data.setdefault(event.stream_id, bytearray()).extend(event.data or b"")
                self._owed.append((event.stream_id, event.flow_controlled_length or 0))
            if isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
                self.pump()
        if self.reads:
            self.read()
        self.flush()

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True

    def read(self) -> None:
        """Opens the sender's window by all that has come."""
        owed, self._owed = self._owed, []
        for stream, size in owed:
            self.h2.acknowledge_received_data(size, stream)
        self.flush()

    def send(self, stream: int, data: bytes) -> None:
        """As much as the receiver's window allows, the rest as it opens; then the end of the stream."""
        self._waiting[stream] = memoryview(data)
        self.pump()

    def pump(self) -> None:
        for stream, data in list(self._waiting.items()):
            while data:
                size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(data))
                if size <= 0:
                    break
                self.h2.send_data(stream, bytes(data[:size]))
                data = data[size:]
            self._waiting[stream] = data
            if not data:
                self.h2.end_stream(stream)
                del self._waiting[stream]
        self.flush()

    @property
    def unsent(self) -> int:
        return sum(len(data) for data in self._waiting.values())

    def flush(self) -> None:
        if self.transport is not None:
            self.transport.write(self.h2.data_to_send())

    def heard(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def request(path: str) -> list[tuple[str, str]]:
    return [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers")]


OK_HEADERS = [(":status", "200"), ("content-type", "application/grpc")]
OK_TRAILERS = [("grpc-status", "0"), ("grpc-message", "")]


def framed(body: bytes) -> bytes:
    return b"\0" + len(body).to_bytes(4, "big") + body
