"""How the process that holds the wire talks to the processes that it has started: JSON lines over a unix socket.

A child connects, says its name, and then does what it is asked, each request in a thread of its own, so that a `ray.get` that never ends
holds up nothing else. The operator's requests run in its main thread, one after the other, because raylets end with the thread that has
started them.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from raymc_ray import events

SOCKET = "stage.sock"
_LINE_MAX = 4 * 1024 * 1024

Answers = dict[str, Callable[..., Any]]


class Refused(Exception):
    """A child could not do what it was asked; the text says why."""


class Child:
    """The asking side."""

    def __init__(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.name = name
        self._reader = reader
        self._writer = writer
        self._count = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.ended = False
        self._task = asyncio.get_running_loop().create_task(self._read())

    async def ask(self, do: str, limit: float = 60.0, **arguments: Any) -> Any:
        """The answer; raises Refused with the child's words, or if it ends or does not answer in time."""
        async with asyncio.timeout(limit):
            return await self.begin(do, **arguments)

    def begin(self, do: str, **arguments: Any) -> asyncio.Future[Any]:
        """Sends the request; the answer comes later."""
        self._count += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.ended:
            future.set_exception(Refused(f"{self.name} has ended"))
            return future
        self._waiting[self._count] = future
        self._writer.write(json.dumps({"id": self._count, "do": do, "with": arguments}).encode() + b"\n")
        return future

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                said = json.loads(line)
                future = self._waiting.pop(said["id"], None)
                if future is None or future.done():
                    continue
                if "error" in said:
                    future.set_exception(Refused(f"{self.name}: {said['error']}"))
                else:
                    future.set_result(said["answer"])
        except (OSError, ValueError):
            pass
        finally:  # also if it is closed here
            self.ended = True
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Refused(f"{self.name} has ended"))
                future.exception()  # whoever does not wait any more need not know
            self._waiting.clear()

    def close(self) -> None:
        self._task.cancel()
        self._writer.close()


class Parts:
    """All children, by name."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / SOCKET
        self._children: dict[str, Child] = {}
        self._server: asyncio.Server | None = None
        self._came = asyncio.Event()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._arrived, str(self._path), limit=_LINE_MAX)

    async def child(self, name: str, seconds: float) -> Child:
        """The child with this name, once it has said that it is there."""
        try:
            async with asyncio.timeout(seconds):
                while name not in self._children:
                    self._came.clear()
                    await self._came.wait()
                return self._children[name]
        except TimeoutError:
            raise Refused(f"{name} is not there after {seconds:.0f} s") from None

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for child in self._children.values():
            child.close()

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().strip()
        self._children[name] = Child(name, reader, writer)
        self._came.set()


def serve(name: str, answers: Answers, in_threads: Callable[[str], bool]) -> None:
    """The child's side: answers until the other one closes. Each answer is a function of keyword arguments that returns what JSON can say;
    `in_threads` says of which requests others need not wait for the end."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(Path(os.environ[events.FOLDER_VARIABLE]) / SOCKET))
    connection.sendall(name.encode() + b"\n")
    lock = threading.Lock()

    def answer(asked: dict[str, Any]) -> None:
        try:
            said = {"id": asked["id"], "answer": answers[asked["do"]](**asked["with"])}
        except BaseException as error:  # whatever it is, the one who asked has to know
            said = {"id": asked["id"], "error": f"{type(error).__name__}: {error}"[:2000]}
        with lock:
            connection.sendall(json.dumps(said).encode() + b"\n")

    with connection.makefile("rb") as lines:
        for line in lines:
            asked = json.loads(line)
            if in_threads(asked["do"]):
                threading.Thread(target=answer, args=(asked,), daemon=True).start()
            else:
                answer(asked)
