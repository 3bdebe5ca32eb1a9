"""The record of a wire: who sent what to whom, message by message, and which processes have ended. JSON lines (README.md, "The record of a wire")."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from wire import told
from wire.book import DRIVER, GCS, RAYLET, WORKER, Process
from wire.link import AnyLink
from wire.message import REPLY, REQUEST, Message, State

FILE = "messages.jsonl"  # beside Ray's own logs
VERSION = 1
_LOOK_AGAIN = 0.02  # a process closes its connections a moment before it has ended
_LOOKS = 25


def now() -> int:
    """Milliseconds as Ray's logs count them: in the time zone of the machine."""
    seconds = time.time()
    return int((seconds + time.localtime(seconds).tm_gmtoff) * 1000)


class Recorder:
    """Is told by a wire what happens; `path` grows line by line, so that what is there is whole whenever it ends."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "w", buffering=1)
        self._seen: dict[Message, int] = {}  # those that nobody has decided about yet
        self._asked: dict[Any, tuple[int, told.Said]] = {}  # number and ids of requests that have no reply yet, by call
        self._ended: set[Process] = set()
        self._write({"format": "raymc.wire", "version": VERSION, "t": now()})

    def saw(self, message: Message) -> None:
        """It has come from its sender."""
        if told.is_told(message):
            self._seen[message] = now()

    def settled(self, message: Message) -> None:
        """It has been passed on to its receiver, or never will be."""
        seen = self._seen.pop(message, None)
        if seen is not None and not message.copied:
            self._tell(message, seen)

    def _tell(self, message: Message, seen: int) -> None:
        said = told.said_by(message)
        request = None
        if message.direction == REQUEST:
            self._asked[message.call] = message.number, said
        elif message.call in self._asked:
            request, asked = self._asked.pop(message.call)
            said = {**asked, **said}
        sender, receiver = (message.caller, message.callee) if message.direction == REQUEST else (message.callee, message.caller)
        line: dict[str, Any] = {
            "t": seen,
            "n": message.number,
            "is": message.direction,
            "call": message.name,
            "from": str(sender),
            "to": str(receiver),
            **said,
        }
        if request is not None:
            line["of"] = request
        if message.direction == REPLY and told.status_of(message):
            line["status"] = told.status_of(message)
        if message.state is State.DELIVERED:
            line["at"] = now()
        if message.state is State.LOST:
            line["lost"] = True
        self._write(line)

    def closed(self, link: AnyLink) -> None:
        """A connection has ended: perhaps because one of its processes has."""
        for process in (link.caller, link.callee):
            if process.role in (RAYLET, WORKER, DRIVER, GCS) and process not in self._ended:
                self._look(process, _LOOKS)

    def _look(self, process: Process, looks: int) -> None:
        if process in self._ended or self._file.closed:
            return
        if has_ended(process):
            self._ended.add(process)
            self._write({"t": now(), "is": "end", "from": str(process)})
        elif looks > 1:
            asyncio.get_running_loop().call_later(_LOOK_AGAIN, self._look, process, looks - 1)

    def finish(self) -> None:
        """The record is to be read now: what is held still was not passed on."""
        for message, seen in self._seen.items():
            if not message.copied:
                self._tell(message, seen)
        self._seen.clear()

    def close(self) -> None:
        self.finish()
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        if not self._file.closed:
            self._file.write(json.dumps(line) + "\n")


def has_ended(process: Process) -> bool:
    """Whether it has ended; one that nobody has reaped has, too."""
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
    except OSError:
        return True
    state, *rest = stat[stat.rindex(")") + 2 :].split()
    return state in "ZX" or (process.started > 0 and int(rest[18]) != process.started)
