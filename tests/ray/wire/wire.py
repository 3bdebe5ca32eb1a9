"""The wire of one cluster: takes every connection of its processes, shows each message to whoever watches, and does what they say.

    wire = Wire(folder)
    await wire.start()
    environment = wire.environment(node=1)           # for the processes of the first node
    wire.decide_by(lambda message: message.hold() if message.name == "PushTask" else None)
    push = await wire.until(lambda: wire.find("PushTask"), seconds=10)
    push.deliver()
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from wire import recorder, shim
from wire.book import Book, Process
from wire.link import AnyLink, Cut, Link
from wire.message import Message, State
from wire.plain import PlainLink
from wire.recorder import Recorder

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
_SO_BINDTODEVICE = 25
_FIRST = 3  # bytes that tell HTTP/2 from everything else
_KEPT_MESSAGES = 20000
_MEMORY_KB = 1 << 20  # less than what a control group may allow, which a raylet would believe instead


class Wire:
    """Runs in one event loop; everything but `start` and the waits is plain code of that loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.recorder = Recorder(folder / recorder.FILE)
        self.book = Book(folder / "book")
        self._relay = folder / "relay.sock"
        self._record = open(folder / "wire.jsonl", "w", buffering=1)
        self._began = time.monotonic()
        self._server: asyncio.Server | None = None
        self._local: asyncio.Server | None = None
        self._policy: Callable[[Message], None] | None = None
        self._watchers: list[Callable[[Message], None]] = []
        self._links: set[AnyLink] = set()
        self._cuts: list[tuple[Cut, Callable[[AnyLink], bool]]] = []
        self._hidden: list[Callable[[AnyLink], bool]] = []
        self._changed = asyncio.Event()
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.held: list[Message] = []
        self.seen: list[Message] = []  # the latest ones, without their bodies' fates

    async def start(self) -> None:
        """Listens on the loopback device: a port for TCP, a unix socket for raylets' sockets."""
        loop = asyncio.get_running_loop()
        self.book.path.touch()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.setsockopt(socket.SOL_SOCKET, _SO_BINDTODEVICE, b"lo\0")
        except OSError:
            pass  # connections from elsewhere are refused one by one
        listener.bind(("0.0.0.0", 0))  # any address of 127/8: it says who wants what
        self._server = await loop.create_server(lambda: _Arrival(self), sock=listener)
        self.port = listener.getsockname()[1]
        self._local = await loop.create_unix_server(lambda: _LocalArrival(self), str(self._relay))

    async def stop(self) -> None:
        """Lets go of everything; connections end."""
        for server in (self._server, self._local):
            if server is not None:
                server.close()
        for link in list(self._links):
            link.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0)
        self._record.close()
        self.recorder.close()

    def environment(self, node: int) -> dict[str, str]:
        return shim.environment(self.port, node, self.book.path, self._relay, self._memory(node))

    def say_memory(self, node: int, free: float) -> None:
        """From now on the processes of a node read that this part of its memory is free."""
        path = self._memory(node)
        part = path.with_name(path.name + ".part")
        available = int(_MEMORY_KB * free)
        part.write_text(f"MemTotal: {_MEMORY_KB} kB\nMemFree: {available} kB\nMemAvailable: {available} kB\nBuffers: 0 kB\nCached: 0 kB\n")
        part.rename(path)

    def _memory(self, node: int) -> Path:
        return self._folder / f"memory{node}"

    # Watching and deciding.

    def decide_by(self, policy: Callable[[Message], None] | None) -> None:
        """Whom to ask about each new message; without a policy, and where it does nothing, messages are delivered."""
        self._policy = policy

    def watch(self, watcher: Callable[[Message], None]) -> None:
        """Is shown each message before anybody decides about it."""
        self._watchers.append(watcher)

    def find(self, name: str, matches: Callable[[Message], bool] = lambda _: True) -> Message | None:
        """The first message that is held with this name."""
        return next((each for each in self.held if each.name == name and matches(each)), None)

    async def until(self, condition: Callable[[], T], seconds: float) -> T | None:
        """What the condition returns once it is true; None after so many seconds. Asked again when something happens, and now and then."""
        end = time.monotonic() + seconds
        while True:
            self._changed.clear()
            answer = condition()
            if answer:
                return answer
            left = end - time.monotonic()
            if left <= 0:
                return None
            try:
                async with asyncio.timeout(min(left, 0.05)):  # wait_for loses a cancellation that comes with the change
                    await self._changed.wait()
            except TimeoutError:
                pass

    def free(self) -> None:
        """Nothing is held, cut or hidden any more."""
        self._policy = None
        self._cuts.clear()
        self._hidden.clear()
        for message in list(self.held):
            message.deliver()
        self._review()

    # Links.

    def cut(self, kind: Cut, which: Callable[[AnyLink], bool]) -> Callable[[], None]:
        """Cuts the connections for which `which` is true, those to come as well, until the returned function is called."""
        entry = (kind, which)
        self._cuts.append(entry)
        self._review()

        def heal() -> None:
            if entry in self._cuts:
                self._cuts.remove(entry)
                self._review()

        return heal

    def hide_end(self, which: Callable[[AnyLink], bool]) -> Callable[[], None]:
        """The end of a called process (of a worker, for its raylet) is not passed on, until the returned function is called."""
        self._hidden.append(which)

        def show() -> None:
            if which in self._hidden:
                self._hidden.remove(which)
                self._review()

        return show

    def links(self) -> Iterator[AnyLink]:
        return iter(list(self._links))

    # What links ask.

    def number(self) -> int:
        self._count += 1
        return self._count

    def decide(self, message: Message) -> None:
        self.recorder.saw(message)
        self.seen.append(message)
        if len(self.seen) > _KEPT_MESSAGES:
            del self.seen[: _KEPT_MESSAGES // 2]
        for watcher in self._watchers:
            watcher(message)
        if self._policy is not None and message.state is State.NEW:
            self._policy(message)
        self.wake()

    def settled(self, message: Message, held: bool) -> None:
        if held:
            self.held.append(message)
        elif message in self.held:
            self.held.remove(message)
        if not held:
            self.recorder.settled(message)
        entry = {
            "t": round(time.monotonic() - self._began, 4),
            "n": message.number,
            "from": str(message.caller),
            "to": str(message.callee),
            "call": message.name,
            "is": message.direction,
            "bytes": len(message.body),
            "state": message.state.value,
        }
        self._write(entry)
        self.wake()

    @property
    def count(self) -> int:
        """How many messages there have been."""
        return self._count

    def since(self, number: int, name: str = "", direction: str = "") -> list[Message]:
        """The messages that were seen after the one with this number; only those of a name or direction, if it is given."""
        found = []
        for message in reversed(self.seen):
            if message.number <= number:
                break
            if name in ("", message.name) and direction in ("", message.direction):
                found.append(message)
        return found[::-1]

    def note(self, **what: Any) -> None:
        """A line of somebody else in the wire's record."""
        self._write({"t": round(time.monotonic() - self._began, 4), **what})

    def cut_of(self, link: AnyLink) -> Cut | None:
        return next((kind for kind, which in self._cuts if which(link)), None)

    def hides_end_of(self, link: AnyLink) -> bool:
        return any(which(link) for which in self._hidden)

    def gone(self, link: AnyLink) -> None:
        self._links.discard(link)
        self.recorder.closed(link)
        self.wake()

    def wake(self) -> None:
        self._changed.set()

    def _write(self, entry: dict[str, Any]) -> None:
        if not self._record.closed:
            self._record.write(json.dumps(entry) + "\n")

    def _review(self) -> None:
        for link in list(self._links):
            link.review()
        self.wake()

    # Connections that arrive.

    def arrived(self, transport: asyncio.Transport, first: bytes, caller: Process, port: int) -> None:
        transport.pause_reading()
        callee = self.book.listener(port)
        if first.startswith(b"PRI"):
            link = Link(self, caller, callee, port, LOOPBACK)
            self._begin(link, lambda: link.begin(transport, first))
        else:
            plain = PlainLink(self, caller, callee, "redis" if first.startswith(b"*") else "bytes")
            loop = asyncio.get_running_loop()
            self._begin(plain, lambda: plain.begin(transport, first, lambda protocol: loop.create_connection(protocol, LOOPBACK, port)))

    def arrived_locally(self, transport: asyncio.Transport, rest: bytes, caller: Process, path: str) -> None:
        transport.pause_reading()
        link = PlainLink(self, caller, self.book.listener(path), "local")
        loop = asyncio.get_running_loop()
        self._begin(link, lambda: link.begin(transport, rest, lambda protocol: loop.create_unix_connection(protocol, path)))

    def _begin(self, link: Link | PlainLink, begin: Callable[[], Awaitable[None]]) -> None:
        self._links.add(link)

        async def run() -> None:
            if self.cut_of(link) is not None:
                await self.until(lambda: self.cut_of(link) is not Cut.BLACK, 86400.0)
            await begin()
            self.wake()

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Arrival(asyncio.Protocol):
    """A TCP connection until its first bytes are there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._first = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        here, there = (transport.get_extra_info(each)[0].split(".") for each in ("sockname", "peername"))
        if here[0] != "127" or there[0] != "127":
            transport.abort()
            return
        self._port = int(here[1]) << 8 | int(here[2])
        pid = int(there[1]) << 16 | int(there[2]) << 8 | int(there[3])
        self._caller = self._wire.book.process(pid)

    def data_received(self, data: bytes) -> None:
        self._first += data
        if len(self._first) >= _FIRST and self._transport is not None:
            self._wire.arrived(self._transport, self._first, self._caller, self._port)


class _LocalArrival(asyncio.Protocol):
    """A connection to a raylet's unix socket until its line is there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._first = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._first += data
        if b"\n" not in self._first or self._transport is None:
            return
        line, rest = self._first.split(b"\n", 1)
        _, pid, path = line.decode().split(" ", 2)
        self._wire.arrived_locally(self._transport, rest, self._wire.book.process(int(pid)), path)
