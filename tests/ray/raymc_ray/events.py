"""What happens in a session, as one file that everybody appends to.

Drivers, tasks and the operator each write one line per event. Lines below the size of a pipe buffer are appended atomically, and they
outlive whoever wrote them: an execution is counted although its worker is killed at once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

FOLDER_VARIABLE = "RAYMC_RAY_FOLDER"
_FILE = "happened.jsonl"
_POLL_SECONDS = 0.005

Event = dict[str, Any]
T = TypeVar("T")


def emit(what: str, name: str = "", **more: Any) -> None:
    """Appends one event to the session's file."""
    line = json.dumps({"t": time.time(), "what": what, "name": name, **more}) + "\n"
    file = os.open(Path(os.environ[FOLDER_VARIABLE]) / _FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


class Log:
    """Reads the events of a session as they come."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._offset = 0
        self.seen: list[Event] = []

    def poll(self) -> list[Event]:
        """The events since the last call."""
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        new = [json.loads(line) for line in whole.splitlines()]
        self.seen += new
        return new

    def find(self, what: str, name: str = "") -> Event | None:
        """The first event of this kind, of any name if none is given."""
        self.poll()
        return next((event for event in self.seen if event["what"] == what and name in ("", event["name"])), None)

    def wait(self, what: str, name: str, seconds: float) -> Event | None:
        """The first event of this kind, or None if there is none within so many seconds."""
        return until(lambda: self.find(what, name), seconds)


def until(condition: Callable[[], T], seconds: float, every: float = _POLL_SECONDS) -> T | None:
    """What the condition returns once it is true, or None after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            return None
        time.sleep(every)
