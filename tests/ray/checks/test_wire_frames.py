"""HTTP/2 through the wire, without Ray: trailers, resets, large messages, slow readers, pings, farewells, each verb."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

pytest.importorskip("h2")

import h2.events

from checks.h2_ends import OK_HEADERS, OK_TRAILERS, End, framed, request
from wire.link import Cut
from wire.message import Message, State
from wire.parts import Parts, Refused
from wire.wire import Wire

_CALL = "/ray.rpc.NodeManagerService/RequestWorkerLease"
_STREAM = "/ray.rpc.syncer.RaySyncer/StartSync"
_LIMIT = 30.0
_MIB = 1024 * 1024


class Pair:
    """A caller, a wire, and a called process."""

    def __init__(self, wire: Wire, caller: End, callee: End) -> None:
        self.wire = wire
        self.caller = caller
        self.callee = callee

    async def until(self, condition: Callable[[], object]) -> None:
        assert await self.wire.until(lambda: bool(condition()), _LIMIT), "it did not come to that"

    async def call(self, body: bytes, path: str = _CALL) -> int:
        """Begins a call; the number of its stream at the caller."""
        stream = self.caller.h2.get_next_available_stream_id()
        self.caller.h2.send_headers(stream, request(path))
        self.caller.send(stream, framed(body))
        return stream

    def answer(self, stream: int, body: bytes) -> None:
        self.callee.h2.send_headers(stream, OK_HEADERS)
        self.callee.h2.send_data(stream, framed(body))
        self.callee.h2.send_headers(stream, OK_TRAILERS, end_stream=True)
        self.callee.flush()


def with_pair(tmp_path: Path, body: Callable[[Pair], Awaitable[None]], callee_reads: bool = True) -> None:
    async def run() -> None:
        wire = Wire(tmp_path)
        await wire.start()
        loop = asyncio.get_running_loop()
        callee = End(client=False, reads=callee_reads)
        server = await loop.create_server(lambda: callee, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        place = f"127.{port >> 8}.{port & 255}.1"
        _, caller = await loop.create_connection(lambda: End(client=True), place, wire.port, local_addr=("127.0.3.7", 0))
        await body(Pair(wire, caller, callee))
        server.close()
        await wire.stop()

    asyncio.run(run())


def test_a_call_passes_with_its_trailers(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        stream = await pair.call(b"question")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        assert pair.callee.data[1] == framed(b"question")
        assert dict(pair.callee.heard(h2.events.RequestReceived)[0].headers)[b":path"] == _CALL.encode()
        pair.answer(1, b"answer")
        await pair.until(lambda: pair.caller.heard(h2.events.StreamEnded))
        assert pair.caller.data[stream] == framed(b"answer")
        assert dict(pair.caller.heard(h2.events.TrailersReceived)[0].headers) == {b"grpc-status": b"0", b"grpc-message": b""}
        assert [(each.name, each.direction, each.caller.pid) for each in pair.wire.seen] == [
            ("RequestWorkerLease", "request", 3 << 8 | 7),
            ("RequestWorkerLease", "reply", 3 << 8 | 7),
        ]

    with_pair(tmp_path, body)


def test_a_status_without_a_message_passes(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        await pair.call(b"x")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        pair.callee.h2.send_headers(1, [*OK_HEADERS, ("grpc-status", "5"), ("grpc-message", "not found")], end_stream=True)
        pair.callee.flush()
        await pair.until(lambda: pair.caller.heard(h2.events.StreamEnded))
        assert dict(pair.caller.heard(h2.events.ResponseReceived)[0].headers)[b"grpc-status"] == b"5"
        assert pair.wire.seen[-1].status == 5

    with_pair(tmp_path, body)


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_reset_passes(who: str, tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        stream = await pair.call(b"x")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        resetting, other, number = (pair.caller, pair.callee, stream) if who == "caller" else (pair.callee, pair.caller, 1)
        resetting.h2.reset_stream(number, 8)
        resetting.flush()
        await pair.until(lambda: other.heard(h2.events.StreamReset))
        assert other.heard(h2.events.StreamReset)[0].error_code == 8

    with_pair(tmp_path, body)


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sixteenth of what the wire takes otherwise, so that the test is quick."""
    monkeypatch.setattr("wire.http2._STREAM_WINDOW", _MIB)
    monkeypatch.setattr("wire.http2._CONNECTION_WINDOW", 4 * _MIB)
    monkeypatch.setattr("wire.http2.BACKLOG_LOW", _MIB // 2)
    monkeypatch.setattr("wire.link.BACKLOG_HIGH", 2 * _MIB)


def test_a_message_larger_than_all_windows_passes(small_windows: None, tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        large = bytes(range(256)) * 4 * 1024 * 8  # 8 MiB
        await pair.call(large)
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        assert pair.callee.data[1] == framed(large)

    with_pair(tmp_path, body)


def test_a_slow_reader_slows_its_sender_down(small_windows: None, tmp_path: Path) -> None:
    """What a receiver does not take is not piled up by the wire without limit: the sender's window closes."""

    async def body(pair: Pair) -> None:
        for _ in range(18):  # 9 MiB, of which the wire's windows and its backlog take 6 or so
            await pair.call(b"x" * (_MIB // 2))
        await pair.until(lambda: 0 < pair.caller.unsent < 5 * _MIB)
        assert not await pair.wire.until(lambda: pair.caller.unsent < _MIB, 0.5), "the wire takes everything although nobody reads it"
        pair.callee.reads = True
        pair.callee.read()
        await pair.until(lambda: len(pair.callee.heard(h2.events.StreamEnded)) == 18)
        assert pair.caller.unsent == 0

    with_pair(tmp_path, body, callee_reads=False)


def test_pings_and_farewells_go_from_end_to_end(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        first = await pair.call(b"before")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        pair.caller.h2.ping(b"8 bytes!")
        pair.caller.flush()
        await pair.until(lambda: pair.caller.heard(h2.events.PingAckReceived))
        assert pair.callee.heard(h2.events.PingReceived)[0].ping_data == b"8 bytes!"
        # A server that takes leave still answers what is under way. h2 itself sends nothing after a GOAWAY, so the frame is written by hand.
        goaway = b"\0\0\x08\x07\0\0\0\0\0" + (1).to_bytes(4, "big") + bytes(4)
        pair.answer(1, b"last")
        assert pair.callee.transport is not None
        pair.callee.transport.write(goaway)
        await pair.until(lambda: pair.caller.heard(h2.events.ConnectionTerminated))
        assert pair.caller.data[first] == framed(b"last")

    with_pair(tmp_path, body)


def test_a_held_request_is_not_begun_at_the_called_process(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.hold() if message.direction == "request" and len(pair.wire.held) == 0 else None)
        held = await pair.call(b"first")
        second = await pair.call(b"second")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        assert pair.callee.data == {1: bytearray(framed(b"second"))}, "the second has overtaken the first"
        pair.answer(1, b"to the second")
        await pair.until(lambda: second in pair.caller.data)
        pair.wire.held[0].deliver()
        await pair.until(lambda: len(pair.callee.heard(h2.events.StreamEnded)) == 2)
        pair.answer(3, b"to the first")
        await pair.until(lambda: held in pair.caller.data)
        assert pair.caller.data == {second: framed(b"to the second"), held: framed(b"to the first")}

    with_pair(tmp_path, body)


@pytest.mark.parametrize("direction", ["request", "reply"])
def test_lost(direction: str, tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.lose() if message.direction == direction else None)
        await pair.call(b"x")
        if direction == "reply":
            await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
            pair.answer(1, b"never heard")
        await pair.until(lambda: pair.caller.heard(h2.events.StreamEnded))
        assert dict(pair.caller.heard(h2.events.ResponseReceived)[0].headers)[b"grpc-status"] == b"14"
        assert not pair.caller.data
        assert bool(pair.callee.heard(h2.events.RequestReceived)) == (direction == "reply")

    with_pair(tmp_path, body)


def test_repeated(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        await pair.call(b"x")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        pair.wire.seen[0].repeat()
        await pair.until(lambda: len(pair.callee.heard(h2.events.StreamEnded)) == 2)
        assert pair.callee.data[1] == pair.callee.data[3] == framed(b"x")
        pair.answer(3, b"to the copy")
        pair.answer(1, b"to the first")
        await pair.until(lambda: pair.caller.heard(h2.events.StreamEnded))
        assert list(pair.caller.data.values()) == [framed(b"to the first")]

    with_pair(tmp_path, body)


def test_repeated_after_its_caller_has_ended(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(Message.keep)
        await pair.call(b"x")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        assert pair.caller.transport is not None
        pair.caller.transport.abort()
        await pair.until(lambda: pair.caller.ended)
        pair.wire.seen[0].repeat()
        await pair.until(lambda: len(pair.callee.heard(h2.events.StreamEnded)) == 2)

    with_pair(tmp_path, body)


def test_messages_of_a_stream_are_held_one_by_one(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        def policy(message: Message) -> None:
            if message.index == 1:
                message.hold()
            if message.index == 2:
                message.swallow()

        pair.wire.decide_by(policy)
        stream = pair.caller.h2.get_next_available_stream_id()
        pair.caller.h2.send_headers(stream, request(_STREAM))
        for body in (b"0", b"1", b"2", b"3"):
            pair.caller.h2.send_data(stream, framed(body))
        pair.caller.flush()
        await pair.until(lambda: pair.callee.data.get(1) == framed(b"0") + framed(b"3"))
        pair.caller.h2.end_stream(stream)
        pair.caller.flush()
        await pair.until(lambda: len(pair.wire.held) == 1)
        assert not pair.callee.heard(h2.events.StreamEnded), "the end waits for what is held"
        pair.wire.held[0].deliver()
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        assert pair.callee.data[1] == framed(b"0") + framed(b"3") + framed(b"1")

    with_pair(tmp_path, body)


def test_black_and_healed(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        await pair.call(b"before")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        heal = pair.wire.cut(Cut.BLACK, lambda link: True)
        await pair.call(b"meanwhile")
        pair.caller.h2.ping(b"8 bytes!")
        pair.caller.flush()
        assert not await pair.wire.until(lambda: pair.caller.heard(h2.events.PingAckReceived), 0.3)
        assert len(pair.callee.heard(h2.events.StreamEnded)) == 1
        heal()
        await pair.until(lambda: len(pair.callee.heard(h2.events.StreamEnded)) == 2 and pair.caller.heard(h2.events.PingAckReceived))

    with_pair(tmp_path, body)


def test_reset_links(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        await pair.call(b"x")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        pair.wire.cut(Cut.RESET, lambda link: True)
        await pair.until(lambda: pair.caller.ended and pair.callee.ended)

    with_pair(tmp_path, body)


def test_a_hidden_end_is_shown_later_and_held_replies_come_before_it(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        show = pair.wire.hide_end(lambda link: True)
        pair.wire.decide_by(lambda message: message.hold() if message.direction == "reply" else None)
        await pair.call(b"x")
        await pair.until(lambda: pair.callee.heard(h2.events.StreamEnded))
        pair.answer(1, b"the last word")
        await pair.until(lambda: pair.wire.held)
        assert pair.callee.transport is not None
        pair.callee.transport.close()
        await pair.until(lambda: pair.callee.ended)
        assert not await pair.wire.until(lambda: pair.caller.ended, 0.2)
        show()
        assert not await pair.wire.until(lambda: pair.caller.ended, 0.2), "a reply is still under way"
        pair.wire.held[0].deliver()
        await pair.until(lambda: pair.caller.ended)
        assert list(pair.caller.data.values()) == [framed(b"the last word")]

    with_pair(tmp_path, body)


def test_a_request_of_a_caller_that_has_ended_still_arrives(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.hold())
        await pair.call(b"from beyond")
        await pair.until(lambda: pair.wire.held)
        assert pair.caller.transport is not None
        pair.caller.transport.abort()
        await pair.until(lambda: pair.caller.ended)
        assert not pair.callee.ended
        pair.wire.held[0].deliver()
        await pair.until(lambda: pair.callee.data.get(1) == framed(b"from beyond"))
        await pair.until(lambda: pair.callee.ended)

    with_pair(tmp_path, body)


def test_a_dead_port_is_a_failed_connection(tmp_path: Path) -> None:
    async def run() -> None:
        wire = Wire(tmp_path)
        await wire.start()
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(lambda: End(client=True), "127.0.1.1", wire.port, local_addr=("127.0.3.7", 0))
        assert await wire.until(lambda: caller.ended, _LIMIT)
        await wire.stop()

    asyncio.run(run())


def test_the_states_of_messages_are_recorded(tmp_path: Path) -> None:
    async def body(pair: Pair) -> None:
        pair.wire.decide_by(lambda message: message.hold())
        await pair.call(b"x")
        await pair.until(lambda: pair.wire.held)
        pair.wire.held[0].deliver()
        assert pair.wire.seen[0].state is State.DELIVERED
        pair.wire.seen[0].lose()
        assert pair.wire.seen[0].state is State.DELIVERED, "what has gone cannot be lost"

    with_pair(tmp_path, body)
    lines = (tmp_path / "wire.jsonl").read_text()
    assert lines.index('"state": "held"') < lines.index('"state": "delivered"')


def test_waiting_is_ended_by_a_cancellation_that_comes_with_a_change(tmp_path: Path) -> None:
    async def body() -> None:
        wire = Wire(tmp_path)
        waiting = asyncio.get_running_loop().create_task(wire.until(lambda: False, 60))
        for _ in range(3):
            await asyncio.sleep(0)
        wire._changed.set()
        waiting.cancel()
        await asyncio.wait([waiting], timeout=5)
        assert waiting.cancelled()

    asyncio.run(body())


def test_whoever_asks_a_child_that_was_closed_is_told(tmp_path: Path) -> None:
    async def body() -> None:
        parts = Parts(tmp_path)
        await parts.start()
        _, writer = await asyncio.open_unix_connection(str(parts._path))
        writer.write(b"one\n")
        child = await parts.child("one", 5)
        asked = child.begin("anything")
        child.close()
        with pytest.raises(Refused):
            async with asyncio.timeout(5):
                await asked
        writer.close()
        parts.stop()

    asyncio.run(body())
